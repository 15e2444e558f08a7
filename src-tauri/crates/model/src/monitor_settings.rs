//! The settings of monitoring, and patches of them.
//!
//! Window, tray, import and a second process change the same settings. Each sends only the values that it changes, and the patch
//! is applied to the settings stored at that moment, so that concurrent changes are kept.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::reminder::ReminderSettings;
use crate::status_rules::StatusClock;

/// The longest pause of notifications. The longest one that is offered ends on the next morning.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(7);
/// How long past maintenance stays in the list.
const LISTED: TimeDelta = TimeDelta::days(7);

/// A patch of the monitoring settings. Absent values stay unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default, deny_unknown_fields)]
pub struct MonitorSettingsPatch {
    /// Seconds between heartbeats.
    pub heartbeat_s: Option<u32>,
    /// Seconds between delivery probes.
    pub freshness_s: Option<u32>,
    /// Seconds between full runs of all checks.
    pub full_s: Option<u32>,
    /// Allowed delivery delay, in seconds.
    pub allowed_lag_s: Option<u32>,
    /// Maximum share of each of Okta's rate limits for monitoring, in percent.
    pub rate_share: Option<u32>,
    /// Whether notifications are shown.
    pub notices: Option<bool>,
    /// A patch of the reminder settings.
    pub reminders: ReminderSettingsPatch,
    /// Maintenance to add.
    pub plan: Option<Maintenance>,
    /// Maintenance to remove.
    pub unplan: Option<Maintenance>,
}

/// A patch of the reminder settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default, deny_unknown_fields)]
pub struct ReminderSettingsPatch {
    /// Whether reminders are on.
    pub on: Option<bool>,
    /// Age from which a token should be replaced, in days.
    pub token_age_days: Option<u32>,
    /// Days between confirmations of the token's owner.
    pub owner_days: Option<u32>,
}

impl MonitorSettingsPatch {
    /// Returns `stored` with the changes.
    #[must_use]
    pub fn apply_to(self, stored: MonitorSettings) -> MonitorSettings {
        let mut maintenance = stored.maintenance;
        maintenance.retain(|one| self.unplan.as_ref() != Some(one));
        maintenance.extend(self.plan);
        MonitorSettings {
            heartbeat_s: self.heartbeat_s.unwrap_or(stored.heartbeat_s),
            freshness_s: self.freshness_s.unwrap_or(stored.freshness_s),
            full_s: self.full_s.unwrap_or(stored.full_s),
            allowed_lag_s: self.allowed_lag_s.unwrap_or(stored.allowed_lag_s),
            rate_share: self.rate_share.unwrap_or(stored.rate_share),
            notices: self.notices.unwrap_or(stored.notices),
            reminders: self.reminders.apply_to(stored.reminders),
            maintenance,
            ..stored
        }
    }
}

impl ReminderSettingsPatch {
    fn apply_to(self, stored: ReminderSettings) -> ReminderSettings {
        ReminderSettings {
            on: self.on.unwrap_or(stored.on),
            token_age_days: self.token_age_days.unwrap_or(stored.token_age_days),
            owner_days: self.owner_days.unwrap_or(stored.owner_days),
        }
    }
}

impl Maintenance {
    /// Sorts maintenance by its start, and removes duplicates and empty periods.
    pub(super) fn normalized(mut all: Vec<Self>) -> Vec<Self> {
        all.retain(|one| one.from < one.until);
        all.sort_by(|a, b| (a.from, a.until, &a.note).cmp(&(b.from, b.until, &b.note)));
        all.dedup();
        all
    }

    /// Returns whether it ended so long ago that it is no longer listed.
    pub(super) fn is_expired(&self, now: DateTime<Utc>) -> bool {
        now - self.until > LISTED
    }
}

/// Minimum time between probes of a real org, in seconds.
pub const MIN_INTERVAL_S: u32 = 60;

/// The settings of monitoring. Times are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct MonitorSettings {
    /// Seconds between heartbeats, which send one request to Okta.
    pub heartbeat_s: u32,
    /// Seconds between delivery probes.
    pub freshness_s: u32,
    /// Seconds between full runs of all checks.
    pub full_s: u32,
    /// Allowed delivery delay. This app's default; Radiant documents no value.
    pub allowed_lag_s: u32,
    /// Maximum share of each of Okta's rate limits for monitoring, in percent, over all connections to one org.
    pub rate_share: u32,
    /// Whether notifications are shown.
    pub notices: bool,
    /// Since when notifications are off; maintained by the app.
    pub notices_off_since: Option<DateTime<Utc>>,
    /// Notifications are paused until this time.
    pub quiet_until: Option<DateTime<Utc>>,
    /// Periods of maintenance, in which problems are recorded but not notified.
    pub maintenance: Vec<Maintenance>,
    /// The settings of reminders.
    pub reminders: ReminderSettings,
    /// When an interval, the allowed delay or the share of the rate limits was last changed; maintained by the app.
    pub probes_changed: Option<DateTime<Utc>>,
}

/// Upper bound of the share of a rate limit, in percent.
const MAX_RATE_SHARE: u32 = 50;

impl Default for MonitorSettings {
    fn default() -> Self {
        Self {
            heartbeat_s: 600,
            freshness_s: 1_800,
            full_s: 86_400,
            allowed_lag_s: 900,
            rate_share: 10,
            notices: true,
            notices_off_since: None,
            quiet_until: None,
            maintenance: Vec::new(),
            reminders: ReminderSettings::default(),
            probes_changed: None,
        }
    }
}

impl MonitorSettings {
    /// Returns the settings for the practice organization, with short intervals so that a person sees results soon.
    #[must_use]
    pub fn practice() -> Self {
        Self {
            heartbeat_s: 15,
            freshness_s: 15,
            full_s: 600,
            allowed_lag_s: 60,
            rate_share: MAX_RATE_SHARE,
            ..Self::default()
        }
    }

    /// Clamps every number to its bounds and normalizes maintenance. The heartbeat interval is between `floor_s` seconds and one
    /// hour.
    #[must_use]
    pub fn bounded(self, floor_s: u32) -> Self {
        Self {
            heartbeat_s: self.heartbeat_s.clamp(floor_s, 3_600),
            freshness_s: self.freshness_s.clamp(floor_s, 21_600),
            full_s: self.full_s.clamp(floor_s.max(600), 7 * 86_400),
            allowed_lag_s: self.allowed_lag_s.clamp(floor_s, 86_400),
            rate_share: self.rate_share.clamp(1, MAX_RATE_SHARE),
            maintenance: Maintenance::normalized(self.maintenance),
            reminders: self.reminders.bounded(),
            ..self
        }
    }

    /// Sets the times that the app maintains, compared with the settings `before`, and removes expired maintenance.
    #[must_use]
    pub fn with_dates(mut self, before: &Self, now: DateTime<Utc>) -> Self {
        self.maintenance.retain(|one| !one.is_expired(now));
        let since = before.notices_off_since.filter(|_| !before.notices);
        let notices_off_since = (!self.notices).then(|| since.unwrap_or(now));
        let is_changed = self.probe_numbers() != before.probe_numbers();
        let probes_changed = if is_changed { Some(now) } else { before.probes_changed };
        Self { notices_off_since, probes_changed, ..self }
    }

    /// Returns the numbers that decide when the app probes and what it reports as late.
    fn probe_numbers(&self) -> [u32; 5] {
        [self.heartbeat_s, self.freshness_s, self.full_s, self.allowed_lag_s, self.rate_share]
    }

    /// Returns the time between heartbeats.
    #[must_use]
    pub fn heartbeat(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.heartbeat_s))
    }

    /// Returns what the age of a status is judged by at a time.
    #[must_use]
    pub fn status_clock(&self, now: DateTime<Utc>) -> StatusClock {
        StatusClock { now, interval: self.heartbeat() }
    }

    /// Returns the time between delivery probes.
    #[must_use]
    pub fn freshness(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.freshness_s))
    }

    /// Returns the time between full runs.
    #[must_use]
    pub fn full(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.full_s))
    }

    /// Returns the allowed delivery delay.
    #[must_use]
    pub fn allowed_lag(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.allowed_lag_s))
    }

    /// Returns whether notifications are suppressed at `now`: switched off, paused, or in maintenance.
    #[must_use]
    pub fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        !self.notices || self.is_in_maintenance(now) || self.pause_end(now).is_some()
    }

    /// Returns whether maintenance is planned for `now`.
    #[must_use]
    pub fn is_in_maintenance(&self, now: DateTime<Utc>) -> bool {
        self.maintenance.iter().any(|one| one.from <= now && now < one.until)
    }

    /// Returns the end of the pause of notifications, if they are paused at `now`. One that is too far ahead was begun while the
    /// clock was wrong.
    #[must_use]
    pub fn pause_end(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.quiet_until.filter(|until| now < *until && *until - now <= LONGEST_PAUSE)
    }
}

/// A period of maintenance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Maintenance {
    /// Its start.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
    /// The administrator's note.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn maintenance(from: i64, until: i64, note: &str) -> Maintenance {
        Maintenance { from: at(from), until: at(until), note: note.to_owned() }
    }

    #[test]
    fn a_pause_that_was_begun_while_the_clock_was_wrong_is_none() {
        let paused = |days| MonitorSettings {
            quiet_until: Some(DateTime::UNIX_EPOCH + TimeDelta::days(days)),
            ..MonitorSettings::default()
        };
        let is_quiet = |days| paused(days).is_quiet(DateTime::UNIX_EPOCH);
        assert_eq!([-1, 0, 1, 7, 8, 30].map(is_quiet), [false, false, true, true, false, false]);
    }

    #[test]
    fn a_patch_changes_only_the_given_values() {
        let stored = MonitorSettings {
            full_s: 7_200,
            notices: false,
            notices_off_since: Some(at(1)),
            quiet_until: Some(at(2)),
            maintenance: vec![maintenance(1, 2, "switch")],
            reminders: ReminderSettings { on: false, ..ReminderSettings::default() },
            ..MonitorSettings::default()
        };
        assert_eq!(MonitorSettingsPatch::default().apply_to(stored.clone()), stored);
        let change = MonitorSettingsPatch { heartbeat_s: Some(1_200), ..MonitorSettingsPatch::default() };
        assert_eq!(change.apply_to(stored.clone()), MonitorSettings { heartbeat_s: 1_200, ..stored.clone() });
        let days = ReminderSettingsPatch { owner_days: Some(30), ..ReminderSettingsPatch::default() };
        let changed =
            MonitorSettingsPatch { reminders: days, ..MonitorSettingsPatch::default() }.apply_to(stored.clone());
        assert_eq!(changed.reminders, ReminderSettings { owner_days: 30, ..stored.reminders });
    }

    #[test]
    fn a_change_of_a_probe_number_is_dated_and_another_change_keeps_the_date() {
        let before = MonitorSettings::default();
        let late = MonitorSettings { allowed_lag_s: 1_800, ..before.clone() }.with_dates(&before, at(1));
        assert_eq!(late.probes_changed, Some(at(1)));
        let silent = MonitorSettings { notices: false, probes_changed: None, ..late.clone() }.with_dates(&late, at(2));
        assert_eq!(silent.probes_changed, Some(at(1)));
    }

    #[test]
    fn maintenance_is_added_and_removed_one_by_one() {
        let stored = MonitorSettings { maintenance: vec![maintenance(1, 2, "theirs")], ..MonitorSettings::default() };
        let plan = MonitorSettingsPatch { plan: Some(maintenance(3, 4, "mine")), ..MonitorSettingsPatch::default() };
        let both = plan.apply_to(stored.clone());
        assert_eq!(both.maintenance, [maintenance(1, 2, "theirs"), maintenance(3, 4, "mine")]);
        let unplan =
            MonitorSettingsPatch { unplan: Some(maintenance(3, 4, "mine")), ..MonitorSettingsPatch::default() };
        assert_eq!(unplan.apply_to(both), stored);
    }

    #[test]
    fn maintenance_is_sorted_without_duplicates_and_expires() {
        let typed = vec![
            maintenance(5, 6, ""),
            maintenance(1, 9, "b"),
            maintenance(5, 6, ""),
            maintenance(1, 9, "a"),
            maintenance(4, 4, "never"),
        ];
        let settings = MonitorSettings { maintenance: typed, ..MonitorSettings::default() }.bounded(60);
        assert_eq!(settings.maintenance, [maintenance(1, 9, "a"), maintenance(1, 9, "b"), maintenance(5, 6, "")]);
        let after = |hours| settings.clone().with_dates(&settings, at(hours)).maintenance;
        assert_eq!(after(6 + 7 * 24), settings.maintenance, "maintenance of last week is still listed");
        assert_eq!(after(7 + 7 * 24), [maintenance(1, 9, "a"), maintenance(1, 9, "b")]);
        assert_eq!(after(10 + 7 * 24), []);
    }

    #[test]
    fn an_unknown_value_in_a_patch_is_refused() {
        let read = |json: &str| serde_json::from_str::<MonitorSettingsPatch>(json);
        assert_eq!(read(r#"{"notices": false}"#).unwrap().notices, Some(false));
        assert!(read(r#"{"quiet_until": null}"#).is_err());
    }
}

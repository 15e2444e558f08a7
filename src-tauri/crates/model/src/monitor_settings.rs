//! A change to how connections are watched: what is to be different, and nothing else.
//!
//! Window, tray, import and a second process change the same settings. Each says only what it changes, and the change is made to
//! what is kept at that moment; whatever another changed meanwhile stays.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::reminder::ReminderSettings;

/// How long planned work that is over is still listed.
const LISTED: TimeDelta = TimeDelta::days(7);

/// What is to be different. What is absent stays as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default, deny_unknown_fields)]
pub struct MonitorSettingsPatch {
    /// Between heartbeats, in seconds.
    pub heartbeat_s: Option<u32>,
    /// Between looks at both sides, in seconds.
    pub freshness_s: Option<u32>,
    /// Between full runs, in seconds.
    pub full_s: Option<u32>,
    /// How late an event may be, in seconds.
    pub allowed_lag_s: Option<u32>,
    /// The most that looks may take of each rate limit, in percent.
    pub rate_share: Option<u32>,
    /// Whether notices are shown at all.
    pub notices: Option<bool>,
    /// What is to be different of the reminders.
    pub reminders: ReminderSettingsPatch,
    /// Planned work to add.
    pub plan: Option<Maintenance>,
    /// Planned work to take out.
    pub unplan: Option<Maintenance>,
}

/// What is to be different of the reminders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default, deny_unknown_fields)]
pub struct ReminderSettingsPatch {
    /// Whether there are reminders at all.
    pub on: Option<bool>,
    /// Age from which a token is to be replaced, in days.
    pub token_age_days: Option<u32>,
    /// How often it is asked whether the owner is still the right one, in days.
    pub owner_days: Option<u32>,
}

impl MonitorSettingsPatch {
    /// Makes the change to what is kept.
    #[must_use]
    pub fn apply_to(self, kept: MonitorSettings) -> MonitorSettings {
        let mut maintenance = kept.maintenance;
        maintenance.retain(|one| self.unplan.as_ref() != Some(one));
        maintenance.extend(self.plan);
        MonitorSettings {
            heartbeat_s: self.heartbeat_s.unwrap_or(kept.heartbeat_s),
            freshness_s: self.freshness_s.unwrap_or(kept.freshness_s),
            full_s: self.full_s.unwrap_or(kept.full_s),
            allowed_lag_s: self.allowed_lag_s.unwrap_or(kept.allowed_lag_s),
            rate_share: self.rate_share.unwrap_or(kept.rate_share),
            notices: self.notices.unwrap_or(kept.notices),
            reminders: self.reminders.apply_to(kept.reminders),
            maintenance,
            ..kept
        }
    }
}

impl ReminderSettingsPatch {
    fn apply_to(self, kept: ReminderSettings) -> ReminderSettings {
        ReminderSettings {
            on: self.on.unwrap_or(kept.on),
            token_age_days: self.token_age_days.unwrap_or(kept.token_age_days),
            owner_days: self.owner_days.unwrap_or(kept.owner_days),
        }
    }
}

impl Maintenance {
    /// Puts planned work in the order of its beginning, what is alike once, and leaves out what never is.
    pub(super) fn in_order(mut all: Vec<Self>) -> Vec<Self> {
        all.retain(|one| one.from < one.until);
        all.sort_by(|a, b| (a.from, a.until, &a.note).cmp(&(b.from, b.until, &b.note)));
        all.dedup();
        all
    }

    /// Tells whether it is over for so long that nobody asks for it any more.
    pub(super) fn is_long_over(&self, now: DateTime<Utc>) -> bool {
        now - self.until > LISTED
    }
}

/// Shortest time between looks at a real org, in seconds.
pub const MIN_INTERVAL_S: u32 = 60;

/// How often and how loudly connections are watched. Times are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct MonitorSettings {
    /// Between heartbeats: one cheap request of Okta.
    pub heartbeat_s: u32,
    /// Between looks at the newest events on both sides.
    pub freshness_s: u32,
    /// Between full runs of all checks.
    pub full_s: u32,
    /// How late an event may be in Radiant. Ours; Radiant publishes no figure.
    pub allowed_lag_s: u32,
    /// The most that looks may take of each of Okta's rate limits, in percent. All connections of an org share it.
    pub rate_share: u32,
    /// Whether notices are shown at all.
    pub notices: bool,
    /// Since when they are not; kept by the app, never chosen.
    pub notices_off_since: Option<DateTime<Utc>>,
    /// No notices until then.
    pub quiet_until: Option<DateTime<Utc>>,
    /// Times of planned work: what happens in them is recorded and not told.
    pub maintenance: Vec<Maintenance>,
    /// What is reminded of, and when.
    pub reminders: ReminderSettings,
}

/// Largest share of a rate limit that looks may take, in percent.
const MOST_SHARE: u32 = 50;

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
        }
    }
}

impl MonitorSettings {
    /// Settings of the practice organisation, where a person waits to see something happen.
    #[must_use]
    pub fn practice() -> Self {
        Self {
            heartbeat_s: 15,
            freshness_s: 15,
            full_s: 600,
            allowed_lag_s: 60,
            rate_share: MOST_SHARE,
            ..Self::default()
        }
    }

    /// Brings every figure into bounds: a heartbeat at most every `floor_s` seconds and at least every hour. Planned work that is
    /// alike is there once.
    #[must_use]
    pub fn bounded(self, floor_s: u32) -> Self {
        Self {
            heartbeat_s: self.heartbeat_s.clamp(floor_s, 3_600),
            freshness_s: self.freshness_s.clamp(floor_s, 21_600),
            full_s: self.full_s.clamp(floor_s.max(600), 7 * 86_400),
            allowed_lag_s: self.allowed_lag_s.clamp(floor_s, 86_400),
            rate_share: self.rate_share.clamp(1, MOST_SHARE),
            maintenance: Maintenance::in_order(self.maintenance),
            reminders: self.reminders.bounded(),
            ..self
        }
    }

    /// Notes when notices were switched off, from what was kept `before`, and lets go of planned work that is long over.
    #[must_use]
    pub fn with_dates(mut self, before: &Self, now: DateTime<Utc>) -> Self {
        self.maintenance.retain(|one| !one.is_long_over(now));
        let since = before.notices_off_since.filter(|_| !before.notices);
        Self { notices_off_since: (!self.notices).then(|| since.unwrap_or(now)), ..self }
    }

    /// Returns the time between heartbeats.
    #[must_use]
    pub fn heartbeat(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.heartbeat_s))
    }

    /// Returns the time between looks at the newest events.
    #[must_use]
    pub fn freshness(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.freshness_s))
    }

    /// Returns the time between full runs.
    #[must_use]
    pub fn full(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.full_s))
    }

    /// Returns how late an event may be.
    #[must_use]
    pub fn allowed_lag(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.allowed_lag_s))
    }

    /// Tells whether notices are held back at `now`: switched off, paused, or planned work.
    #[must_use]
    pub fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        let planned = self.maintenance.iter().any(|one| one.from <= now && now < one.until);
        !self.notices || planned || self.quiet_until.is_some_and(|until| now < until)
    }
}

/// A time of planned work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Maintenance {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
    /// What for, in the administrator's words.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn work(from: i64, until: i64, note: &str) -> Maintenance {
        Maintenance { from: at(from), until: at(until), note: note.to_owned() }
    }

    #[test]
    fn only_what_is_said_becomes_different() {
        let kept = MonitorSettings {
            full_s: 7_200,
            notices: false,
            notices_off_since: Some(at(1)),
            quiet_until: Some(at(2)),
            maintenance: vec![work(1, 2, "switch")],
            reminders: ReminderSettings { on: false, ..ReminderSettings::default() },
            ..MonitorSettings::default()
        };
        assert_eq!(MonitorSettingsPatch::default().apply_to(kept.clone()), kept);
        let change = MonitorSettingsPatch { heartbeat_s: Some(1_200), ..MonitorSettingsPatch::default() };
        assert_eq!(change.apply_to(kept.clone()), MonitorSettings { heartbeat_s: 1_200, ..kept.clone() });
        let days = ReminderSettingsPatch { owner_days: Some(30), ..ReminderSettingsPatch::default() };
        let changed =
            MonitorSettingsPatch { reminders: days, ..MonitorSettingsPatch::default() }.apply_to(kept.clone());
        assert_eq!(changed.reminders, ReminderSettings { owner_days: 30, ..kept.reminders });
    }

    #[test]
    fn planned_work_is_added_and_taken_out_one_by_one() {
        let kept = MonitorSettings { maintenance: vec![work(1, 2, "theirs")], ..MonitorSettings::default() };
        let plan = MonitorSettingsPatch { plan: Some(work(3, 4, "mine")), ..MonitorSettingsPatch::default() };
        let both = plan.apply_to(kept.clone());
        assert_eq!(both.maintenance, [work(1, 2, "theirs"), work(3, 4, "mine")]);
        let unplan = MonitorSettingsPatch { unplan: Some(work(3, 4, "mine")), ..MonitorSettingsPatch::default() };
        assert_eq!(unplan.apply_to(both), kept);
    }

    #[test]
    fn planned_work_that_is_alike_is_kept_once_in_order_and_not_for_ever() {
        let typed = vec![work(5, 6, ""), work(1, 9, "b"), work(5, 6, ""), work(1, 9, "a"), work(4, 4, "never")];
        let settings = MonitorSettings { maintenance: typed, ..MonitorSettings::default() }.bounded(60);
        assert_eq!(settings.maintenance, [work(1, 9, "a"), work(1, 9, "b"), work(5, 6, "")]);
        let after = |hours| settings.clone().with_dates(&settings, at(hours)).maintenance;
        assert_eq!(after(6 + 7 * 24), settings.maintenance, "what was over last week is still listed");
        assert_eq!(after(7 + 7 * 24), [work(1, 9, "a"), work(1, 9, "b")]);
        assert_eq!(after(10 + 7 * 24), []);
    }

    #[test]
    fn a_change_of_something_unknown_is_refused_rather_than_lost() {
        let read = |json: &str| serde_json::from_str::<MonitorSettingsPatch>(json);
        assert_eq!(read(r#"{"notices": false}"#).unwrap().notices, Some(false));
        assert!(read(r#"{"quiet_until": null}"#).is_err());
    }
}

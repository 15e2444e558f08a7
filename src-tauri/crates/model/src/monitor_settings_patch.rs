//! A change to how connections are watched: what is to be different, and nothing else.
//!
//! Window, tray, import and a second process change the same settings. Each says only what it changes, and the change is made to
//! what is kept at that moment; whatever another changed meanwhile stays.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::monitor::{Maintenance, MonitorSettings};
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
    pub fn made_to(self, kept: MonitorSettings) -> MonitorSettings {
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
            reminders: self.reminders.made_to(kept.reminders),
            maintenance,
            ..kept
        }
    }
}

impl ReminderSettingsPatch {
    fn made_to(self, kept: ReminderSettings) -> ReminderSettings {
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
        assert_eq!(MonitorSettingsPatch::default().made_to(kept.clone()), kept);
        let change = MonitorSettingsPatch { heartbeat_s: Some(1_200), ..MonitorSettingsPatch::default() };
        assert_eq!(change.made_to(kept.clone()), MonitorSettings { heartbeat_s: 1_200, ..kept.clone() });
        let days = ReminderSettingsPatch { owner_days: Some(30), ..ReminderSettingsPatch::default() };
        let changed = MonitorSettingsPatch { reminders: days, ..MonitorSettingsPatch::default() }.made_to(kept.clone());
        assert_eq!(changed.reminders, ReminderSettings { owner_days: 30, ..kept.reminders });
    }

    #[test]
    fn planned_work_is_added_and_taken_out_one_by_one() {
        let kept = MonitorSettings { maintenance: vec![work(1, 2, "theirs")], ..MonitorSettings::default() };
        let plan = MonitorSettingsPatch { plan: Some(work(3, 4, "mine")), ..MonitorSettingsPatch::default() };
        let both = plan.made_to(kept.clone());
        assert_eq!(both.maintenance, [work(1, 2, "theirs"), work(3, 4, "mine")]);
        let unplan = MonitorSettingsPatch { unplan: Some(work(3, 4, "mine")), ..MonitorSettingsPatch::default() };
        assert_eq!(unplan.made_to(both), kept);
    }

    #[test]
    fn planned_work_that_is_alike_is_kept_once_in_order_and_not_for_ever() {
        let typed = vec![work(5, 6, ""), work(1, 9, "b"), work(5, 6, ""), work(1, 9, "a"), work(4, 4, "never")];
        let settings = MonitorSettings { maintenance: typed, ..MonitorSettings::default() }.bounded(60);
        assert_eq!(settings.maintenance, [work(1, 9, "a"), work(1, 9, "b"), work(5, 6, "")]);
        let after = |hours| settings.clone().dated(&settings, at(hours)).maintenance;
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

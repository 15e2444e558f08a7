//! What monitoring remembers between two passes: the settings that were announced, the reminders that were read, and the pause
//! of notifications.

use chrono::{DateTime, TimeDelta, Utc};
use model::monitor_settings::MonitorSettings;

/// How often due reminders are looked up. They are a matter of days, and each lookup reads the database.
const REMINDER_INTERVAL: TimeDelta = TimeDelta::minutes(15);

/// The settings that the subscribers of changes know.
#[derive(Debug, Default)]
pub(super) struct AnnouncedSettings(Option<MonitorSettings>);

impl AnnouncedSettings {
    /// Remembers the settings, and tells whether they differ from those before, whoever changed them.
    pub(super) fn is_new(&mut self, settings: &MonitorSettings) -> bool {
        self.0.replace(settings.clone()).is_none_or(|before| before != *settings)
    }

    /// Returns the settings that were announced last.
    pub(super) fn known(&self) -> Option<&MonitorSettings> {
        self.0.as_ref()
    }
}

/// When due reminders were looked up last.
#[derive(Debug, Default)]
pub(super) struct ReminderTimer(Option<DateTime<Utc>>);

impl ReminderTimer {
    /// Tells whether reminders are to be looked up now, and remembers that they are.
    pub(super) fn is_due(&mut self, now: DateTime<Utc>) -> bool {
        let is_due = self.0.is_none_or(|at| now < at || now - at >= REMINDER_INTERVAL);
        if is_due {
            self.0 = Some(now);
        }
        is_due
    }
}

/// The end of the pause of notifications that was in effect at the previous pass.
#[derive(Debug, Default)]
pub(super) struct NotificationPause(Option<DateTime<Utc>>);

impl NotificationPause {
    /// Records when the pause of notifications ends, and tells whether the previous pause is over.
    pub(super) fn has_ended(&mut self, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let active = until.filter(|until| now < *until);
        std::mem::replace(&mut self.0, active).is_some() && active.is_none()
    }

    /// Returns the end of the pause that is in effect.
    pub(super) fn end(&self) -> Option<DateTime<Utc>> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_new_once_whoever_changed_them() {
        let (mut announced, settings) = (AnnouncedSettings::default(), MonitorSettings::default());
        let paused = MonitorSettings { quiet_until: Some(DateTime::UNIX_EPOCH), ..settings.clone() };
        let read = [&settings, &settings, &paused, &paused, &settings];
        assert_eq!(read.map(|one| announced.is_new(one)), [true, false, true, false, true]);
    }

    #[test]
    fn reminders_are_read_at_once_then_at_intervals_and_after_the_clock_was_set_back() {
        let (mut timer, start) = (ReminderTimer::default(), DateTime::UNIX_EPOCH);
        let mut due = |minutes| timer.is_due(start + TimeDelta::minutes(minutes));
        assert_eq!([0, 1, 14, 15, 16].map(&mut due), [true, false, false, true, false]);
        assert!(due(-600), "a clock that was set back does not stop them");
    }

    #[test]
    fn the_end_of_a_pause_is_reported_once_whether_it_expired_or_was_canceled() {
        let (mut pause, start) = (NotificationPause::default(), DateTime::UNIX_EPOCH);
        let at = |minutes| start + TimeDelta::minutes(minutes);
        let hour = Some(at(60));
        assert_eq!([(None, 0), (hour, 0), (hour, 59)].map(|(until, now)| pause.has_ended(until, at(now))), [false; 3]);
        assert_eq!(pause.end(), hour);
        assert_eq!([60, 61].map(|now| pause.has_ended(hour, at(now))), [true, false]);
        assert_eq!(pause.end(), None);
        assert_eq!(
            [(Some(at(180)), 62), (None, 63)].map(|(until, now)| pause.has_ended(until, at(now))),
            [false, true]
        );
    }
}

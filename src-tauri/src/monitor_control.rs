//! Wakes and ends the monitor, and remembers what it has announced.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use connector::ProbeOutcome;
use connector::power_events::PowerEvents;
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use runtime::Wake;
use tokio_util::sync::CancellationToken;

use crate::connectors::Connectors;
use model::app_change::AppChange;

/// How long *Pause notifications* pauses them.
pub(crate) const PAUSE: TimeDelta = TimeDelta::hours(1);
/// How often due reminders are looked up.
const REMINDER_INTERVAL: TimeDelta = TimeDelta::minutes(15);

/// The monitor's wake and end, and what it remembers between two passes.
#[derive(Default)]
pub(crate) struct MonitorControl {
    pub(crate) wake: Wake,
    pub(crate) end: CancellationToken,
    /// Power and network events of this computer.
    pub(crate) power_events: PowerEvents,
    /// When due reminders were looked up last.
    reminders_read: Mutex<Option<DateTime<Utc>>>,
    /// The end of the pause of notifications that was in effect at the previous pass.
    pause_until: Mutex<Option<DateTime<Utc>>>,
    /// The settings that window and tray know.
    announced: Mutex<Option<MonitorSettings>>,
    /// Outcomes whose notifications have not been shown yet.
    outcomes: Mutex<Vec<ProbeOutcome>>,
}

impl MonitorControl {
    /// Asks for a pass now, because something changed that may make a probe due.
    pub(crate) fn wake(&self) {
        self.wake.now();
    }

    /// Ends monitoring and cancels the probes in progress.
    pub(crate) fn end(&self) {
        self.end.cancel();
    }

    /// Tells whether reminders are to be looked up. They are a matter of days, and each lookup reads the database.
    pub(crate) fn should_read_reminders(&self, now: DateTime<Utc>) -> bool {
        let mut read = self.reminders_read.lock().unwrap_or_else(PoisonError::into_inner);
        let due = read.is_none_or(|at| now < at || now - at >= REMINDER_INTERVAL);
        if due {
            *read = Some(now);
        }
        due
    }

    /// Records when the pause of notifications ends, and tells whether the previous pause is over.
    pub(crate) fn pause_has_ended(&self, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let active = until.filter(|until| now < *until);
        let mut pause = self.pause_until.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *pause, active).is_some() && active.is_none()
    }

    /// Publishes a change of the settings if they differ from those published last, whoever changed them.
    pub(crate) async fn announce_settings(&self, connectors: &Connectors) {
        let Ok(connector) = connectors.default() else { return };
        let Ok(settings) = connector.settings().monitor().await else { return };
        if self.is_new(settings) {
            connectors.publish(AppChange::Settings);
        }
    }

    /// Pauses notifications until the given time, or resumes them.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn pause_notifications(
        &self,
        connectors: &Connectors,
        until: Option<DateTime<Utc>>,
    ) -> Result<(), Problem> {
        for connector in connectors.all() {
            connector.settings().pause_notifications(until).await?;
        }
        Ok(())
    }

    /// Keeps outcomes until [`MonitorControl::take_outcomes`].
    pub(crate) fn add_outcomes(&self, outcomes: Vec<ProbeOutcome>) {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).extend(outcomes);
    }

    /// Returns the outcomes whose notifications have not been shown yet, once.
    pub(crate) fn take_outcomes(&self) -> Vec<ProbeOutcome> {
        std::mem::take(&mut *self.outcomes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_new(&self, settings: MonitorSettings) -> bool {
        let mut announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        announced.replace(settings.clone()).is_none_or(|before| before != settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_new_once_whoever_changed_them() {
        let (monitor, settings) = (MonitorControl::default(), MonitorSettings::default());
        let paused = MonitorSettings { quiet_until: Some(DateTime::UNIX_EPOCH), ..settings.clone() };
        let read = [&settings, &settings, &paused, &paused, &settings];
        assert_eq!(read.map(|one| monitor.is_new(one.clone())), [true, false, true, false, true]);
    }

    #[test]
    fn reminders_are_read_at_once_then_at_intervals_and_after_the_clock_was_set_back() {
        let (monitor, start) = (MonitorControl::default(), DateTime::UNIX_EPOCH);
        let due = |minutes| monitor.should_read_reminders(start + TimeDelta::minutes(minutes));
        assert_eq!([0, 1, 14, 15, 16].map(due), [true, false, false, true, false]);
        assert!(due(-600), "a clock that was set back does not stop them");
    }

    #[test]
    fn the_end_of_a_pause_is_reported_once_whether_it_expired_or_was_canceled() {
        let (monitor, start) = (MonitorControl::default(), DateTime::UNIX_EPOCH);
        let hour = Some(start + PAUSE);
        let ended = |until, minutes| monitor.pause_has_ended(until, start + TimeDelta::minutes(minutes));
        assert_eq!([ended(None, 0), ended(hour, 0), ended(hour, 59)], [false; 3]);
        assert_eq!([ended(hour, 60), ended(hour, 61)], [true, false]);
        assert_eq!([ended(Some(start + PAUSE * 3), 62), ended(None, 63)], [false, true]);
    }
}

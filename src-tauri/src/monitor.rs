//! Keeps connections watched while the app runs, tells window and tray of every look, and shows notices.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector::computer::{Computer, Teller, attend};
use connector::{Audience, RoundSummary};
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use runtime::Clock;
use runtime::Wake;
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_specta::Event as _;
use tokio_util::sync::CancellationToken;

use crate::doors::Doors;
use crate::events::SettingsChanged;
use crate::{notices, tray, window};

/// How long *Pause notifications* pauses them.
pub(crate) const PAUSE: TimeDelta = TimeDelta::hours(1);

/// How often reminders are looked for.
const REMIND: TimeDelta = TimeDelta::minutes(15);
/// How long the database is left alone while no look is due; what changes in this app wakes the watch.
const REST: Duration = Duration::from_secs(300);
/// How soon to try again when the database could not be read.
const AGAIN: TimeDelta = TimeDelta::seconds(30);

/// The watch's wake and end, when it reminded, the settings that were told, and what this computer went through last.
#[derive(Default)]
pub(crate) struct Watching {
    wake: Wake,
    end: CancellationToken,
    computer: Computer,
    /// When reminders were looked for last.
    reminded: Mutex<Option<DateTime<Utc>>>,
    /// When the pause of notices ends that was seen under way.
    pause: Mutex<Option<DateTime<Utc>>>,
    /// The settings that window and tray know.
    told: Mutex<Option<MonitorSettings>>,
}

impl Watching {
    /// Asks for a pass now: something changed that a look may depend on.
    pub(crate) fn wake(&self) {
        self.wake.now();
    }

    /// Tells whether reminders are to be looked for: they are a matter of days, and each looking reads the database.
    fn reminds(&self, now: DateTime<Utc>) -> bool {
        let mut reminded = self.reminded.lock().unwrap_or_else(PoisonError::into_inner);
        let due = reminded.is_none_or(|at| now < at || now - at >= REMIND);
        if due {
            *reminded = Some(now);
        }
        due
    }

    /// Notes when the pause of notices ends, and tells whether the one seen before is over.
    fn pause_is_over(&self, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let under_way = until.filter(|until| now < *until);
        let mut seen = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *seen, under_way).is_some() && under_way.is_none()
    }

    /// Notes the settings as they are; tells whether that is news.
    fn is_news(&self, settings: MonitorSettings) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.replace(settings.clone()).is_none_or(|before| before != settings)
    }

    /// Ends the watch and what it is asking.
    pub(crate) fn end(&self) {
        self.end.cancel();
    }
}

/// Watches until the app ends.
pub(crate) async fn watch<R: Runtime>(app: AppHandle<R>, clock: Clock) {
    let (wake, end, computer) = {
        let watching = app.state::<Watching>();
        (watching.wake.clone(), watching.end.clone(), watching.computer.clone())
    };
    let (cancel, time, hears) = (end.clone(), clock.clone(), (computer, Teller::System));
    let pass = move || pass(app.clone(), time.clone(), cancel.clone());
    attend("monitor", clock, REST, wake, end, hears, pass).await;
}

async fn pass<R: Runtime>(app: AppHandle<R>, clock: Clock, cancel: CancellationToken) -> Option<DateTime<Utc>> {
    let doors = app.state::<Doors>().inner().clone();
    tell_settings(&app).await;
    let reminds = app.state::<Watching>().reminds(clock.now());
    let in_front = window::is_in_front(&app);
    let spell = app.state::<Watching>().computer.spell();
    let mut all = RoundSummary::default();
    for door in doors.open_doors() {
        match door.tend(Audience::Desktop { in_front }, spell, &cancel).await {
            Ok(round) => {
                all.looks.extend(round.looks);
                all.elsewhere.extend(round.elsewhere);
                all.held.extend(round.held);
                all.next = all.next.into_iter().chain(round.next).min();
            }
            Err(problem) => {
                tracing::warn!(code = %problem.code, "connections were not looked at");
                all.next = all.next.into_iter().chain([clock.now() + AGAIN]).min();
            }
        }
        if reminds {
            match door.remind(in_front).await {
                Ok(due) => all.looks.extend(due),
                Err(problem) => tracing::warn!(code = %problem.code, "reminders were not looked for"),
            }
        }
    }
    for id in all.looks.iter().map(|one| &one.id).chain(&all.elsewhere).chain(&all.held) {
        // Telling cannot fail; the result is what was told.
        drop(doors.tell(id, Ok(())));
    }
    notices::show(&app, &all.looks);
    let (until, now) = (pause_end(&doors).await, clock.now());
    if app.state::<Watching>().pause_is_over(until, now) {
        tray::redraw(&app).await;
    }
    all.next.into_iter().chain(until.filter(|until| now < *until)).min()
}

/// Returns until when notices are paused, or were last.
pub(crate) async fn pause_end(doors: &Doors) -> Option<DateTime<Utc>> {
    doors.any(None).ok()?.monitor_settings().await.ok()?.quiet_until
}

/// Pauses notices, or lets them be shown again.
///
/// # Errors
/// The database's problem.
pub(crate) async fn pause_notices<R: Runtime>(app: &AppHandle<R>, until: Option<DateTime<Utc>>) -> Result<(), Problem> {
    for door in app.state::<Doors>().open_doors() {
        door.pause_notices(until).await?;
    }
    app.state::<Watching>().wake();
    tell_settings(app).await;
    Ok(())
}

/// Tells window and tray when the settings are no longer those they know, whoever changed them.
async fn tell_settings<R: Runtime>(app: &AppHandle<R>) {
    let Ok(door) = app.state::<Doors>().any(None) else { return };
    let Ok(settings) = door.monitor_settings().await else { return };
    if !app.state::<Watching>().is_news(settings) {
        return;
    }
    if let Err(error) = SettingsChanged.emit(app) {
        tracing::debug!(%error, "the window did not hear of changed settings");
    }
    tray::redraw(app).await;
}

/// Pauses or resumes the checks of a connection.
///
/// # Errors
/// The database's problem.
pub(crate) async fn pause_checks(
    doors: &Doors,
    watching: &Watching,
    id: &ConnectionId,
    pause: bool,
) -> Result<ConnectionView, Problem> {
    let paused = doors.tell(id, doors.of(id)?.pause(id, pause).await);
    watching.wake();
    paused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_news_once_whoever_changed_them() {
        let (watching, chosen) = (Watching::default(), MonitorSettings::default());
        let paused = MonitorSettings { quiet_until: Some(DateTime::UNIX_EPOCH), ..chosen.clone() };
        let seen = [&chosen, &chosen, &paused, &paused, &chosen];
        assert_eq!(seen.map(|one| watching.is_news(one.clone())), [true, false, true, false, true]);
    }

    #[test]
    fn reminders_are_looked_for_at_once_then_now_and_then_and_after_the_clock_was_set_back() {
        let (watching, start) = (Watching::default(), DateTime::UNIX_EPOCH);
        let asked = |minutes| watching.reminds(start + TimeDelta::minutes(minutes));
        assert_eq!([0, 1, 14, 15, 16].map(asked), [true, false, false, true, false]);
        assert!(asked(-600), "a clock that was set back does not silence them");
    }

    #[test]
    fn the_end_of_a_pause_is_told_once_whether_it_ran_out_or_was_taken_back() {
        let (watching, start) = (Watching::default(), DateTime::UNIX_EPOCH);
        let hour = Some(start + PAUSE);
        let over = |until, minutes| watching.pause_is_over(until, start + TimeDelta::minutes(minutes));
        assert_eq!([over(None, 0), over(hour, 0), over(hour, 59)], [false; 3]);
        assert_eq!([over(hour, 60), over(hour, 61)], [true, false]);
        assert_eq!([over(Some(start + PAUSE * 3), 62), over(None, 63)], [false, true]);
    }
}

//! Runs the probes that are due for as long as the app runs, and publishes what they changed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector::{Audience, RoundSummary};
use runtime::{Clock, Worker};
use tauri::{AppHandle, Manager as _, Runtime};
use tokio_util::sync::CancellationToken;

use crate::app_state::AppState;
use crate::window;
use model::app_change::AppChange;

/// Longest time between two passes while no probe is due. A change in this app wakes the worker.
const IDLE: Duration = Duration::from_secs(300);
/// Delay before the next pass when the database could not be read.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// Monitors until the app ends.
pub(crate) async fn run<R: Runtime>(app: AppHandle<R>, clock: Clock) {
    let (wake, end, power_events) = {
        let monitor = &app.state::<AppState>().monitor;
        (monitor.wake.clone(), monitor.end.clone(), monitor.power_events.clone())
    };
    let (cancel, time) = (end.clone(), clock.clone());
    let worker = Worker::new("monitor", IDLE, move || pass(app.clone(), time.clone(), cancel.clone()));
    power_events.supervise(worker.woken_by(wake), clock, end).await;
}

/// Runs the probes that are due; returns when the next pass is due.
async fn pass<R: Runtime>(app: AppHandle<R>, clock: Clock, cancel: CancellationToken) -> Option<DateTime<Utc>> {
    let state = app.state::<AppState>();
    let (connectors, monitor) = (&state.connectors, &state.monitor);
    monitor.announce_settings(connectors).await;
    let mut all = probe(&app, &clock, &cancel).await;
    // What this process wrote was published by the write.
    for id in &all.elsewhere {
        connectors.publish(AppChange::Connection(id.clone()));
    }
    if all.outcomes.iter().any(|one| one.notification.is_some()) {
        monitor.add_outcomes(std::mem::take(&mut all.outcomes));
        connectors.publish(AppChange::Notifications);
    }
    let (until, now) = (connectors.notifications_paused_until().await, clock.now());
    if monitor.pause_has_ended(until, now) {
        connectors.publish(AppChange::Settings);
    }
    all.next.into_iter().chain(until.filter(|until| now < *until)).min()
}

/// Runs the due probes and reminders of every connector and returns all outcomes together.
async fn probe<R: Runtime>(app: &AppHandle<R>, clock: &Clock, cancel: &CancellationToken) -> RoundSummary {
    let state = app.state::<AppState>();
    let reminders = state.monitor.should_read_reminders(clock.now());
    let in_front = window::is_in_front(app);
    let events = state.monitor.power_events.burst();
    let mut all = RoundSummary::default();
    for connector in state.connectors.all() {
        match connector.monitor().run_due_probes(Audience::Desktop { in_front }, events, cancel).await {
            Ok(round) => {
                all.outcomes.extend(round.outcomes);
                all.elsewhere.extend(round.elsewhere);
                all.held.extend(round.held);
                all.next = all.next.into_iter().chain(round.next).min();
            }
            Err(problem) => {
                tracing::warn!(code = %problem.code, "the due probes did not run");
                all.next = all.next.into_iter().chain([clock.now() + RETRY]).min();
            }
        }
        if reminders {
            match connector.monitor().due_reminders(in_front).await {
                Ok(due) => all.outcomes.extend(due),
                Err(problem) => tracing::warn!(code = %problem.code, "due reminders were not read"),
            }
        }
    }
    all
}

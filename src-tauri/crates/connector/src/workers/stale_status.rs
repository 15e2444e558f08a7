//! Notices that nobody is checking a connection that this process is to watch: its passes fail, cannot be stored, or another
//! process holds the connection and hangs.
//!
//! It is remembered in memory, because the database may be what fails. A computer that wakes, or whose clock was set, has old
//! statuses for a moment; they are no reason for a notification.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use model::check::CheckId;
use model::code::Code;
use model::condition_registry::Severity;
use model::connection::ConnectionId;
use model::notification_event::NotificationEvent;
use model::problem::Problem;
use model::status::Status;
use model::status_rules::StatusClock;

use crate::monitor::MonitoredConnection;
use crate::probe_pass::{NotifyContext, ProbeOutcome};

/// How long a status must be stale while this process is awake before that is notified.
const GRACE: TimeDelta = TimeDelta::minutes(2);

/// The monitored connections as they were read last, and what was notified of them.
#[derive(Debug, Default)]
pub(super) struct StaleStatuses(BTreeMap<ConnectionId, Watched>);

#[derive(Debug)]
struct Watched {
    name: String,
    renewed: Option<DateTime<Utc>>,
    /// Since when this process, awake, knows it to be stale.
    stale_since: Option<DateTime<Utc>>,
    is_notified: bool,
}

impl StaleStatuses {
    /// Takes the connections as they are now. While they cannot be read, those read last are kept.
    pub(super) fn update(&mut self, monitored: Vec<MonitoredConnection>) {
        let mut before = std::mem::take(&mut self.0);
        let watched = monitored.into_iter().map(|MonitoredConnection { id, name, renewed }| {
            let known = before.remove(&id);
            let stale_since = known.as_ref().and_then(|known| known.stale_since);
            let is_notified = known.is_some_and(|known| known.is_notified);
            (id, Watched { name, renewed, stale_since, is_notified })
        });
        self.0 = watched.collect();
    }

    /// Returns the notifications that are due. `woke` is the newest wake of the computer. A recovery is added to the outcome of
    /// the probe that brought it, if this process ran it.
    pub(super) fn notify(
        &mut self,
        outcomes: &mut Vec<ProbeOutcome>,
        clock: StatusClock,
        woke: Option<DateTime<Utc>>,
        context: NotifyContext,
    ) {
        for (id, watched) in &mut self.0 {
            if watched.renewed.is_some_and(|at| !clock.is_expired(at)) {
                watched.recover(outcomes.iter_mut().find(|outcome| outcome.id == *id), context);
            } else if watched.is_due(clock, woke) && !watched.is_notified && !context.is_quiet {
                watched.is_notified = true;
                outcomes.extend((!context.in_front).then(|| watched.outcome(id)));
            }
        }
    }
}

impl Watched {
    /// Remembers that the status is stale, and tells whether it has been so for long enough.
    fn is_due(&mut self, clock: StatusClock, woke: Option<DateTime<Utc>>) -> bool {
        let is_present = |since: &DateTime<Utc>| *since <= clock.now && woke.is_none_or(|woke| woke <= *since);
        let since = *self.stale_since.insert(self.stale_since.filter(is_present).unwrap_or(clock.now));
        clock.now - since >= GRACE
    }

    fn recover(&mut self, outcome: Option<&mut ProbeOutcome>, context: NotifyContext) {
        self.stale_since = None;
        if !std::mem::take(&mut self.is_notified) || context.is_quiet || context.in_front {
            return;
        }
        // A problem that the probe found says more.
        if let Some(outcome) = outcome.filter(|outcome| outcome.notification.is_none()) {
            outcome.notification = Some(NotificationEvent::Recovered { problem: Problem::new(Code::NobodyChecks) });
        }
    }

    fn outcome(&self, id: &ConnectionId) -> ProbeOutcome {
        let status = Status::nobody_checks(self.renewed, None);
        let (problem, severity) = (Problem::new(Code::NobodyChecks), Severity::InDoubt);
        let event = NotificationEvent::Worse { problem, row: CheckId::Domain, severity };
        let (id, name) = (id.clone(), self.name.clone());
        ProbeOutcome { id, name, before: status.clone(), after: status, notification: Some(event) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn connection(renewed: Option<i64>) -> MonitoredConnection {
        MonitoredConnection { id: ConnectionId("a".to_owned()), name: "acme".to_owned(), renewed: renewed.map(at) }
    }

    /// Returns the notifications at a minute, with intervals of ten minutes.
    fn notified(stale: &mut StaleStatuses, minutes: i64, woke: Option<i64>) -> Vec<ProbeOutcome> {
        let clock = StatusClock { now: at(minutes), interval: TimeDelta::minutes(10) };
        let context = NotifyContext { now: at(minutes), is_quiet: false, in_front: false, patience: clock.patience() };
        let mut outcomes = Vec::new();
        stale.notify(&mut outcomes, clock, woke.map(at), context);
        outcomes
    }

    #[test]
    fn a_stale_status_is_notified_once_even_while_the_connections_cannot_be_read() {
        let mut stale = StaleStatuses::default();
        stale.update(vec![connection(Some(0))]);
        let found: Vec<usize> =
            [30, 31, 32, 33, 40, 600].map(|minutes| notified(&mut stale, minutes, None).len()).to_vec();
        assert_eq!(found, [0, 0, 0, 1, 0, 0]);
        stale.update(vec![connection(Some(600))]);
        let clock = StatusClock { now: at(600), interval: TimeDelta::minutes(10) };
        let context = NotifyContext { now: at(600), is_quiet: false, in_front: false, patience: clock.patience() };
        let mut outcomes =
            vec![ProbeOutcome { notification: None, ..stale.0[&connection(None).id].outcome(&connection(None).id) }];
        stale.notify(&mut outcomes, clock, None, context);
        let recovered = NotificationEvent::Recovered { problem: Problem::new(Code::NobodyChecks) };
        assert_eq!(outcomes[0].notification, Some(recovered));
    }

    #[test]
    fn a_wake_and_a_clock_that_was_set_are_no_reason_for_a_notification() {
        let mut stale = StaleStatuses::default();
        stale.update(vec![connection(Some(0))]);
        assert_eq!(notified(&mut stale, 40, None).len(), 0);
        // It slept for eight hours, and the first pass after the wake has not ended yet.
        assert_eq!(notified(&mut stale, 520, Some(520)).len(), 0);
        stale.update(vec![connection(Some(521))]);
        assert_eq!(notified(&mut stale, 521, Some(520)).len(), 0);
        // The clock was set back by ten hours.
        stale.update(vec![connection(None)]);
        assert_eq!(notified(&mut stale, -79, Some(520)).len(), 0);
        stale.update(vec![connection(Some(-78))]);
        assert_eq!(notified(&mut stale, -78, Some(520)).len(), 0);
    }
}

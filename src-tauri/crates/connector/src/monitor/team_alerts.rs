//! Decides which alerts a team gets, by the rules of desktop notifications, and adds them to the outbox in the same transaction.
//!
//! The window in front, the switch and the pause of notifications concern one person, so they do not hold alerts back; planned
//! maintenance does. Reminders are for the person who administers the connection and are not sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Monitor;
use super::probe_round::ScheduledConnection;
use super::status_for_notifications::NotificationBasis;
use crate::alert_channels_in_force::queue_alert;
use crate::connection_repository::Views;
use crate::probe_pass::{NotifyContext, next_notification, take_over};
use model::alert::{AlertEvent, AlertedRelay, AlertedState};
use model::condition_registry::Severity;
use model::connection::ConnectionId;
use model::monitor_settings::MonitorSettings;
use model::notification_event::{NotificationEvent, NotifiedState};
use model::policy::Policy;
use model::problem::Problem;
use model::status::Status;
use store::{ReadTx, StoreError};

/// An alert that is decided outside the database, with the key under which it is added once.
#[derive(Debug, Clone)]
pub(crate) struct KeyedAlert {
    pub(crate) connection: ConnectionId,
    pub(crate) event: AlertEvent,
    pub(crate) key: String,
}

/// Returns the circumstances of an alert.
pub(crate) fn alert_context(settings: &MonitorSettings, now: DateTime<Utc>) -> NotifyContext {
    let patience = settings.status_clock(now).patience();
    NotifyContext { now, is_quiet: settings.is_in_maintenance(now), in_front: false, patience }
}

impl Monitor {
    /// Adds the alerts to the outbox that the present statuses call for. Another process that watches one of these connections
    /// later continues from what is stored. While the policy forbids alerts, nothing counts as sent.
    pub(super) async fn queue_alerts(
        &self,
        all: &[ScheduledConnection],
        (settings, policy): (&MonitorSettings, &Arc<Policy>),
    ) -> Result<(), Problem> {
        let context = alert_context(settings, self.records.clock.now());
        let candidate =
            |one: &ScheduledConnection| Some((one.connection.id.clone(), one.notified_by()?, one.state.clone()));
        let candidates: Vec<_> = all.iter().filter_map(candidate).collect();
        let (channels, fixed, now) = (self.alerts.clone(), Arc::clone(policy), context.now);
        let read = move |tx: &ReadTx<'_>| {
            let mut due = Vec::new();
            if !channels.targets(tx, &fixed, now)?.is_empty() {
                for (id, by, state) in candidates {
                    let before = tx.alerted_state(&id)?;
                    if by.may_notify(&state, &before.notified, &before.relay.notified) {
                        due.push((id, by));
                    }
                }
            }
            Ok(due)
        };
        let due = self.records.read(read).await?;
        if due.is_empty() {
            return Ok(());
        }
        let hosted =
            all.iter().filter(|one| one.notified_by().is_some()).map(|one| one.connection.id.clone()).collect();
        let (views, channels) = (self.records.views_with(settings.clone()), self.alerts.clone());
        let policy = Arc::clone(policy);
        self.records
            .write(move |tx| {
                let (targets, existing) = (channels.targets(tx, &policy, context.now)?, tx.connections()?);
                // Turned off meanwhile: what exists when it is turned on again is sent then.
                if targets.is_empty() {
                    return Ok(());
                }
                // Before an alert can be claimed, so that no process with another receiver claims it.
                channels.announce(tx, &hosted, context.now)?;
                for (id, by) in due.into_iter().filter(|(id, _)| existing.iter().any(|one| one.id == *id)) {
                    let (event, state) = decide(tx, &views, (&id, by), context)?;
                    tx.update(&id, |_: AlertedState| state)?;
                    if let Some(event) = event {
                        queue_alert(tx, &targets, &id, (&event, None), context.now)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Adds alerts to the outbox that were decided from memory, each once. Returns `false` while the policy forbids alerts:
    /// then they are to be kept.
    pub(crate) async fn queue_keyed_alerts(&self, alerts: Vec<KeyedAlert>) -> Result<bool, Problem> {
        let policy = self.records.settings.policy.fixed().await?;
        let (channels, now) = (self.alerts.clone(), self.records.clock.now());
        self.records
            .write(move |tx| {
                let (targets, existing) = (channels.targets(tx, &policy, now)?, tx.connections()?);
                if targets.is_empty() && !channels.targets(tx, &Policy::default(), now)?.is_empty() {
                    return Ok(false);
                }
                let is_there = |id: &ConnectionId| existing.iter().any(|one| one.id == *id);
                for KeyedAlert { connection, event, key } in alerts.iter().filter(|one| is_there(&one.connection)) {
                    queue_alert(tx, &targets, connection, (event, Some(key)), now)?;
                }
                Ok(true)
            })
            .await
    }
}

fn decide(
    tx: &ReadTx<'_>,
    views: &Views,
    (id, by): (&ConnectionId, NotificationBasis),
    context: NotifyContext,
) -> Result<(Option<AlertEvent>, AlertedState), StoreError> {
    let (view, state, before) = (views.of(tx, id)?, tx.monitor_state(id)?, tx.alerted_state(id)?);
    let status = by.status(&view, &state, views.status_clock());
    Ok(alerted(by, before, &status, context))
}

/// Returns the alert for a status, if any, and what counts as sent from now on.
fn alerted(
    by: NotificationBasis,
    before: AlertedState,
    status: &Status,
    context: NotifyContext,
) -> (Option<AlertEvent>, AlertedState) {
    let AlertedState { mut notified, mut worst, mut relay } = before;
    match by {
        NotificationBasis::Checks => {
            take_over(status, &mut notified, &mut relay.notified);
            let (event, (notified, worst)) = next_alert(&notified, worst.max(relay.worst), status, context);
            (event, AlertedState { notified, worst, relay: AlertedRelay::default() })
        }
        NotificationBasis::RelayAlone => {
            if take_over(status, &mut relay.notified, &mut notified) {
                relay.worst = relay.worst.max(worst.take());
            }
            let (event, sent) = next_alert(&relay.notified, relay.worst, status, context);
            let relay = AlertedRelay { notified: sent.0, worst: sent.1 };
            (event, AlertedState { notified, worst, relay })
        }
    }
}

/// Returns the alert for a status, if any, and what counts as sent from now on with the worst severity of it.
fn next_alert(
    told: &NotifiedState,
    worst: Option<Severity>,
    status: &Status,
    context: NotifyContext,
) -> (Option<AlertEvent>, (NotifiedState, Option<Severity>)) {
    let (event, notified) = next_notification(told, status, context);
    let event = event.and_then(|event| match event {
        NotificationEvent::Worse { problem, severity, .. } => Some(AlertEvent::Worse { problem, severity }),
        // A team that was alerted of the worst problem gets the recovery, whatever lesser problem came after it.
        NotificationEvent::Recovered { problem } => worst.map(|severity| AlertEvent::Recovered { problem, severity }),
        NotificationEvent::Remind { .. } => None,
    });
    let worst = match &event {
        Some(AlertEvent::Worse { severity, .. }) => Some(*severity).max(worst),
        Some(AlertEvent::Recovered { .. } | AlertEvent::Test) => None,
        None => worst,
    };
    (event, (notified, worst))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use model::check::CheckId;
    use model::code::Code;
    use model::status::State;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn status(state: State, code: Option<Code>, since: i64) -> Status {
        Status {
            state,
            problem: code.map(Problem::new),
            row: code.map(|_| CheckId::Token),
            since: code.map(|_| at(since)),
            arrival_verified: false,
            as_of: None,
            valid_until: None,
        }
    }

    fn alerts(days: &[(i64, Status)]) -> Vec<(i64, AlertEvent)> {
        alerts_by(
            &days
                .iter()
                .map(|(minute, status)| (*minute, NotificationBasis::Checks, status.clone()))
                .collect::<Vec<_>>(),
        )
    }

    fn alerts_by(days: &[(i64, NotificationBasis, Status)]) -> Vec<(i64, AlertEvent)> {
        let (mut state, mut out) = (AlertedState::default(), Vec::new());
        for (minute, by, status) in days {
            let context = alert_context(&MonitorSettings::default(), at(*minute));
            let (event, next) = alerted(*by, state, status, context);
            state = next;
            out.extend(event.map(|event| (*minute, event)));
        }
        out
    }

    #[test]
    fn the_recovery_has_the_severity_of_the_worst_problem() {
        let lag = |since| status(State::Attention, Some(Code::RadiantLagging), since);
        let person = status(State::Attention, Some(Code::OwnerIsPerson), 20);
        let days = [
            (0, status(State::Ok, None, 0)),
            (10, status(State::Stopped, Some(Code::TokenRefused), 10)),
            (20, person),
            (30, lag(30)),
            (40, status(State::Ok, None, 0)),
            (50, status(State::Ok, None, 0)),
        ];
        let found: Vec<_> = alerts(&days).into_iter().map(|(at, event)| (at, event.severity().unwrap())).collect();
        assert_eq!(found, [(10, Severity::Stopped), (30, Severity::InDoubt), (40, Severity::Stopped)]);
    }

    #[test]
    fn a_relay_that_fails_recovers_and_fails_again_during_a_pause_is_alerted_of_each_time_and_once() {
        use NotificationBasis::{Checks, RelayAlone};
        let failed = |since| status(State::Attention, Some(Code::RelayStopped), since);
        let ok = || status(State::Ok, None, 0);
        let days = [
            (0, Checks, failed(0)),
            (10, RelayAlone, failed(0)),
            (20, RelayAlone, ok()),
            (90, RelayAlone, failed(90)),
            (100, Checks, failed(90)),
            (110, RelayAlone, failed(90)),
            (120, RelayAlone, ok()),
            (130, Checks, ok()),
        ];
        let is_worse = |event: &AlertEvent| matches!(event, AlertEvent::Worse { .. });
        let found: Vec<_> =
            alerts_by(&days).into_iter().map(|(at, event)| (at, is_worse(&event), event.severity().unwrap())).collect();
        let expected = [(0, true), (20, false), (90, true), (120, false)];
        assert_eq!(found, expected.map(|(at, is_worse)| (at, is_worse, Severity::InDoubt)));
    }

    #[test]
    fn notifications_that_are_off_or_paused_hold_no_alert_back_and_maintenance_does() {
        let dead = status(State::Stopped, Some(Code::TokenRefused), 0);
        let sent = |settings: &MonitorSettings| {
            alerted(NotificationBasis::Checks, AlertedState::default(), &dead, alert_context(settings, at(5)))
                .0
                .is_some()
        };
        let off = MonitorSettings { notices: false, quiet_until: Some(at(60)), ..MonitorSettings::default() };
        assert!(sent(&off));
        let work = model::monitor_settings::Maintenance { from: at(0), until: at(10), note: "move".to_owned() };
        assert!(!sent(&MonitorSettings { maintenance: vec![work], ..MonitorSettings::default() }));
    }
}

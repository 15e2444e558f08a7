//! The notifications of what was found and not notified yet.

use super::Monitor;
use super::probe_round::ScheduledConnection;
use super::status_for_notifications::NotificationBasis;
use crate::probe_pass::{AudienceSource, NotifyContext, ProbeOutcome, next_notification, notify_by_checks, take_over};
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::monitor::MonitorState;
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use model::problem::Problem;
use model::status::Status;

impl Monitor {
    /// Returns the notifications of what was found and not notified yet: by a process that shows none, or while they were held
    /// back.
    pub(super) async fn pending_notifications(
        &self,
        all: &[ScheduledConnection],
        settings: &MonitorSettings,
        audience: &AudienceSource,
    ) -> Result<Vec<ProbeOutcome>, Problem> {
        let now = self.records.clock.now();
        let candidate = |one: &ScheduledConnection| {
            let by = one.notified_by()?;
            let (state, id) = (&one.state, one.connection.id.clone());
            by.may_notify(state, &state.notified, &state.relay_notified).then_some((id, by))
        };
        let candidates: Vec<(ConnectionId, NotificationBasis)> = all.iter().filter_map(candidate).collect();
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let Some(context) = audience.now().context(settings, now) else { return Ok(Vec::new()) };
        let views = self.records.views_with(settings.clone());
        self.records
            .write(move |tx| {
                let (existing, mut outcomes) = (tx.connections()?, Vec::new());
                for (id, by) in candidates.into_iter().filter(|(id, _)| existing.iter().any(|one| one.id == *id)) {
                    let (view, mut notification) = (views.of(tx, &id)?, None);
                    tx.update::<MonitorState>(&id, |state| {
                        // That nobody is checking is not known to the database, and notified from memory.
                        let status = by.status(&view, &state, views.status_clock());
                        let (found, state) = notified(by, state, &status, context);
                        notification = found;
                        state
                    })?;
                    let ConnectionView { connection: Connection { name, .. }, status, .. } = view;
                    let (before, after) = (status.clone(), status);
                    if notification.is_some() {
                        outcomes.push(ProbeOutcome { id, name, before, after, notification });
                    }
                }
                Ok(outcomes)
            })
            .await
    }
}

/// Returns the notification for a status, if any, and the state with what counts as notified from now on.
fn notified(
    by: NotificationBasis,
    mut state: MonitorState,
    status: &Status,
    context: NotifyContext,
) -> (Option<NotificationEvent>, MonitorState) {
    let found = match by {
        NotificationBasis::Checks => notify_by_checks(&mut state, status, context),
        NotificationBasis::RelayAlone => {
            take_over(status, &mut state.relay_notified, &mut state.notified);
            let (found, told) = next_notification(&state.relay_notified, status, context);
            state.relay_notified = told;
            found
        }
    };
    (found, state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use model::check::CheckId;
    use model::code::Code;
    use model::status::State;

    #[test]
    fn a_relay_that_fails_recovers_and_fails_again_during_a_pause_is_notified_each_time_and_once() {
        use NotificationBasis::{Checks, RelayAlone};
        let at = |minutes| DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes);
        let relay = |since: Option<i64>| Status {
            state: if since.is_some() { State::Attention } else { State::Ok },
            problem: since.map(|_| Problem::new(Code::RelayStopped)),
            row: since.map(|_| CheckId::Arrival),
            since: since.map(at),
            arrival_verified: false,
            as_of: None,
            valid_until: None,
        };
        let days = [
            (0, Checks, Some(0)),
            (10, RelayAlone, Some(0)),
            (20, RelayAlone, None),
            (90, RelayAlone, Some(90)),
            (100, Checks, Some(90)),
            (110, RelayAlone, Some(90)),
            (120, RelayAlone, None),
            (130, Checks, None),
        ];
        let (mut state, mut found) = (MonitorState::default(), Vec::new());
        for (minute, by, since) in days {
            let context =
                NotifyContext { now: at(minute), is_quiet: false, in_front: false, patience: TimeDelta::minutes(30) };
            let (event, next) = notified(by, state, &relay(since), context);
            state = next;
            found.extend(event.map(|event| (minute, matches!(event, NotificationEvent::Worse { .. }))));
        }
        assert_eq!(found, [(0, true), (20, false), (90, true), (120, false)]);
    }
}

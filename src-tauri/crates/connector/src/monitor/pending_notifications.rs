//! The notifications of what was found and not notified yet.

use super::Monitor;
use super::notified_status::{NotifiedBy, told_of};
use super::scheduler::Scheduled;
use crate::probe_pass::{AudienceSource, NotifyContext, ProbeOutcome, next_notification};
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::monitor::MonitorState;
use model::monitor_settings::MonitorSettings;
use model::notification::{NotificationEvent, NotifiedState};
use model::problem::Problem;
use model::status::Status;

impl Monitor {
    /// Returns the notifications of what was found and not notified yet: by a process that shows none, or while they were held
    /// back.
    pub(super) async fn pending_notifications(
        &self,
        all: &[Scheduled],
        settings: &MonitorSettings,
        audience: &AudienceSource,
    ) -> Result<Vec<ProbeOutcome>, Problem> {
        let now = self.records.clock.now();
        let candidate = |one: &Scheduled| {
            let by = one.notified_by()?;
            let (state, id) = (&one.state, one.connection.id.clone());
            by.may_notify(state, &state.notified, &state.relay_notified).then_some((id, by))
        };
        let candidates: Vec<(ConnectionId, NotifiedBy)> = all.iter().filter_map(candidate).collect();
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
    by: NotifiedBy,
    state: MonitorState,
    status: &Status,
    context: NotifyContext,
) -> (Option<NotificationEvent>, MonitorState) {
    let (told, relay_told) = (&state.notified, &state.relay_notified);
    match by {
        NotifiedBy::Checks => {
            let (found, told) = next_notification(&told_of(status, told, relay_told), status, context);
            (found, MonitorState { notified: told, relay_notified: NotifiedState::default(), ..state })
        }
        NotifiedBy::RelayAlone => {
            let (found, told) = next_notification(&told_of(status, relay_told, told), status, context);
            (found, MonitorState { relay_notified: told, ..state })
        }
    }
}

//! Commands that snooze and dismiss reminders and confirm the token's owner.

use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::reminder::ReminderKind;
use tauri::State;

use crate::app_state::AppState;

/// Snoozes a reminder for a number of days.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn postpone_reminder(
    state: State<'_, AppState>,
    id: ConnectionId,
    kind: ReminderKind,
    days: u32,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.monitor().snooze_reminder(&id, kind, days).await
}

/// Dismisses a reminder until its subject changes.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn dismiss_reminder(
    state: State<'_, AppState>,
    id: ConnectionId,
    kind: ReminderKind,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.monitor().dismiss_reminder(&id, kind).await
}

/// Confirms the token's owner and roles as last observed.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn confirm_owner(state: State<'_, AppState>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.monitor().confirm_owner(&id).await
}

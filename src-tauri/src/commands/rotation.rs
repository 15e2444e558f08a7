//! Commands of the rotation guide. Tokens are stored and deleted like every secret, by `store_secrets`.

use model::arrival::{Arrival, ArrivalTick};
use model::check::{CheckProgress, CheckReport};
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::rotation::RotationStep;
use tauri::State;
use tauri::ipc::Channel;

use super::row_channel::sink;
use crate::app_state::AppState;
use crate::run_registry::RunKind;

/// Starts a rotation, or resumes the open one.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn begin_rotation(state: State<'_, AppState>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().begin(&id).await
}

/// Checks the new token while the old one stays in use. A run of the checks in progress is canceled first.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn check_new_token(
    state: State<'_, AppState>,
    id: ConnectionId,
    news: Channel<CheckProgress>,
) -> Result<CheckReport, Problem> {
    state
        .connectors
        .for_connection(&id)?
        .rotation()
        .check_new_token(&id, state.runs.start(&id, RunKind::Checks), sink(news))
        .await
}

/// Accepts that the new token has another owner, or withdraws that.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn accept_other_owner(
    state: State<'_, AppState>,
    id: ConnectionId,
    yes: bool,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().accept_other_owner(&id, yes).await
}

/// Confirms that the credential in Radiant has the new token, or withdraws that.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn confirm_credential_updated(
    state: State<'_, AppState>,
    id: ConnectionId,
    yes: bool,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().confirm_credential_updated(&id, yes).await
}

/// Goes to a step and switches to the token that the app uses there.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn go_to_rotation_step(
    state: State<'_, AppState>,
    id: ConnectionId,
    step: RotationStep,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().go_to_step(&id, step).await
}

/// Waits until an event newer than the switch is found in Radiant; `null` when canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn watch_rotation(
    state: State<'_, AppState>,
    id: ConnectionId,
    ticks: Channel<ArrivalTick>,
) -> Result<Option<Arrival>, Problem> {
    state
        .connectors
        .for_connection(&id)?
        .rotation()
        .watch(&id, state.runs.start(&id, RunKind::Arrival), sink(ticks))
        .await
}

/// Waits until an event newer than the end of the rotation is found in Radiant; `null` when canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn watch_after_rotation(
    state: State<'_, AppState>,
    id: ConnectionId,
    ticks: Channel<ArrivalTick>,
) -> Result<Option<Arrival>, Problem> {
    state
        .connectors
        .for_connection(&id)?
        .rotation()
        .watch_after_end(&id, state.runs.start(&id, RunKind::Arrival), sink(ticks))
        .await
}

/// Revokes the old token, authenticated by that token, once.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn revoke_old_token(state: State<'_, AppState>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().revoke_old_token(&id).await
}

/// Checks whether the old token is revoked.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn old_token_revoked(state: State<'_, AppState>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().check_old_token(&id).await
}

/// Confirms that the old token is revoked, where the app does not have it and cannot check.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn confirm_old_token_revoked(
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().confirm_old_token_revoked(&id).await
}

/// Cancels the rotation. Nothing is revoked.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn cancel_rotation(state: State<'_, AppState>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.rotation().cancel(&id).await
}

//! Commands of the response actions. The rules, the guards and the audit are below; nothing runs without an approved preview.

use model::action::{ActionApproval, ActionPreview, ActionRequest, TokenForActions, UserFacts};
use model::action_audit::{
    AuditEntry, AuditFormat, AuditPage, AuditQuery, AuditVerification, AuditedConnection, BlockedNow, DueEnd,
};
use model::action_run::{ActionProgress, ActionRun, RehearsalReport, RehearsalRequest};
use model::connection::ConnectionId;
use model::problem::Problem;
use tauri::ipc::Channel;
use tauri::{AppHandle, Runtime, State};
use tokio_util::sync::CancellationToken;

use super::row_channel::sink;
use crate::app_state::AppState;
use crate::run_registry::RunKind;
use crate::save_dialog::{self, FileKind};

/// Returns which token the actions of a connection work with.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn action_token(state: State<'_, AppState>, id: ConnectionId) -> Result<TokenForActions, Problem> {
    state.connectors.for_connection(&id)?.actions().token_state(&id).await
}

/// Holds a pasted token in memory for actions, after Okta named its owner.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn use_action_token(
    state: State<'_, AppState>,
    id: ConnectionId,
    value: String,
) -> Result<TokenForActions, Problem> {
    state.connectors.for_connection(&id)?.actions().use_token(&id, value.into()).await
}

/// Forgets the token that is held for actions.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn forget_action_token(state: State<'_, AppState>, id: ConnectionId) -> Result<(), Problem> {
    state.connectors.for_connection(&id).map(|connector| connector.actions().forget_token(&id))
}

/// Finds users by login, e-mail address, name or id.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn find_users(
    state: State<'_, AppState>,
    id: ConnectionId,
    typed: String,
) -> Result<Vec<UserFacts>, Problem> {
    state.connectors.for_connection(&id)?.actions().find_users(&id, &typed).await
}

/// Previews an action. Nothing is changed.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn preview_action(
    state: State<'_, AppState>,
    request: ActionRequest,
) -> Result<ActionPreview, Problem> {
    state.connectors.for_connection(&request.connection)?.actions().preview(&request).await
}

/// Previews the undo of an entry of the audit. Nothing is changed.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn preview_undo(
    state: State<'_, AppState>,
    id: ConnectionId,
    entry: u32,
) -> Result<ActionPreview, Problem> {
    state.connectors.for_connection(&id)?.actions().undo_preview(&id, entry).await
}

/// Runs an approved preview, after re-authentication where that is on.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn run_action(
    state: State<'_, AppState>,
    id: ConnectionId,
    approval: ActionApproval,
    news: Channel<ActionProgress>,
) -> Result<ActionRun, Problem> {
    // Registered first, so that it can be stopped beside the question of re-authentication.
    let run = state.runs.start_actions(&id)?;
    state.permit_action(&id, &run.cancel).await?;
    state.connectors.for_connection(&id)?.actions().run(&approval, &run.cancel, sink(news)).await
}

/// Stops a run before its next target, or a rehearsal before its next action. A prompt for re-authentication is closed.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn stop_action(state: State<'_, AppState>, id: ConnectionId) {
    state.runs.cancel(&id, RunKind::Actions);
}

/// Returns a page of the audit.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn action_audit(state: State<'_, AppState>, query: AuditQuery) -> Result<AuditPage, Problem> {
    state.connectors.for_connection(&query.connection)?.actions().audit(query).await
}

/// Returns the connections that have an audit, also those that were removed.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn audited_connections(state: State<'_, AppState>) -> Result<Vec<AuditedConnection>, Problem> {
    state.connectors.default()?.actions().audited_connections().await
}

/// Checks whether the audit is complete and unchanged.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn verify_audit(state: State<'_, AppState>, id: ConnectionId) -> Result<AuditVerification, Problem> {
    state.connectors.for_connection(&id)?.actions().verify_audit(&id).await
}

/// Acknowledges that the audit was changed, after re-authentication where that is on.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn acknowledge_audit(
    state: State<'_, AppState>,
    id: ConnectionId,
    reason: String,
) -> Result<AuditVerification, Problem> {
    state.permit_action(&id, &CancellationToken::new()).await?;
    state.connectors.for_connection(&id)?.actions().acknowledge_audit(&id, &reason).await
}

/// Lets the person choose a path, and saves the audit there. `null` when the dialog was canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn save_audit<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: ConnectionId,
    format: AuditFormat,
) -> Result<Option<String>, Problem> {
    let messages = state.messages();
    let text = state.connectors.for_connection(&id)?.actions().export_audit(&id, format, &messages).await?;
    save_dialog::save(&app, &messages, FileKind::Audit(format), text).await
}

/// Finds out what became of the entries that an interrupted run left open.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn resolve_open_actions(
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<Vec<AuditEntry>, Problem> {
    state.connectors.for_connection(&id)?.actions().resolve_open_entries(&id).await
}

/// Returns what is blocked now, by this app and by others.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn blocked_now(state: State<'_, AppState>, id: ConnectionId) -> Result<BlockedNow, Problem> {
    state.connectors.for_connection(&id)?.actions().blocked_now(&id).await
}

/// Returns the actions with an end time that were not undone.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn due_action_ends(state: State<'_, AppState>, id: ConnectionId) -> Result<Vec<DueEnd>, Problem> {
    state.connectors.for_connection(&id)?.actions().due_ends(&id).await
}

/// Runs every action and its undo on a user and an address that exist for this.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn rehearse_actions(
    state: State<'_, AppState>,
    request: RehearsalRequest,
    news: Channel<ActionProgress>,
) -> Result<RehearsalReport, Problem> {
    let id = request.connection.clone();
    let run = state.runs.start_actions(&id)?;
    state.permit_action(&id, &run.cancel).await?;
    state.connectors.for_connection(&id)?.actions().rehearse(&request, &run.cancel, sink(news)).await
}

/// Returns whether IPv6 addresses may be blocked.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn may_block_ipv6(state: State<'_, AppState>, id: ConnectionId) -> Result<bool, Problem> {
    state.connectors.for_connection(&id)?.actions().may_block_ipv6().await
}

/// Allows or forbids the block of IPv6 addresses.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_may_block_ipv6(state: State<'_, AppState>, id: ConnectionId, on: bool) -> Result<(), Problem> {
    state.connectors.for_connection(&id)?.actions().set_may_block_ipv6(on).await
}

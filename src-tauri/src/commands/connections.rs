//! Commands that list, create, rename and remove connections.

use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use tauri::State;

use crate::app_state::AppState;

/// Returns every connection.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn connections(state: State<'_, AppState>) -> Result<Vec<ConnectionView>, Problem> {
    state.connectors.connections().await
}

/// Returns one connection.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn connection(state: State<'_, AppState>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.connections().get(&id).await
}

/// Creates a connection and opens its guide.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn begin_setup(state: State<'_, AppState>) -> Result<ConnectionView, Problem> {
    state.connectors.begin_setup(&state.messages()).await
}

/// Creates a practice connection. The practice organization is started once per run.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn begin_practice(state: State<'_, AppState>) -> Result<ConnectionView, Problem> {
    state.connectors.begin_practice(&state.messages()).await
}

/// Removes a connection with its secrets, and cancels its runs.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn remove_connection(state: State<'_, AppState>, id: ConnectionId) -> Result<(), Problem> {
    state.runs.cancel_connection(&id);
    state.connectors.for_connection(&id)?.connections().remove(&id).await
}

/// Renames a connection.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn rename_connection(
    state: State<'_, AppState>,
    id: ConnectionId,
    name: String,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.connections().rename(&id, name).await
}

//! Commands of the copy buttons. A token goes from the keychain to the clipboard without passing through the window.

use model::connection::ConnectionId;
use model::problem::Problem;
use tauri::State;

use crate::app_state::AppState;
use crate::clipboard::{Copied, CopyItem};
use crate::connection_copy_content;

/// Copies one of a connection's values. A token is copied after re-authentication, where that is on, and is cleared after 30
/// seconds if it is still there.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn copy_value(
    state: State<'_, AppState>,
    id: ConnectionId,
    what: CopyItem,
) -> Result<Copied, Problem> {
    let wanted = state.connectors.requires_reauthentication().await?;
    let permit = state.reauthentication.permit_copy(what, wanted, &state.messages()).await?;
    state.clipboard.copy(connection_copy_content::of_item(&state.connectors, &id, permit).await?).await
}

/// Clears the clipboard.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn clear_clipboard(state: State<'_, AppState>) -> Result<(), Problem> {
    state.clipboard.clear().await
}

/// Tells whether the clipboard holds one of a connection's secrets.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn clipboard_holds_secret(state: State<'_, AppState>, id: ConnectionId) -> Result<bool, Problem> {
    Ok(state.clipboard.holds(connection_copy_content::digests_of_secrets(&state.connectors, &id).await?).await)
}

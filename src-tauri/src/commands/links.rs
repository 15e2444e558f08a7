//! Commands that open links. The window passes the name of a target; Rust knows its address.

use model::code::Code;
use model::connection::ConnectionId;
use model::link_target::LinkTarget;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_opener::OpenerExt as _;

use crate::app_state::AppState;
use crate::link_target_address::link_target_address;

/// Opens a link target in the administrator's browser.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn open_link<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: Option<ConnectionId>,
    link: LinkTarget,
) -> Result<(), Problem> {
    app.opener()
        .open_url(link_target_address(&state.connectors, id.as_ref(), &link).await?, None::<&str>)
        .map_err(|_| Code::BrowserFailed.into())
}

/// Copies the address of a link target, for a private window, and returns it.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn copy_link(
    state: State<'_, AppState>,
    id: Option<ConnectionId>,
    link: LinkTarget,
) -> Result<String, Problem> {
    state.clipboard.copy_plain(link_target_address(&state.connectors, id.as_ref(), &link).await?).await
}

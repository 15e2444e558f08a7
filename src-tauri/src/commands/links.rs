//! Links leave by name: the window says where to, Rust knows the address and has it opened.

use model::code::Code;
use model::connection::ConnectionId;
use model::link::LinkTarget;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_opener::OpenerExt as _;

use crate::clipboard::Clipboard;
use crate::doors::Doors;

/// Opens a place in the administrator's browser.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_link<R: Runtime>(
    app: AppHandle<R>,
    doors: State<'_, Doors>,
    id: Option<ConnectionId>,
    link: LinkTarget,
) -> Result<(), Problem> {
    app.opener()
        .open_url(doors.address(id.as_ref(), &link).await?, None::<&str>)
        .map_err(|_| Code::BrowserFailed.into())
}

/// Copies a place's address, for a private window, and returns it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_link(
    doors: State<'_, Doors>,
    clipboard: State<'_, Clipboard>,
    id: Option<ConnectionId>,
    link: LinkTarget,
) -> Result<String, Problem> {
    clipboard.copy_plain(doors.address(id.as_ref(), &link).await?).await
}

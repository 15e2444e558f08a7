//! The copy buttons. A token goes from the keychain to the clipboard without passing the window.

use model::connection::ConnectionId;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::clipboard::{Clipboard, Copied, CopyWhat};
use crate::desk::Desk;
use crate::doors::Doors;
use crate::presence::Presence;

/// Copies one of a connection's values: the API token once the system has confirmed who sits there, where it is to ask. The
/// token is cleared after 30 seconds if it is still there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_value<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
    presence: State<'_, Presence>,
    clipboard: State<'_, Clipboard>,
    id: ConnectionId,
    what: CopyWhat,
) -> Result<Copied, Problem> {
    let leave = presence.leave(what, doors.asks_before_copying().await?, &desk.words(&app)).await?;
    clipboard.copy(doors.clip(&id, leave).await?).await
}

/// Clears the clipboard.
#[tauri::command]
#[specta::specta]
pub(crate) async fn clear_clipboard(clipboard: State<'_, Clipboard>) -> Result<(), Problem> {
    clipboard.clear().await
}

/// Tells whether the clipboard holds one of a connection's secrets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn clipboard_holds_secret(
    doors: State<'_, Doors>,
    clipboard: State<'_, Clipboard>,
    id: ConnectionId,
) -> Result<bool, Problem> {
    Ok(clipboard.holds(doors.digests(&id).await?).await)
}

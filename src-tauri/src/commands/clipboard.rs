//! The copy buttons. A token goes from the keychain to the clipboard without passing the window.

use connector::model::{ConnectionId, Problem};
use tauri::State;

use crate::clipboard::{Clipboard, Copied, CopyWhat};
use crate::doors::Doors;

/// Copies one of a connection's values. The API token is cleared after 30 seconds if it is still there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_value(
    doors: State<'_, Doors>,
    clipboard: State<'_, Clipboard>,
    id: ConnectionId,
    what: CopyWhat,
) -> Result<Copied, Problem> {
    clipboard.copy(doors.clip(&id, what).await?).await
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

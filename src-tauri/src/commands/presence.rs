//! The system's question who sits there: how it stands, on or off, taken back. Whether to ask is not decided by the page.

use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::desk::Desk;
use crate::doors::Doors;
use crate::presence::{Presence, PresenceSetting};

/// Returns whether the system asks before a token is copied.
#[tauri::command]
#[specta::specta]
pub(crate) async fn presence_setting(
    doors: State<'_, Doors>,
    presence: State<'_, Presence>,
) -> Result<PresenceSetting, Problem> {
    Ok(presence.setting(doors.asks_before_copying().await?).await)
}

/// Switches the question on, or off once the system has confirmed the person.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_presence<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
    presence: State<'_, Presence>,
    on: bool,
) -> Result<PresenceSetting, Problem> {
    let choice = presence.choice(on, &desk.words(&app)).await?;
    Ok(presence.setting(doors.keep_asking(choice).await?).await)
}

/// Takes an open question back.
#[tauri::command]
#[specta::specta]
pub(crate) fn cancel_presence(presence: State<'_, Presence>) {
    presence.cancel();
}

//! What is kept on this computer: shown, for fewer days, and as a bundle for somebody who is to help.

use model::data_retention::{DataLocation, DataRetention};
use model::diagnostics::RedactionOptions;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::clipboard::Clipboard;
use crate::desk::Desk;
use crate::doors::Doors;
use crate::held::Held;
use crate::saving::Kind;
use crate::{desk, saving};

/// Says what is kept, where and for how long.
#[tauri::command]
#[specta::specta]
pub(crate) async fn data_kept<R: Runtime>(
    app: AppHandle<R>,
    doors: State<'_, Doors>,
) -> Result<DataRetention, Problem> {
    doors.any(None)?.data_kept(desk::log_dir(&app).as_deref()).await
}

/// Keeps history for so many days, brought into bounds; what is older is dropped at once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn keep_history(doors: State<'_, Doors>, days: u32) -> Result<u32, Problem> {
    doors.any(None)?.keep_history(days).await
}

/// Copies the path of one of the app's folders, and returns it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_place<R: Runtime>(
    app: AppHandle<R>,
    doors: State<'_, Doors>,
    clipboard: State<'_, Clipboard>,
    place: DataLocation,
) -> Result<String, Problem> {
    clipboard.copy_plain(doors.any(None)?.data_kept(desk::log_dir(&app).as_deref()).await?.path(place)).await
}

/// Writes the diagnostics bundle and keeps it, to be saved as it was shown.
#[tauri::command]
#[specta::specta]
pub(crate) async fn diagnostics<R: Runtime>(
    app: AppHandle<R>,
    doors: State<'_, Doors>,
    held: State<'_, Held>,
    redact: RedactionOptions,
) -> Result<String, Problem> {
    Ok(held.show(doors.any(None)?.diagnostics(&desk::running(&app), redact).await?))
}

/// Asks where to, and saves the bundle that was shown last. `null` when the administrator cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_diagnostics<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    held: State<'_, Held>,
) -> Result<Option<String>, Problem> {
    saving::save(&app, &desk.words(&app), Kind::Diagnostics, held.shown()?).await
}

//! Connections carried to another computer and back: never a secret, and nothing taken in that was not shown before.

use model::problem::Problem;
use model::transfer::{ImportOutcome, ImportPreview};
use tauri::{AppHandle, Runtime, State};

use crate::desk::Desk;
use crate::doors::Doors;
use crate::held::Held;
use crate::saving::Kind;
use crate::{opening, saving};

/// Asks where to, and saves every real connection without its secrets. `null` when the administrator cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_connections<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
) -> Result<Option<String>, Problem> {
    saving::save(&app, &desk.words(&app), Kind::Connections, doors.real_door()?.export().await?).await
}

/// Asks which file, and says what it would bring. Nothing is made. `null` when the administrator cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn look_at_import<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
    held: State<'_, Held>,
) -> Result<Option<ImportPreview>, Problem> {
    held.look(&doors.real_door()?, opening::document(&app, &desk.words(&app)).await?).await
}

/// Takes in the file that was looked at. Each connection begins its guide at the Okta domain.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_connections(
    doors: State<'_, Doors>,
    held: State<'_, Held>,
) -> Result<ImportOutcome, Problem> {
    doors.tell_imported(held.take_in(&doors.real_door()?).await)
}

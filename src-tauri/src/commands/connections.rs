//! Connections: list, look, begin, rename, remove.

use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::desk::Desk;
use crate::doors::Doors;
use crate::running::Running;

/// Returns every connection.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connections(doors: State<'_, Doors>) -> Result<Vec<ConnectionView>, Problem> {
    doors.connections().await
}

/// Returns one connection.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connection(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.of(&id)?.connection(&id).await
}

/// Makes a connection and opens its guide.
#[tauri::command]
#[specta::specta]
pub(crate) async fn begin_setup<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
) -> Result<ConnectionView, Problem> {
    doors.tell_new(doors.begin_setup(&desk.words(&app)).await)
}

/// Makes a practice connection; the practice organisation is started once per run.
#[tauri::command]
#[specta::specta]
pub(crate) async fn begin_practice<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
) -> Result<ConnectionView, Problem> {
    doors.tell_new(doors.begin_practice(&desk.words(&app)).await)
}

/// Removes a connection with its secrets; what runs for it is cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_connection(
    doors: State<'_, Doors>,
    running: State<'_, Running>,
    id: ConnectionId,
) -> Result<(), Problem> {
    running.cancel_every(&id);
    doors.tell(&id, doors.of(&id)?.remove_connection(&id).await)
}

/// Renames a connection.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_connection(
    doors: State<'_, Doors>,
    id: ConnectionId,
    name: String,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.rename_connection(&id, name).await)
}

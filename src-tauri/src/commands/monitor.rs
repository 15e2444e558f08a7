//! Watching: its settings, a connection's history, pause.

use chrono::{DateTime, Utc};
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::history::History;
use model::history::Span;
use model::monitor_settings::MonitorSettings;
use model::monitor_settings::MonitorSettingsPatch;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::desk::Desk;
use crate::doors::Doors;
use crate::monitor::{self, Watching};
use crate::notices::{Landing, Wanted};
use crate::saving::{self, Kind};

/// Returns how connections are watched.
#[tauri::command]
#[specta::specta]
pub(crate) async fn monitor_settings(doors: State<'_, Doors>) -> Result<MonitorSettings, Problem> {
    doors.any(None)?.monitor_settings().await
}

/// Changes how connections are watched; what is not said stays, figures out of bounds are brought into them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_monitor_settings(
    doors: State<'_, Doors>,
    watching: State<'_, Watching>,
    change: MonitorSettingsPatch,
) -> Result<MonitorSettings, Problem> {
    doors.any(None)?.change_monitor_settings(change).await.inspect(|_| watching.wake())
}

/// Pauses notices until then, or lets them be shown again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_notices<R: Runtime>(app: AppHandle<R>, until: Option<DateTime<Utc>>) -> Result<(), Problem> {
    monitor::pause_notices(&app, until).await
}

/// Pauses or resumes the checks of a connection.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_checks(
    doors: State<'_, Doors>,
    watching: State<'_, Watching>,
    id: ConnectionId,
    pause: bool,
) -> Result<ConnectionView, Problem> {
    monitor::pause_checks(&doors, &watching, &id, pause).await
}

/// Returns what was seen of a connection over a span.
#[tauri::command]
#[specta::specta]
pub(crate) async fn history(doors: State<'_, Doors>, id: ConnectionId, span: Span) -> Result<History, Problem> {
    doors.of(&id)?.history(&id, span).await
}

/// Asks where to, and saves a connection's history as CSV, hour by hour. `null` when the administrator cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_history<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
    id: ConnectionId,
    span: Span,
) -> Result<Option<String>, Problem> {
    saving::save(&app, &desk.words(&app), Kind::History, doors.of(&id)?.history_csv(&id, span).await?).await
}

/// Asks where to, and saves the changes of a connection's status as CSV. `null` when the administrator cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_changes<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
    id: ConnectionId,
    span: Span,
) -> Result<Option<String>, Problem> {
    saving::save(
        &app,
        &desk.words(&app),
        Kind::Changes,
        doors.of(&id)?.changes_csv(&id, span, &desk.words(&app)).await?,
    )
    .await
}

/// Returns where a clicked notice wants the window to open, once.
#[tauri::command]
#[specta::specta]
pub(crate) fn landing(wanted: State<'_, Wanted>) -> Option<Landing> {
    wanted.take()
}

//! The set-up report: shown, or saved where the administrator says.

use model::connection::ConnectionId;
use model::problem::Problem;
use model::report::ReportForm;
use tauri::{AppHandle, Runtime, State};

use crate::desk::Desk;
use crate::doors::Doors;
use crate::saving::Kind;
use crate::{desk, saving};

/// Writes the set-up report. It holds no secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn setup_report<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
    id: ConnectionId,
    form: ReportForm,
) -> Result<String, Problem> {
    doors.of(&id)?.setup_report(&id, form, &desk.words(&app), &desk::version(&app)).await
}

/// Asks where to, and saves the set-up report readable by its owner alone. `null` when the administrator cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_report<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
    id: ConnectionId,
    form: ReportForm,
) -> Result<Option<String>, Problem> {
    let messages = desk.words(&app);
    let report = doors.of(&id)?.setup_report(&id, form, &messages, &desk::version(&app)).await?;
    saving::save(&app, &messages, Kind::Report(form), report).await
}

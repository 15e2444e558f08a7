//! Commands that show and save the set-up report.

use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::report_format::ReportFormat;
use tauri::{AppHandle, Runtime, State, WebviewWindow};

use crate::app_info;
use crate::app_state::AppState;
use crate::save_dialog::{self, FileKind};

/// Returns the set-up report, which contains no secret.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn setup_report<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: ConnectionId,
    form: ReportFormat,
) -> Result<String, Problem> {
    state
        .connectors
        .for_connection(&id)?
        .reports()
        .setup_report(&id, form, &state.messages(), &app_info::version(&app))
        .await
}

/// Copies the set-up report as Markdown.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn copy_report<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<(), Problem> {
    let (messages, version) = (state.messages(), app_info::version(&app));
    let reports = state.connectors.for_connection(&id)?;
    let report = reports.reports().setup_report(&id, ReportFormat::Markdown, &messages, &version).await?;
    state.clipboard.copy_plain(report).await.map(drop)
}

/// Opens the system's print dialog for the page, which can also save it as PDF.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn print_page<R: Runtime>(window: WebviewWindow<R>) -> Result<(), Problem> {
    window.print().map_err(|error| Problem::new(Code::Internal).detail(error.to_string()))
}

/// Lets the person choose a path, and saves the set-up report so that only its owner can read it. `null` when the dialog was
/// canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn save_report<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: ConnectionId,
    form: ReportFormat,
) -> Result<Option<String>, Problem> {
    let messages = state.messages();
    let report = state
        .connectors
        .for_connection(&id)?
        .reports()
        .setup_report(&id, form, &messages, &app_info::version(&app))
        .await?;
    save_dialog::save(&app, &messages, FileKind::Report(form), report).await
}

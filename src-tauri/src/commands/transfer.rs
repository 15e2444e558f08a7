//! Commands that export connections, without secrets, and import a file that was previewed.

use model::connection_import::{ImportOutcome, ImportPreview};
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::app_state::AppState;
use crate::open_dialog;
use crate::save_dialog::{self, FileKind};

/// Lets the person choose a path, and saves every real connection without its secrets. `null` when the dialog was canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn export_connections<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
) -> Result<Option<String>, Problem> {
    save_dialog::save(
        &app,
        &state.messages(),
        FileKind::Connections,
        state.connectors.real()?.connections().export().await?,
    )
    .await
}

/// Lets the person choose a file, and returns a preview of the import. Creates nothing. `null` when the dialog was canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn preview_import<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
) -> Result<Option<ImportPreview>, Problem> {
    state
        .reviewed
        .preview_import(&*state.connectors.real()?, open_dialog::read_export_file(&app, &state.messages()).await?)
        .await
}

/// Imports the previewed file. The guide of each connection starts at the Okta domain.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn import_connections(state: State<'_, AppState>) -> Result<ImportOutcome, Problem> {
    state.reviewed.import(&*state.connectors.real()?).await
}

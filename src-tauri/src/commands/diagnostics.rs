//! Commands for the diagnostics bundle: shown, then saved exactly as it was shown.

use model::diagnostics_options::RedactionOptions;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::app_info;
use crate::app_state::AppState;
use crate::save_dialog::{self, FileKind};

/// Creates the diagnostics bundle and keeps it, so that it is saved as it was shown.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn diagnostics<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    redact: RedactionOptions,
) -> Result<String, Problem> {
    let bundle = state.connectors.default()?.reports().diagnostics(&app_info::runtime_info(&app), redact).await;
    bundle.map(|bundle| state.reviewed.keep_bundle(bundle))
}

/// Lets the person choose a path, and saves the bundle that was shown last. `null` when the dialog was canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn save_diagnostics<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
) -> Result<Option<String>, Problem> {
    save_dialog::save(&app, &state.messages(), FileKind::Diagnostics, state.reviewed.bundle()?).await
}

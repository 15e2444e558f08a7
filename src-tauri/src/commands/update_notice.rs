//! Commands for notices of newer versions. The app shows the link and opens or downloads nothing.

use model::problem::Problem;
use model::update_notice::UpdateView;
use tauri::State;

use crate::app_state::AppState;

/// Returns what is known about newer versions.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn update_notice(state: State<'_, AppState>) -> Result<UpdateView, Problem> {
    state.connectors.default()?.updates().view().await
}

/// Looks for a newer version now.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn check_for_update(state: State<'_, AppState>) -> Result<UpdateView, Problem> {
    state.connectors.default()?.updates().check_now().await
}

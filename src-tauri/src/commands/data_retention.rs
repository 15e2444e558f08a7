//! Commands for the data that the app keeps on this computer.

use model::data_retention::{DataLocation, DataRetention};
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::app_info;
use crate::app_state::AppState;

/// Returns which data is kept, where and for how long.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn data_retention<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
) -> Result<DataRetention, Problem> {
    state.connectors.default()?.settings().data_retention(app_info::log_dir(&app).as_deref()).await
}

/// Sets how many days of history are kept, within bounds, and returns them. Older history is deleted at once.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn keep_history(state: State<'_, AppState>, days: u32) -> Result<u32, Problem> {
    state.connectors.default()?.settings().set_history_days(days).await
}

/// Copies the path of one of the app's folders, and returns it.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn copy_place<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    place: DataLocation,
) -> Result<String, Problem> {
    let kept = state.connectors.default()?.settings().data_retention(app_info::log_dir(&app).as_deref()).await?;
    state.clipboard.copy_plain(kept.path(place)).await
}

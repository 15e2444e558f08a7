//! Commands that run and cancel the checks.

use model::check::{CheckId, CheckProgress, CheckReport};
use model::connection::ConnectionId;
use model::problem::Problem;
use tauri::State;
use tauri::ipc::Channel;

use super::row_channel::sink;
use crate::app_state::AppState;
use crate::run_registry::RunKind;

/// Runs the checks (`null`: all) and streams their rows. A run in progress is canceled first.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn run_checks(
    state: State<'_, AppState>,
    id: ConnectionId,
    only: Option<Vec<CheckId>>,
    news: Channel<CheckProgress>,
) -> Result<CheckReport, Problem> {
    state
        .connectors
        .for_connection(&id)?
        .checks()
        .run(&id, only, state.runs.start(&id, RunKind::Checks), sink(news))
        .await
}

/// Cancels the checks of a connection.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn cancel_checks(state: State<'_, AppState>, id: ConnectionId) {
    state.runs.cancel(&id, RunKind::Checks);
}

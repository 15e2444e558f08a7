//! Checks, told row by row, and their cancelling.

use model::check::{CheckId, CheckProgress, CheckReport};
use model::connection::ConnectionId;
use model::problem::Problem;
use tauri::State;
use tauri::ipc::Channel;

use super::into_window;
use crate::doors::Doors;
use crate::running::{Run, Running};

/// Runs the checks (`null`: all). A run that is under way is cancelled first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_checks(
    doors: State<'_, Doors>,
    running: State<'_, Running>,
    id: ConnectionId,
    only: Option<Vec<CheckId>>,
    news: Channel<CheckProgress>,
) -> Result<CheckReport, Problem> {
    let cancel = running.start(&id, Run::Checks);
    doors.tell(&id, doors.of(&id)?.run_checks(&id, only, cancel, into_window(news)).await)
}

/// Cancels the checks that run for a connection.
#[tauri::command]
#[specta::specta]
pub(crate) fn cancel_checks(running: State<'_, Running>, id: ConnectionId) {
    running.cancel(&id, Run::Checks);
}

//! Radiant's side: how it is searched, what discovery finds, the watch for the first event, its documentation.

use model::arrival::{Arrival, ArrivalTick};
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::radiant::{DocsAnswer, RadiantDiscovery, RadiantSearch};
use tauri::State;
use tauri::ipc::Channel;

use super::into_window;
use crate::doors::Doors;
use crate::running::{Run, Running};

/// Keeps how Radiant is searched. Another host drops the search token bound to the old one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_radiant_search(
    doors: State<'_, Doors>,
    id: ConnectionId,
    search: RadiantSearch,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.set_radiant_search(&id, search).await)
}

/// Looks for the connector type and the timestamp field.
#[tauri::command]
#[specta::specta]
pub(crate) async fn discover_radiant(doors: State<'_, Doors>, id: ConnectionId) -> Result<RadiantDiscovery, Problem> {
    doors.of(&id)?.discover_radiant(&id).await
}

/// Watches both sides until the first match; `null` when cancelled. A watch that is under way is cancelled first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn watch_arrival(
    doors: State<'_, Doors>,
    running: State<'_, Running>,
    id: ConnectionId,
    ticks: Channel<ArrivalTick>,
) -> Result<Option<Arrival>, Problem> {
    let cancel = running.start(&id, Run::Arrival);
    doors.tell(&id, doors.of(&id)?.watch_arrival(&id, cancel, into_window(ticks)).await)
}

/// Cancels the watch.
#[tauri::command]
#[specta::specta]
pub(crate) fn cancel_arrival(running: State<'_, Running>, id: ConnectionId) {
    running.cancel(&id, Run::Arrival);
}

/// Asks Radiant's documentation. A question that holds something private is not sent.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ask_docs(
    doors: State<'_, Doors>,
    id: Option<ConnectionId>,
    question: String,
) -> Result<DocsAnswer, Problem> {
    doors.any(id.as_ref())?.ask_docs(id.as_ref(), &question).await
}

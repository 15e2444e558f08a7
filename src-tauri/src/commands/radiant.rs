//! Commands for Radiant: its search, discovery, the wait for the first event, and its documentation.

use model::arrival::{Arrival, ArrivalTick};
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::radiant_search_settings::{DocsAnswer, RadiantDiscovery, RadiantSearch};
use tauri::State;
use tauri::ipc::Channel;

use super::row_channel::sink;
use crate::app_state::AppState;
use crate::run_registry::RunKind;

/// Stores how Radiant is searched. Another host deletes the search token bound to the old one.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_radiant_search(
    state: State<'_, AppState>,
    id: ConnectionId,
    search: RadiantSearch,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().set_radiant_search(&id, search).await
}

/// Finds the connector type and the timestamp field.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn discover_radiant(
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<RadiantDiscovery, Problem> {
    state.connectors.for_connection(&id)?.guide().discover_radiant(&id).await
}

/// Waits until an event of Okta is found in Radiant; `null` when canceled. A wait in progress is canceled first.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn watch_arrival(
    state: State<'_, AppState>,
    id: ConnectionId,
    ticks: Channel<ArrivalTick>,
) -> Result<Option<Arrival>, Problem> {
    state
        .connectors
        .for_connection(&id)?
        .guide()
        .watch_arrival(&id, state.runs.start(&id, RunKind::Arrival), sink(ticks))
        .await
}

/// Cancels the wait.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn cancel_arrival(state: State<'_, AppState>, id: ConnectionId) {
    state.runs.cancel(&id, RunKind::Arrival);
}

/// Asks Radiant's documentation. A question with private data is not sent.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn ask_docs(
    state: State<'_, AppState>,
    id: Option<ConnectionId>,
    question: String,
) -> Result<DocsAnswer, Problem> {
    state.connectors.for_optional(id.as_ref())?.guide().ask_docs(id.as_ref(), &question).await
}

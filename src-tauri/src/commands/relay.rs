//! Commands for the relay of a connection: its settings, its state, and what was set aside.

use chrono::{DateTime, Utc};
use model::connection::ConnectionId;
use model::problem::Problem;
use model::relay::{GapAudit, RelayDiskUse, RelayView, TestEvent, UndeliverablePage};
use model::relay_settings::RelaySettings;
use tauri::State;

use crate::app_state::AppState;

/// The most undeliverable events of one answer.
const PAGE: u32 = 200;

/// Returns what the relay of a connection shows.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn relay(state: State<'_, AppState>, id: ConnectionId) -> Result<RelayView, Problem> {
    state.connectors.for_connection(&id)?.relay().state(&id).await
}

/// Returns the room that the relay takes on the disk, and may take.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn relay_disk_use(state: State<'_, AppState>, id: ConnectionId) -> Result<RelayDiskUse, Problem> {
    state.connectors.for_connection(&id)?.relay().disk_use(&id).await
}

/// Changes the settings of the relay. Values out of bounds are clamped.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn configure_relay(
    state: State<'_, AppState>,
    id: ConnectionId,
    settings: RelaySettings,
) -> Result<RelayView, Problem> {
    state.connectors.for_connection(&id)?.relay().configure(&id, settings).await
}

/// Switches the relay on.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn start_relay(state: State<'_, AppState>, id: ConnectionId) -> Result<RelayView, Problem> {
    state.connectors.for_connection(&id)?.relay().start(&id).await
}

/// Switches the relay off. What waits is kept.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn stop_relay(state: State<'_, AppState>, id: ConnectionId) -> Result<RelayView, Problem> {
    state.connectors.for_connection(&id)?.relay().stop(&id).await
}

/// Pauses reading and delivery.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn pause_relay(state: State<'_, AppState>, id: ConnectionId) -> Result<RelayView, Problem> {
    state.connectors.for_connection(&id)?.relay().pause(&id).await
}

/// Resumes reading and delivery.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn resume_relay(state: State<'_, AppState>, id: ConnectionId) -> Result<RelayView, Problem> {
    state.connectors.for_connection(&id)?.relay().resume(&id).await
}

/// Returns the oldest events that were set aside, without their text.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn undeliverable_events(
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<UndeliverablePage, Problem> {
    state.connectors.for_connection(&id)?.relay().undeliverable_events(&id, 0, PAGE).await
}

/// Returns the text of an event that was set aside; `null` if it is no longer there.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn undeliverable_event_text(
    state: State<'_, AppState>,
    id: ConnectionId,
    number: u32,
) -> Result<Option<String>, Problem> {
    state.connectors.for_connection(&id)?.relay().undeliverable_event_text(&id, number.into()).await
}

/// Sends events that were set aside again. Returns the number of those that wait again.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn requeue_undeliverable_events(
    state: State<'_, AppState>,
    id: ConnectionId,
    numbers: Vec<u32>,
) -> Result<u32, Problem> {
    let numbers = numbers.into_iter().map(i64::from).collect();
    state.connectors.for_connection(&id)?.relay().requeue(&id, numbers).await
}

/// Sends a test event to Radiant.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn send_test_event(state: State<'_, AppState>, id: ConnectionId) -> Result<TestEvent, Problem> {
    state.connectors.for_connection(&id)?.relay().send_test_event(&id).await
}

/// Returns whether Radiant's search finds a test event.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn find_test_event(
    state: State<'_, AppState>,
    id: ConnectionId,
    event: TestEvent,
) -> Result<bool, Problem> {
    state.connectors.for_connection(&id)?.relay().find_test_event(&id, &event).await
}

/// Compares the hours of a period with Okta, at most a day, and adds missing events to the backlog.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn audit_relay(
    state: State<'_, AppState>,
    id: ConnectionId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<GapAudit, Problem> {
    state.connectors.for_connection(&id)?.relay().audit_gaps(&id, from, until).await
}

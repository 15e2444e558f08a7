//! Commands for monitoring: its settings, pauses, and a connection's history.

use chrono::{DateTime, Utc};
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::history::History;
use model::history::Span;
use model::monitor_settings::MonitorSettings;
use model::monitor_settings::MonitorSettingsPatch;
use model::navigation_target::NavigationTarget;
use model::notification_event::TestNotificationResult;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::app_state::AppState;
use crate::save_dialog::{self, FileKind};

/// Returns the monitoring settings.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn monitor_settings(state: State<'_, AppState>) -> Result<MonitorSettings, Problem> {
    state.connectors.default()?.settings().monitor().await
}

/// Changes the given monitoring settings. Values out of bounds are clamped.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn change_monitor_settings(
    state: State<'_, AppState>,
    change: MonitorSettingsPatch,
) -> Result<MonitorSettings, Problem> {
    state.connectors.default()?.settings().patch_monitor(change).await
}

/// Pauses notifications until the given time, or resumes them.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn pause_notices(state: State<'_, AppState>, until: Option<DateTime<Utc>>) -> Result<(), Problem> {
    state.connectors.pause_notifications(until).await
}

/// Pauses the checks of a connection, until a time where one is given, or resumes them.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn pause_checks(
    state: State<'_, AppState>,
    id: ConnectionId,
    pause: bool,
    until: Option<DateTime<Utc>>,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.monitor().pause_until(&id, pause, until).await
}

/// Returns the history of a connection over a span.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn history(state: State<'_, AppState>, id: ConnectionId, span: Span) -> Result<History, Problem> {
    state.connectors.for_connection(&id)?.monitor().history(&id, span).await
}

/// Lets the person choose a path, and saves a connection's hourly history as CSV. `null` when the dialog was canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn save_history<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: ConnectionId,
    span: Span,
) -> Result<Option<String>, Problem> {
    let text = state.connectors.for_connection(&id)?.reports().history_csv(&id, span).await?;
    save_dialog::save(&app, &state.messages(), FileKind::History, text).await
}

/// Lets the person choose a path, and saves the changes of a connection's status as CSV. `null` when the dialog was canceled.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn save_changes<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: ConnectionId,
    span: Span,
) -> Result<Option<String>, Problem> {
    let messages = state.messages();
    let text = state.connectors.for_connection(&id)?.reports().changes_csv(&id, span, &messages).await?;
    save_dialog::save(&app, &messages, FileKind::StatusChanges, text).await
}

/// Shows a test notification: through the agent where it runs, else by this process.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn test_notification(state: State<'_, AppState>) -> Result<TestNotificationResult, Problem> {
    Ok(state.test_notification().await)
}

/// Returns the target of a clicked notification, once.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn landing(state: State<'_, AppState>) -> Option<NavigationTarget> {
    state.navigation.take()
}

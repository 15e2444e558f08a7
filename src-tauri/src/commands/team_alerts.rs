//! Commands for team alerts. No command returns an address or a key.

use model::alert::{AlertKind, AlertSecret, AlertSettingsPatch, AlertTestResult, AlertsView};
use model::problem::Problem;
use tauri::State;

use crate::app_state::AppState;

/// Returns settings and state of the team alerts.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn alerts(state: State<'_, AppState>) -> Result<AlertsView, Problem> {
    state.connectors.default()?.alerts().view().await
}

/// Changes the given settings of team alerts.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn change_alerts(
    state: State<'_, AppState>,
    change: AlertSettingsPatch,
) -> Result<AlertsView, Problem> {
    state.connectors.default()?.alerts().change(change).await
}

/// Stores a pasted address or signing key in the keychain. Sends nothing.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn store_alert_secret(
    state: State<'_, AppState>,
    name: AlertSecret,
    value: String,
) -> Result<AlertsView, Problem> {
    state.connectors.default()?.alerts().store_secret(name, value.into()).await
}

/// Turns a channel off and deletes its address and its key.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn forget_alert_channel(state: State<'_, AppState>, kind: AlertKind) -> Result<AlertsView, Problem> {
    state.connectors.default()?.alerts().forget(kind).await
}

/// Sends a test alert.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn test_alert(state: State<'_, AppState>, kind: AlertKind) -> Result<AlertTestResult, Problem> {
    state.connectors.default()?.alerts().test(kind).await
}

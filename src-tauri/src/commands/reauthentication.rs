//! Commands for the re-authentication setting and its prompt. The page does not decide whether the system asks.

use model::problem::Problem;
use tauri::State;

use crate::app_state::AppState;
use crate::reauthentication::ReauthenticationSetting;

/// Returns whether re-authentication is on.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn reauthentication_setting(state: State<'_, AppState>) -> Result<ReauthenticationSetting, Problem> {
    Ok(state.reauthentication.setting(state.connectors.requires_reauthentication().await?).await)
}

/// Switches re-authentication on, or off after the system has confirmed the person.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_reauthentication(
    state: State<'_, AppState>,
    on: bool,
) -> Result<ReauthenticationSetting, Problem> {
    let choice = state.reauthentication.confirm_choice(on, &state.messages()).await?;
    Ok(state.reauthentication.setting(state.connectors.set_requires_reauthentication(choice).await?).await)
}

/// Cancels an open prompt.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn cancel_reauthentication(state: State<'_, AppState>) {
    state.reauthentication.cancel();
}

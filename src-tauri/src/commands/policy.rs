//! Command that reads the organization's policy. The page does not decide whether it applies.

use model::policy::PolicyView;
use model::problem::Problem;
use tauri::State;

use crate::app_state::AppState;

/// Returns the settings that the policy fixes, the path of its file, and findings about it.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn policy(state: State<'_, AppState>) -> Result<PolicyView, Problem> {
    state.connectors.policy().await
}

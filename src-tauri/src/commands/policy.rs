//! The organisation's policy, as its file says it now. Whether it holds is not decided by the page.

use model::policy::PolicyView;
use model::problem::Problem;
use tauri::State;

use crate::doors::Doors;

/// Returns what the organisation fixes, where that stands, and what does not hold.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy(doors: State<'_, Doors>) -> Result<PolicyView, Problem> {
    doors.policy().await
}

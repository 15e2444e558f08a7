//! Commands that control the practice organization: its tokens, its Radiant, its scenarios. Its tokens never cross to the window.

use messages::Messages;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::relay::RelayView;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::app_state::AppState;
use crate::clipboard::{Copied, CopyContent};
use crate::practice_org::PRINCIPALS;
use crate::practice_scenario::PracticeScenario;

/// One owner of a practice token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PracticeToken {
    /// The owner's name in the practice organization.
    pub(crate) principal: String,
    /// Its label in the window's language.
    pub(crate) label: String,
}

/// Returns the owners of the practice tokens: first one whose token works.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn practice_tokens(state: State<'_, AppState>) -> Vec<PracticeToken> {
    let offered = state.connectors.practice_org().map_or_else(|_not_started| PRINCIPALS.to_vec(), |org| org.offered());
    labeled_tokens(&offered, &state.messages())
}

/// Stores a practice token as if it had been pasted.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_token(
    state: State<'_, AppState>,
    id: ConnectionId,
    principal: String,
) -> Result<ConnectionView, Problem> {
    state.connectors.practice_org()?.paste(&id, &principal).await
}

/// Creates the second practice token and stores it as if it had been pasted as the new one.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_new_token(
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<ConnectionView, Problem> {
    state.connectors.practice_org()?.paste_next(&id).await
}

/// Stores the replaced practice token as if it had been pasted in order to be revoked.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_old_token(
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<ConnectionView, Problem> {
    state.connectors.practice_org()?.paste_old(&id).await
}

/// Copies a practice token, for pasting by hand.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_copy_token(state: State<'_, AppState>, principal: String) -> Result<Copied, Problem> {
    state.clipboard.copy(CopyContent::Secret(state.connectors.practice_org()?.copy(&principal)?)).await
}

/// Gives the practice Radiant the stored token, or the new one during a rotation, so that it starts to read the System Log.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_credential(state: State<'_, AppState>, id: ConnectionId) -> Result<(), Problem> {
    state.connectors.practice_org()?.give_credential(&id).await
}

/// Stores the practice search token as if it had been pasted.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_radiant_token(
    state: State<'_, AppState>,
    id: ConnectionId,
) -> Result<ConnectionView, Problem> {
    state.connectors.practice_org()?.paste_search_token(&id).await
}

/// Enters the practice Radiant's events webhook and its token in the settings of the relay.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_webhook(state: State<'_, AppState>, id: ConnectionId) -> Result<RelayView, Problem> {
    state.connectors.practice_org()?.use_events_webhook(&id).await
}

/// Starts a scenario of the practice organization, or ends the active one (`null`).
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn practice_fault(state: State<'_, AppState>, fault: Option<PracticeScenario>) -> Result<(), Problem> {
    state.connectors.practice_org().map(|org| org.set_scenario(fault))
}

/// Returns the active scenario; `null` when there is none or practice is not started.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn practice_trouble(state: State<'_, AppState>) -> Option<PracticeScenario> {
    state.connectors.practice_org().ok().and_then(|org| org.scenario())
}

fn labeled_tokens(principals: &[&str], messages: &Messages) -> Vec<PracticeToken> {
    let label =
        |principal: &str| messages.by_name(&format!("practice.{principal}"), &std::collections::BTreeMap::new());
    principals
        .iter()
        .map(|principal| PracticeToken { principal: (*principal).to_owned(), label: label(principal) })
        .collect()
}

#[cfg(test)]
mod tests {
    use messages::Messages;
    use model::preferences::Language;
    use practice::fixture_users::MIRA;

    #[test]
    fn every_practice_token_has_a_label_in_both_languages() {
        for language in [Language::En, Language::De] {
            for token in super::labeled_tokens(&super::PRINCIPALS, &Messages::load(language)) {
                assert!(!token.label.starts_with("practice."), "{token:?}");
            }
        }
    }

    #[test]
    fn the_user_that_practice_names_for_response_actions_exists() {
        for language in [Language::En, Language::De] {
            let text = Messages::load(language).by_name("ui.actions.practice", &std::collections::BTreeMap::new());
            assert!(text.contains(MIRA.login), "{text}");
        }
    }
}

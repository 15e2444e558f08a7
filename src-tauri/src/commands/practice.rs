//! The practice organisation: its tokens by owner, its Radiant, its troubles. Its tokens never cross to the window either.

use messages::Messages;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Runtime, State};

use crate::clipboard::{Clip, Clipboard, Copied};
use crate::desk::Desk;
use crate::doors::Doors;
use crate::room::PRINCIPALS;
use crate::trouble::Trouble;

/// One owner of a practice token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PracticeToken {
    /// The owner, by the practice organisation's name for it.
    pub(crate) principal: String,
    /// What to call it, in the window's language.
    pub(crate) label: String,
}

/// Returns the owners of the practice tokens.
#[tauri::command]
#[specta::specta]
pub(crate) fn practice_tokens<R: Runtime>(app: AppHandle<R>, desk: State<'_, Desk>) -> Vec<PracticeToken> {
    offered(&desk.words(&app))
}

/// Keeps a practice token as if it had been pasted.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_token(
    doors: State<'_, Doors>,
    id: ConnectionId,
    principal: String,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.room()?.paste(&id, &principal).await)
}

/// Makes the second practice token and keeps it as if it had been pasted as the new one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_new_token(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.room()?.paste_next(&id).await)
}

/// Holds the practice token that is being replaced as if it had been pasted to be revoked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_old_token(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.room()?.paste_old(&id).await)
}

/// Copies a practice token, to be pasted by hand.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_copy_token(
    doors: State<'_, Doors>,
    clipboard: State<'_, Clipboard>,
    principal: String,
) -> Result<Copied, Problem> {
    clipboard.copy(Clip::Secret(doors.room()?.token(&principal)?)).await
}

/// Gives the practice Radiant the kept token, or the new one while it is being replaced, so that it begins to read the System Log.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_credential(doors: State<'_, Doors>, id: ConnectionId) -> Result<(), Problem> {
    doors.room()?.give_credential(&id).await
}

/// Keeps the practice search token as if it had been pasted.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_radiant_token(
    doors: State<'_, Doors>,
    id: ConnectionId,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.room()?.paste_search_token(&id).await)
}

/// Puts the practice organisation into a trouble, or out of every one (`null`).
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_fault(doors: State<'_, Doors>, fault: Option<Trouble>) -> Result<(), Problem> {
    doors.room().map(|room| room.put_into(fault))
}

/// Returns the trouble the practice organisation is in; `null` when it is in none or not started.
#[tauri::command]
#[specta::specta]
pub(crate) fn practice_trouble(doors: State<'_, Doors>) -> Option<Trouble> {
    doors.room().ok().and_then(|room| room.trouble())
}

fn offered(messages: &Messages) -> Vec<PracticeToken> {
    let label = |principal: &str| messages.named(&format!("practice.{principal}"), &std::collections::BTreeMap::new());
    PRINCIPALS
        .iter()
        .map(|principal| PracticeToken { principal: (*principal).to_owned(), label: label(principal) })
        .collect()
}

#[cfg(test)]
mod tests {
    use messages::Messages;
    use model::preferences::Language;

    #[test]
    fn every_practice_token_has_a_name_in_both_languages() {
        for language in [Language::En, Language::De] {
            for token in super::offered(&Messages::of(language)) {
                assert!(!token.label.starts_with("practice."), "{token:?}");
            }
        }
    }
}

//! Replacing the API token: the guide's steps. Tokens are pasted and forgotten as every secret is,
//! by `secrets`.

use model::arrival::{Arrival, ArrivalTick};
use model::check::{CheckProgress, CheckReport};
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::rotation::RotationStep;
use tauri::State;
use tauri::ipc::Channel;

use super::into_window;
use crate::doors::Doors;
use crate::running::{Run, Running};

/// Opens the guide for another token, or goes on with the one that is open.
#[tauri::command]
#[specta::specta]
pub(crate) async fn begin_rotation(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.begin_rotation(&id).await)
}

/// Checks the new token; the old one stays in use. A run of checks that is under way is cancelled first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_new_token(
    doors: State<'_, Doors>,
    running: State<'_, Running>,
    id: ConnectionId,
    news: Channel<CheckProgress>,
) -> Result<CheckReport, Problem> {
    let cancel = running.start(&id, Run::Checks);
    doors.tell(&id, doors.of(&id)?.check_new_token(&id, cancel, into_window(news)).await)
}

/// Notes, or takes back, that another owner is right.
#[tauri::command]
#[specta::specta]
pub(crate) async fn accept_other_owner(
    doors: State<'_, Doors>,
    id: ConnectionId,
    yes: bool,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.accept_other_owner(&id, yes).await)
}

/// Notes, or takes back, that the credential in Radiant holds the new token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm_credential_updated(
    doors: State<'_, Doors>,
    id: ConnectionId,
    yes: bool,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.confirm_credential_updated(&id, yes).await)
}

/// Goes to a step; the token this app uses follows.
#[tauri::command]
#[specta::specta]
pub(crate) async fn go_to_rotation_step(
    doors: State<'_, Doors>,
    id: ConnectionId,
    step: RotationStep,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.go_to_rotation_step(&id, step).await)
}

/// Watches until an event newer than the switch is found in Radiant; `null` when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn watch_rotation(
    doors: State<'_, Doors>,
    running: State<'_, Running>,
    id: ConnectionId,
    ticks: Channel<ArrivalTick>,
) -> Result<Option<Arrival>, Problem> {
    let cancel = running.start(&id, Run::Arrival);
    doors.tell(&id, doors.of(&id)?.watch_rotation(&id, cancel, into_window(ticks)).await)
}

/// Revokes the old token with itself, once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn revoke_old_token(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.revoke_old_token(&id).await)
}

/// Looks whether the old token is revoked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn old_token_revoked(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.old_token_revoked(&id).await)
}

/// Takes the word that the old token is revoked, where it is not there to look with.
#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm_old_token_revoked(
    doors: State<'_, Doors>,
    id: ConnectionId,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.confirm_old_token_revoked(&id).await)
}

/// Ends the guide early; nothing is revoked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_rotation(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.cancel_rotation(&id).await)
}

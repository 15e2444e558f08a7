//! Secrets travel inward only: stored, judged by their shape, forgotten. None is ever returned.

use connector::Connector;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::secret::SecretName;
use tauri::State;

use crate::doors::Doors;

/// Probes the keychain and returns its name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn keychain_probe(doors: State<'_, Doors>, id: ConnectionId) -> Result<String, Problem> {
    doors.of(&id)?.keychain_probe().await
}

/// Keeps a pasted secret in the keychain, or for this run only. Nothing is sent.
#[tauri::command]
#[specta::specta]
pub(crate) async fn store_secret(
    doors: State<'_, Doors>,
    id: ConnectionId,
    name: SecretName,
    value: String,
    this_run_only: bool,
) -> Result<ConnectionView, Problem> {
    doors.tell_in_any_case(&id, doors.of(&id)?.store_secret(&id, name, value.into(), this_run_only).await)
}

/// Says what is odd about a pasted token. Nothing is kept or sent.
#[tauri::command]
#[specta::specta]
pub(crate) fn token_shape(value: String) -> Option<Code> {
    Connector::token_shape(&value.into())
}

/// Forgets a secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_secret(
    doors: State<'_, Doors>,
    id: ConnectionId,
    name: SecretName,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.forget_secret(&id, name).await)
}

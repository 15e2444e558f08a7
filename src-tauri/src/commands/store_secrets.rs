//! Commands that store, validate and delete secrets. No command returns one.

use connector::Tokens;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::secret_name::SecretName;
use secrecy::SecretString;
use tauri::State;

use crate::app_state::AppState;
use crate::connector_registry::is_practice;

/// Tests the keychain and returns its name.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn keychain_probe(state: State<'_, AppState>, id: ConnectionId) -> Result<String, Problem> {
    state.connectors.for_connection(&id)?.guide().probe_keychain().await
}

/// Stores a pasted secret in the keychain, or for this run only. Sends nothing.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn store_secret(
    state: State<'_, AppState>,
    id: ConnectionId,
    name: SecretName,
    value: String,
    this_run_only: bool,
) -> Result<ConnectionView, Problem> {
    let value = SecretString::from(value);
    let view = state.connectors.for_connection(&id)?.tokens().store(&id, name, value.clone(), this_run_only).await?;
    if name == SecretName::OktaToken && is_practice(&id) {
        state.connectors.practice_org()?.note_pasted(&id, &value);
    }
    Ok(view)
}

/// Returns a problem with the format of a pasted token. Stores and sends nothing.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn token_shape(value: String) -> Option<Code> {
    Tokens::token_shape(&value.into())
}

/// Deletes a secret.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn forget_secret(
    state: State<'_, AppState>,
    id: ConnectionId,
    name: SecretName,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.tokens().forget(&id, name).await
}

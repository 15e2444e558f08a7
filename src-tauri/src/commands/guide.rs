//! Commands of the guide's steps.

use model::check::CheckId;
use model::connection::{ConnectionId, Keep, Profile};
use model::connection_view::ConnectionView;
use model::domain_parser::{OrgFound, ParsedDomain};
use model::guide::{Confirmable, GuideStep};
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::app_state::AppState;
use crate::autostart;

/// Parses the text typed as a domain. Sends nothing.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn read_domain(typed: &str) -> ParsedDomain {
    ParsedDomain::parse(typed)
}

/// Fetches the org's public metadata, without a token.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn discover_domain(
    state: State<'_, AppState>,
    id: ConnectionId,
    typed: String,
) -> Result<OrgFound, Problem> {
    state.connectors.for_connection(&id)?.guide().discover_domain(&id, &typed).await
}

/// Fetches the metadata again and stores the org. Another org deletes the secrets bound to the old one.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_domain(
    state: State<'_, AppState>,
    id: ConnectionId,
    typed: String,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().set_domain(&id, typed).await
}

/// Stores the step that is shown.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn go_to_step(
    state: State<'_, AppState>,
    id: ConnectionId,
    step: GuideStep,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().go_to_step(&id, step).await
}

/// Begins the replacement of a token that no longer works, or returns to the one that was begun.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn begin_replacement(state: State<'_, AppState>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().begin_replacement(&id).await
}

/// Stores the purpose of the token.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_profile(
    state: State<'_, AppState>,
    id: ConnectionId,
    profile: Profile,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().set_profile(&id, profile).await
}

/// Stores the names of the token and the credential.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_names(
    state: State<'_, AppState>,
    id: ConnectionId,
    token_name: String,
    credential_name: String,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().set_names(&id, token_name, credential_name).await
}

/// Stores or withdraws a confirmation by the administrator.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn confirm(
    state: State<'_, AppState>,
    id: ConnectionId,
    what: Confirmable,
    yes: bool,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().confirm(&id, what, yes).await
}

/// Accepts the issuer of a TLS-inspecting proxy before Okta or Radiant, as the question showed it.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn accept_issuer(
    state: State<'_, AppState>,
    id: ConnectionId,
    check: CheckId,
    issuer: String,
    key: String,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().accept_issuer(&id, check, issuer, key).await
}

/// Withdraws what was accepted for the host of a check.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn withdraw_issuer(
    state: State<'_, AppState>,
    id: ConnectionId,
    check: CheckId,
) -> Result<ConnectionView, Problem> {
    state.connectors.for_connection(&id)?.guide().withdraw_issuer(&id, check).await
}

/// Finishes the guide. Launch at login is set first, so that a refusal by the system is reported before anything is stored or
/// deleted.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn finish_setup<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    id: ConnectionId,
    keep: Keep,
    launch_at_login: bool,
) -> Result<ConnectionView, Problem> {
    autostart::set_for(&app, &id, launch_at_login).await?;
    state.connectors.for_connection(&id)?.guide().finish(&id, keep).await
}

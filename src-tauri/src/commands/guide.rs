//! The guide's steps.

use connector::Connector;
use model::connection::{ConnectionId, Keep, Profile};
use model::connection_view::ConnectionView;
use model::domain_parser::{OrgFound, ParsedDomain};
use model::guide::{Confirmable, GuideStep};
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::doors::Doors;
use crate::login;

/// Reads what is typed as a domain. Nothing is sent.
#[tauri::command]
#[specta::specta]
pub(crate) fn read_domain(typed: &str) -> ParsedDomain {
    Connector::read_domain(typed)
}

/// Asks the org who it is, without a token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn discover_domain(
    doors: State<'_, Doors>,
    id: ConnectionId,
    typed: String,
) -> Result<OrgFound, Problem> {
    doors.of(&id)?.discover_domain(&id, &typed).await
}

/// Asks the org once more and keeps it. Another org drops the secrets bound to the old one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_domain(
    doors: State<'_, Doors>,
    id: ConnectionId,
    typed: String,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.set_domain(&id, typed).await)
}

/// Notes the step that is shown.
#[tauri::command]
#[specta::specta]
pub(crate) async fn go_to_step(
    doors: State<'_, Doors>,
    id: ConnectionId,
    step: GuideStep,
) -> Result<ConnectionView, Problem> {
    doors.of(&id)?.go_to_step(&id, step).await
}

/// Chooses what the token is meant for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_profile(
    doors: State<'_, Doors>,
    id: ConnectionId,
    profile: Profile,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.set_profile(&id, profile).await)
}

/// Keeps the names given to the token and to the credential.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_names(
    doors: State<'_, Doors>,
    id: ConnectionId,
    token_name: String,
    credential_name: String,
) -> Result<ConnectionView, Problem> {
    doors.of(&id)?.set_names(&id, token_name, credential_name).await
}

/// Notes, or takes back, what only the administrator can vouch for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm(
    doors: State<'_, Doors>,
    id: ConnectionId,
    what: Confirmable,
    yes: bool,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.confirm(&id, what, yes).await)
}

/// Closes the guide. Launch at login is set first; a system that refuses it is told before anything is kept or forgotten.
#[tauri::command]
#[specta::specta]
pub(crate) async fn finish_setup<R: Runtime>(
    app: AppHandle<R>,
    doors: State<'_, Doors>,
    id: ConnectionId,
    keep: Keep,
    launch_at_login: bool,
) -> Result<ConnectionView, Problem> {
    login::set(&app, &doors, &id, launch_at_login).await?;
    doors.tell_in_any_case(&id, doors.of(&id)?.finish_setup(&id, keep).await)
}

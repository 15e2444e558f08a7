//! Launch at login: the system starts the app hidden, with only its tray icon.

use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_plugin_autostart::AutoLaunchManager;

use crate::app_state::AppState;
use crate::connectors::is_practice;

/// Whether the app starts with this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub(crate) struct AutostartSetting {
    /// As the system reports it; `null` where it reports nothing.
    on: Option<bool>,
    /// Whether it can be changed here; a run started with `--practice` never changes the computer.
    changes: bool,
}

/// Returns the setting.
pub(crate) fn setting<R: Runtime>(app: &AppHandle<R>) -> AutostartSetting {
    let on = app.try_state::<AutoLaunchManager>().and_then(|manager| manager.is_enabled().ok());
    AutostartSetting { on, changes: on.is_some() && !app.state::<AppState>().connectors.practice_only() }
}

/// Switches launch at login on or off, unless the organization's policy fixes it, and returns the setting.
///
/// # Errors
/// [`Code::FileNotWritten`] when the system refuses, [`Code::StepNotReady`] where it cannot be changed here.
pub(crate) async fn choose<R: Runtime>(app: &AppHandle<R>, on: bool) -> Result<AutostartSetting, Problem> {
    if !setting(app).changes {
        return Err(Problem::new(Code::StepNotReady));
    }
    apply(app, app.state::<AppState>().connectors.default()?.settings().launches_at_login(on).await?)?;
    Ok(setting(app))
}

/// Switches launch at login on or off at the end of a guide, unless the organization's policy fixes it. Practice never changes
/// the computer.
///
/// # Errors
/// [`Code::FileNotWritten`] when the system refuses.
pub(crate) async fn set_for<R: Runtime>(app: &AppHandle<R>, id: &ConnectionId, on: bool) -> Result<(), Problem> {
    if is_practice(id) {
        return Ok(());
    }
    apply(app, app.state::<AppState>().connectors.for_connection(id)?.settings().launches_at_login(on).await?)
}

/// Applies the organization's policy when the app starts.
pub(crate) async fn apply_policy<R: Runtime>(app: AppHandle<R>) {
    // The window reports a database that cannot be opened.
    let policy = app.state::<AppState>().connectors.policy().await.ok();
    let Some(on) = policy.and_then(|policy| policy.fixed.launch_at_login) else { return };
    if let Err(problem) = apply(&app, on) {
        tracing::warn!(code = %problem.code, "launch at login does not follow the policy");
    }
}

/// Changes the system's setting only where it differs.
fn apply<R: Runtime>(app: &AppHandle<R>, on: bool) -> Result<(), Problem> {
    let manager = app.try_state::<AutoLaunchManager>().ok_or(Code::Internal)?;
    let done = match (on, manager.is_enabled().unwrap_or(false)) {
        (true, false) => manager.enable(),
        (false, true) => manager.disable(),
        (true, true) | (false, false) => Ok(()),
    };
    done.map_err(|error| Problem::new(Code::FileNotWritten).detail(error.to_string()))
}

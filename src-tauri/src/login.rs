//! Launch at login: started hidden, to the tray.

use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_plugin_autostart::AutoLaunchManager;

use crate::doors::Doors;

/// Whether the app starts with this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub(crate) struct LaunchSetting {
    /// As the system says; `null` where it does not.
    on: Option<bool>,
    /// Whether it can be changed here: practice alone never changes the computer.
    changes: bool,
}

/// Says how it stands.
pub(crate) fn setting<R: Runtime>(app: &AppHandle<R>, doors: &Doors) -> LaunchSetting {
    let on = app.try_state::<AutoLaunchManager>().and_then(|login| login.is_enabled().ok());
    LaunchSetting { on, changes: on.is_some() && !doors.practice_only() }
}

/// Sets or takes it back, as it is wanted or as the organisation's policy fixes it, and says how it stands then.
///
/// # Errors
/// [`Code::FileNotWritten`] when the system refuses, [`Code::StepNotReady`] where it cannot be changed here.
pub(crate) async fn choose<R: Runtime>(
    app: &AppHandle<R>,
    doors: &Doors,
    launch: bool,
) -> Result<LaunchSetting, Problem> {
    if !setting(app, doors).changes {
        return Err(Problem::new(Code::StepNotReady));
    }
    put(app, doors.any(None)?.launches_at_login(launch).await?)?;
    Ok(setting(app, doors))
}

/// Sets or takes back launch at login, as it is wanted or as the organisation's policy fixes it. Practice never changes the
/// computer.
///
/// # Errors
/// [`Code::FileNotWritten`] when the system refuses.
pub(crate) async fn set<R: Runtime>(
    app: &AppHandle<R>,
    doors: &Doors,
    id: &ConnectionId,
    launch: bool,
) -> Result<(), Problem> {
    if id.0.starts_with("practice-") {
        return Ok(());
    }
    put(app, doors.of(id)?.launches_at_login(launch).await?)
}

/// Does what the organisation's policy fixes, at the start of the app.
pub(crate) async fn obey<R: Runtime>(app: AppHandle<R>) {
    let doors = app.state::<Doors>().inner().clone();
    // A database that cannot be opened is told elsewhere.
    let Some(launch) = doors.policy().await.ok().and_then(|policy| policy.fixed.launch_at_login) else { return };
    if let Err(problem) = put(&app, launch) {
        tracing::warn!(code = %problem.code, "launch at login is not as the policy fixes it");
    }
}

/// What is already so is not touched.
fn put<R: Runtime>(app: &AppHandle<R>, launch: bool) -> Result<(), Problem> {
    let login = app.try_state::<AutoLaunchManager>().ok_or(Code::Internal)?;
    let done = match (launch, login.is_enabled().unwrap_or(false)) {
        (true, false) => login.enable(),
        (false, true) => login.disable(),
        (true, true) | (false, false) => Ok(()),
    };
    done.map_err(|error| Problem::new(Code::FileNotWritten).detail(error.to_string()))
}

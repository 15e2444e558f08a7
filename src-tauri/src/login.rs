//! Launch at login: started hidden, to the tray.

use connector::model::{Code, ConnectionId, Problem};
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_plugin_autostart::ManagerExt as _;

use crate::doors::Doors;

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
    let login = app.autolaunch();
    let done = match (launch, login.is_enabled().unwrap_or(false)) {
        (true, false) => login.enable(),
        (false, true) => login.disable(),
        (true, true) | (false, false) => Ok(()),
    };
    done.map_err(|error| Problem::new(Code::FileNotWritten).detail(error.to_string()))
}

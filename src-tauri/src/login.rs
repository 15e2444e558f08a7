//! Launch at login: started hidden, to the tray.

use connector::model::{Code, ConnectionId, Problem};
use tauri::{AppHandle, Runtime};
use tauri_plugin_autostart::ManagerExt as _;

/// Sets or takes back launch at login. Practice never changes the computer; what is already so is not touched.
///
/// # Errors
/// [`Code::FileNotWritten`] when the system refuses.
pub(crate) fn set<R: Runtime>(app: &AppHandle<R>, id: &ConnectionId, launch: bool) -> Result<(), Problem> {
    if id.0.starts_with("practice-") {
        return Ok(());
    }
    let login = app.autolaunch();
    let done = match (launch, login.is_enabled().unwrap_or(false)) {
        (true, false) => login.enable(),
        (false, true) => login.disable(),
        (true, true) | (false, false) => Ok(()),
    };
    done.map_err(|error| Problem::new(Code::FileNotWritten).detail(error.to_string()))
}

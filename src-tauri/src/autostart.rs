//! Launch at login: the system starts the app hidden, with only its tray icon.

use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Builder, Manager as _, Runtime, Wry};

use crate::app_state::AppState;
use crate::connector_registry::is_practice;

/// Whether the app starts with this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct AutostartSetting {
    /// As the system reports it; `null` where it reports nothing.
    on: Option<bool>,
    /// Whether it can be changed here; a run started with `--practice` never changes the computer.
    changes: bool,
    /// What the system would start at login and cannot, because it is not there; `null` where that is not so.
    dead_command: Option<String>,
}

/// What the system does at login.
struct AtLogin {
    on: bool,
    dead_command: Option<String>,
}

/// Returns the setting.
pub(crate) fn setting<R: Runtime>(app: &AppHandle<R>) -> AutostartSetting {
    let at_login = system::at_login(app);
    let changes = at_login.is_some() && !app.state::<AppState>().connectors.practice_only();
    let on = at_login.as_ref().map(|at_login| at_login.on);
    AutostartSetting { on, changes, dead_command: at_login.and_then(|at_login| at_login.dead_command) }
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

/// Applies the organization's policy when the app starts, and logs an entry that starts nothing.
pub(crate) async fn check_at_start<R: Runtime>(app: AppHandle<R>) {
    // The command itself may name a person's folder.
    if setting(&app).dead_command.is_some() {
        tracing::warn!("launch at login is on, but its entry starts a program that is not there");
    }
    // The window reports a database that cannot be opened.
    let policy = app.state::<AppState>().connectors.policy().await.ok();
    let Some(on) = policy.and_then(|policy| policy.fixed.launch_at_login) else { return };
    if let Err(problem) = apply(&app, on) {
        tracing::warn!(code = %problem.code, "launch at login does not follow the policy");
    }
}

/// Adds what changes the system's setting.
pub(crate) fn add_plugin(builder: Builder<Wry>) -> Builder<Wry> {
    system::add_plugin(builder)
}

/// Finds the system's setting when the app starts.
pub(crate) fn find_entry<R: Runtime>(app: &AppHandle<R>) {
    system::find_entry(app);
}

/// Changes the system's setting only where it differs, or where its entry starts nothing.
fn apply<R: Runtime>(app: &AppHandle<R>, on: bool) -> Result<(), Problem> {
    let now = system::at_login(app).unwrap_or(AtLogin { on: false, dead_command: None });
    if now.on == on && now.dead_command.is_none() {
        return Ok(());
    }
    system::set(app, on).map_err(|error| Problem::new(Code::FileNotWritten).detail(error))
}

#[cfg(target_os = "linux")]
mod system {
    use agent::autostart_entry::{AutostartEntry, EntryState, configurations};
    use agent::start_program::{HIDDEN, Programs};
    use tauri::{AppHandle, Builder, Manager as _, Runtime, Wry};

    use super::AtLogin;

    pub(super) fn add_plugin(builder: Builder<Wry>) -> Builder<Wry> {
        builder
    }

    pub(super) fn find_entry<R: Runtime>(app: &AppHandle<R>) {
        let (own, home) = (std::env::var_os("XDG_CONFIG_HOME"), std::env::var_os("HOME"));
        let folder = configurations(own.as_deref(), home.as_deref());
        let (Some(folder), Ok(programs)) = (folder, Programs::find()) else {
            tracing::warn!("launch at login cannot be set: this account has no folder of configurations");
            return;
        };
        app.manage(AutostartEntry::new(&folder, &app.package_info().name, programs.at_login(), HIDDEN));
    }

    pub(super) fn at_login<R: Runtime>(app: &AppHandle<R>) -> Option<AtLogin> {
        match app.try_state::<AutostartEntry>()?.state() {
            Ok(EntryState::Off) => Some(AtLogin { on: false, dead_command: None }),
            Ok(EntryState::On) => Some(AtLogin { on: true, dead_command: None }),
            Ok(EntryState::Dead { command }) => Some(AtLogin { on: true, dead_command: Some(command) }),
            Err(error) => {
                tracing::warn!(%error, "the entry of launch at login cannot be read");
                None
            }
        }
    }

    pub(super) fn set<R: Runtime>(app: &AppHandle<R>, on: bool) -> Result<(), String> {
        let entry = app.try_state::<AutostartEntry>().ok_or("there is no folder of configurations")?;
        let done = if on { entry.enable() } else { entry.disable() };
        done.map_err(|error| error.to_string())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use tauri::{AppHandle, Builder, Manager as _, Runtime, Wry};
    use tauri_plugin_autostart::AutoLaunchManager;

    use super::AtLogin;

    pub(super) fn add_plugin(builder: Builder<Wry>) -> Builder<Wry> {
        builder.plugin(tauri_plugin_autostart::Builder::new().arg("--hidden").build())
    }

    /// Finds nothing: the plugin does.
    pub(super) fn find_entry<R: Runtime>(_app: &AppHandle<R>) {}

    pub(super) fn at_login<R: Runtime>(app: &AppHandle<R>) -> Option<AtLogin> {
        let on = app.try_state::<AutoLaunchManager>()?.is_enabled().ok()?;
        Some(AtLogin { on, dead_command: None })
    }

    pub(super) fn set<R: Runtime>(app: &AppHandle<R>, on: bool) -> Result<(), String> {
        let manager = app.try_state::<AutoLaunchManager>().ok_or("launch at login is not available")?;
        let done = if on { manager.enable() } else { manager.disable() };
        done.map_err(|error| error.to_string())
    }
}

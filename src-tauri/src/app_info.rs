//! Information about the app itself: what the window reads first, its version, and what a diagnostics bundle says of it.

use std::path::PathBuf;

use connector::log_files;
use model::app_info::AppInfo;
use model::diagnostics_options::RuntimeInfo;
use model::preferences::Preferences;
use model::problem::Problem;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::app_state::AppState;
use crate::window;

/// Returns what the window reads first.
pub(crate) fn app_info<R: Runtime>(app: &AppHandle<R>) -> AppInfo {
    let state = app.state::<AppState>();
    AppInfo {
        version: version(app),
        practice: state.connectors.practice_only(),
        operator: state.connectors.config().operator.clone(),
        problem: state.connectors.problem(),
        tray: state.hosts.tray_is_there() || state.agent.tray_is_there(),
        start_again: state.agent.is_newer(),
        background_problem: state.agent.problem(),
        system_language: state.preferences.system_language,
        preferences_problem: state.preferences.problem.clone(),
    }
}

/// Tries again to open a database that could not be opened; the tray then shows whether it can be used.
pub(crate) fn retry_start<R: Runtime>(app: &AppHandle<R>) -> AppInfo {
    let state = app.state::<AppState>();
    state.connectors.retry();
    state.hosts.refresh();
    state.agent.report_changes(None);
    app_info(app)
}

/// Renames a database that cannot be opened and creates a new one; the tray then shows that it can be used.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn set_store_aside<R: Runtime>(app: &AppHandle<R>) -> Result<AppInfo, Problem> {
    let state = app.state::<AppState>();
    state.connectors.set_aside()?;
    state.hosts.refresh();
    // It may have opened the other database before that was damaged.
    state.agent.ask_to_start_again();
    Ok(app_info(app))
}

/// Saves the window's preferences and applies them to window frame and tray.
///
/// # Errors
/// [`model::code::Code::FileNotWritten`].
pub(crate) fn set_preferences<R: Runtime>(
    app: &AppHandle<R>,
    preferences: Preferences,
) -> Result<Preferences, Problem> {
    let state = app.state::<AppState>();
    state.preferences.write(preferences)?;
    window::apply_preferences(app, preferences.theme, &state.messages());
    state.hosts.refresh();
    state.agent.report_changes(None);
    Ok(preferences)
}

/// Returns the folder of the log.
pub(crate) fn log_dir<R: Runtime>(app: &AppHandle<R>) -> Option<PathBuf> {
    app.path().app_log_dir().ok()
}

/// Returns what a diagnostics bundle says of the app, with the newest part of its log.
pub(crate) fn runtime_info<R: Runtime>(app: &AppHandle<R>) -> RuntimeInfo {
    RuntimeInfo {
        version: version(app),
        os: format!("{} ({} {})", whoami::distro(), std::env::consts::OS, std::env::consts::ARCH),
        web_view: tauri::webview_version().ok(),
        log: log_dir(app).map(|folder| log_files::newest_log(&folder)).unwrap_or_default(),
    }
}

/// Returns the app's version.
pub(crate) fn version<R: Runtime>(app: &AppHandle<R>) -> String {
    app.package_info().version.to_string()
}

//! Commands for the app itself: its information, preferences, launch at login, a database that could not be opened, the end.

use model::app_info::AppInfo;
use model::preferences::Preferences;
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::app_state::AppState;
use crate::autostart::{self, AutostartSetting};
use crate::quit;

/// Returns information about the app.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn app_info<R: Runtime>(app: AppHandle<R>) -> AppInfo {
    crate::app_info::app_info(&app)
}

/// Returns the window's preferences.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn preferences(state: State<'_, AppState>) -> Preferences {
    state.preferences.read()
}

/// Saves the window's preferences.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_preferences<R: Runtime>(
    app: AppHandle<R>,
    preferences: Preferences,
) -> Result<Preferences, Problem> {
    crate::app_info::set_preferences(&app, preferences)
}

/// Returns whether the app starts with this computer.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn launch_at_login<R: Runtime>(app: AppHandle<R>) -> AutostartSetting {
    autostart::setting(&app)
}

/// Switches launch at login on or off.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_launch_at_login<R: Runtime>(app: AppHandle<R>, on: bool) -> Result<AutostartSetting, Problem> {
    autostart::choose(&app, on).await
}

/// Tries again to open a database that could not be opened.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn retry_start<R: Runtime>(app: AppHandle<R>) -> Result<AppInfo, Problem> {
    Ok(crate::app_info::retry_start(&app))
}

/// Renames a database that cannot be opened, and creates a new one. Nothing is deleted.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) async fn set_store_aside<R: Runtime>(app: AppHandle<R>) -> Result<AppInfo, Problem> {
    crate::app_info::set_store_aside(&app)
}

/// Quits the app, monitoring included.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>) {
    quit::quit_app(&app);
}

/// Records that the page has drawn its first frame.
#[tauri::command]
#[specta::specta]
#[tracing::instrument(skip_all)]
pub(crate) fn report_first_paint(state: State<'_, AppState>) {
    state.page.set_painted();
}

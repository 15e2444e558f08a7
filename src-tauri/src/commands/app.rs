//! The app itself: what it is, its preferences, a database that could not be opened, the end.

use model::preferences::{AppInfo, Preferences};
use model::problem::Problem;
use tauri::{AppHandle, Runtime, State};

use crate::desk::Desk;
use crate::doors::Doors;
use crate::login::{self, LaunchSetting};
use crate::preferences as file;

/// Returns what the app is and where it stands.
#[tauri::command]
#[specta::specta]
pub(crate) fn app_info<R: Runtime>(app: AppHandle<R>, desk: State<'_, Desk>, doors: State<'_, Doors>) -> AppInfo {
    desk.info(&app, &doors)
}

/// Returns the window's preferences.
#[tauri::command]
#[specta::specta]
pub(crate) fn preferences<R: Runtime>(app: AppHandle<R>, desk: State<'_, Desk>) -> Preferences {
    file::read(&app, &desk.preferences_file)
}

/// Keeps the window's preferences.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_preferences<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    preferences: Preferences,
) -> Result<Preferences, Problem> {
    desk.choose(&app, preferences).await
}

/// Returns whether the app starts with this computer.
#[tauri::command]
#[specta::specta]
pub(crate) fn launch_at_login<R: Runtime>(app: AppHandle<R>, doors: State<'_, Doors>) -> LaunchSetting {
    login::setting(&app, &doors)
}

/// Lets the app start with this computer, or no longer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_launch_at_login<R: Runtime>(
    app: AppHandle<R>,
    doors: State<'_, Doors>,
    on: bool,
) -> Result<LaunchSetting, Problem> {
    login::choose(&app, &doors, on).await
}

/// Tries again to open a database that could not be opened.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_start<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
) -> Result<AppInfo, Problem> {
    doors.retry();
    Ok(desk.info_anew(&app, &doors).await)
}

/// Renames a database that cannot be opened, and begins a new one. Nothing is deleted.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_store_aside<R: Runtime>(
    app: AppHandle<R>,
    desk: State<'_, Desk>,
    doors: State<'_, Doors>,
) -> Result<AppInfo, Problem> {
    doors.set_aside()?;
    Ok(desk.info_anew(&app, &doors).await)
}

/// Ends the app.
#[tauri::command]
#[specta::specta]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>) {
    app.exit(0);
}

//! The tray icon of this process: that of the agent's library on Linux, Tauri's elsewhere.

use std::sync::Arc;

use agent::tray::{Tray, TraySetup};
use tauri::{AppHandle, Runtime};

/// Starts the tray of a host.
#[cfg(target_os = "linux")]
pub(crate) fn start<R: Runtime>(_app: &AppHandle<R>, _practice: bool, setup: TraySetup) -> Arc<dyn Tray> {
    agent::tray::status_notifier::StatusNotifier::start(setup)
}

/// Starts the tray of a host.
#[cfg(not(target_os = "linux"))]
pub(crate) fn start<R: Runtime>(app: &AppHandle<R>, practice: bool, setup: TraySetup) -> Arc<dyn Tray> {
    Arc::new(crate::tauri_tray::TauriTray::new(app, practice, setup))
}

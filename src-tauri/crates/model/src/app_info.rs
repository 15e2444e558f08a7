//! Information about the running app.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::preferences::Language;
use crate::problem::Problem;

/// Information about the app, which the window requests first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AppInfo {
    /// The app's version.
    pub version: String,
    /// Whether it was started in practice mode.
    pub practice: bool,
    /// Name of the operating-system account, which is recorded with each confirmation.
    pub operator: String,
    /// The problem of the store or the keychain that prevents the app from working.
    pub problem: Option<Problem>,
    /// Whether a tray was found.
    pub tray: bool,
    /// The system's language, if the app supports it.
    pub system_language: Option<Language>,
    /// The problem of the preferences file, if it had to be set aside.
    pub preferences_problem: Option<Problem>,
    /// Whether a newer version of the app runs in the background, so that this window is to be closed and opened again.
    pub start_again: bool,
    /// Why the background process does not run. The window's process monitors the connections meanwhile.
    pub background_problem: Option<Problem>,
}

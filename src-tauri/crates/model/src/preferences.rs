//! Settings and window preferences.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Language of the window, the tray and notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// As the system says.
    #[default]
    System,
    /// English.
    En,
    /// German.
    De,
}

/// The window's own preferences, kept outside the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Language.
    pub language: Language,
}

/// What the app is and where it stands, for the window's first question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AppInfo {
    /// The app's version.
    pub version: String,
    /// Whether it was started for practice.
    pub practice: bool,
    /// Name of the operating-system account, shown with what it confirmed.
    pub operator: String,
    /// What stands in the way of working at all: the store's or the keychain's problem.
    pub problem: Option<crate::problem::Problem>,
    /// Whether a tray was found.
    pub tray: bool,
    /// Two-letter language of the system, when it is one the app speaks.
    pub system_language: Option<Language>,
    /// What was wrong with the preferences file, when it had to be set aside.
    pub preferences_problem: Option<crate::problem::Problem>,
}

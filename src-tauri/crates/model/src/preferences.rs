//! Preferences of the window.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Color scheme of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The system's setting.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Language of the window, the tray and the notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// The system's setting.
    #[default]
    System,
    /// English.
    En,
    /// German.
    De,
}

/// The window's preferences, stored outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Preferences {
    /// Color scheme.
    pub theme: Theme,
    /// Language.
    pub language: Language,
    /// Size of everything in the window, in percent.
    pub zoom: u16,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: Theme::System, language: Language::System, zoom: 100 }
    }
}

//! What the app tells the window unasked. Commands ask, events tell; no event answers a command, and none carries a secret.

use model::connection::ConnectionId;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

/// A connection's status, guide or secrets changed; the window asks for it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "status_changed")]
pub(crate) struct StatusChanged {
    /// Which connection.
    pub(crate) id: ConnectionId,
}

/// How connections are watched was changed: in this window, from the tray, by another process or by the organisation's policy. The
/// window asks for it anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "settings_changed")]
pub(crate) struct SettingsChanged;

/// How it stands with a secret on the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClipboardState {
    /// It is there and will be cleared.
    Counting,
    /// The app cleared it.
    Cleared,
    /// Something else was copied since; nothing was cleared.
    Changed,
    /// The system does not let the app see or clear it.
    NotClearable,
}

/// News of a secret on the clipboard: once a second while it counts, then once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "clipboard_news")]
pub(crate) struct ClipboardNews {
    /// How it stands.
    pub(crate) state: ClipboardState,
    /// Seconds until it is cleared; 0 when it no longer counts.
    pub(crate) seconds_left: u32,
}

/// A clicked notice wants the window elsewhere; the window asks where (`landing`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "landing_wanted")]
pub(crate) struct LandingWanted;

/// Whether the system's question who sits there is open, so that the window can say what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "presence_news")]
pub(crate) struct PresenceNews {
    /// Whether it is open.
    pub(crate) open: bool,
}

//! Events that the app sends to the window. No event answers a command, and none carries a secret.

use model::connection::ConnectionId;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Runtime};
use tauri_specta::Event;

/// A connection's status, guide or secrets changed; the window reads the connection again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "status_changed")]
pub(crate) struct StatusChanged {
    /// Which connection.
    pub(crate) id: ConnectionId,
}

/// The monitoring settings changed: in this window, in the tray, by another process or by the organization's policy. The window
/// reads them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "settings_changed")]
pub(crate) struct SettingsChanged;

/// A tray appeared or disappeared, or the background process started or ended; the window reads the app's information again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "app_info_changed")]
pub(crate) struct AppInfoChanged;

/// The state of a secret on the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClipboardState {
    /// It is on the clipboard and will be cleared.
    Counting,
    /// The app cleared it.
    Cleared,
    /// Something else was copied since then; nothing was cleared.
    Changed,
    /// The system does not let the app see or clear it.
    NotClearable,
}

/// The countdown of a secret on the clipboard: sent once a second, and once when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "clipboard_news")]
pub(crate) struct ClipboardCountdown {
    /// The state of the secret.
    pub(crate) state: ClipboardState,
    /// Seconds until it is cleared; 0 when the countdown is over.
    pub(crate) seconds_left: u32,
}

/// A notification was clicked; the window reads its target (command `landing`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "landing_wanted")]
pub(crate) struct NavigationRequested;

/// The system's re-authentication prompt was opened or closed, so that the window can show what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "reauthentication_prompt")]
pub(crate) struct ReauthenticationPrompt {
    /// Whether the prompt is open.
    pub(crate) open: bool,
}

/// Sends changes to the window, which reads again what it shows.
pub(crate) fn send_changes<R: Runtime>(app: &AppHandle<R>, connections: Vec<ConnectionId>, settings: bool) {
    if settings {
        send(app, &SettingsChanged);
    }
    for id in connections {
        send(app, &StatusChanged { id });
    }
}

/// Sends an event to the window, if there is one.
pub(crate) fn send<R: Runtime, E: Event + Serialize + Clone>(app: &AppHandle<R>, event: &E) {
    if let Err(error) = event.emit(app) {
        tracing::debug!(%error, "the window did not receive an event");
    }
}

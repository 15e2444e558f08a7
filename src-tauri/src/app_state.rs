//! The state of the running app, as one value that Tauri manages.

use messages::Messages;
use tauri::{AppHandle, Runtime};

use crate::clipboard::Clipboard;
use crate::connectors::Connectors;
use crate::monitor_control::MonitorControl;
use crate::pending_navigation::PendingNavigation;
use crate::preferences_file::PreferencesFile;
use crate::reauthentication::Reauthentication;
use crate::reviewed_documents::ReviewedDocuments;
use crate::run_registry::RunRegistry;

/// Everything that commands and background tasks share.
pub(crate) struct AppState {
    /// The connectors of this run.
    pub(crate) connectors: Connectors,
    /// The window's own preferences.
    pub(crate) preferences: PreferencesFile,
    /// Runs that can be canceled.
    pub(crate) runs: RunRegistry,
    /// Monitoring in the background.
    pub(crate) monitor: MonitorControl,
    /// Where a clicked notification wants the window to go.
    pub(crate) navigation: PendingNavigation,
    /// Documents shown to the administrator before they are saved or imported.
    pub(crate) reviewed: ReviewedDocuments,
    /// The clipboard.
    pub(crate) clipboard: Clipboard,
    /// The system's question before a token is copied.
    pub(crate) reauthentication: Reauthentication,
}

impl AppState {
    /// Creates the state around the connectors.
    pub(crate) fn new(
        connectors: Connectors,
        preferences: PreferencesFile,
        clipboard: Clipboard,
        reauthentication: Reauthentication,
    ) -> Self {
        Self {
            connectors,
            preferences,
            runs: RunRegistry::default(),
            monitor: MonitorControl::default(),
            navigation: PendingNavigation::default(),
            reviewed: ReviewedDocuments::default(),
            clipboard,
            reauthentication,
        }
    }

    /// Returns the messages in the window's language.
    pub(crate) fn messages<R: Runtime>(&self, app: &AppHandle<R>) -> Messages {
        self.preferences.messages(self.preferences.read(app))
    }
}

//! The state of the running app, as one value that Tauri manages.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use agent::notifications;
use agent::preferences_file::PreferencesFile;
use messages::Messages;
use model::connection::ConnectionId;
use model::notification_event::TestNotificationResult;
use model::problem::Problem;
use tokio_util::sync::CancellationToken;

use crate::agent_link::AgentLink;
use crate::clipboard::Clipboard;
use crate::connector_registry::{ConnectorRegistry, is_practice};
use crate::hosts::Hosts;
use crate::page_load_state::PageLoadState;
use crate::pending_navigation::PendingNavigation;
use crate::reauthentication::Reauthentication;
use crate::reviewed_documents::ReviewedDocuments;
use crate::run_registry::RunRegistry;

/// How long the agent may take to say what became of a test notification. It waits ten seconds for the desktop.
const AGENT_ANSWER: Duration = Duration::from_secs(15);

/// Everything that commands and background tasks share.
pub(crate) struct AppState {
    /// The connectors of this run.
    pub(crate) connectors: ConnectorRegistry,
    /// The window's own preferences.
    pub(crate) preferences: PreferencesFile,
    /// Runs that can be canceled.
    pub(crate) runs: RunRegistry,
    /// The hosts of this process.
    pub(crate) hosts: Hosts,
    /// The agent, where this system has one.
    pub(crate) agent: AgentLink,
    /// The page in the window.
    pub(crate) page: PageLoadState,
    /// Where a clicked notification wants the window to go.
    pub(crate) navigation: PendingNavigation,
    /// Documents shown to the administrator before they are saved or imported.
    pub(crate) reviewed: ReviewedDocuments,
    /// The clipboard.
    pub(crate) clipboard: Clipboard,
    /// The system's question before a token is copied.
    pub(crate) reauthentication: Reauthentication,
    is_ending: AtomicBool,
    is_window_closing: AtomicBool,
}

impl AppState {
    /// Creates the state around the connectors.
    pub(crate) fn new(
        connectors: ConnectorRegistry,
        preferences: PreferencesFile,
        agent: AgentLink,
        clipboard: Clipboard,
        reauthentication: Reauthentication,
    ) -> Self {
        Self {
            connectors,
            preferences,
            runs: RunRegistry::default(),
            hosts: Hosts::default(),
            agent,
            page: PageLoadState::default(),
            navigation: PendingNavigation::default(),
            reviewed: ReviewedDocuments::default(),
            clipboard,
            reauthentication,
            is_ending: AtomicBool::new(false),
            is_window_closing: AtomicBool::new(false),
        }
    }

    /// Records that the process is ending: a window that is opened from now on would not stay.
    pub(crate) fn set_ending(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    /// Records that the window is closing, or that it has closed.
    pub(crate) fn set_window_closing(&self, is_closing: bool) {
        self.is_window_closing.store(is_closing, Ordering::Relaxed);
    }

    /// Tells whether the window is closing.
    pub(crate) fn is_window_closing(&self) -> bool {
        self.is_window_closing.load(Ordering::Relaxed)
    }

    /// Tells whether the process is ending.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// Shows a test notification: through the agent where it answers, else by this process.
    pub(crate) async fn test_notification(&self) -> TestNotificationResult {
        let clock = &self.connectors.config().clock;
        match self.agent.test_notification() {
            Some(answer) => {
                clock.within(AGENT_ANSWER, answer).await.and_then(Result::ok).unwrap_or(TestNotificationResult::Unknown)
            }
            None => notifications::show_test(&self.messages(), self.connectors.practice_only(), clock).await,
        }
    }

    /// Permits the run of response actions, after re-authentication where that is on. Practice needs none. A prompt is closed when
    /// `stop` is canceled.
    ///
    /// # Errors
    /// The code of an answer other than a confirmation, or the store's problem.
    pub(crate) async fn permit_action(&self, id: &ConnectionId, stop: &CancellationToken) -> Result<(), Problem> {
        if is_practice(id) {
            return Ok(());
        }
        let wanted = self.connectors.requires_reauthentication().await?;
        self.reauthentication.permit_action(wanted, &self.messages(), stop).await
    }

    /// Returns the messages in the window's language.
    pub(crate) fn messages(&self) -> Messages {
        self.preferences.messages()
    }
}

//! The agent's process around its host: which connections it watches, and how it shows or ends the window.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use connector::{Connector, ConnectorConfig};
use messages::Messages;
use model::app_change::AppChange;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use runtime::Clock;
use tokio::sync::broadcast;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::{ConnectError, Connection, Message, Role, connect};
use crate::host::Host;
use crate::host_context::{HostContext, ShowRequest};
use crate::notifications;
use crate::peer_config::PeerConfig;
use crate::preferences_file::PreferencesFile;
use crate::replaced_program;
use crate::start_program::AGENT_PROGRAM;
use crate::version_order::{VersionOrder, compare};

/// How long the window's process may take to end when the app is quit.
const QUIT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a window that was started may take to answer.
const START_TIMEOUT: Duration = Duration::from_secs(15);
/// The interval at which it is asked.
const POLL: Duration = Duration::from_millis(50);

/// The process of a connected window.
pub(super) struct Window {
    /// Sends messages to it.
    pub(super) outgoing: UnboundedSender<Message>,
    /// Whether it has the focus.
    pub(super) front: bool,
    /// The connections that its process watches, because it alone has their secret.
    pub(super) watched: BTreeSet<ConnectionId>,
}

/// The agent's process.
pub(super) struct AgentHostContext {
    peer: PeerConfig,
    /// The window's preferences, which the agent only reads.
    preferences: PreferencesFile,
    /// Ends the process.
    pub(super) end: CancellationToken,
    config: ConnectorConfig,
    /// Where every change is published, those of a connector that is opened later included.
    pub(super) changes: broadcast::Sender<AppChange>,
    connector: Mutex<Option<Connector>>,
    host: OnceLock<Arc<Host>>,
    windows: Mutex<BTreeMap<u64, Window>>,
    tasks: TaskTracker,
    /// Held while the window is being shown, so that it is started once.
    showing: tokio::sync::Mutex<()>,
    this: Weak<Self>,
}

impl AgentHostContext {
    /// Creates the context. The connector is opened when the host asks for it, and there is no host yet.
    pub(super) fn new(
        peer: PeerConfig,
        preferences: PreferencesFile,
        config: ConnectorConfig,
        changes: broadcast::Sender<AppChange>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            peer,
            preferences,
            end: CancellationToken::new(),
            config,
            changes,
            connector: Mutex::default(),
            host: OnceLock::new(),
            windows: Mutex::default(),
            tasks: TaskTracker::new(),
            showing: tokio::sync::Mutex::default(),
            this: this.clone(),
        })
    }

    /// Sets the host, once.
    pub(super) fn set_host(&self, host: Arc<Host>) {
        drop(self.host.set(host));
    }

    /// Applies a change of what is hosted, of the settings or of the preferences.
    pub(super) fn refresh(&self) {
        if let Some(host) = self.host.get() {
            host.refresh();
        }
    }

    /// Ends the host, and waits until it has ended.
    pub(super) async fn end_host(&self) {
        if let Some(host) = self.host.get() {
            host.end();
            host.ended().await;
        }
    }

    /// Returns the clock.
    pub(super) fn clock(&self) -> &Clock {
        &self.config.clock
    }

    /// Returns the connected windows.
    pub(super) fn windows(&self) -> MutexGuard<'_, BTreeMap<u64, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message to every connected window.
    pub(super) fn send_to_windows(&self, message: &Message) {
        // A window that has ended is removed by the task that reads its connection.
        self.windows().values().for_each(|window| drop(window.outgoing.send(message.clone())));
    }

    /// Tells whether the tray shows the icon.
    pub(super) fn tray_is_there(&self) -> bool {
        self.host.get().is_some_and(|host| host.tray_is_there())
    }

    /// Compares the version of the window's process with our own; `None` when there is no window. A window that does not answer
    /// is judged by the version in its lock file.
    pub(super) async fn window_version(&self) -> Option<VersionOrder> {
        let version = match self.connect_to_window().await {
            Ok(window) => window.peer().version.clone(),
            Err(ConnectError::NotRunning(_)) => return None,
            Err(ConnectError::NotResponding(role)) => self.peer.folder.holder_hello(role)?.version,
            Err(ConnectError::Refused(_)) => return None,
        };
        Some(compare(&version, &self.peer.hello.version))
    }

    /// Returns the program that replaced this one's file, when it can be started and no window is open.
    pub(super) async fn replaced_program(&self) -> Option<PathBuf> {
        let is_window_gone = || async { matches!(self.connect_to_window().await, Err(ConnectError::NotRunning(_))) };
        if !self.windows().is_empty() || !is_window_gone().await {
            return None;
        }
        match replaced_program::find(AGENT_PROGRAM, &self.peer.hello.version, &self.config.clock).await {
            Ok(program) => program,
            Err(error) => {
                tracing::debug!(%error, "the agent keeps running as it is");
                None
            }
        }
    }

    /// Shows a test notification and answers what became of it.
    pub(super) fn test_notification(&self, answers: UnboundedSender<Message>) {
        self.spawn(|this| async move {
            let result = notifications::show_test(&this.messages(), false, this.clock()).await;
            drop(answers.send(Message::TestNotificationResult { result }));
        });
    }

    /// Ends the window, then the agent.
    pub(super) fn quit_app(&self) {
        self.spawn(|this| async move {
            let ended = async {
                let Ok(mut window) = this.connect_to_window().await else { return };
                if window.request(&Message::Quit).await.is_ok() {
                    // The system closes the connection when the process has ended.
                    while window.recv().await.is_ok() {}
                }
            };
            if this.config.clock.within(QUIT_TIMEOUT, ended).await.is_none() {
                tracing::warn!("the window's process did not end in time");
            }
            this.end.cancel();
        });
    }

    /// Shows the window: that of the process that answers, or that of a new one.
    async fn show(&self, request: ShowRequest) {
        let _showing = self.showing.lock().await;
        let message = Message::Show { request: request.clone() };
        match self.ask_window(&message).await {
            Ok(()) => return,
            Err(ConnectError::NotResponding(_)) => return self.report_silent_window(),
            // It may have been ending: a new one is started once.
            Err(error) => tracing::debug!(%error, "no window answers"),
        }
        if let Err(error) = self.peer.programs.start(Role::Window, request.activation_token.as_deref()) {
            tracing::error!(%error, "the window was not started");
            return self.report_missing_window();
        }
        // The request says where to go. Until the window answers, another one would start one more.
        let shown = async {
            while self.ask_window(&message).await.is_err() {
                self.config.clock.sleep(POLL).await;
            }
        };
        if self.config.clock.within(START_TIMEOUT, shown).await.is_none() {
            tracing::error!("the window that was started does not answer");
            self.report_missing_window();
        }
    }

    fn report_missing_window(&self) {
        let messages = self.messages();
        self.tasks.spawn_blocking(move || notifications::show_window_failed(&messages));
    }

    async fn connect_to_window(&self) -> Result<Connection, ConnectError> {
        let PeerConfig { folder, hello, deadline, .. } = &self.peer;
        connect(folder, Role::Window, hello, deadline).await
    }

    /// Sends a request to the window's process and waits until it is carried out.
    async fn ask_window(&self, request: &Message) -> Result<(), ConnectError> {
        Ok(self.connect_to_window().await?.request(request).await?)
    }

    /// Reports a process that holds the window's place and does not answer.
    fn report_silent_window(&self) {
        let pid = self.peer.folder.holder(Role::Window).map_or_else(|| "?".to_owned(), |pid| pid.to_string());
        tracing::error!(pid, "the window's process does not answer");
        let text = self.messages().code(Code::WindowNotResponding, &[("pid".to_owned(), pid)].into());
        self.tasks.spawn_blocking(move || {
            notifications::show_text(&text.title, &format!("{} {}", text.meaning, text.remedy))
        });
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Arc<Self>) -> F) {
        if let Some(this) = self.this.upgrade() {
            self.tasks.spawn(task(this));
        }
    }
}

impl HostContext for AgentHostContext {
    fn connector(&self) -> Result<Connector, Problem> {
        let mut connector = self.connector.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connector) = &*connector {
            return Ok(connector.clone());
        }
        let opened = Connector::open_with(self.config.clone(), self.changes.clone())?;
        *connector = Some(opened.clone());
        Ok(opened)
    }

    fn is_practice(&self) -> bool {
        false
    }

    fn messages(&self) -> Messages {
        self.preferences.messages()
    }

    fn hosts(&self, id: &ConnectionId) -> bool {
        self.windows().values().all(|window| !window.watched.contains(id))
    }

    fn shows_tray(&self) -> bool {
        true
    }

    fn is_window_in_front(&self) -> bool {
        self.windows().values().any(|window| window.front)
    }

    fn on_tray_change(&self) {
        self.send_to_windows(&Message::Tray { shown: self.tray_is_there() });
    }

    fn show_window(&self, request: ShowRequest) {
        self.spawn(|this| async move { this.show(request).await });
    }

    fn quit(&self) {
        self.quit_app();
    }
}

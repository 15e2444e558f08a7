//! Finds the [`Connector`] for a command: the real one or that of the practice organization.
//!
//! Practice has a separate data folder and keychain service and ends with the run, so that it never shares a file or a secret
//! with real connections. A connection's id says where it belongs. Started with `--practice`, the app does not open the real
//! database. A database that cannot be opened is a problem kept here until it is tried again or set aside; the app still
//! starts.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use connector::{Connector, ConnectorConfig};
use messages::{Messages, keys};
use model::app_change::AppChange;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::policy::PolicyView;
use model::problem::Problem;
use tokio::sync::broadcast;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::practice_org::PracticeOrg;
use crate::reauthentication::ConfirmedChoice;
use crate::start_config::StartConfig;

/// Number of changes that the channel keeps for a slow receiver.
const CHANGES_KEPT: usize = 64;

/// Tells whether an id belongs to a practice connection.
pub(crate) fn is_practice(id: &ConnectionId) -> bool {
    id.0.starts_with("practice-")
}

/// A connector during one call. While it exists, the end of the process would interrupt the call.
pub(crate) struct InUse {
    connector: Connector,
    _call: TaskTrackerToken,
}

impl InUse {
    fn new(connector: Connector, calls: &TaskTracker) -> Self {
        Self { connector, _call: calls.token() }
    }
}

impl Deref for InUse {
    type Target = Connector;

    fn deref(&self) -> &Connector {
        &self.connector
    }
}

/// The connectors of this run.
pub(crate) struct ConnectorRegistry {
    config: StartConfig,
    /// `None` when the app was started with `--practice`.
    real: Mutex<Option<Result<Connector, Problem>>>,
    practice: Mutex<Option<Arc<PracticeOrg>>>,
    /// Held while the practice organization starts, so that it starts once.
    practice_start: tokio::sync::Mutex<()>,
    /// The re-authentication setting of a run that opens no real database.
    reauthentication_off: AtomicBool,
    changes: broadcast::Sender<AppChange>,
    /// The calls in progress.
    calls: TaskTracker,
}

impl ConnectorRegistry {
    /// Opens the real database, unless the app was started with `--practice`. [`ConnectorRegistry::problem`] returns what kept the
    /// database from being opened.
    pub(crate) fn open(config: StartConfig) -> Self {
        let changes = broadcast::channel(CHANGES_KEPT).0;
        let real = (!config.practice_only).then(|| Connector::open_with(config.real.clone(), changes.clone()));
        Self {
            config,
            real: Mutex::new(real),
            practice: Mutex::new(None),
            practice_start: tokio::sync::Mutex::new(()),
            reauthentication_off: AtomicBool::new(false),
            changes,
            calls: TaskTracker::new(),
        }
    }

    /// Returns the problem that keeps the real database from being used.
    pub(crate) fn problem(&self) -> Option<Problem> {
        self.lock_real().as_ref().and_then(|real| real.as_ref().err().cloned())
    }

    /// Returns the configuration of the real connections.
    pub(crate) fn config(&self) -> &ConnectorConfig {
        &self.config.real
    }

    /// Tells whether the app was started with `--practice`.
    pub(crate) fn practice_only(&self) -> bool {
        self.config.practice_only
    }

    /// Tells whether the end of the process would interrupt or lose something: a call in progress, practice, or a secret that
    /// is kept in memory for this run only.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux ends the process with its window"))]
    pub(crate) fn is_busy(&self) -> bool {
        let practice = self.practice_start.try_lock().is_err() || self.lock_practice().is_some();
        !self.calls.is_empty() || practice || self.config.real.keychain.holds_for_this_run()
    }

    /// Tries again to open a database that could not be opened.
    pub(crate) fn retry(&self) {
        let mut real = self.lock_real();
        if matches!(*real, Some(Err(_))) {
            *real = Some(Connector::open_with(self.config.real.clone(), self.changes.clone()));
        }
    }

    /// Renames a database that cannot be opened and creates a new one. An open database is left as it is.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(crate) fn set_aside(&self) -> Result<(), Problem> {
        if self.problem().is_some() {
            Connector::set_aside(&self.config.real.data_dir, &self.config.real.clock)?;
            self.retry();
        }
        Ok(())
    }

    /// Returns the connector that a connection belongs to.
    ///
    /// # Errors
    /// The problem of the real database; [`Code::PracticeEnded`] for a practice connection of an earlier run.
    pub(crate) fn for_connection(&self, id: &ConnectionId) -> Result<InUse, Problem> {
        Ok(InUse::new(self.hosted(is_practice(id))?, &self.calls))
    }

    /// Returns the connector for a request that belongs to no connection.
    ///
    /// # Errors
    /// As [`ConnectorRegistry::for_connection`].
    pub(crate) fn default(&self) -> Result<InUse, Problem> {
        Ok(InUse::new(self.hosted(self.practice_only())?, &self.calls))
    }

    /// Returns the connector of a connection, or the default one where there is none.
    ///
    /// # Errors
    /// As [`ConnectorRegistry::for_connection`].
    pub(crate) fn for_optional(&self, id: Option<&ConnectionId>) -> Result<InUse, Problem> {
        id.map_or_else(|| self.default(), |id| self.for_connection(id))
    }

    /// Returns the connector of the real connections.
    ///
    /// # Errors
    /// As [`ConnectorRegistry::hosted`].
    pub(crate) fn real(&self) -> Result<InUse, Problem> {
        Ok(InUse::new(self.hosted(false)?, &self.calls))
    }

    /// Returns the connector of practice or of the real connections for a host, which keeps it between its calls.
    ///
    /// # Errors
    /// The problem of the real database; [`Code::ConnectionUnknown`] for real connections when the app was started with
    /// `--practice`; [`Code::PracticeEnded`] when there is no practice.
    pub(crate) fn hosted(&self, practice: bool) -> Result<Connector, Problem> {
        if practice {
            return Ok(self.practice_org()?.connector());
        }
        self.lock_real().clone().unwrap_or_else(|| Err(Problem::new(Code::ConnectionUnknown)))
    }

    /// Tells whether a secret of a real connection exists in this process alone.
    pub(crate) fn keeps_for_this_run(&self, id: &ConnectionId) -> bool {
        !is_practice(id) && self.hosted(false).is_ok_and(|connector| connector.tokens().kept_for_this_run(id))
    }

    /// Pauses notifications of all connections until the given time, or resumes them.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn pause_notifications(&self, until: Option<DateTime<Utc>>) -> Result<(), Problem> {
        for connector in self.hosted(false).into_iter().chain(self.hosted(true)) {
            InUse::new(connector, &self.calls).settings().pause_notifications(until).await?;
        }
        Ok(())
    }

    /// Returns every connection: the real ones, then those of practice.
    ///
    /// # Errors
    /// The problem of a database that cannot be read.
    pub(crate) async fn connections(&self) -> Result<Vec<ConnectionView>, Problem> {
        let mut all = if self.practice_only() { Vec::new() } else { self.real()?.connections().list().await? };
        let practice = self.lock_practice().clone();
        if let Some(org) = practice {
            all.extend(org.connector().connections().list().await?);
        }
        Ok(all)
    }

    /// Tells whether a person must re-authenticate before a token is copied. With `--practice` there is no real database and
    /// no policy; the setting lasts for the run then.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn requires_reauthentication(&self) -> Result<bool, Problem> {
        if self.practice_only() {
            return Ok(!self.reauthentication_off.load(Ordering::Relaxed));
        }
        self.real()?.settings().asks_before_copying().await
    }

    /// Stores whether a person must re-authenticate, and returns the setting in effect.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn set_requires_reauthentication(&self, choice: ConfirmedChoice) -> Result<bool, Problem> {
        if !self.practice_only() {
            return self.real()?.settings().set_asks_before_copying(choice.is_on()).await;
        }
        self.reauthentication_off.store(!choice.is_on(), Ordering::Relaxed);
        Ok(choice.is_on())
    }

    /// Returns the organization's policy; an empty one when the app was started with `--practice`.
    ///
    /// # Errors
    /// The problem of the real database.
    pub(crate) async fn policy(&self) -> Result<PolicyView, Problem> {
        if self.practice_only() { Ok(PolicyView::default()) } else { self.real()?.settings().policy().await }
    }

    /// Creates a connection and opens its guide: a practice connection when the app was started with `--practice`.
    ///
    /// # Errors
    /// The database's problem, or that of starting the practice organization.
    pub(crate) async fn begin_setup(&self, messages: &Messages) -> Result<ConnectionView, Problem> {
        if self.practice_only() {
            self.begin_practice(messages).await
        } else {
            self.real()?.connections().begin().await
        }
    }

    /// Creates a practice connection and opens its guide. The practice organization is started once per run.
    ///
    /// # Errors
    /// [`Code::PracticeFailed`] with the reason.
    pub(crate) async fn begin_practice(&self, messages: &Messages) -> Result<ConnectionView, Problem> {
        let _starting = self.practice_start.lock().await;
        let running = self.lock_practice().clone();
        let org = match running {
            Some(org) => org,
            None => {
                let org = Arc::new(PracticeOrg::start(&self.config, self.changes.clone()).await?);
                *self.lock_practice() = Some(Arc::clone(&org));
                org
            }
        };
        org.begin(messages.text(keys::PRACTICE_NAME, &[])).await
    }

    /// Returns the practice organization of this run.
    ///
    /// # Errors
    /// [`Code::PracticeEnded`] when there is none.
    pub(crate) fn practice_org(&self) -> Result<Arc<PracticeOrg>, Problem> {
        self.lock_practice().clone().ok_or_else(|| Problem::new(Code::PracticeEnded))
    }

    /// Ends practice: removes its connections, keychain entries and folder.
    pub(crate) async fn end_practice(&self) {
        let practice = self.lock_practice().take();
        if let Some(org) = practice {
            org.remove_connections().await;
        }
    }

    /// Returns a receiver of every change from now on.
    pub(crate) fn changes(&self) -> broadcast::Receiver<AppChange> {
        self.changes.subscribe()
    }

    fn lock_real(&self) -> MutexGuard<'_, Option<Result<Connector, Problem>>> {
        self.real.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_practice(&self) -> MutexGuard<'_, Option<Arc<PracticeOrg>>> {
        self.practice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

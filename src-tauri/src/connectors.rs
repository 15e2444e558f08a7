//! Finds the [`Connector`] for a command: the real one or that of the practice organization.
//!
//! Practice has a separate data folder and keychain service and ends with the run, so that it never shares a file or a secret
//! with real connections. A connection's id says where it belongs. Started with `--practice`, the app does not open the real
//! database. A database that cannot be opened is a problem kept here until it is tried again or set aside; the app still
//! starts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use connector::{Connector, links};
use messages::{Messages, keys};
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_import::ImportOutcome;
use model::connection_view::ConnectionView;
use model::link_target::LinkTarget;
use model::policy::PolicyView;
use model::problem::Problem;
use model::secret::SecretName;
use tokio::sync::broadcast;

use crate::app_change::AppChange;
use crate::clipboard::{self, CopyContent, CopyItem, Digest};
use crate::practice_org::PracticeOrg;
use crate::reauthentication::{ConfirmedChoice, CopyPermit};
use crate::start_config::StartConfig;

/// Number of changes that the channel keeps for a slow receiver.
const CHANGES_KEPT: usize = 64;

/// Tells whether an id belongs to a practice connection.
pub(crate) fn is_practice(id: &ConnectionId) -> bool {
    id.0.starts_with("practice-")
}

/// The connectors of this run.
pub(crate) struct Connectors {
    config: StartConfig,
    /// `None` when the app was started with `--practice`.
    real: Mutex<Option<Result<Connector, Problem>>>,
    practice: Mutex<Option<Arc<PracticeOrg>>>,
    /// Held while the practice organization starts, so that it starts once.
    practice_start: tokio::sync::Mutex<()>,
    /// The re-authentication setting of a run that opens no real database.
    reauthentication_off: AtomicBool,
    changes: broadcast::Sender<AppChange>,
}

impl Connectors {
    /// Opens the real database, unless the app was started with `--practice`. [`Connectors::problem`] returns what kept the
    /// database from being opened.
    pub(crate) fn open(config: StartConfig) -> Self {
        let real = (!config.practice_only).then(|| Connector::open(config.real.clone()));
        Self {
            config,
            real: Mutex::new(real),
            practice: Mutex::new(None),
            practice_start: tokio::sync::Mutex::new(()),
            reauthentication_off: AtomicBool::new(false),
            changes: broadcast::channel(CHANGES_KEPT).0,
        }
    }

    /// Returns the problem that keeps the real database from being used.
    pub(crate) fn problem(&self) -> Option<Problem> {
        self.lock_real().as_ref().and_then(|real| real.as_ref().err().cloned())
    }

    /// Tells whether the app was started with `--practice`.
    pub(crate) fn practice_only(&self) -> bool {
        self.config.practice_only
    }

    /// Tells whether the end of the run would interrupt or lose something: a call in progress, practice, or a secret that is
    /// kept in memory for this run only.
    pub(crate) fn is_busy(&self) -> bool {
        let in_progress = self.lock_real().as_ref().is_some_and(|real| real.as_ref().is_ok_and(|one| !one.is_idle()));
        let practice = self.practice_start.try_lock().is_err() || self.lock_practice().is_some();
        in_progress || practice || self.config.real.keychain.holds_for_this_run()
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.config.real.clock.now()
    }

    /// Returns the name of the operating system account.
    pub(crate) fn operator(&self) -> &str {
        &self.config.real.operator
    }

    /// Tries again to open a database that could not be opened.
    pub(crate) fn retry(&self) {
        let mut real = self.lock_real();
        if matches!(*real, Some(Err(_))) {
            *real = Some(Connector::open(self.config.real.clone()));
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
    pub(crate) fn for_connection(&self, id: &ConnectionId) -> Result<Connector, Problem> {
        if is_practice(id) { Ok(self.practice_org()?.connector()) } else { self.real() }
    }

    /// Returns the connector for a request that belongs to no connection.
    ///
    /// # Errors
    /// As [`Connectors::for_connection`].
    pub(crate) fn default(&self) -> Result<Connector, Problem> {
        if self.practice_only() { Ok(self.practice_org()?.connector()) } else { self.real() }
    }

    /// Returns the connector of the real connections.
    ///
    /// # Errors
    /// The problem of the real database; [`Code::ConnectionUnknown`] when the app was started with `--practice`.
    pub(crate) fn real(&self) -> Result<Connector, Problem> {
        self.lock_real().clone().unwrap_or_else(|| Err(Problem::new(Code::ConnectionUnknown)))
    }

    /// Returns every open connector: the real one, then that of practice.
    pub(crate) fn all(&self) -> Vec<Connector> {
        let practice = self.lock_practice().as_ref().map(|org| org.connector());
        self.real().into_iter().chain(practice).collect()
    }

    /// Returns every connection: the real ones, then those of practice.
    ///
    /// # Errors
    /// The problem of a database that cannot be read.
    pub(crate) async fn connections(&self) -> Result<Vec<ConnectionView>, Problem> {
        let mut all = if self.practice_only() { Vec::new() } else { self.real()?.connections().await? };
        let practice = self.lock_practice().clone();
        if let Some(org) = practice {
            all.extend(org.connector().connections().await?);
        }
        Ok(all)
    }

    /// Asks Radiant's documentation, on behalf of a connection where one is given.
    ///
    /// # Errors
    /// As [`Connectors::for_connection`]; otherwise as `Connector::ask_docs`.
    pub(crate) async fn ask_docs(
        &self,
        id: Option<&ConnectionId>,
        question: &str,
    ) -> Result<model::radiant::DocsAnswer, Problem> {
        id.map_or_else(|| self.default(), |id| self.for_connection(id))?.ask_docs(id, question).await
    }

    /// Returns the address of a link target. Only `connector::links` builds addresses.
    ///
    /// # Errors
    /// [`Code::LinkRefused`], or [`Code::DomainUnset`] before the domain is known.
    pub(crate) async fn address(&self, id: Option<&ConnectionId>, link: &LinkTarget) -> Result<String, Problem> {
        let url = match id {
            Some(id) => self.for_connection(id)?.link(Some(id), link).await?,
            None => links::address(link, None)?,
        };
        Ok(url.into())
    }

    /// Deletes a secret and returns the connection without it.
    ///
    /// # Errors
    /// The problem of the keychain or the database.
    pub(crate) async fn forget_secret(&self, id: &ConnectionId, name: SecretName) -> Result<ConnectionView, Problem> {
        let connector = self.for_connection(id)?;
        connector.forget_secret(id, name).await?;
        connector.connection(id).await
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
        self.real()?.asks_before_copying().await
    }

    /// Stores whether a person must re-authenticate, and returns the setting in effect.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn set_requires_reauthentication(&self, choice: ConfirmedChoice) -> Result<bool, Problem> {
        if !self.practice_only() {
            return self.real()?.set_asks_before_copying(choice.is_on()).await;
        }
        self.reauthentication_off.store(!choice.is_on(), Ordering::Relaxed);
        Ok(choice.is_on())
    }

    /// Returns the organization's policy; an empty one when the app was started with `--practice`.
    ///
    /// # Errors
    /// The problem of the real database.
    pub(crate) async fn policy(&self) -> Result<PolicyView, Problem> {
        if self.practice_only() { Ok(PolicyView::default()) } else { self.real()?.policy().await }
    }

    /// Returns until when notifications are paused, or were paused last.
    pub(crate) async fn notifications_paused_until(&self) -> Option<DateTime<Utc>> {
        self.default().ok()?.monitor_settings().await.ok()?.quiet_until
    }

    /// Returns the content that a copy button puts on the clipboard.
    ///
    /// # Errors
    /// [`Code::DomainUnset`], [`Code::TokenMissing`], [`Code::StepNotReady`], or the problem of the keychain or the database.
    pub(crate) async fn copy_content(&self, id: &ConnectionId, permit: CopyPermit) -> Result<CopyContent, Problem> {
        let connector = self.for_connection(id)?;
        let view = connector.connection(id).await?;
        Ok(match permit.item() {
            CopyItem::OktaDomain => CopyContent::Plain(view.okta_url.ok_or(Code::DomainUnset)?),
            CopyItem::TokenName => CopyContent::Plain(view.setup.token_name),
            CopyItem::CredentialName => CopyContent::Plain(view.setup.credential_name),
            CopyItem::NewTokenName => CopyContent::Plain(view.rotation.ok_or(Code::StepNotReady)?.token_name),
            CopyItem::NewApiToken => CopyContent::Secret(connector.secret(id, SecretName::NextOktaToken).await?),
            CopyItem::ApiToken => CopyContent::Secret(connector.secret(id, SecretName::OktaToken).await?),
        })
    }

    /// Returns the digests of a connection's secrets, by which one is recognized on the clipboard. A secret that the keychain
    /// does not return is left out.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn secret_digests(&self, id: &ConnectionId) -> Result<Vec<Digest>, Problem> {
        let connector = self.for_connection(id)?;
        let mut digests = Vec::new();
        for state in connector.connection(id).await?.secrets {
            if let Ok(secret) = connector.secret(id, state.name).await {
                digests.push(clipboard::digest(&secret));
            }
        }
        Ok(digests)
    }

    /// Creates a connection and opens its guide: a practice connection when the app was started with `--practice`.
    ///
    /// # Errors
    /// The database's problem, or that of starting the practice organization.
    pub(crate) async fn begin_setup(&self, messages: &Messages) -> Result<ConnectionView, Problem> {
        if self.practice_only() { self.begin_practice(messages).await } else { self.real()?.begin_setup().await }
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
                let org = Arc::new(PracticeOrg::start(&self.config).await?);
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

    /// Sends a change to all receivers.
    pub(crate) fn publish(&self, change: AppChange) {
        // Without a receiver there is nothing to update.
        drop(self.changes.send(change));
    }

    /// Publishes that the connection changed if the result is a success, and returns the result.
    pub(crate) fn notify_on_success<T>(&self, id: &ConnectionId, result: Result<T, Problem>) -> Result<T, Problem> {
        result.inspect(|_| self.publish(AppChange::Connection(id.clone())))
    }

    /// Publishes that the connection changed whatever the result is, because a refused call may have been done in part.
    pub(crate) fn notify_always<T>(&self, id: &ConnectionId, result: Result<T, Problem>) -> Result<T, Problem> {
        self.publish(AppChange::Connection(id.clone()));
        result
    }

    /// Publishes that a connection was created.
    pub(crate) fn notify_created(&self, created: Result<ConnectionView, Problem>) -> Result<ConnectionView, Problem> {
        created.inspect(|view| self.publish(AppChange::Connection(view.connection.id.clone())))
    }

    /// Publishes that an import created connections.
    pub(crate) fn notify_imported(&self, imported: Result<ImportOutcome, Problem>) -> Result<ImportOutcome, Problem> {
        imported.inspect(|outcome| {
            for one in &outcome.added {
                self.publish(AppChange::Connection(one.id.clone()));
            }
        })
    }

    fn lock_real(&self) -> MutexGuard<'_, Option<Result<Connector, Problem>>> {
        self.real.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_practice(&self) -> MutexGuard<'_, Option<Arc<PracticeOrg>>> {
        self.practice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

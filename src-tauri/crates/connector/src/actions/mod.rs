//! Response actions: preview, run, undo, audit and rehearsal.
//!
//! Guarantees: nothing is sent without an approved preview and a row in the audit; every request is sent once; what the answer or
//! the state does not prove is reported as unknown; the guards are judged when the preview is built and again before the first
//! request. The rules are pure functions of `model::action_rules`.

mod acting;
mod address_run;
mod addresses;
mod blocklist_memory;
mod events;
mod export;
mod held_tokens;
mod journal;
mod preview;
mod previews;
mod proof;
mod recovery;
mod rehearsal;
mod run;
mod undo;
mod user_parts;
mod users;

use std::path::PathBuf;
use std::time::Duration;

use messages::Messages;
use model::action::{ActionApproval, ActionPreview, ActionRequest, TokenForActions, UserFacts};
use model::action_audit::{
    AuditEntry, AuditFormat, AuditPage, AuditQuery, AuditVerification, AuditedConnection, BlockedNow, DueEnd,
};
use model::action_run::{ActionProgress, ActionRun, RehearsalReport, RehearsalRequest};
use model::connection::ConnectionId;
use model::problem::Problem;
use model::secret::SecretName;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connection_clients::Access;
use crate::policy::CurrentPolicy;
use crate::records::Records;
use crate::token_store::cleaned;
use held_tokens::{HeldTokens, IDLE};
use previews::Previews;

/// The response actions of all connections.
pub struct Actions {
    records: Records,
    access: Access,
    policy: CurrentPolicy,
    operator: String,
    data_dir: PathBuf,
    previews: Previews,
    held: HeldTokens,
    tasks: TaskTracker,
}

impl Actions {
    pub(crate) fn new(
        records: Records,
        access: Access,
        policy: CurrentPolicy,
        operator: String,
        data_dir: PathBuf,
    ) -> Self {
        let (previews, held, tasks) = (Previews::default(), HeldTokens::default(), TaskTracker::new());
        Self { records, access, policy, operator, data_dir, previews, held, tasks }
    }

    /// Returns which token the actions of a connection work with.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn token_state(&self, id: &ConnectionId) -> Result<TokenForActions, Problem> {
        if self.policy.fixed().await?.response_actions == Some(false) {
            return Ok(TokenForActions::Forbidden);
        }
        if let Some(held) = self.held.peek(id, self.now()) {
            return Ok(TokenForActions::Held { until: held.until(), owner: held.owner });
        }
        let connection = self.records.connection(id).await?;
        let is_stored = self.is_response_token_stored(&connection).await?;
        Ok(if is_stored { TokenForActions::Stored } else { TokenForActions::Needed })
    }

    /// Holds a pasted token in memory for actions, after Okta named its owner. It is forgotten after 15 minutes without use.
    ///
    /// # Errors
    /// What is wrong with the pasted text, or why Okta does not accept the token.
    pub async fn use_token(&self, id: &ConnectionId, pasted: SecretString) -> Result<TokenForActions, Problem> {
        self.refuse_if_forbidden().await?;
        let secret = cleaned(SecretName::OktaToken, &pasted)?;
        let connection = self.records.connection(id).await?;
        let (okta, log) = self.client(&connection, secret.clone()).await?;
        let acting = self.acting(connection, okta, log).await?;
        self.record_requests(&acting).await;
        self.held.put(id, secret, acting.owner.login, self.now());
        let (held, clock, idle) =
            (self.held.clone(), self.records.clock.clone(), IDLE.to_std().unwrap_or(Duration::MAX));
        self.tasks.spawn(async move {
            // Ends when the last token is forgotten; a later one starts its own.
            while !held.is_empty() {
                clock.sleep(idle.min(Duration::from_secs(60))).await;
                held.forget_idle(clock.now());
            }
        });
        self.token_state(id).await
    }

    /// Forgets the token that is held for actions.
    pub fn forget_token(&self, id: &ConnectionId) {
        self.held.forget(id);
    }

    /// Finds users by login, e-mail address, name or id, at most 20.
    ///
    /// # Errors
    /// As [`Actions::preview`].
    pub async fn find_users(&self, id: &ConnectionId, typed: &str) -> Result<Vec<UserFacts>, Problem> {
        let acting = self.open(id).await?;
        let found = acting.search(typed).await;
        self.record_requests(&acting).await;
        found
    }

    /// Previews an action. Nothing is changed.
    ///
    /// # Errors
    /// [`Code::ActionsForbidden`](model::code::Code::ActionsForbidden),
    /// [`Code::ActionTokenNeeded`](model::code::Code::ActionTokenNeeded), and why Okta did not answer. A target that is refused
    /// is no error.
    pub async fn preview(&self, request: &ActionRequest) -> Result<ActionPreview, Problem> {
        let acting = self.open(&request.connection).await?;
        let preview = self.build(&acting, request).await;
        self.record_requests(&acting).await;
        preview
    }

    /// Previews the undo of an entry of the audit. Nothing is changed.
    ///
    /// # Errors
    /// As [`Actions::preview`]; [`Code::AuditEntryUnknown`](model::code::Code::AuditEntryUnknown).
    pub async fn undo_preview(&self, id: &ConnectionId, entry: u32) -> Result<ActionPreview, Problem> {
        let acting = self.open(id).await?;
        let preview = self.build_undo(&acting, entry).await;
        self.record_requests(&acting).await;
        preview
    }

    /// Runs an approved preview, target by target. A stop ends it before the next target; a target that was begun is finished.
    ///
    /// # Errors
    /// Before the first request: the codes of an incomplete approval,
    /// [`Code::ActionRunning`](model::code::Code::ActionRunning),
    /// [`Code::AuditNotSealed`](model::code::Code::AuditNotSealed), and those of [`Actions::preview`]. Later problems are in the
    /// result.
    pub async fn run(
        &self,
        approval: &ActionApproval,
        cancel: &CancellationToken,
        on_progress: impl Fn(ActionProgress) + Send + Sync,
    ) -> Result<ActionRun, Problem> {
        let preview = self.previews.take(approval, self.now())?;
        self.run_approved(&preview, approval, cancel, &on_progress).await
    }

    /// Returns a page of the audit. The connection may have been removed since.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn audit(&self, query: AuditQuery) -> Result<AuditPage, Problem> {
        self.records.read(move |tx| tx.audit_page(&query)).await
    }

    /// Returns the connections that have an audit, also those that were removed: what is lost when everything is erased.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn audited_connections(&self) -> Result<Vec<AuditedConnection>, Problem> {
        self.records.read(|tx| tx.audited_connections()).await
    }

    /// Checks whether the audit is complete and unchanged.
    ///
    /// # Errors
    /// The store's problem. A keychain that cannot be read is part of the result.
    pub async fn verify_audit(&self, id: &ConnectionId) -> Result<AuditVerification, Problem> {
        self.verify(id).await
    }

    /// Returns the whole audit as a file's content.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn export_audit(
        &self,
        id: &ConnectionId,
        format: AuditFormat,
        messages: &Messages,
    ) -> Result<String, Problem> {
        self.exported(id, format, messages).await
    }

    /// Closes the entries that an interrupted run left open with what can be read about them, and returns these. Waits up to
    /// twenty seconds until the System Log is certain.
    ///
    /// # Errors
    /// As [`Actions::preview`]; [`Code::ActionRunning`](model::code::Code::ActionRunning).
    pub async fn resolve_open_entries(&self, id: &ConnectionId) -> Result<Vec<AuditEntry>, Problem> {
        let _lock = self.lock(id)?;
        let acting = self.open(id).await?;
        let numbers = self.recover(&acting, true).await?;
        self.seal(id).await?;
        self.record_requests(&acting).await;
        let mut entries = Vec::with_capacity(numbers.len());
        for number in numbers {
            entries.push(self.entry(id, number).await?);
        }
        Ok(entries)
    }

    /// Returns what is blocked now, by this app and by others.
    ///
    /// # Errors
    /// As [`Actions::preview`].
    pub async fn blocked_now(&self, id: &ConnectionId) -> Result<BlockedNow, Problem> {
        let acting = self.open(id).await?;
        let blocked = self.blocked(&acting).await;
        self.record_requests(&acting).await;
        blocked
    }

    /// Returns the actions with an end time that were not undone, the earliest end first.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn due_ends(&self, id: &ConnectionId) -> Result<Vec<DueEnd>, Problem> {
        let (connection, now) = (id.clone(), self.now());
        let entries = self.records.read(move |tx| tx.audit_in_effect(&connection)).await?;
        let due = entries.into_iter().filter_map(|entry| {
            let ends_at = entry.opening.ends_at?;
            let (kind, target) = (entry.opening.kind, entry.opening.target);
            Some(DueEnd { entry: entry.number, kind, target, ends_at, is_due: ends_at <= now })
        });
        let mut due: Vec<_> = due.collect();
        due.sort_by_key(|one| one.ends_at);
        Ok(due)
    }

    /// Runs every action and its undo on a user and an address that exist for this.
    ///
    /// # Errors
    /// As [`Actions::preview`] and [`Actions::run`], before the first step. Later problems are in the report.
    pub async fn rehearse(
        &self,
        request: &RehearsalRequest,
        cancel: &CancellationToken,
        on_progress: impl Fn(ActionProgress) + Send + Sync,
    ) -> Result<RehearsalReport, Problem> {
        self.run_rehearsal(request, cancel, &on_progress).await
    }
}

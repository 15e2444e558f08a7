//! Response actions: preview, run, undo, audit and rehearsal.
//!
//! Guarantees: nothing is sent without an approved preview and a row in the audit; every request is sent once; what the answer or
//! the state does not prove is reported as unknown; the guards are judged when the preview is built and again before the first
//! request. The rules are pure functions of `model::action_rules`.

mod address_preview;
mod address_recovery;
mod address_run;
mod audit_seal;
mod export;
mod journal;
mod known_blocklist_zone;
mod pasted_tokens;
mod preview;
mod previews;
mod recovery;
mod rehearsal;
mod rehearsal_proof;
mod run_client;
mod run_context;
mod run_log_events;
mod runner;
mod target_verdict;
mod user_preview;
mod user_run;
mod user_undo_preview;
mod user_writes;
mod users;
mod write_reply;

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
use model::secret_name::SecretName;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connection_clients::Access;
use crate::connection_repository::ConnectionRepository;
use crate::policy::CurrentPolicy;
use crate::token_store::cleaned;
use address_preview::AddressActions;
use journal::Journal;
use pasted_tokens::IDLE;
pub(crate) use pasted_tokens::PastedTokens;
use previews::Previews;
use run_client::TokenAccess;
use runner::Runner;
use user_preview::UserActions;

/// The response actions of all connections.
pub struct Actions {
    runner: Runner,
    tasks: TaskTracker,
}

impl Actions {
    pub(crate) fn new(
        records: ConnectionRepository,
        access: Access,
        policy: CurrentPolicy,
        pasted: PastedTokens,
        operator: String,
        data_dir: PathBuf,
    ) -> Self {
        let journal = Journal { records: records.clone(), operator };
        let runner = Runner {
            tokens: TokenAccess { records, access, policy, pasted },
            users: UserActions { journal: journal.clone() },
            addresses: AddressActions { journal: journal.clone() },
            journal,
            previews: Previews::default(),
            data_dir,
        };
        Self { runner, tasks: TaskTracker::new() }
    }

    /// Returns which token the actions of a connection work with.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn token_state(&self, id: &ConnectionId) -> Result<TokenForActions, Problem> {
        if self.runner.tokens.policy.fixed().await?.response_actions == Some(false) {
            return Ok(TokenForActions::Forbidden);
        }
        let connection = self.runner.journal.records.connection(id).await?;
        if let Some(pasted) = self.runner.tokens.pasted.peek(id, connection.origin.as_ref(), self.runner.journal.now())
        {
            return Ok(TokenForActions::Held { until: pasted.until(), owner: pasted.owner });
        }
        let is_stored = self.runner.tokens.is_response_token_stored(&connection).await?;
        Ok(if is_stored { TokenForActions::Stored } else { TokenForActions::Needed })
    }

    /// Holds a pasted token in memory for actions, after Okta named its owner. It is forgotten after 15 minutes without use.
    ///
    /// # Errors
    /// What is wrong with the pasted text, or why Okta does not accept the token.
    pub async fn use_token(&self, id: &ConnectionId, pasted: SecretString) -> Result<TokenForActions, Problem> {
        self.runner.tokens.refuse_if_forbidden().await?;
        let secret = cleaned(SecretName::OktaToken, &pasted)?;
        let connection = self.runner.journal.records.connection(id).await?;
        let (okta, log) = self.runner.tokens.client(&connection, secret.clone()).await?;
        let run_client = self.runner.tokens.run_client(connection, okta, log).await?;
        self.runner.tokens.record_requests(&run_client).await;
        self.runner.tokens.pasted.put(id, secret, run_client.owner.login, run_client.origin, self.runner.journal.now());
        let (pasted, clock, idle) = (
            self.runner.tokens.pasted.clone(),
            self.runner.journal.records.clock.clone(),
            IDLE.to_std().unwrap_or(Duration::MAX),
        );
        self.tasks.spawn(async move {
            // Ends when the last token is forgotten; a later one starts its own.
            while !pasted.is_empty() {
                clock.sleep(idle.min(Duration::from_secs(60))).await;
                pasted.forget_idle(clock.now());
            }
        });
        self.token_state(id).await
    }

    /// Forgets the token that was pasted for actions.
    pub fn forget_token(&self, id: &ConnectionId) {
        self.runner.tokens.pasted.forget(id);
    }

    /// Finds users by login, e-mail address, name or id, at most 20.
    ///
    /// # Errors
    /// As [`Actions::preview`].
    pub async fn find_users(&self, id: &ConnectionId, typed: &str) -> Result<Vec<UserFacts>, Problem> {
        let run_client = self.runner.tokens.open(id).await?;
        let found = run_client.search(typed).await;
        self.runner.tokens.record_requests(&run_client).await;
        found
    }

    /// Previews an action. Nothing is changed.
    ///
    /// # Errors
    /// [`Code::ActionsForbidden`](model::code::Code::ActionsForbidden),
    /// [`Code::ActionTokenNeeded`](model::code::Code::ActionTokenNeeded), and why Okta did not answer. A target that is refused
    /// is no error.
    pub async fn preview(&self, request: &ActionRequest) -> Result<ActionPreview, Problem> {
        let run_client = self.runner.tokens.open(&request.connection).await?;
        let preview = self.runner.build(&run_client, request).await;
        self.runner.tokens.record_requests(&run_client).await;
        preview
    }

    /// Previews the undo of an entry of the audit. Nothing is changed.
    ///
    /// # Errors
    /// As [`Actions::preview`]; [`Code::AuditEntryUnknown`](model::code::Code::AuditEntryUnknown).
    pub async fn undo_preview(&self, id: &ConnectionId, entry: u32) -> Result<ActionPreview, Problem> {
        let run_client = self.runner.tokens.open(id).await?;
        let preview = self.runner.build_undo(&run_client, entry).await;
        self.runner.tokens.record_requests(&run_client).await;
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
        let (preview, origin) = self.runner.previews.take(approval, self.runner.journal.now())?;
        self.runner.run_approved(&preview, &origin, approval, cancel, &on_progress).await
    }

    /// Returns a page of the audit. The connection may have been removed since.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn audit(&self, query: AuditQuery) -> Result<AuditPage, Problem> {
        self.runner.journal.records.read(move |tx| tx.audit().page(&query)).await
    }

    /// Returns the connections that have an audit, also those that were removed: what is lost when everything is erased.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn audited_connections(&self) -> Result<Vec<AuditedConnection>, Problem> {
        self.runner.journal.records.read(|tx| tx.audit().connections()).await
    }

    /// Checks whether the audit is complete and unchanged.
    ///
    /// # Errors
    /// The store's problem. A keychain that cannot be read is part of the result.
    pub async fn verify_audit(&self, id: &ConnectionId) -> Result<AuditVerification, Problem> {
        self.runner.journal.verify(id).await
    }

    /// Acknowledges that the audit was changed: adds a row that names the change and seals it. From then on the rows after it are
    /// checked, and every check names the change.
    ///
    /// # Errors
    /// [`Code::ActionReasonMissing`](model::code::Code::ActionReasonMissing),
    /// [`Code::AuditUnchanged`](model::code::Code::AuditUnchanged),
    /// [`Code::AuditNotSealed`](model::code::Code::AuditNotSealed) and
    /// [`Code::ActionRunning`](model::code::Code::ActionRunning).
    pub async fn acknowledge_audit(&self, id: &ConnectionId, reason: &str) -> Result<AuditVerification, Problem> {
        let _lock = self.runner.lock(id)?;
        self.runner.journal.acknowledge(id, reason).await
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
        self.runner.journal.exported(id, format, messages).await
    }

    /// Closes the entries that an interrupted run left open with what can be read about them, and returns these. Waits up to
    /// twenty seconds until the System Log is certain.
    ///
    /// # Errors
    /// As [`Actions::preview`]; [`Code::ActionRunning`](model::code::Code::ActionRunning);
    /// [`Code::ZoneCreatorUnknown`](model::code::Code::ZoneCreatorUnknown) where an entry stays open because the token may not
    /// read the System Log. The others are closed then all the same.
    pub async fn resolve_open_entries(&self, id: &ConnectionId) -> Result<Vec<AuditEntry>, Problem> {
        let _lock = self.runner.lock(id)?;
        let run_client = self.runner.tokens.open(id).await?;
        let recovered = self.runner.recover(&run_client, true).await?;
        self.runner.journal.seal(id).await?;
        self.runner.tokens.record_requests(&run_client).await;
        if let Some(problem) = recovered.problem {
            return Err(problem);
        }
        let mut entries = Vec::with_capacity(recovered.closed.len());
        for number in recovered.closed {
            entries.push(self.runner.journal.entry(id, number).await?);
        }
        Ok(entries)
    }

    /// Returns what is blocked now, by this app and by others.
    ///
    /// # Errors
    /// As [`Actions::preview`].
    pub async fn blocked_now(&self, id: &ConnectionId) -> Result<BlockedNow, Problem> {
        let run_client = self.runner.tokens.open(id).await?;
        let blocked = self.runner.addresses.blocked(&run_client).await;
        self.runner.tokens.record_requests(&run_client).await;
        blocked
    }

    /// Returns the actions with an end time that were not undone, the earliest end first.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn due_ends(&self, id: &ConnectionId) -> Result<Vec<DueEnd>, Problem> {
        let (connection, now) = (id.clone(), self.runner.journal.now());
        let entries = self.runner.journal.records.read(move |tx| tx.audit().in_effect(&connection)).await?;
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

    /// Returns whether IPv6 addresses may be blocked.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn may_block_ipv6(&self) -> Result<bool, Problem> {
        known_blocklist_zone::may_block_ipv6(&self.runner.journal.records).await
    }

    /// Allows or forbids the block of IPv6 addresses, which Okta supports in preview organizations alone.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_may_block_ipv6(&self, is_allowed: bool) -> Result<(), Problem> {
        known_blocklist_zone::set_may_block_ipv6(&self.runner.journal.records, is_allowed).await
    }
}

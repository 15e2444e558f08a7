//! Runs an approved preview: target by target, each recorded before its first request and after its last one.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use model::action::{ActionApproval, ActionPreview, ActionTarget};
use model::action_run::{ActionOutcome, ActionProgress, ActionRun, TargetResult};
use model::code::Code;
use model::connection::ConnectionId;
use model::okta_origin::Origin;
use model::problem::Problem;
use store::StoreError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::address_preview::AddressActions;
use super::journal::Journal;
use super::previews::Previews;
use super::run_client::TokenAccess;
use super::run_context::{Approved, RunContext, Sink, approved};
use super::user_preview::UserActions;
use super::write_reply::ends_run;

/// Previews and runs actions.
#[derive(Clone)]
pub(super) struct Runner {
    pub(super) tokens: TokenAccess,
    pub(super) journal: Journal,
    pub(super) users: UserActions,
    pub(super) addresses: AddressActions,
    pub(super) previews: Previews,
    pub(super) data_dir: PathBuf,
}

impl Runner {
    /// Runs a preview that was approved for an org.
    pub(super) async fn run_approved(
        &self,
        preview: &ActionPreview,
        origin: &Origin,
        approval: &ActionApproval,
        cancel: &CancellationToken,
        on_progress: Sink<'_>,
    ) -> Result<ActionRun, Problem> {
        let id = &preview.connection;
        let _lock = self.lock(id)?;
        let run_client = self.tokens.open(id).await?;
        if run_client.origin != *origin {
            // The domain was changed since: what was previewed is of another org.
            return Err(Problem::new(Code::ActionPreviewExpired));
        }
        let chain = self.journal.verify(id).await?.state;
        // A keychain that cannot be written is noticed before anything is done.
        self.journal.seal(id).await?;
        self.recover(&run_client, false).await?;
        let targets: Vec<Approved<'_>> = approved(preview, approval);
        let context = RunContext {
            run_client: &run_client,
            preview,
            approval,
            run: Uuid::new_v4().to_string(),
            chain,
            unclosed: OnceLock::new(),
            protection: self.addresses.protection_of_run(&run_client, preview.kind).await?,
            on_progress,
            total: u32::try_from(targets.len()).unwrap_or(u32::MAX),
        };
        let started = self.journal.now();
        let (mut results, problem) = self.run_targets(&context, &targets, cancel).await;
        self.link_events(&run_client, started, &mut results).await;
        let sealed = self.journal.seal(id).await;
        if let Err(problem) = &sealed {
            tracing::warn!(code = %problem.code, "the audit was not sealed at the end of a run");
        }
        self.tokens.record_requests(&run_client).await;
        let not_begun: Vec<_> = targets.iter().skip(results.len()).map(|target| target.target.clone()).collect();
        let outcomes: Vec<_> = results.iter().map(|result| result.outcome).collect();
        Ok(ActionRun {
            id: context.run,
            connection: id.clone(),
            kind: preview.kind,
            started,
            finished: self.journal.now(),
            outcome: ActionOutcome::of_run(&outcomes, problem.is_some() || !not_begun.is_empty()),
            not_begun,
            targets: results,
            problem,
            is_sealed: sealed.unwrap_or(false),
        })
    }

    /// Takes the lock of actions.
    pub(super) fn lock(&self, id: &ConnectionId) -> Result<store::ConnectionLock, Problem> {
        store::lock_actions(&self.data_dir, id).map_err(|error| match error {
            StoreError::Busy => Problem::new(Code::ActionRunning),
            error @ (StoreError::Corrupt
            | StoreError::Newer { .. }
            | StoreError::ReadOnly
            | StoreError::Full
            | StoreError::Missing
            | StoreError::Unreadable(_)
            | StoreError::File(_)
            | StoreError::Aborted
            | StoreError::Sqlite(_)) => error.into(),
        })
    }

    async fn run_targets(
        &self,
        context: &RunContext<'_>,
        targets: &[Approved<'_>],
        cancel: &CancellationToken,
    ) -> (Vec<TargetResult>, Option<Problem>) {
        let mut results: Vec<TargetResult> = Vec::new();
        for target in targets {
            if !results.is_empty() {
                self.pace(context, cancel).await;
            }
            if cancel.is_cancelled() {
                break;
            }
            let Approved { index, target: of, .. } = target;
            let (index, total) = (*index, context.total);
            (context.on_progress)(ActionProgress::Began { index, total, target: of.clone() });
            let result = match of {
                ActionTarget::User { id, .. } => self.users.run_user(context, target, id).await,
                ActionTarget::Address { range } => self.addresses.run_address(context, target, range).await,
            };
            let result = match result {
                Ok(result) => result,
                // Without an entry in the audit nothing was sent, or its outcome is found out by the next run.
                Err(problem) => return (results, Some(problem)),
            };
            (context.on_progress)(ActionProgress::Finished { index, total, result: result.clone() });
            let fatal = result.parts.iter().filter_map(|part| part.problem.as_ref()).find(|problem| ends_run(problem));
            let fatal = fatal.cloned();
            results.push(result);
            // What is not closed is closed by the next run; what follows might not even be opened.
            let fatal = fatal.or_else(|| context.unclosed.get().cloned());
            if fatal.is_some() {
                return (results, fatal);
            }
        }
        (results, None)
    }

    /// Waits for the next window of the rate limit when little is left of it.
    async fn pace(&self, context: &RunContext<'_>, cancel: &CancellationToken) {
        let now = self.journal.now();
        let Some(until) = context.run_client.has_room_at(now) else { return };
        (context.on_progress)(ActionProgress::Waiting { until });
        let wait = (until - now).to_std().unwrap_or(Duration::ZERO);
        cancel.run_until_cancelled(self.journal.records.clock.sleep(wait)).await;
    }
}

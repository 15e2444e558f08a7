//! Runs an approved preview: target by target, each recorded before its first request and after its last one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use model::action::{ActionApproval, ActionPart, ActionPreview, ActionTarget, MatchedBy, TargetPreview, TargetState};
use model::action_audit::{AuditClosing, AuditOpening, ChainState};
use model::action_notes::ActionRefusal;
use model::action_rules::{StatusRead, is_confirmed};
use model::action_run::{ActionOutcome, ActionProgress, ActionRun, PartResult, TargetResult};
use model::code::Code;
use model::problem::Problem;
use model::protected_address::ProtectionFacts;
use model::rate_budget::Bucket;
use store::{AuditRow, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Actions;
use super::acting::Acting;
use super::preview::judge_user;
use super::previews::typed_for;
use super::undo::state_changed;
use super::user_parts::ends_run;

/// Fewer requests left than this, and a run of several targets waits for the next window, so that no target is refused halfway.
const LEAST_LEFT: u32 = 8;
/// The longest wait for the next window.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(70);

/// The receiver of a run's progress.
pub(super) type Sink<'a> = &'a (dyn Fn(ActionProgress) + Send + Sync);

/// What every target of a run shares.
pub(super) struct RunContext<'a> {
    pub(super) acting: &'a Acting,
    pub(super) preview: &'a ActionPreview,
    pub(super) approval: &'a ActionApproval,
    pub(super) run: String,
    pub(super) chain: ChainState,
    /// What protects addresses, for a block.
    pub(super) protection: Option<ProtectionFacts>,
    pub(super) on_progress: Sink<'a>,
    pub(super) total: u32,
}

/// A target with what was approved for it.
pub(super) struct Approved<'a> {
    /// Its index in the progress.
    pub(super) index: u32,
    pub(super) preview: &'a TargetPreview,
    pub(super) target: ActionTarget,
    /// What was typed to confirm it.
    pub(super) typed: Vec<&'a str>,
}

impl Actions {
    /// Runs a preview that was approved.
    pub(super) async fn run_approved(
        &self,
        preview: &ActionPreview,
        approval: &ActionApproval,
        cancel: &CancellationToken,
        on_progress: Sink<'_>,
    ) -> Result<ActionRun, Problem> {
        let id = &preview.connection;
        let _lock = self.lock(id)?;
        let acting = self.open(id).await?;
        let chain = self.verify(id).await?.state;
        // A keychain that cannot be written is noticed before anything is done.
        self.seal(id).await?;
        self.recover(&acting, false).await?;
        let targets: Vec<Approved<'_>> = approved(preview, approval);
        let context = RunContext {
            acting: &acting,
            preview,
            approval,
            run: Uuid::new_v4().to_string(),
            chain,
            protection: self.protection_of_run(&acting, preview.kind).await?,
            on_progress,
            total: u32::try_from(targets.len()).unwrap_or(u32::MAX),
        };
        let started = self.now();
        let (mut results, problem) = self.run_targets(&context, &targets, cancel).await;
        self.link_events(&acting, started, &mut results).await;
        let sealed = self.seal(id).await;
        if let Err(problem) = &sealed {
            tracing::warn!(code = %problem.code, "the audit was not sealed at the end of a run");
        }
        self.record_requests(&acting).await;
        Ok(ActionRun {
            id: context.run,
            connection: id.clone(),
            kind: preview.kind,
            started,
            finished: self.now(),
            not_begun: targets.iter().skip(results.len()).map(|target| target.target.clone()).collect(),
            targets: results,
            problem,
            is_sealed: sealed.is_ok(),
        })
    }

    /// Takes the lock of actions.
    pub(super) fn lock(&self, id: &model::connection::ConnectionId) -> Result<store::ConnectionLock, Problem> {
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
                ActionTarget::User { id, .. } => self.run_user(context, target, id).await,
                ActionTarget::Address { range } => self.run_address(context, target, range).await,
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
            if fatal.is_some() {
                return (results, fatal);
            }
        }
        (results, None)
    }

    async fn run_user(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        id: &str,
    ) -> Result<TargetResult, Problem> {
        let acting = context.acting;
        let user = match acting.read_user(id, MatchedBy::Id).await {
            Ok(user) => user,
            Err(problem) if ends_run(&problem) => return Err(problem),
            Err(problem) => return Ok(unread(target, problem)),
        };
        let mut judged = judge_user(acting, context.preview.kind, &user.facts.login, &user);
        if target.preview.undo_of.is_some() && judged.before != target.preview.before {
            judged.refusals.push(state_changed(&user, None));
        }
        let is_unconfirmed =
            judged.overrides.iter().any(|one| !target.typed.iter().any(|typed| is_confirmed(typed, &one.text)));
        if !judged.refusals.is_empty() || is_unconfirmed {
            return Ok(not_begun(target, judged, is_unconfirmed));
        }
        let entry =
            self.append(&acting.connection.id, self.opening(context, target, &judged.parts, user.state())).await?;
        let mut status: Option<StatusRead> = Some(user.status_read());
        let mut parts: Vec<PartResult> = Vec::new();
        for part in judged.parts {
            let before = status.unwrap_or(user.status_read());
            let (result, after) = self.run_user_part(acting, part, id, before).await;
            status = after;
            (context.on_progress)(ActionProgress::Part { index: target.index, result: result.clone() });
            let is_over = result.problem.as_ref().is_some_and(ends_run);
            parts.push(result);
            if is_over {
                break;
            }
        }
        let after = status
            .map_or(TargetState::Unknown, |(status, status_changed)| TargetState::User { status, status_changed });
        self.close(context, target, entry, parts, user.state(), after).await
    }

    /// Returns the row that opens the entry of a target.
    pub(super) fn opening(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        parts: &[ActionPart],
        before: TargetState,
    ) -> AuditRow {
        let RunContext { acting, approval, .. } = context;
        let is_shown = |text: &&String| !text.trim().is_empty();
        AuditRow::Opened(Box::new(AuditOpening {
            run: context.run.clone(),
            at: self.now(),
            org: acting.origin.url(),
            connection_name: acting.connection.name.clone(),
            operator: self.operator.clone(),
            token_owner_id: acting.owner.id.clone(),
            token_owner: acting.owner.login.clone(),
            kind: context.preview.kind,
            target: target.target.clone(),
            reason: approval.reason.trim().to_owned(),
            ticket: approval.ticket.as_ref().filter(is_shown).map(|ticket| ticket.trim().to_owned()),
            ends_at: approval.ends_at.filter(|_| context.preview.kind.may_end()),
            undo_of: target.preview.undo_of,
            parts: parts.to_vec(),
            before,
            chain: context.chain,
        }))
    }

    /// Closes the entry of a target and returns its result.
    pub(super) async fn close(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        entry: u32,
        parts: Vec<PartResult>,
        before: TargetState,
        after: TargetState,
    ) -> Result<TargetResult, Problem> {
        let outcomes: Vec<_> = parts.iter().map(|part| part.outcome).collect();
        let outcome = ActionOutcome::of_parts(&outcomes);
        let closing =
            AuditClosing { at: self.now(), outcome, parts: parts.clone(), after: after.clone(), is_recovered: false };
        let row = AuditRow::Closed { entry, closing: Box::new(closing) };
        self.append(&context.acting.connection.id, row).await?;
        Ok(TargetResult { entry: Some(entry), outcome, parts, before, after, ..blank(target) })
    }

    /// Waits for the next window of the rate limit when little is left of it.
    async fn pace(&self, context: &RunContext<'_>, cancel: &CancellationToken) {
        let now = self.now();
        let newest = |bucket: Bucket| {
            let entries = context.acting.log.entries();
            entries.into_iter().rev().find(|one| one.bucket == bucket)?.rate
        };
        let waits = [Bucket::Users, Bucket::User, Bucket::Api].into_iter().filter_map(newest);
        let until = waits.filter(|rate| rate.remaining < LEAST_LEFT && rate.remaining < rate.limit / 2);
        let until: Option<DateTime<Utc>> = until.filter_map(|rate| rate.until).max();
        let Some(until) = until.filter(|until| *until > now).map(|until| until.min(now + LONGEST_WAIT)) else { return };
        (context.on_progress)(ActionProgress::Waiting { until });
        let wait = (until - now).to_std().unwrap_or(Duration::ZERO);
        cancel.run_until_cancelled(self.pause(wait)).await;
    }
}

/// Returns the targets that are not refused.
fn approved<'a>(preview: &'a ActionPreview, approval: &'a ActionApproval) -> Vec<Approved<'a>> {
    let possible = preview.targets.iter().enumerate().filter(|(_, target)| target.refusals.is_empty());
    let with_target = possible.filter_map(|(at, preview)| Some((at, preview, preview.target.clone()?)));
    let numbered = (0_u32..).zip(with_target);
    numbered
        .map(|(index, (at, preview, target))| Approved { index, preview, target, typed: typed_for(approval, at) })
        .collect()
}

/// Returns the result of a target on which nothing was done, because it changed since the preview.
pub(super) fn not_begun(target: &Approved<'_>, judged: TargetPreview, is_unconfirmed: bool) -> TargetResult {
    let text = judged.overrides.first().map(|one| one.text.clone()).unwrap_or_default();
    let problem = is_unconfirmed
        .then(|| Problem::new(Code::ActionNotConfirmed).arg("target", target.target.label()).arg("text", text));
    let kind = target.preview.parts.first().copied();
    let parts = kind.filter(|_| problem.is_some()).map(|part| PartResult {
        part,
        outcome: ActionOutcome::Failed,
        problem,
        request_id: None,
    });
    let is_reached = judged
        .refusals
        .iter()
        .all(|one| matches!(one.code, ActionRefusal::AlreadyDone | ActionRefusal::AlreadyBlocked));
    let outcome = if is_reached && !is_unconfirmed { ActionOutcome::NothingToDo } else { ActionOutcome::Failed };
    TargetResult {
        outcome,
        refusals: judged.refusals,
        parts: parts.into_iter().collect(),
        before: judged.before.clone(),
        after: judged.before,
        ..blank(target)
    }
}

/// Returns the result of a target that could not be read, so that nothing was sent.
fn unread(target: &Approved<'_>, problem: Problem) -> TargetResult {
    let part = target.preview.parts.first().copied();
    let failed =
        part.map(|part| PartResult { part, outcome: ActionOutcome::Failed, problem: Some(problem), request_id: None });
    TargetResult { parts: failed.into_iter().collect(), before: target.preview.before.clone(), ..blank(target) }
}

pub(super) fn blank(target: &Approved<'_>) -> TargetResult {
    TargetResult {
        target: target.target.clone(),
        entry: None,
        outcome: ActionOutcome::Failed,
        refusals: Vec::new(),
        parts: Vec::new(),
        before: TargetState::Unknown,
        after: TargetState::Unknown,
        events: Vec::new(),
        warnings: Vec::new(),
    }
}

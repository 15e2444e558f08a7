//! What a run and its targets share, and the results of targets on which nothing was done.

use std::sync::OnceLock;

use model::action::{ActionApproval, ActionPreview, ActionTarget, RequiredOverride, TargetPreview, TargetState};
use model::action_audit::ChainState;
use model::action_preview_reasons::ActionRefusal;
use model::action_rules::is_confirmed;
use model::action_run::{ActionOutcome, ActionProgress, PartResult, TargetResult};
use model::code::Code;
use model::problem::Problem;
use model::protected_address::ProtectionFacts;

use super::previews::typed_for;
use super::run_client::RunClient;

/// The receiver of a run's progress.
pub(super) type Sink<'a> = &'a (dyn Fn(ActionProgress) + Send + Sync);

/// What every target of a run shares.
pub(super) struct RunContext<'a> {
    pub(super) run_client: &'a RunClient,
    pub(super) preview: &'a ActionPreview,
    pub(super) approval: &'a ActionApproval,
    pub(super) run: String,
    pub(super) chain: ChainState,
    /// Why an outcome could not be recorded, which ends the run.
    pub(super) unclosed: OnceLock<Problem>,
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

impl Approved<'_> {
    /// Returns whether a guard that was judged again is not confirmed: it was not shown in the preview, or its text was not typed.
    /// What was typed for one guard says nothing about another one with the same text.
    pub(super) fn is_unconfirmed(&self, judged: &RequiredOverride) -> bool {
        let was_shown = self.preview.overrides.iter().any(|shown| shown.reason == judged.reason);
        !was_shown || !self.typed.iter().any(|typed| is_confirmed(typed, &judged.text))
    }
}

/// Returns the targets that are not refused.
pub(super) fn approved<'a>(preview: &'a ActionPreview, approval: &'a ActionApproval) -> Vec<Approved<'a>> {
    let possible = preview.targets.iter().enumerate().filter(|(_, target)| target.refusals.is_empty());
    let with_target = possible.filter_map(|(at, preview)| Some((at, preview, preview.target.clone()?)));
    let numbered = (0_u32..).zip(with_target);
    numbered
        .map(|(index, (at, preview, target))| Approved { index, preview, target, typed: typed_for(approval, at) })
        .collect()
}

/// Returns the result of a target on which nothing was done, because it changed since the preview.
pub(super) fn not_begun(target: &Approved<'_>, judged: TargetPreview) -> TargetResult {
    let unconfirmed = judged.overrides.iter().find(|one| target.is_unconfirmed(one));
    let is_unconfirmed = unconfirmed.is_some();
    let problem = unconfirmed.map(|one| {
        Problem::new(Code::ActionNotConfirmed).arg("target", target.target.label()).arg("text", one.text.clone())
    });
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
pub(super) fn unread(target: &Approved<'_>, problem: Problem) -> TargetResult {
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

//! Rehearsal: runs every action and its undo on a user and an address that exist for this, through the same previews, audit and
//! guards as any run.

use model::action::{ActionApproval, ActionKind, ActionPart, ActionPreview, ActionRequest, TypedOverride};
use model::action_run::{ActionOutcome, RehearsalReport, RehearsalRequest, RehearsalStep};
use model::capability::Capability;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use tokio_util::sync::CancellationToken;

use super::Actions;
use super::run_context::Sink;

/// The reason in the audit.
const REASON: &str = "Rehearsal";
/// The actions on a user; each that can be undone is followed by its undo.
const USER_ACTIONS: [ActionKind; 2] = [ActionKind::LockDown, ActionKind::EndSessions];
/// The actions that cannot be undone.
const IRREVERSIBLE: [ActionKind; 2] = [ActionKind::ExpirePassword, ActionKind::ResetFactors];

impl Actions {
    pub(super) async fn run_rehearsal(
        &self,
        request: &RehearsalRequest,
        cancel: &CancellationToken,
        on_progress: Sink<'_>,
    ) -> Result<RehearsalReport, Problem> {
        let started = self.runner.journal.now();
        // Fails here when there is no token, so that a rehearsal without one has no report.
        let run_client = self.runner.tokens.open(&request.connection).await?;
        let is_practice = run_client.connection.is_practice();
        let mut steps = Vec::new();
        let with = |kinds: &[ActionKind], typed: &Option<String>| {
            typed.iter().flat_map(|typed| kinds.iter().map(|kind| (*kind, typed.clone()))).collect::<Vec<_>>()
        };
        let mut planned = with(&USER_ACTIONS, &request.user);
        if request.with_irreversible {
            planned.extend(with(&IRREVERSIBLE, &request.user));
        }
        planned.extend(with(&[ActionKind::BlockAddress], &request.address));
        for (kind, typed) in planned {
            if cancel.is_cancelled() {
                steps.push(failed(kind, Problem::new(Code::Cancelled)));
                continue;
            }
            let wanted = ActionRequest { connection: request.connection.clone(), kind, targets: vec![typed] };
            let preview = self.preview(&wanted).await;
            let step = self.rehearse_step(kind, preview, request, cancel, on_progress).await;
            let undo = step.result.as_ref().and_then(|result| result.entry).zip(kind.undo());
            steps.push(step);
            // The undo is not skipped by a stop: nobody wants a rehearsal to leave an account locked.
            if let Some((entry, undo)) = undo {
                steps.push(self.rehearse_undo(&request.connection, entry, undo, request, on_progress).await);
            }
        }
        let proven = if is_practice { Vec::new() } else { proven(&steps) };
        if !proven.is_empty() {
            self.runner.remember_proof(&run_client, &proven).await?;
        }
        let connection = request.connection.clone();
        Ok(RehearsalReport { connection, started, finished: self.runner.journal.now(), steps, proven, is_practice })
    }

    async fn rehearse_undo(
        &self,
        id: &ConnectionId,
        entry: u32,
        undo: ActionKind,
        request: &RehearsalRequest,
        on_progress: Sink<'_>,
    ) -> RehearsalStep {
        let preview = self.undo_preview(id, entry).await;
        self.rehearse_step(undo, preview, request, &CancellationToken::new(), on_progress).await
    }

    async fn rehearse_step(
        &self,
        kind: ActionKind,
        preview: Result<ActionPreview, Problem>,
        request: &RehearsalRequest,
        cancel: &CancellationToken,
        on_progress: Sink<'_>,
    ) -> RehearsalStep {
        let preview = match preview {
            Ok(preview) => preview,
            Err(problem) => return failed(kind, problem),
        };
        let refusal = preview.targets.iter().flat_map(|target| &target.refusals).next();
        if let Some(refusal) = refusal {
            let problem = Problem { args: refusal.args.clone(), ..Problem::new(Code::ActionNothingToRun) };
            return failed(kind, problem.arg("refusal", refusal.code.as_str()));
        }
        let typed = request.typed_user.iter().map(|text| TypedOverride { target: 0, text: text.clone() }).collect();
        let reason = REASON.to_owned();
        let approval = ActionApproval { preview: preview.id, reason, ticket: None, ends_at: None, typed };
        match self.run(&approval, cancel, on_progress).await {
            Ok(mut run) => {
                let result = run.targets.pop();
                let outcome = result.as_ref().map(|result| result.outcome);
                RehearsalStep { kind, outcome, result, problem: run.problem }
            }
            Err(problem) => failed(kind, problem),
        }
    }
}

fn failed(kind: ActionKind, problem: Problem) -> RehearsalStep {
    RehearsalStep { kind, outcome: None, result: None, problem: Some(problem) }
}

/// Returns what the steps proved: a part that Okta accepted and whose effect was read back.
fn proven(steps: &[RehearsalStep]) -> Vec<Capability> {
    let parts = steps.iter().filter_map(|step| step.result.as_ref()).flat_map(|result| &result.parts);
    let done = parts.filter(|part| part.outcome == ActionOutcome::Done);
    let mut proven: Vec<Capability> = done.filter_map(|part| capability(part.part)).collect();
    proven.sort_unstable();
    proven.dedup();
    proven
}

fn capability(part: ActionPart) -> Option<Capability> {
    match part {
        ActionPart::Suspend => Some(Capability::SuspendUser),
        ActionPart::Unsuspend => Some(Capability::UnsuspendUser),
        ActionPart::EndSessions => Some(Capability::ClearSessions),
        ActionPart::AddToZone | ActionPart::RemoveFromZone => Some(Capability::EditZones),
        ActionPart::ExpirePassword | ActionPart::ResetFactors => None,
    }
}

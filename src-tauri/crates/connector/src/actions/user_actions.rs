//! Actions on users: previews and runs.

use std::collections::BTreeMap;

use model::action::{ActionKind, MatchedBy, RequiredOverride, TargetPreview, TargetState};
use model::action_notes::{ActionOverride, ActionRefusal, Noted};
use model::action_rules::StatusRead;
use model::action_run::{ActionProgress, PartResult, TargetResult};
use model::problem::Problem;

use super::journal::Journal;
use super::run_access::RunAccess;
use super::run_context::{Approved, RunContext, not_begun, unread};
use super::target_preview::{judge_user, refused, several, state_changed};
use super::users::Lookup;
use super::write_reply::ends_run;

/// Acts on users.
#[derive(Clone)]
pub(super) struct UserActions {
    pub(super) journal: Journal,
}

impl UserActions {
    pub(super) async fn preview_user(
        &self,
        run_access: &RunAccess,
        kind: ActionKind,
        typed: &str,
    ) -> Result<TargetPreview, Problem> {
        if typed.trim().is_empty() {
            return Ok(refused(typed, Noted::new(ActionRefusal::NothingTyped)));
        }
        let user = match run_access.look_up(typed).await? {
            Lookup::One(user) => user,
            Lookup::Nobody => {
                return Ok(refused(typed, Noted::new(ActionRefusal::UserNotFound).arg("typed", typed.trim())));
            }
            Lookup::Several { candidates, is_complete } => return Ok(several(typed, candidates, is_complete)),
        };
        let mut preview = judge_user(run_access, kind, typed, &user);
        if kind == ActionKind::LiftLockdown && preview.refusals.is_empty() {
            let undo = self.journal.in_effect(&run_access.connection.id, kind, &user.facts.id).await?;
            match undo {
                Some(entry) => self.compare_with_entry(run_access, &entry, &user, &mut preview).await,
                None => preview.overrides.push(RequiredOverride {
                    reason: ActionOverride::NotSuspendedByApp,
                    args: BTreeMap::new(),
                    text: user.facts.login.clone(),
                }),
            }
        }
        Ok(preview)
    }

    pub(super) async fn run_user(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        id: &str,
    ) -> Result<TargetResult, Problem> {
        let run_access = context.run_access;
        let user = match run_access.read_user(id, MatchedBy::Id).await {
            Ok(user) => user,
            Err(problem) if ends_run(&problem) => return Err(problem),
            Err(problem) => return Ok(unread(target, problem)),
        };
        let mut judged = judge_user(run_access, context.preview.kind, &user.facts.login, &user);
        if target.preview.undo_of.is_some() && judged.before != target.preview.before {
            judged.refusals.push(state_changed(&user, None));
        }
        if !judged.refusals.is_empty() || judged.overrides.iter().any(|one| target.is_unconfirmed(one)) {
            return Ok(not_begun(target, judged));
        }
        let entry = self
            .journal
            .append(&run_access.connection.id, self.journal.opening(context, target, &judged.parts, user.state()))
            .await?;
        let mut status: Option<StatusRead> = Some(user.status_read());
        let mut parts: Vec<PartResult> = Vec::new();
        for part in judged.parts {
            let before = status.unwrap_or(user.status_read());
            let (result, after) = self.run_user_part(run_access, part, id, before).await;
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
        Ok(self.journal.close(context, target, entry, parts, user.state(), after).await)
    }
}

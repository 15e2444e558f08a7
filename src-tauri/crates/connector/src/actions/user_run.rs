//! Runs actions on users.

use model::action::{MatchedBy, TargetState};
use model::action_rules::StatusRead;
use model::action_run::{ActionProgress, PartResult, TargetResult};
use model::problem::Problem;

use super::run_context::{Approved, RunContext, not_begun, unread};
use super::target_verdict::{judge_user, state_changed};
use super::user_preview::UserActions;
use super::write_reply::ends_run;

impl UserActions {
    pub(super) async fn run_user(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        id: &str,
    ) -> Result<TargetResult, Problem> {
        let run_client = context.run_client;
        let user = match run_client.read_user(id, MatchedBy::Id).await {
            Ok(user) => user,
            Err(problem) if ends_run(&problem) => return Err(problem),
            Err(problem) => return Ok(unread(target, problem)),
        };
        let mut judged = judge_user(run_client, context.preview.kind, &user.facts.login, &user);
        if target.preview.undo_of.is_some() && judged.before != target.preview.before {
            judged.refusals.push(state_changed(&user, None));
        }
        if !judged.refusals.is_empty() || judged.overrides.iter().any(|one| target.is_unconfirmed(one)) {
            return Ok(not_begun(target, judged));
        }
        let entry = self
            .journal
            .append(&run_client.connection.id, self.journal.opening(context, target, &judged.parts, user.state()))
            .await?;
        let mut status: Option<StatusRead> = Some(user.status_read());
        let mut parts: Vec<PartResult> = Vec::new();
        for part in judged.parts {
            let before = status.unwrap_or(user.status_read());
            let (result, after) = self.run_user_part(run_client, part, id, before).await;
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

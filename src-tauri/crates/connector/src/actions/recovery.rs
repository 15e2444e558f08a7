//! Resolves entries that a kill left open: the state and the System Log say what became of them. Nothing is sent again.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use model::action::{ActionPart, ActionTarget, TargetState};
use model::action_audit::{AuditClosing, AuditEntry};
use model::action_rules::{self, StatusRead, WriteReply};
use model::action_run::{ActionOutcome, PartResult};
use model::code::Code;
use model::problem::Problem;
use store::AuditRow;

use super::run_client::RunClient;
use super::runner::Runner;
use super::user_preview::UserActions;

/// How long after an entry was opened the System Log shows every event of it.
pub(super) const LOG_DELAY: TimeDelta = TimeDelta::seconds(20);
/// The pause between two looks at the log while waiting for it.
pub(super) const PAUSE: Duration = Duration::from_secs(2);

/// What became of the open entries.
pub(super) struct Recovered {
    /// The entries that were closed.
    pub(super) closed: Vec<u32>,
    /// Why one of the others stays open although the log is certain.
    pub(super) problem: Option<Problem>,
}

impl Runner {
    /// Closes every open entry with what can be read about it. With `wait` it waits until the log is certain. An entry of which
    /// nothing can be said yet, or not with this token, stays open: a closed one is never looked at again.
    pub(super) async fn recover(&self, run_client: &RunClient, wait: bool) -> Result<Recovered, Problem> {
        let id = run_client.connection.id.clone();
        let open = self.journal.records.read(move |tx| tx.audit().open_entries(&id)).await?;
        let mut recovered = Recovered { closed: Vec::with_capacity(open.len()), problem: None };
        for number in open {
            let entry = self.journal.entry(&run_client.connection.id, number).await?;
            let found = match &entry.opening.target {
                ActionTarget::User { id, .. } => Some(self.users.recovered_user(run_client, &entry, id, wait).await),
                ActionTarget::Address { range } => {
                    let found = self.addresses.recovered_address(run_client, &entry, range, wait).await;
                    found.unwrap_or_else(|problem| {
                        recovered.problem = Some(problem);
                        None
                    })
                }
            };
            // The log is given its time before an entry is closed without an answer.
            let is_final =
                |parts: &[PartResult]| wait || parts.iter().all(|part| part.outcome != ActionOutcome::Unknown);
            let Some((parts, after)) = found.filter(|(parts, _)| is_final(parts)) else { continue };
            let outcome = ActionOutcome::of_parts(&parts.iter().map(|part| part.outcome).collect::<Vec<_>>());
            let closing = AuditClosing { at: self.journal.now(), outcome, parts, after, is_recovered: true };
            let row = AuditRow::Closed { entry: number, closing: Box::new(closing) };
            self.journal.append(&run_client.connection.id, row).await?;
            recovered.closed.push(number);
        }
        Ok(recovered)
    }
}

impl UserActions {
    async fn recovered_user(
        &self,
        run_client: &RunClient,
        entry: &AuditEntry,
        id: &str,
        wait: bool,
    ) -> (Vec<PartResult>, TargetState) {
        let certain_from = entry.opening.at + LOG_DELAY;
        let after = run_client.status_of(id).await.ok();
        let mut parts = Vec::new();
        for part in &entry.opening.parts {
            // The token may be another one than that of the run.
            let owner = &entry.opening.token_owner_id;
            let mut is_logged = run_client.is_logged(*part, id, owner, entry.opening.at).await;
            while wait && is_logged == Ok(false) && self.journal.now() < certain_from {
                self.journal.records.clock.sleep(PAUSE).await;
                is_logged = run_client.is_logged(*part, id, owner, entry.opening.at).await;
            }
            let outcome =
                recovered(*part, &entry.opening.before, after, &is_logged, self.journal.now() >= certain_from);
            let problem = (outcome != ActionOutcome::Done).then(|| Problem::new(Code::ActionAnswerLost));
            parts.push(PartResult { part: *part, outcome, problem, request_id: None });
        }
        let after =
            after.map_or(TargetState::Unknown, |(status, status_changed)| TargetState::User { status, status_changed });
        (parts, after)
    }
}

/// Returns what became of a part of an interrupted run. Without an event of a log that is certain, it was not done, unless the
/// status shows its effect: then nobody knows who did it.
fn recovered(
    part: ActionPart,
    before: &TargetState,
    after: Option<StatusRead>,
    is_logged: &Result<bool, Problem>,
    is_log_certain: bool,
) -> ActionOutcome {
    let before: Option<(_, Option<DateTime<Utc>>)> = match before {
        TargetState::User { status, status_changed } => Some((*status, *status_changed)),
        TargetState::Address { .. } | TargetState::Unknown => None,
    };
    let by_status = before.map_or(ActionOutcome::Unknown, |before| {
        action_rules::part_outcome(part, WriteReply::TimedOut, before, after, false)
    });
    match is_logged {
        Ok(true) => ActionOutcome::Done,
        Ok(false) if is_log_certain && by_status == ActionOutcome::Done => ActionOutcome::Unknown,
        Ok(false) if is_log_certain => ActionOutcome::Failed,
        Ok(false) | Err(_) => by_status,
    }
}

#[cfg(test)]
mod tests {
    use model::action::UserStatus;

    use super::*;

    #[test]
    fn a_part_is_not_called_failed_while_the_status_shows_its_effect() {
        let before = TargetState::User { status: UserStatus::Active, status_changed: None };
        let suspended = Some((UserStatus::Suspended, None));
        let of = |after, is_logged, is_certain| recovered(ActionPart::Suspend, &before, after, &is_logged, is_certain);
        assert_eq!(of(suspended, Ok(true), true), ActionOutcome::Done);
        assert_eq!(of(suspended, Ok(false), true), ActionOutcome::Unknown, "somebody did it, not this token's owner");
        assert_eq!(of(suspended, Ok(false), false), ActionOutcome::Done);
        assert_eq!(of(Some((UserStatus::Active, None)), Ok(false), true), ActionOutcome::Failed);
        assert_eq!(of(None, Err(Problem::new(Code::TimedOut)), true), ActionOutcome::Unknown);
    }
}

//! Sends the parts of an action on a user, each once, and reads back what they did. This is the only caller of the requests that
//! change users.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::action::ActionPart;
use model::action_rules::{self, StatusRead, WriteReply};
use model::action_run::{ActionOutcome, PartResult};
use model::code::Code;
use model::problem::Problem;

use super::run_client::RunClient;
use super::user_preview::UserActions;
use super::write_reply::{Sent, problem_of, reply_of};

/// How often a state is read back until it shows an accepted or lost change, and the pause between.
const READ_BACKS: (u32, Duration) = (3, Duration::from_secs(1));

impl UserActions {
    /// Sends a part once and reads back its effect. Returns the result and the status that was read.
    pub(super) async fn run_user_part(
        &self,
        run_client: &RunClient,
        part: ActionPart,
        user: &str,
        before: StatusRead,
    ) -> (PartResult, Option<StatusRead>) {
        let began = self.journal.now();
        let sent = send(run_client, part, user).await;
        let (after, is_logged) = self.read_back(run_client, part, user, before, &sent, began).await;
        let outcome = action_rules::part_outcome(part, sent.reply, before, after, is_logged);
        (PartResult { part, outcome, problem: problem_of(outcome, &sent), request_id: sent.request_id }, after)
    }

    /// Reads the status, and the System Log where only it shows a lost change, until they show the change.
    async fn read_back(
        &self,
        run_client: &RunClient,
        part: ActionPart,
        user: &str,
        before: StatusRead,
        sent: &Sent,
        began: DateTime<Utc>,
    ) -> (Option<StatusRead>, bool) {
        let (attempts, pause) = READ_BACKS;
        let is_lost = matches!(sent.reply, WriteReply::Lost | WriteReply::TimedOut);
        let (mut after, mut is_logged) = (None, false);
        for attempt in 1..=attempts {
            after = run_client.status_of(user).await.ok().or(after);
            if is_lost && !is_logged {
                is_logged = run_client.is_logged(part, user, &run_client.owner.id, began).await == Ok(true);
            }
            let outcome = action_rules::part_outcome(part, sent.reply, before, after, is_logged);
            let is_settled = match sent.reply {
                WriteReply::NotSent | WriteReply::Refused => true,
                WriteReply::Accepted | WriteReply::Lost | WriteReply::TimedOut => {
                    matches!(outcome, ActionOutcome::Done | ActionOutcome::NothingToDo)
                }
            };
            if is_settled || attempt == attempts {
                break;
            }
            self.journal.records.clock.sleep(pause).await;
        }
        (after, is_logged)
    }
}

impl RunClient {
    /// Returns whether the System Log has an event of a part by the owner of a token since a time.
    ///
    /// # Errors
    /// Why the System Log could not be read.
    pub(super) async fn is_logged(
        &self,
        part: ActionPart,
        user: &str,
        owner_id: &str,
        since: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let types = action_rules::event_types(part).iter().map(|one| format!("eventType eq \"{one}\""));
        let types = types.collect::<Vec<_>>().join(" or ");
        let filter = format!("target.id eq \"{user}\" and actor.id eq \"{owner_id}\" and ({types})");
        Ok(!self.events_since(since, filter).await?.is_empty())
    }
}

async fn send(run_client: &RunClient, part: ActionPart, user: &str) -> Sent {
    let api = run_client.okta.user_api();
    let answer = match part {
        ActionPart::Suspend => api.suspend_user(user).await,
        ActionPart::Unsuspend => api.unsuspend_user(user).await,
        ActionPart::EndSessions => api.end_sessions(user).await,
        ActionPart::ExpirePassword => api.expire_password(user).await,
        ActionPart::ResetFactors => api.reset_factors(user).await,
        ActionPart::AddToZone | ActionPart::RemoveFromZone => {
            return Sent { reply: WriteReply::NotSent, problem: Some(Code::Internal.into()), request_id: None };
        }
    };
    match answer {
        Ok(evidence) => Sent { reply: WriteReply::Accepted, problem: None, request_id: evidence.request_id },
        Err(failure) => Sent {
            reply: reply_of(&failure),
            problem: Some(failure.problem()),
            request_id: failure.evidence.request_id.clone(),
        },
    }
}

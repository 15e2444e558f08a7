//! What Okta's reply to a write says about whether something was changed.

use crate::unsent_request_codes::was_never_sent;
use model::action_rules::WriteReply;
use model::action_run::ActionOutcome;
use model::code::Code;
use model::problem::Problem;
use okta::Failure;

/// The reply to a write and what it says.
pub(super) struct Sent {
    pub(super) reply: WriteReply,
    pub(super) problem: Option<Problem>,
    pub(super) request_id: Option<String>,
}

/// Returns what a failure says about whether something was changed. A server error may come after the change, and somebody else's
/// answer says nothing about it.
pub(super) fn reply_of(failure: &Failure) -> WriteReply {
    let code = failure.code();
    let is_refusal = failure.evidence.status.is_some_and(|status| (400..500).contains(&status));
    if (is_refusal && !failure.is_lost()) || code == Code::OktaReadOnly {
        WriteReply::Refused
    } else if was_never_sent(code) {
        WriteReply::NotSent
    } else if code == Code::TimedOut {
        WriteReply::TimedOut
    } else {
        WriteReply::Lost
    }
}

/// Returns why a part is not done. What Okta said about a change that took effect nevertheless is not shown.
pub(super) fn problem_of(outcome: ActionOutcome, sent: &Sent) -> Option<Problem> {
    let with_code = |code: Code| {
        let mut problem = sent.problem.clone().unwrap_or_else(|| Problem::new(code));
        if problem.code != code {
            problem = problem.detail(sent.problem.as_ref().map_or("", |before| before.code.as_str()));
        }
        problem.code = code;
        Some(problem)
    };
    match (outcome, sent.reply) {
        (ActionOutcome::Done | ActionOutcome::NothingToDo, _) => None,
        (_, WriteReply::Accepted) => with_code(Code::ActionNotEffective),
        (_, WriteReply::Lost | WriteReply::TimedOut) => with_code(Code::ActionAnswerLost),
        (_, WriteReply::Refused | WriteReply::NotSent) => sent.problem.clone(),
    }
}

/// Returns whether a problem concerns every target, so that the run ends.
pub(super) fn ends_run(problem: &Problem) -> bool {
    matches!(problem.code, Code::TokenRefused | Code::TokenNotAccepted | Code::OktaReadOnly | Code::AddressBlocked)
        || was_never_sent(problem.code)
}

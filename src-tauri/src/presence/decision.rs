//! Whether to ask, and what an answer means: pure functions.

use model::code::Code;

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The person is who the session belongs to.
    Confirmed,
    /// The system asked and did not accept the answer, or a rule of the computer's administrator forbids it.
    Refused,
    /// The question was closed.
    Dismissed,
    /// Nothing on this desktop shows the question.
    #[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code, reason = "only polkit can tell it"))]
    NoAgent,
    /// Nobody answered in time.
    TimedOut,
    /// The app took the question back.
    Cancelled,
    /// The system could not ask after all.
    Gone,
}

/// Tells whether to ask. Where the system cannot, nobody is asked and copying goes on; the setting says so.
pub(super) fn asks(wanted: bool, would_ask: Result<(), Code>) -> bool {
    wanted && would_ask.is_ok()
}

/// Tells whether an answer confirms. Only one does: a question that was asked and got lost confirms nothing.
///
/// # Errors
/// The code a person is told.
pub(super) fn confirmed(answer: Answer) -> Result<(), Code> {
    match answer {
        Answer::Confirmed => Ok(()),
        Answer::Refused => Err(Code::ReauthenticationFailed),
        Answer::Dismissed => Err(Code::ReauthenticationDismissed),
        Answer::NoAgent => Err(Code::ReauthenticationNoAgent),
        Answer::TimedOut => Err(Code::ReauthenticationTimedOut),
        Answer::Cancelled => Err(Code::Cancelled),
        Answer::Gone => Err(Code::ReauthenticationMissing),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::code::Code;

    use super::{Answer, asks, confirmed};

    #[test]
    fn it_is_asked_only_when_wanted_and_possible() {
        assert!(asks(true, Ok(())));
        assert!(!asks(false, Ok(())));
        assert!(!asks(true, Err(Code::ReauthenticationMissing)));
        assert!(!asks(false, Err(Code::ReauthenticationNeverAsks)));
    }

    #[test]
    fn one_answer_alone_confirms_and_the_others_have_a_code_each() {
        let others =
            [Answer::Refused, Answer::Dismissed, Answer::NoAgent, Answer::TimedOut, Answer::Cancelled, Answer::Gone];
        assert_eq!(confirmed(Answer::Confirmed), Ok(()));
        let codes: BTreeSet<Code> = others.into_iter().filter_map(|answer| confirmed(answer).err()).collect();
        assert_eq!(codes.len(), others.len());
    }
}

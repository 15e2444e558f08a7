//! Pure functions that decide whether to show the prompt and what an answer means.

use model::code::Code;

use super::prompt::Answer;

/// Tells whether to show the prompt. Where the system cannot, copying works without it, and the setting says so.
pub(super) fn should_ask(wanted: bool, availability: Result<(), Code>) -> bool {
    wanted && availability.is_ok()
}

/// Accepts only [`Answer::Confirmed`].
///
/// # Errors
/// The code of any other answer.
pub(super) fn require_confirmed(answer: Answer) -> Result<(), Code> {
    match answer {
        Answer::Confirmed => Ok(()),
        Answer::Refused => Err(Code::ReauthenticationFailed),
        Answer::Dismissed => Err(Code::ReauthenticationDismissed),
        Answer::NoAgent => Err(Code::ReauthenticationNoAgent),
        Answer::TimedOut => Err(Code::ReauthenticationTimedOut),
        Answer::Cancelled => Err(Code::Cancelled),
        Answer::Unavailable => Err(Code::ReauthenticationMissing),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::code::Code;

    use super::{Answer, require_confirmed, should_ask};

    #[test]
    fn the_prompt_is_shown_only_when_wanted_and_possible() {
        assert!(should_ask(true, Ok(())));
        assert!(!should_ask(false, Ok(())));
        assert!(!should_ask(true, Err(Code::ReauthenticationMissing)));
        assert!(!should_ask(false, Err(Code::ReauthenticationNeverAsks)));
    }

    #[test]
    fn only_one_answer_confirms_and_each_other_has_its_own_code() {
        let others = [
            Answer::Refused,
            Answer::Dismissed,
            Answer::NoAgent,
            Answer::TimedOut,
            Answer::Cancelled,
            Answer::Unavailable,
        ];
        assert_eq!(require_confirmed(Answer::Confirmed), Ok(()));
        let codes: BTreeSet<Code> = others.into_iter().filter_map(|answer| require_confirmed(answer).err()).collect();
        assert_eq!(codes.len(), others.len());
    }
}

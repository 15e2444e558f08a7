//! The rules of response actions: what a reply proves, how a typed text names a user, and what a sealed chain says.

use chrono::{DateTime, Utc};
use model::action::{ActionKind, ActionPart, MatchedBy, UserStatus};
use model::action_audit::{ChainHead, ChainState};
use model::action_rules::{
    StatusRead, WriteReply, event_types, is_confirmed, keeps_running, matched_by, part_outcome, reversibility,
};
use model::action_run::ActionOutcome;
use strum::VariantArray as _;

use ActionOutcome::{Done, Failed, NothingToDo, Unknown};
use UserStatus::{Active, PasswordExpired, Suspended};
use WriteReply::{Accepted, Lost, NotSent, Refused, TimedOut};

fn read(status: UserStatus, seconds: i64) -> StatusRead {
    (status, DateTime::<Utc>::from_timestamp(1_800_000_000 + seconds, 0))
}

#[test]
fn an_outcome_is_what_reply_state_and_log_prove() {
    let (active, suspended) = (read(Active, 0), read(Suspended, 9));
    let rows = [
        (ActionPart::Suspend, Accepted, active, Some(suspended), false, Done),
        (ActionPart::Suspend, Accepted, active, Some(active), false, Unknown),
        (ActionPart::Suspend, Accepted, active, None, false, Unknown),
        (ActionPart::Suspend, Accepted, suspended, Some(suspended), false, NothingToDo),
        (ActionPart::Suspend, Refused, active, Some(suspended), false, NothingToDo),
        (ActionPart::Suspend, Refused, active, Some(active), false, Failed),
        (ActionPart::Suspend, NotSent, active, Some(active), false, Failed),
        (ActionPart::Suspend, Lost, active, Some(suspended), false, Done),
        (ActionPart::Suspend, Lost, active, Some(active), false, Failed),
        (ActionPart::Suspend, Lost, active, None, false, Unknown),
        (ActionPart::Suspend, Lost, active, None, true, Done),
        (ActionPart::Suspend, TimedOut, active, Some(active), false, Unknown),
        (ActionPart::Suspend, TimedOut, active, Some(suspended), false, Done),
        (ActionPart::Unsuspend, Accepted, suspended, Some(read(Active, 20)), false, Done),
        (ActionPart::Unsuspend, Accepted, suspended, Some(read(PasswordExpired, 20)), false, Done),
        (ActionPart::Unsuspend, Lost, suspended, Some(suspended), false, Failed),
        (ActionPart::EndSessions, Accepted, active, Some(active), false, Done),
        (ActionPart::EndSessions, Accepted, active, None, false, Done),
        (ActionPart::EndSessions, Lost, active, Some(active), false, Unknown),
        (ActionPart::EndSessions, Lost, active, Some(active), true, Done),
        (ActionPart::EndSessions, Refused, active, Some(active), false, Failed),
        (ActionPart::ExpirePassword, Accepted, active, Some(read(PasswordExpired, 9)), false, Done),
        (ActionPart::ResetFactors, TimedOut, active, Some(active), false, Unknown),
    ];
    for (part, reply, before, after, is_logged, expected) in rows {
        let found = part_outcome(part, reply, before, after, is_logged);
        assert_eq!(found, expected, "{part:?} {reply:?} {before:?} {after:?} {is_logged}");
    }
}

#[test]
fn a_refusal_or_a_request_that_was_not_sent_is_never_a_success() {
    for part in ActionPart::VARIANTS {
        for reply in [Refused, NotSent] {
            let found = part_outcome(*part, reply, read(Active, 0), Some(read(Active, 0)), false);
            assert_ne!(found, Done, "{part:?} {reply:?}");
        }
    }
}

#[test]
fn an_outcome_of_several_parts_is_done_only_if_each_is() {
    let of = |parts: &[ActionOutcome]| ActionOutcome::of_parts(parts);
    assert_eq!([of(&[Done, Done]), of(&[Done, NothingToDo])], [Done, Done]);
    assert_eq!([of(&[Done, Failed]), of(&[Done, Unknown])], [ActionOutcome::Partly; 2]);
    assert_eq!([of(&[Failed, Unknown]), of(&[Failed]), of(&[])], [Unknown, Failed, NothingToDo]);
}

#[test]
fn a_run_that_ended_early_is_partly_done_at_best() {
    let whole = |targets: &[ActionOutcome]| ActionOutcome::of_run(targets, false);
    assert_eq!([whole(&[Done, NothingToDo]), whole(&[Failed]), whole(&[])], [Done, Failed, NothingToDo]);
    let cut = |targets: &[ActionOutcome]| ActionOutcome::of_run(targets, true);
    assert_eq!([cut(&[Done]), cut(&[NothingToDo])], [ActionOutcome::Partly; 2]);
    assert_eq!([cut(&[Failed]), cut(&[Failed, Unknown]), cut(&[])], [Failed, Unknown, Failed]);
}

#[test]
fn a_typed_text_names_the_user_as_exactly_as_it_was_typed() {
    let by = |typed| matched_by(typed, "00u1", "mira.holt@example.com", Some("mira@example.com"));
    assert_eq!(by("mira.holt@example.com"), MatchedBy::Login);
    assert_eq!(by(" mira.holt@example.com "), MatchedBy::Login);
    assert_eq!(by("mira@example.com"), MatchedBy::Email);
    assert_eq!(by("mira.holt"), MatchedBy::ShortName);
    assert_eq!(by("00u1"), MatchedBy::Id);
    for other in ["MIRA.HOLT@example.com", "míra.holt@example.com"] {
        assert_eq!(by(other), MatchedBy::LoginSpelledDifferently, "{other}");
    }
    assert_eq!(by("Mira"), MatchedBy::Name);
    assert!(is_confirmed(" Mira.Holt@example.com", "mira.holt@example.com"));
    assert!(!is_confirmed("míra.holt@example.com", "mira.holt@example.com") && !is_confirmed("", ""));
}

#[test]
fn every_action_says_what_it_leaves_and_how_it_is_recorded() {
    for kind in ActionKind::VARIANTS {
        assert!(!kind.parts().is_empty() && kind.parts().iter().all(|part| !event_types(*part).is_empty()), "{kind:?}");
        assert_eq!(kind.may_end(), kind.undo().is_some(), "{kind:?}");
        let is_undo = matches!(kind, ActionKind::LiftLockdown | ActionKind::UnblockAddress);
        assert_eq!(is_undo, reversibility(*kind) == model::action::Reversibility::RunAgain, "{kind:?}");
        assert!(*kind == ActionKind::LiftLockdown || !keeps_running(*kind).is_empty(), "{kind:?}");
    }
}

#[test]
fn a_chain_is_compared_with_its_sealed_head() {
    let head = |number: u32| ChainHead { number, hash: "a1".to_owned() };
    let of = |rows, fits, sealed: Option<u32>, sealed_fits| {
        ChainState::of(rows, fits, sealed.map(head).as_ref(), sealed_fits)
    };
    assert_eq!(of(0, true, None, None), ChainState::Empty);
    assert_eq!(of(0, true, Some(0), None), ChainState::Empty, "a run was sealed before its first row");
    assert_eq!(of(3, true, Some(3), Some(true)), ChainState::Intact);
    assert_eq!(of(5, true, Some(3), Some(true)), ChainState::NotSealedYet);
    assert_eq!(of(5, true, Some(0), None), ChainState::NotSealedYet);
    assert_eq!(of(2, true, Some(3), None), ChainState::Changed, "rows are missing");
    assert_eq!(of(3, true, Some(3), Some(false)), ChainState::Changed);
    assert_eq!(of(3, false, Some(3), Some(true)), ChainState::Changed);
    assert_eq!(of(3, true, None, None), ChainState::NoSeal);
    assert_eq!(ChainHead::parse(&head(7).to_text()).unwrap(), head(7));
    assert_eq!(ChainHead::parse("seven"), None);
}

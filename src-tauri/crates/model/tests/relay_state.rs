//! What the relay shows: one word for what it does, and what needs attention.

use chrono::{DateTime, TimeDelta, Utc};
use model::code::Code;
use model::problem::Problem;
use model::relay::{RelayHold, RelayPhase, RelayState};
use model::relay_gap::{GapReason, RelayGap};
use model::relay_settings::RelaySettings;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

fn on() -> RelayState {
    let (started, polled, caught_up) = (Some(at(0)), Some(at(100)), Some(at(100)));
    RelayState { is_on: true, started, polled, caught_up, ..RelayState::default() }
}

fn hold(code: Code, since: i64) -> Option<RelayHold> {
    Some(RelayHold { problem: Problem::new(code), since: at(since), attempts: 3 })
}

fn phase(state: &RelayState, minutes: i64) -> RelayPhase {
    state.phase(&RelaySettings::default(), at(minutes))
}

fn codes(state: &RelayState, oldest: Option<i64>, undeliverable: u64, minutes: i64) -> Vec<Code> {
    let problems = state.problems(&RelaySettings::default(), oldest.map(at), undeliverable, at(minutes));
    problems.into_iter().map(|problem| problem.code).collect()
}

#[test]
fn the_phase_follows_from_what_happened_last() {
    assert_eq!(phase(&RelayState::default(), 100), RelayPhase::Off);
    assert_eq!(phase(&RelayState { is_paused: true, ..on() }, 999), RelayPhase::Paused);
    assert_eq!(phase(&RelayState { polled: None, caught_up: None, ..on() }, 1), RelayPhase::Starting);
    assert_eq!(phase(&RelayState { caught_up: None, ..on() }, 101), RelayPhase::CatchingUp);
    assert_eq!(phase(&RelayState { caught_up: Some(at(50)), ..on() }, 101), RelayPhase::CatchingUp);
    assert_eq!(phase(&RelayState { backlog_events: 1, ..on() }, 101), RelayPhase::Delivering);
    assert_eq!(phase(&on(), 101), RelayPhase::CaughtUp);
    let full = RelayState { backlog_bytes: RelaySettings::default().max_backlog_bytes(), ..on() };
    assert_eq!(phase(&full, 101), RelayPhase::Full);
    assert_eq!(
        phase(&RelayState { delivery_hold: hold(Code::RelayHeld, 100), ..on() }, 101),
        RelayPhase::HeldByRadiant
    );
    assert_eq!(phase(&RelayState { poll_hold: hold(Code::TokenRefused, 100), ..on() }, 101), RelayPhase::HeldByOkta);
}

#[test]
fn a_relay_that_the_policy_forbids_is_off_and_says_why() {
    let forbidden = RelayState { poll_hold: hold(Code::RelayForbidden, 100), backlog_events: 9, ..on() };
    assert_eq!(phase(&forbidden, 999), RelayPhase::Off);
    assert_eq!(codes(&forbidden, Some(0), 7, 999), [Code::RelayForbidden]);
    assert_eq!(codes(&RelayState { is_on: false, ..forbidden }, Some(0), 7, 999), []);
}

#[test]
fn a_relay_that_reads_nothing_is_stopped_whatever_the_reason() {
    assert_eq!([110, 111].map(|minutes| phase(&on(), minutes)), [RelayPhase::CaughtUp, RelayPhase::Stopped]);
    assert_eq!(codes(&on(), None, 0, 111), [Code::RelayStopped]);
    let never = RelayState { polled: None, caught_up: None, ..on() };
    assert_eq!(codes(&never, None, 0, 11), [Code::RelayStopped]);
    let resumed = RelayState { started: Some(at(500)), ..on() };
    assert_eq!(codes(&resumed, None, 0, 505), [], "it was just switched on again");
    let slow = RelaySettings { poll_seconds: 600, ..RelaySettings::default() };
    assert!(!on().is_silent(&slow, at(149)) && on().is_silent(&slow, at(151)));
    assert_eq!(codes(&on(), None, 0, -5_000), [], "the clock was set back");
    assert_eq!(codes(&RelayState { is_paused: true, ..on() }, Some(0), 3, 9_999), [], "paused by a person");
}

#[test]
fn a_known_reason_that_needs_somebody_is_shown_in_place_of_the_silence() {
    let refused = RelayState { poll_hold: hold(Code::TokenRefused, 100), ..on() };
    assert_eq!(codes(&refused, None, 0, 200), [Code::TokenRefused]);
    let full = RelayState { backlog_bytes: RelaySettings::default().max_backlog_bytes(), ..on() };
    assert_eq!(codes(&full, None, 0, 200), [Code::RelayBacklogFull]);
    let unreachable = RelayState { poll_hold: hold(Code::TimedOut, 100), ..on() };
    assert_eq!(codes(&unreachable, None, 0, 200), [Code::RelayStopped, Code::TimedOut]);
}

#[test]
fn a_problem_that_often_passes_is_shown_only_if_it_lasts() {
    let busy = RelayState { delivery_hold: hold(Code::RelayUnreachable, 100), ..on() };
    assert_eq!((codes(&busy, None, 0, 105), codes(&busy, None, 0, 106)), (vec![], vec![Code::RelayUnreachable]));
    let refused = RelayState { delivery_hold: hold(Code::RelayHeld, 100), ..on() };
    assert_eq!(codes(&refused, None, 0, 100), [Code::RelayHeld], "somebody has to act");
}

#[test]
fn events_that_wait_or_were_set_aside_are_shown() {
    assert_eq!(codes(&on(), Some(85), 0, 100), []);
    assert_eq!(codes(&on(), Some(84), 2, 100), [Code::RelayBehind, Code::RelayDeadLetters]);
}

#[test]
fn a_gap_is_settled_by_a_later_comparison_of_its_whole_period_unless_okta_no_longer_has_it() {
    let gap = |reason, found, from, until| RelayGap {
        found: at(found),
        from: at(from),
        until: at(until),
        reason,
        missing: None,
    };
    let refused = gap(GapReason::CursorRefused, 60, 30, 60);
    assert!(refused.is_settled_by(&gap(GapReason::Audit, 90, 0, 75)));
    for other in [
        gap(GapReason::Audit, 90, 40, 75),
        gap(GapReason::Audit, 90, 0, 59),
        gap(GapReason::Audit, 50, 0, 60),
        gap(GapReason::CursorRefused, 90, 0, 75),
    ] {
        assert!(!refused.is_settled_by(&other), "{other:?}");
    }
    assert!(!gap(GapReason::TooOld, 60, 30, 60).is_settled_by(&gap(GapReason::Audit, 90, 0, 75)));
    assert_eq!(refused.problem().code, Code::RelayGapFound);
    assert_eq!(gap(GapReason::TooOld, 60, 30, 60).problem().code, Code::RelayEventsLost);
}

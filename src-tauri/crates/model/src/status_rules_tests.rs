//! Tests of how a status ages.

use super::*;
use crate::arrival::Arrival;
use crate::check::{CheckRow, Evidence};
use crate::status::TrayIcon;

const INTERVAL: TimeDelta = TimeDelta::minutes(10);

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn clock(minutes: i64) -> StatusClock {
    StatusClock { now: at(minutes), interval: INTERVAL }
}

/// Returns a row that ended at a minute, with a response of Okta.
fn row(check: CheckId, outcome: Outcome, code: Option<Code>, minutes: i64) -> CheckRow {
    let evidence = Evidence {
        endpoint: "GET /api/v1/users/me".to_owned(),
        status: Some(200),
        okta_code: None,
        request_id: None,
        ms: 1,
    };
    CheckRow {
        check,
        outcome,
        skipped: None,
        code,
        args: std::collections::BTreeMap::new(),
        facts: Vec::new(),
        remembered: None,
        evidence: vec![evidence],
        link: None,
        blocked_by: None,
        at: at(minutes),
        ms: 1,
    }
}

fn report(rows: Vec<CheckRow>) -> CheckReport {
    CheckReport { started: at(0), finished: at(0), rows, capabilities: Vec::new() }
}

/// Returns the report of a connection whose token Okta accepted at a minute.
fn accepted(minutes: i64) -> CheckReport {
    report(vec![row(CheckId::Token, Outcome::Passed, None, minutes)])
}

fn finished() -> GuideState {
    GuideState { finished: Some(at(0)), ..GuideState::default() }
}

fn checked(minutes: i64) -> MonitorState {
    MonitorState { heartbeat: Some(at(minutes)), ..MonitorState::default() }
}

fn status(report: Option<&CheckReport>, monitor: &MonitorState, minutes: i64) -> Status {
    Status::derive(&finished(), report, monitor, Keep::Token, None, clock(minutes))
}

fn condition(row: CheckId, code: Code, probes: u32, minutes: i64) -> ActiveCondition {
    ActiveCondition { row, problem: Problem::new(code), since: at(minutes), probes }
}

#[test]
fn a_status_that_nobody_renewed_for_three_intervals_is_stale_whatever_it_was() {
    let refused = MonitorState { conditions: vec![condition(CheckId::Token, Code::TokenRefused, 1, 5)], ..checked(5) };
    let offline = MonitorState { offline_since: Some(at(5)), ..checked(5) };
    let before = [(checked(5), State::Ok), (refused, State::Stopped), (offline, State::Working)];
    for (monitor, state) in before {
        let of = |minutes| status(Some(&accepted(5)), &monitor, minutes);
        assert_eq!((of(35).state, of(35).valid_until), (state, Some(at(35))), "until three intervals");
        let stale = of(36);
        assert!(stale.is_stale() && !stale.arrival_verified, "{state:?}");
        assert_eq!((stale.state, stale.since, stale.as_of), (State::Unknown, Some(at(5)), Some(at(5))), "{state:?}");
        assert_eq!((stale.state.exit_code(), stale.state.tray_icon()), (3, TrayIcon::Attention));
        assert_eq!(stale.severity(), Some(Severity::InDoubt));
    }
}

#[test]
fn a_connection_that_is_not_monitored_is_never_stale() {
    let paused = MonitorState { paused_since: Some(at(5)), ..checked(5) };
    assert_eq!(status(Some(&accepted(5)), &paused, 90_000).state, State::Paused);
    let of = |setup, keep| Status::derive(&setup, Some(&accepted(5)), &checked(5), keep, None, clock(90_000)).state;
    assert_eq!(of(GuideState::default(), Keep::Token), State::NeedsSetup);
    assert_eq!(of(finished(), Keep::Nothing), State::Unwatched);
}

#[test]
fn a_check_in_the_future_is_stale_and_an_answer_in_the_future_proves_nothing() {
    for minutes in [2, 5 * 60, 30 * 24 * 60] {
        assert!(status(Some(&accepted(10)), &checked(10), 10 - minutes).is_stale(), "{minutes} minutes ahead");
        let renewed = status(Some(&accepted(minutes)), &checked(0), 0);
        assert_eq!((renewed.state, renewed.as_of), (State::Working, None), "{minutes} minutes ahead");
    }
    assert_eq!(status(Some(&accepted(10)), &checked(10), 9).state, State::Ok, "another process stored it just now");
    let ahead = GuideState { finished: Some(at(9_000)), ..GuideState::default() };
    let of = |monitor| Status::derive(&ahead, Some(&accepted(5)), &monitor, Keep::Token, None, clock(6));
    assert!(of(MonitorState::default()).is_stale(), "nothing else renewed it");
    assert_eq!(of(checked(5)).state, State::Ok, "the end of the guide is not needed any more");
}

#[test]
fn a_finished_connection_that_okta_never_answered_is_working_and_after_three_intervals_unknown() {
    let failed = report(vec![row(CheckId::Domain, Outcome::Failed, Some(Code::ProxyFailed), 1)]);
    let monitor = |minutes| {
        let conditions = vec![condition(CheckId::Domain, Code::ProxyFailed, 1, 1)];
        MonitorState { conditions, ..checked(minutes) }
    };
    let first = status(Some(&failed), &monitor(1), 1);
    let shown = (first.state, first.problem.as_ref().map(|one| one.code), first.as_of);
    assert_eq!(shown, (State::Working, Some(Code::ProxyFailed), None), "nothing was observed");
    let later = status(Some(&failed), &monitor(32), 32);
    assert_eq!((later.state, later.row, later.as_of), (State::Unknown, Some(CheckId::Domain), None));
    assert!(!later.is_stale(), "somebody is checking");
    assert_eq!(status(None, &MonitorState::default(), 0).state, State::Working, "no check has run yet");
}

#[test]
fn a_probe_without_an_answer_leaves_the_time_of_the_last_answer() {
    let lost = [
        (CheckId::Token, Outcome::Failed, Code::OktaUnavailable),
        (CheckId::Token, Outcome::Failed, Code::OktaRateLimited),
        (CheckId::Domain, Outcome::Failed, Code::CaptivePortal),
        (CheckId::SystemLog, Outcome::Unknown, Code::AnswerUnreadable),
    ];
    for (check, outcome, code) in lost {
        let rows = vec![row(CheckId::Owner, Outcome::Passed, None, 5), row(check, outcome, Some(code), 14)];
        let monitor = MonitorState { conditions: vec![condition(check, code, 1, 14)], ..checked(14) };
        let after = status(Some(&report(rows)), &monitor, 14);
        assert_eq!((after.state, after.as_of), (State::Ok, Some(at(5))), "{code}");
    }
    let rows = vec![row(CheckId::RadiantSearch, Outcome::Passed, None, 14)];
    assert_eq!(status(Some(&report(rows)), &checked(14), 14).as_of, None, "Radiant is not Okta");
}

#[test]
fn a_problem_was_observed_when_it_was_found_last() {
    let refused = row(CheckId::Token, Outcome::Failed, Some(Code::TokenRefused), 14);
    let monitor = MonitorState { conditions: vec![condition(CheckId::Token, Code::TokenRefused, 2, 5)], ..checked(14) };
    let found = status(Some(&report(vec![refused])), &monitor, 14);
    assert_eq!((found.state, found.since, found.as_of), (State::Stopped, Some(at(5)), Some(at(14))));
    let gone = row(CheckId::Domain, Outcome::Failed, Some(Code::ConnectionRefused), 14);
    let conditions = vec![condition(CheckId::Domain, Code::ConnectionRefused, 3, 5)];
    let monitor = MonitorState { conditions, answered: Some(at(2)), ..checked(14) };
    assert_eq!(status(Some(&report(vec![gone])), &monitor, 14).as_of, Some(at(14)));
}

#[test]
fn without_a_network_an_ok_status_is_working_and_after_three_intervals_unknown() {
    let offline = |minutes| MonitorState {
        offline_since: Some(at(10)),
        offline: Some(Code::DnsUnavailable),
        answered: Some(at(5)),
        ..checked(minutes)
    };
    let of = |minutes| status(Some(&accepted(5)), &offline(minutes), minutes);
    let (soon, late) = (of(35), of(36));
    assert_eq!((soon.state, soon.as_of, soon.valid_until), (State::Working, Some(at(5)), Some(at(35))));
    let code = |status: &Status| status.problem.as_ref().map(|one| one.code);
    assert_eq!((late.state, code(&late), late.since), (State::Unknown, Some(Code::DnsUnavailable), Some(at(10))));
    let conditions = vec![condition(CheckId::Token, Code::TokenRefused, 1, 5)];
    let refused = MonitorState { conditions, ..offline(90) };
    assert_eq!(status(Some(&accepted(5)), &refused, 90).state, State::Stopped, "a known problem stays");
}

#[test]
fn no_state_is_ok_without_an_answer_within_three_intervals() {
    for answered in [None, Some(-40), Some(0), Some(29), Some(30), Some(31), Some(60), Some(500)] {
        for heartbeat in [None, Some(20), Some(60), Some(61), Some(500)] {
            let monitor =
                MonitorState { answered: answered.map(at), heartbeat: heartbeat.map(at), ..MonitorState::default() };
            let found = status(Some(&report(Vec::new())), &monitor, 60);
            let is_recent = answered.is_some_and(|minutes| (30..=61).contains(&minutes));
            let is_renewed = heartbeat.is_some_and(|minutes| (30..=61).contains(&minutes));
            assert_eq!(found.state == State::Ok, is_recent && is_renewed, "{answered:?} {heartbeat:?}");
            assert_eq!(found.state == State::Unknown, !(is_recent && is_renewed), "{answered:?} {heartbeat:?}");
        }
    }
}

#[test]
fn keeping_no_token_is_neither_an_alarm_nor_a_verified_arrival() {
    let setup = GuideState { arrival: Some(arrival()), ..finished() };
    let monitor = MonitorState { paused_since: Some(at(2)), ..checked(1) };
    let of = |keep| Status::derive(&setup, Some(&accepted(1)), &monitor, keep, None, clock(3));
    let chosen = of(Keep::Nothing);
    assert_eq!((chosen.state, chosen.since, chosen.as_of), (State::Unwatched, Some(at(0)), Some(at(1))));
    assert_eq!((chosen.state.tray_icon(), chosen.state.exit_code()), (TrayIcon::Ok, 0));
    assert!(!chosen.arrival_verified, "nothing checks whether Radiant is receiving");
    let paused = of(Keep::Token);
    assert_eq!((paused.state, paused.since), (State::Paused, Some(at(2))), "a pause has its own state");
    assert_eq!((paused.state.tray_icon(), paused.state.exit_code()), (TrayIcon::Stopped, 1));
}

fn arrival() -> Arrival {
    Arrival { uuid: "u".to_owned(), event_type: "user.session.start".to_owned(), published: at(0), found_at: at(0) }
}

#[test]
fn a_comparison_proves_nothing_about_a_token_that_replaces_another() {
    let report = CheckReport { rows: vec![row(CheckId::Arrival, Outcome::Passed, None, 1)], ..accepted(1) };
    let verified = |setup: &GuideState| {
        Status::derive(setup, Some(&report), &checked(1), Keep::Token, None, clock(2)).arrival_verified
    };
    assert!(verified(&finished()));
    let replacing = GuideState { replacement: Some(at(1)), ..finished() };
    assert!(!verified(&replacing), "the old token may have delivered that event");
    assert!(verified(&GuideState { arrival: Some(arrival()), ..replacing }));
}

#[test]
fn an_arrival_in_the_guide_expires() {
    let setup = GuideState { arrival: Some(arrival()), ..finished() };
    let status_after = |hours: i64| {
        let minutes = hours * 60;
        Status::derive(&setup, Some(&accepted(minutes)), &checked(minutes), Keep::Token, None, clock(minutes))
    };
    assert!(status_after(23).arrival_verified);
    let later = status_after(25);
    assert!(!later.arrival_verified);
    assert_eq!(later.state, State::Ok, "the Okta side is still ready");
    let before = Status::derive(&setup, Some(&accepted(-90)), &checked(-90), Keep::Token, None, clock(-90));
    assert!(!before.arrival_verified, "the clock was ahead when it was found");
}

#[test]
fn an_answer_to_a_replaced_token_says_nothing_about_the_new_one_which_has_three_intervals_for_its_first() {
    // The guide was finished weeks ago, and Okta answered a minute before the token was replaced.
    let (stored, weeks_ago) = (40_000, GuideState { finished: Some(at(0)), ..GuideState::default() });
    let monitor = |minutes| MonitorState { answered: Some(at(stored - 1)), ..checked(minutes) };
    let of = |report: i64, minutes: i64, since: i64| {
        let report = accepted(report);
        Status::derive(&weeks_ago, Some(&report), &monitor(minutes), Keep::Token, Some(at(since)), clock(minutes))
    };
    let first = of(stored - 1, stored + 1, stored);
    assert_eq!((first.state, first.as_of, first.state.exit_code()), (State::Working, None, 0));
    assert_eq!(of(stored - 1, stored + 30, stored).state, State::Working);
    let late = of(stored - 1, stored + 31, stored);
    assert_eq!((late.state, late.since), (State::Unknown, Some(at(stored))));
    assert_eq!(of(stored + 1, stored + 1, stored).state, State::Ok, "the new token was answered");
    assert_eq!(of(stored - 1, stored + 1, 0).state, State::Ok, "the token was not replaced");
}

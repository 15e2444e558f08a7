//! Which conditions are active after each probe, and which of them is the root cause.

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use model::active_conditions::{ActiveCondition, merge, root_cause};
use model::check::{CheckId, CheckReport, CheckRow, Outcome, Skip};
use model::code::Code;
use model::condition_registry::{REQUESTED_PROBE_COUNT, Severity};
use model::monitor::MonitorState;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

fn report(rows: &[(CheckId, Outcome, Option<Code>, i64)]) -> CheckReport {
    let row = |&(check, outcome, code, minute): &(CheckId, Outcome, Option<Code>, i64)| CheckRow {
        at: at(minute),
        ..support::row(check, outcome, code)
    };
    let rows = rows.iter().map(row).collect();
    CheckReport { started: at(0), finished: at(0), rows, capabilities: Vec::new() }
}

#[test]
fn a_transient_problem_is_shown_only_if_it_persists() {
    let mut conditions = Vec::new();
    for minute in 1..=3 {
        assert_eq!(root_cause(&conditions), None, "not after {} probes", minute - 1);
        let found = report(&[(CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), minute)]);
        conditions = merge(&conditions, &found, at(minute), 1);
    }
    let (one, severity) = root_cause(&conditions).unwrap();
    assert_eq!((one.since, one.probes, severity), (at(1), 3, Severity::InDoubt));
}

#[test]
fn findings_of_a_requested_check_are_shown_immediately() {
    let found = report(&[(CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), 1)]);
    assert!(root_cause(&merge(&[], &found, at(0), REQUESTED_PROBE_COUNT)).is_some());
    assert!(root_cause(&MonitorState::from_report(Some(&found)).conditions).is_some());
}

#[test]
fn a_row_that_did_not_run_keeps_its_condition_and_its_probe_count() {
    let found = report(&[(CheckId::Arrival, Outcome::Failed, Some(Code::RadiantNoEvents), 1)]);
    let once = merge(&[], &found, at(1), 1);
    let later = merge(&once, &found, at(5), 1);
    assert_eq!((later[0].probes, later[0].since), (1, at(1)));
    assert!(later[0].is_pending());
}

#[test]
fn a_proven_condition_stays_active_while_its_check_cannot_run() {
    let refused = report(&[(CheckId::Token, Outcome::Failed, Some(Code::TokenRefused), 1)]);
    let conditions = merge(&[], &refused, at(1), 1);
    let mut down = report(&[
        (CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), 2),
        (CheckId::Token, Outcome::Skipped, None, 2),
    ]);
    down.rows[1].skipped = Some(Skip::Depends);
    let lost = report(&[(CheckId::Token, Outcome::Unknown, Some(Code::TimedOut), 2)]);
    for without_result in [&down, &lost] {
        let still = merge(&conditions, without_result, at(2), 1);
        let (one, severity) = root_cause(&still).unwrap();
        assert_eq!((one.problem.code, one.since, severity), (Code::TokenRefused, at(1), Severity::Stopped));
    }
    let ok = report(&[(CheckId::Token, Outcome::Passed, None, 3)]);
    assert_eq!(root_cause(&merge(&conditions, &ok, at(3), 1)), None);
    down.rows[0].code = Some(Code::OrgUnknown);
    assert_eq!(
        root_cause(&merge(&conditions, &down, at(3), 1)).unwrap().0.row,
        CheckId::Domain,
        "a proven root cause hides the rest"
    );
    // A failure of Radiant is no reason why a check of Okta did not run.
    let arrival = report(&[(CheckId::Arrival, Outcome::Failed, Some(Code::RadiantUnavailable), 3)]);
    down.rows.extend(arrival.rows);
    assert!(merge(&conditions, &down, at(3), 1).iter().all(|one| one.row != CheckId::Token));
    down.rows[0].code = Some(Code::OktaUnavailable);
    down.rows[1].skipped = Some(Skip::Profile);
    assert!(
        merge(&conditions, &down, at(3), 1).iter().all(|one| one.row != CheckId::Token),
        "the check is no longer part of the run"
    );
}

#[test]
fn a_connection_that_was_refused_keeps_a_known_problem() {
    let refused = report(&[(CheckId::Token, Outcome::Failed, Some(Code::TokenRefused), 1)]);
    let known = merge(&[], &refused, at(1), 1);
    let root_of = |conditions: &[ActiveCondition]| root_cause(conditions).map(|(one, _)| one.problem.code);
    for (outcome, code) in [
        (Outcome::Attention, Code::TlsInspected),
        (Outcome::Failed, Code::TlsUntrusted),
        (Outcome::Failed, Code::TlsExpired),
        (Outcome::Failed, Code::TlsWrongHost),
        (Outcome::Failed, Code::TlsChainIncomplete),
    ] {
        let mut waiting =
            report(&[(CheckId::Tls, outcome, Some(code), 2), (CheckId::Token, Outcome::Skipped, None, 2)]);
        waiting.rows[1].skipped = Some(Skip::Depends);
        let still = merge(&known, &waiting, at(2), 1);
        assert_eq!(root_of(&still), Some(Code::TokenRefused), "{code}");
        assert!(still.iter().any(|one| one.problem.code == code), "{code} is a condition as well");
        let own_row = report(&[(CheckId::Token, Outcome::Unknown, Some(code), 2)]);
        assert_eq!(root_of(&merge(&known, &own_row, at(2), 1)), Some(Code::TokenRefused), "{code}");
    }
    let no_events = report(&[(CheckId::Arrival, Outcome::Failed, Some(Code::RadiantNoEvents), 1)]);
    let known = merge(&[], &no_events, at(1), REQUESTED_PROBE_COUNT);
    let mut waiting = report(&[
        (CheckId::RadiantTls, Outcome::Attention, Some(Code::RadiantTlsInspected), 2),
        (CheckId::RadiantSearch, Outcome::Skipped, None, 2),
        (CheckId::Arrival, Outcome::Skipped, None, 2),
    ]);
    waiting.rows.iter_mut().skip(1).for_each(|row| row.skipped = Some(Skip::Depends));
    assert_eq!(root_of(&merge(&known, &waiting, at(2), 1)), Some(Code::RadiantNoEvents));
}

#[test]
fn events_that_prove_nothing_keep_a_proven_delay() {
    let found = report(&[(CheckId::Arrival, Outcome::Attention, Some(Code::RadiantLagging), 1)]);
    let known = merge(&[], &found, at(1), REQUESTED_PROBE_COUNT);
    let too_soon = report(&[(CheckId::Arrival, Outcome::Unknown, Some(Code::RadiantTooSoon), 2)]);
    let mut nothing = report(&[(CheckId::Arrival, Outcome::Skipped, Some(Code::RadiantNothingToFind), 2)]);
    nothing.rows[0].skipped = Some(Skip::Depends);
    for without_proof in [&too_soon, &nothing] {
        let still = merge(&known, without_proof, at(2), 1);
        assert_eq!(root_cause(&still).map(|(one, _)| one.problem.code), Some(Code::RadiantLagging));
        assert_eq!(root_cause(&merge(&[], without_proof, at(2), REQUESTED_PROBE_COUNT)), None, "it is no alarm alone");
    }
    let arrived = report(&[(CheckId::Arrival, Outcome::Passed, None, 3)]);
    assert_eq!(root_cause(&merge(&known, &arrived, at(3), 1)), None);
}

#[test]
fn a_lost_permission_has_precedence_over_roles_that_can_no_longer_be_read() {
    let mut found = report(&[
        (CheckId::Roles, Outcome::Attention, Some(Code::RolesNoLongerTold), 1),
        (CheckId::Users, Outcome::Failed, Some(Code::UsersRefused), 1),
    ]);
    let root_of = |report: &CheckReport| root_cause(&merge(&[], report, at(1), 1)).map(|(one, _)| one.problem.code);
    assert_eq!(root_of(&found), Some(Code::UsersRefused));
    found.rows.pop();
    assert_eq!(root_of(&found), Some(Code::RolesNoLongerTold));
}

#[test]
fn an_incomplete_response_keeps_a_condition_and_a_complete_one_ends_it() {
    for (row, found, missing) in [
        (CheckId::Clock, Code::ClockOff, Code::ClockUnknown),
        (CheckId::RateLimit, Code::RateLow, Code::RateNotTold),
        (CheckId::RateLimit, Code::RateOtherConsumers, Code::RateNotTold),
    ] {
        let incomplete = report(&[(row, Outcome::Unknown, Some(missing), 2)]);
        assert_eq!(
            root_cause(&merge(&[], &incomplete, at(2), REQUESTED_PROBE_COUNT)),
            None,
            "{missing} alone is no alarm"
        );
        let shown = merge(&[], &report(&[(row, Outcome::Attention, Some(found), 1)]), at(1), REQUESTED_PROBE_COUNT);
        let still = merge(&shown, &incomplete, at(2), 1);
        assert_eq!(root_cause(&still).map(|(one, _)| (one.problem.code, one.since)), Some((found, at(1))));
        let ok = report(&[(row, Outcome::Passed, None, 3)]);
        assert_eq!(root_cause(&merge(&still, &ok, at(3), 1)), None);
    }
}

#[test]
fn a_shown_rate_limit_problem_stays_active_when_the_next_response_is_lost() {
    let found = |minute| report(&[(CheckId::RateLimit, Outcome::Attention, Some(Code::RateOtherConsumers), minute)]);
    let shown = (1..=3).fold(Vec::new(), |before, minute| merge(&before, &found(minute), at(minute), 1));
    let mut lost = report(&[
        (CheckId::SystemLog, Outcome::Unknown, Some(Code::OktaRateLimited), 4),
        (CheckId::RateLimit, Outcome::Skipped, None, 4),
    ]);
    lost.rows[1].skipped = Some(Skip::Depends);
    let root_of = |conditions: &[ActiveCondition]| root_cause(conditions).map(|(one, _)| one.problem.code);
    assert_eq!(root_of(&merge(&shown, &lost, at(4), 1)), Some(Code::RateOtherConsumers));
}

#[test]
fn the_root_cause_has_the_highest_severity_and_of_equals_the_first_check_wins() {
    let found = report(&[
        (CheckId::Clock, Outcome::Attention, Some(Code::ClockOff), 1),
        (CheckId::Token, Outcome::Failed, Some(Code::TokenRefused), 1),
        (CheckId::SystemLog, Outcome::Failed, Some(Code::LogsRefused), 1),
        (CheckId::Roles, Outcome::Unknown, Some(Code::RolesNotTold), 1),
    ]);
    let conditions = merge(&[], &found, at(1), 1);
    assert_eq!(root_cause(&conditions).unwrap().0.row, CheckId::Token);
}

//! Which check prevents another one from running.

mod support;

use chrono::DateTime;
use model::check::{CheckId, CheckReport, CheckRow, Outcome, Skip, blocker_of};
use model::code::Code;
use support::row;

/// The rows after `check` has failed: every check after it was skipped.
fn rows_after(check: CheckId, code: Code) -> Vec<CheckRow> {
    let after = CheckId::ALL.into_iter().filter(|other| *other > check);
    let skipped = after.map(|other| CheckRow { skipped: Some(Skip::Depends), ..row(other, Outcome::Skipped, None) });
    std::iter::once(row(check, Outcome::Failed, Some(code))).chain(skipped).collect()
}

#[test]
fn the_check_that_blocks_another_is_found_through_skipped_checks() {
    let rows = rows_after(CheckId::Token, Code::TokenRefused);
    for check in [CheckId::Zones, CheckId::RateLimit, CheckId::Capabilities] {
        assert_eq!(blocker_of(check, &rows), Some(CheckId::Token), "{check:?}");
    }
    let rows = rows_after(CheckId::Domain, Code::TimedOut);
    assert_eq!(blocker_of(CheckId::Tls, &rows), None, "the certificate check depends on no other");
    assert_eq!(blocker_of(CheckId::Arrival, &rows), Some(CheckId::Domain));
}

#[test]
fn a_proxy_blocks_while_it_waits_for_a_decision_and_an_answer_without_a_problem_never_does() {
    let rows = |code| [row(CheckId::Domain, Outcome::Passed, None), row(CheckId::Tls, Outcome::Attention, code)];
    assert_eq!(blocker_of(CheckId::Token, &rows(Some(Code::TlsInspected))), Some(CheckId::Tls));
    assert_eq!(blocker_of(CheckId::Token, &rows(Some(Code::TlsInspectionAccepted))), None);
    assert_eq!(blocker_of(CheckId::Token, &rows(None)), None);
    let passed = [row(CheckId::Domain, Outcome::Passed, None), row(CheckId::Tls, Outcome::Passed, None)];
    assert_eq!(blocker_of(CheckId::Token, &passed), None);
}

#[test]
fn only_rows_that_were_skipped_for_another_check_name_it() {
    let rows = rows_after(CheckId::Token, Code::TokenRefused);
    let (started, finished) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
    let report = CheckReport { started, finished, rows, capabilities: Vec::new() }.with_blockers();
    let blocked_by = |check| report.row(check).and_then(|row| row.blocked_by);
    assert_eq!(blocked_by(CheckId::Token), None);
    assert_eq!(blocked_by(CheckId::Zones), Some(CheckId::Token));
}

//! The active conditions of a connection, merged from probe to probe, and their root cause.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::{CheckId, CheckReport, CheckRow, Outcome, Skip};
use crate::code::Code;
use crate::condition_registry::Severity;
use crate::problem::Problem;

/// A condition that was found and has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[specta(skip_attr = "serde")] // the aliases are for stored data only
pub struct ActiveCondition {
    /// The check that found it.
    pub row: CheckId,
    /// The problem, with the values for its texts.
    pub problem: Problem,
    /// Since when it was found without interruption.
    pub since: DateTime<Utc>,
    /// Number of consecutive probes that found it.
    #[serde(alias = "looks")]
    pub probes: u32,
}

impl ActiveCondition {
    /// Returns the severity to show, once enough probes have found it.
    #[must_use]
    pub fn shown_severity(&self) -> Option<Severity> {
        let condition = self.problem.code.condition()?;
        (condition.severity > Severity::Quiet && self.probes >= condition.probes).then_some(condition.severity)
    }

    /// Returns whether it will be shown if it persists.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.problem.code.condition().is_some_and(|one| one.severity > Severity::Quiet && self.probes < one.probes)
    }
}

/// Merges the earlier conditions with `report` and returns those that are active now.
///
/// Rows that ran at or after `ran_since` count as `looks` probes: 1, or
/// [`REQUESTED_PROBE_COUNT`](crate::condition_registry::REQUESTED_PROBE_COUNT) if a person requested the check. Older rows count
/// as none. A row that was skipped because of another one has no condition of its own, so that only the root cause remains; but
/// if that root cause is transient, a proven condition stays active until the check can run again.
#[must_use]
pub fn merge(
    before: &[ActiveCondition],
    report: &CheckReport,
    ran_since: DateTime<Utc>,
    looks: u32,
) -> Vec<ActiveCondition> {
    let rows = report.rows.iter();
    rows.filter_map(|row| match row.skipped {
        Some(Skip::Depends) if row.code.is_none() => {
            proven(before, row).filter(|_| depends_on_lost_response(report, row.check)).cloned()
        }
        Some(Skip::Keychain) => {
            proven(before, row).filter(|_| report.row(CheckId::Keychain).is_some_and(is_lost)).cloned()
        }
        _ => condition_of(before, row, if row.at >= ran_since { looks } else { 0 }),
    })
    .collect()
}

/// Returns whether a transient problem prevented the result.
fn is_lost(row: &CheckRow) -> bool {
    matches!(row.outcome, Outcome::Failed | Outcome::Unknown) && row.code.is_some_and(Code::is_transient)
}

/// Returns whether a transient problem prevented the result of a check that `check` depends on.
fn depends_on_lost_response(report: &CheckReport, check: CheckId) -> bool {
    check.dependencies().iter().any(|on| report.row(*on).is_some_and(is_lost) || depends_on_lost_response(report, *on))
}

/// Returns the row's earlier condition if it was shown and is not transient.
fn proven<'a>(before: &'a [ActiveCondition], row: &CheckRow) -> Option<&'a ActiveCondition> {
    before.iter().find(|one| one.row == row.check && one.shown_severity().is_some() && !one.problem.code.is_transient())
}

fn condition_of(before: &[ActiveCondition], row: &CheckRow, looks: u32) -> Option<ActiveCondition> {
    let code = match row.outcome {
        Outcome::Failed | Outcome::Attention | Outcome::Unknown => row.code?,
        Outcome::Passed | Outcome::Skipped => return None,
    };
    // A lost or incomplete response does not refute a proven condition.
    if let Some(one) = proven(before, row).filter(|_| code.is_transient() || code.is_missing_answer()) {
        return Some(one.clone());
    }
    let earlier = before.iter().find(|one| one.row == row.check && one.problem.code == code);
    let problem = Problem { args: row.args.clone(), ..Problem::new(code) };
    Some(match earlier {
        Some(one) => {
            ActiveCondition { row: row.check, problem, since: one.since, probes: one.probes.saturating_add(looks) }
        }
        None => {
            // The row was not ok in between, so that its new problem is shown immediately.
            let was_shown = before.iter().any(|one| one.row == row.check && one.shown_severity().is_some());
            let required = code.condition().filter(|_| was_shown).map_or(1, |one| one.probes);
            ActiveCondition { row: row.check, problem, since: row.at, probes: looks.max(required) }
        }
    })
}

/// Returns the root cause: the shown condition with the highest severity. Of equals, an observed loss has precedence over
/// something that can no longer be determined, and then the order of the checks decides.
#[must_use]
pub fn root_cause(conditions: &[ActiveCondition]) -> Option<(&ActiveCondition, Severity)> {
    let shown = conditions.iter().filter_map(|one| Some((one, one.shown_severity()?)));
    let rank = |(one, severity): &(&ActiveCondition, Severity)| (*severity, !one.problem.code.is_no_longer_known());
    shown.reduce(|worst, one| if rank(&one) > rank(&worst) { one } else { worst })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition_registry::REQUESTED_PROBE_COUNT;
    use crate::monitor::MonitorState;
    use chrono::TimeDelta;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn report(rows: &[(CheckId, Outcome, Option<Code>, i64)]) -> CheckReport {
        let row = |&(check, outcome, code, minute): &(CheckId, Outcome, Option<Code>, i64)| CheckRow {
            check,
            outcome,
            skipped: None,
            code,
            args: std::collections::BTreeMap::new(),
            facts: Vec::new(),
            remembered: None,
            evidence: Vec::new(),
            link: None,
            blocked_by: None,
            at: at(minute),
            ms: 0,
        };
        let rows = rows.iter().map(row).collect();
        CheckReport { started: at(0), finished: at(0), rows, capabilities: Vec::new() }
    }

    #[test]
    fn a_transient_problem_is_shown_only_if_it_persists() {
        let mut standing = Vec::new();
        for minute in 1..=3 {
            assert_eq!(root_cause(&standing), None, "not after {} probes", minute - 1);
            let found = report(&[(CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), minute)]);
            standing = merge(&standing, &found, at(minute), 1);
        }
        let (one, severity) = root_cause(&standing).unwrap();
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
        let standing = merge(&[], &refused, at(1), 1);
        let mut down = report(&[
            (CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), 2),
            (CheckId::Token, Outcome::Skipped, None, 2),
        ]);
        down.rows[1].skipped = Some(Skip::Depends);
        let lost = report(&[(CheckId::Token, Outcome::Unknown, Some(Code::TimedOut), 2)]);
        for without_result in [&down, &lost] {
            let still = merge(&standing, without_result, at(2), 1);
            let (one, severity) = root_cause(&still).unwrap();
            assert_eq!((one.problem.code, one.since, severity), (Code::TokenRefused, at(1), Severity::Stopped));
        }
        let ok = report(&[(CheckId::Token, Outcome::Passed, None, 3)]);
        assert_eq!(root_cause(&merge(&standing, &ok, at(3), 1)), None);
        down.rows[0].code = Some(Code::TlsUntrusted);
        assert_eq!(
            root_cause(&merge(&standing, &down, at(3), 1)).unwrap().0.row,
            CheckId::Domain,
            "a proven root cause hides the rest"
        );
        // A failure of Radiant is no reason why a check of Okta did not run.
        let arrival = report(&[(CheckId::Arrival, Outcome::Failed, Some(Code::RadiantUnavailable), 3)]);
        down.rows.extend(arrival.rows);
        assert!(merge(&standing, &down, at(3), 1).iter().all(|one| one.row != CheckId::Token));
        down.rows[0].code = Some(Code::OktaUnavailable);
        down.rows[1].skipped = Some(Skip::Profile);
        assert!(
            merge(&standing, &down, at(3), 1).iter().all(|one| one.row != CheckId::Token),
            "the check is no longer part of the run"
        );
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
        let found =
            |minute| report(&[(CheckId::RateLimit, Outcome::Attention, Some(Code::RateOtherConsumers), minute)]);
        let shown = (1..=3).fold(Vec::new(), |before, minute| merge(&before, &found(minute), at(minute), 1));
        let mut lost = report(&[
            (CheckId::SystemLog, Outcome::Unknown, Some(Code::OktaRateLimited), 4),
            (CheckId::RateLimit, Outcome::Skipped, None, 4),
        ]);
        lost.rows[1].skipped = Some(Skip::Depends);
        let root_of = |standing: &[ActiveCondition]| root_cause(standing).map(|(one, _)| one.problem.code);
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
        let standing = merge(&[], &found, at(1), 1);
        assert_eq!(root_cause(&standing).unwrap().0.row, CheckId::Token);
    }
}

//! What stands at a connection: what was found, since when and how often, carried from look to look; and the root of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::{CheckId, CheckReport, CheckRow, Outcome, Skip};
use crate::code::Code;
use crate::condition_registry::Severity;
use crate::problem::Problem;

/// A condition that stands: since when, and how often it was seen in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActiveCondition {
    /// The row that found it.
    pub row: CheckId,
    /// What it is, with the values for its sentences.
    pub problem: Problem,
    /// Since when it has been seen without a break.
    pub since: DateTime<Utc>,
    /// Looks in a row that saw it.
    pub looks: u32,
}

impl ActiveCondition {
    /// Returns the severity once enough looks have seen it.
    #[must_use]
    pub fn shown_severity(&self) -> Option<Severity> {
        let condition = self.problem.code.condition()?;
        (condition.severity > Severity::Quiet && self.looks >= condition.looks).then_some(condition.severity)
    }

    /// Tells whether it will be shown if it goes on standing.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.problem.code.condition().is_some_and(|one| one.severity > Severity::Quiet && self.looks < one.looks)
    }
}

/// Carries what stood before over to what `report` says. `looks` is what this look counts for the rows that were asked at
/// or after `asked_since`: 1, or [`PERSON`] when a person asked and is looking. Rows not asked keep what stood. A row that was
/// skipped because of another leaves only the root cause; but where that is a fault of the moment, what was proven before
/// stands until it can be asked again.
#[must_use]
pub fn merge(
    before: &[ActiveCondition],
    report: &CheckReport,
    asked_since: DateTime<Utc>,
    looks: u32,
) -> Vec<ActiveCondition> {
    let rows = report.rows.iter();
    rows.filter_map(|row| match row.skipped {
        Some(Skip::Depends) if row.code.is_none() => {
            proven(before, row).filter(|_| hangs_on_a_lost_answer(report, row.check)).cloned()
        }
        Some(Skip::Keychain) => {
            proven(before, row).filter(|_| report.row(CheckId::Keychain).is_some_and(lost)).cloned()
        }
        _ => standing(before, row, if row.at >= asked_since { looks } else { 0 }),
    })
    .collect()
}

/// Tells whether an answer was lost to a fault of the moment.
fn lost(row: &CheckRow) -> bool {
    matches!(row.outcome, Outcome::Failed | Outcome::Unknown) && row.code.is_some_and(Code::is_passing)
}

/// Tells whether a question could not be asked because the answer to one it depends on was lost to a fault of the moment.
fn hangs_on_a_lost_answer(report: &CheckReport, check: CheckId) -> bool {
    check.dependencies().iter().any(|on| report.row(*on).is_some_and(lost) || hangs_on_a_lost_answer(report, *on))
}

/// What was proven of a row before: shown, and no fault of the moment.
fn proven<'a>(before: &'a [ActiveCondition], row: &CheckRow) -> Option<&'a ActiveCondition> {
    before.iter().find(|one| one.row == row.check && one.shown_severity().is_some() && !one.problem.code.is_passing())
}

fn standing(before: &[ActiveCondition], row: &CheckRow, looks: u32) -> Option<ActiveCondition> {
    let code = match row.outcome {
        Outcome::Failed | Outcome::Attention | Outcome::Unknown => row.code?,
        Outcome::Passed | Outcome::Skipped => return None,
    };
    // A lost answer, or one that leaves it out, says nothing about what was proven before.
    if let Some(one) = proven(before, row).filter(|_| code.is_passing() || code.is_silence()) {
        return Some(one.clone());
    }
    let stood = before.iter().find(|one| one.row == row.check && one.problem.code == code);
    let problem = Problem { args: row.args.clone(), ..Problem::new(code) };
    Some(match stood {
        Some(one) => {
            ActiveCondition { row: row.check, problem, since: one.since, looks: one.looks.saturating_add(looks) }
        }
        None => {
            // What was shown and is now something else has not been well in between: it stays shown.
            let shown = before.iter().any(|one| one.row == row.check && one.shown_severity().is_some());
            let believed = code.condition().filter(|_| shown).map_or(1, |one| one.looks);
            ActiveCondition { row: row.check, problem, since: row.at, looks: looks.max(believed) }
        }
    })
}

/// Returns what is wrong at the root: the gravest condition that is shown, of those what was seen before what can no longer be
/// told, and of those the one asked first.
#[must_use]
pub fn root_cause(standing: &[ActiveCondition]) -> Option<(&ActiveCondition, Severity)> {
    let shown = standing.iter().filter_map(|one| Some((one, one.shown_severity()?)));
    let weight = |(one, severity): &(&ActiveCondition, Severity)| (*severity, !one.problem.code.is_out_of_sight());
    shown.reduce(|worst, one| if weight(&one) > weight(&worst) { one } else { worst })
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
    fn a_fault_of_the_moment_is_shown_only_when_it_stays() {
        let mut standing = Vec::new();
        for minute in 1..=3 {
            assert_eq!(root_cause(&standing), None, "not after {} looks", minute - 1);
            let seen = report(&[(CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), minute)]);
            standing = merge(&standing, &seen, at(minute), 1);
        }
        let (one, severity) = root_cause(&standing).unwrap();
        assert_eq!((one.since, one.looks, severity), (at(1), 3, Severity::InDoubt));
    }

    #[test]
    fn what_a_person_asked_for_is_shown_at_once() {
        let seen = report(&[(CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), 1)]);
        assert!(root_cause(&merge(&[], &seen, at(0), PERSON)).is_some());
        assert!(root_cause(&MonitorState::from_report(Some(&seen)).standing).is_some());
    }

    #[test]
    fn a_row_that_was_not_asked_keeps_what_stood_and_counts_no_look() {
        let seen = report(&[(CheckId::Arrival, Outcome::Failed, Some(Code::RadiantNoEvents), 1)]);
        let once = merge(&[], &seen, at(1), 1);
        let later = merge(&once, &seen, at(5), 1);
        assert_eq!((later[0].looks, later[0].since), (1, at(1)));
        assert!(later[0].is_pending());
    }

    #[test]
    fn what_was_proven_is_not_over_because_it_could_not_be_asked_again() {
        let dead = report(&[(CheckId::Token, Outcome::Failed, Some(Code::TokenRefused), 1)]);
        let standing = merge(&[], &dead, at(1), 1);
        let mut down = report(&[
            (CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), 2),
            (CheckId::Token, Outcome::Skipped, None, 2),
        ]);
        down.rows[1].skipped = Some(Skip::Depends);
        let lost = report(&[(CheckId::Token, Outcome::Unknown, Some(Code::TimedOut), 2)]);
        for unasked in [&down, &lost] {
            let still = merge(&standing, unasked, at(2), 1);
            let (one, severity) = root_cause(&still).unwrap();
            assert_eq!((one.problem.code, one.since, severity), (Code::TokenRefused, at(1), Severity::Stopped));
        }
        let well = report(&[(CheckId::Token, Outcome::Passed, None, 3)]);
        assert_eq!(root_cause(&merge(&standing, &well, at(3), 1)), None);
        down.rows[0].code = Some(Code::TlsUntrusted);
        assert_eq!(
            root_cause(&merge(&standing, &down, at(3), 1)).unwrap().0.row,
            CheckId::Domain,
            "a proven root hides the rest"
        );
        // Radiant's silence is no reason why Okta was not asked.
        let arrival = report(&[(CheckId::Arrival, Outcome::Failed, Some(Code::RadiantUnavailable), 3)]);
        down.rows.extend(arrival.rows);
        assert!(merge(&standing, &down, at(3), 1).iter().all(|one| one.row != CheckId::Token));
        down.rows[0].code = Some(Code::OktaUnavailable);
        down.rows[1].skipped = Some(Skip::Profile);
        assert!(
            merge(&standing, &down, at(3), 1).iter().all(|one| one.row != CheckId::Token),
            "no longer asked at all"
        );
    }

    #[test]
    fn a_right_that_was_seen_to_be_gone_comes_before_roles_that_can_no_longer_be_read() {
        let mut seen = report(&[
            (CheckId::Roles, Outcome::Attention, Some(Code::RolesNoLongerTold), 1),
            (CheckId::Users, Outcome::Failed, Some(Code::UsersRefused), 1),
        ]);
        let root_of = |report: &CheckReport| root_cause(&merge(&[], report, at(1), 1)).map(|(one, _)| one.problem.code);
        assert_eq!(root_of(&seen), Some(Code::UsersRefused));
        seen.rows.pop();
        assert_eq!(root_of(&seen), Some(Code::RolesNoLongerTold));
    }

    #[test]
    fn an_answer_that_leaves_it_out_takes_nothing_back_and_one_that_says_so_does() {
        for (row, told, left_out) in [
            (CheckId::Clock, Code::ClockOff, Code::ClockUnknown),
            (CheckId::RateLimit, Code::RateLow, Code::RateNotTold),
            (CheckId::RateLimit, Code::RateOtherConsumers, Code::RateNotTold),
        ] {
            let silent = report(&[(row, Outcome::Unknown, Some(left_out), 2)]);
            assert_eq!(root_cause(&merge(&[], &silent, at(2), PERSON)), None, "{left_out} by itself is no alarm");
            let shown = merge(&[], &report(&[(row, Outcome::Attention, Some(told), 1)]), at(1), PERSON);
            let still = merge(&shown, &silent, at(2), 1);
            assert_eq!(root_cause(&still).map(|(one, _)| (one.problem.code, one.since)), Some((told, at(1))));
            let well = report(&[(row, Outcome::Passed, None, 3)]);
            assert_eq!(root_cause(&merge(&still, &well, at(3), 1)), None);
        }
    }

    #[test]
    fn little_head_room_that_was_shown_is_not_over_because_the_next_answer_was_lost() {
        let seen = |minute| report(&[(CheckId::RateLimit, Outcome::Attention, Some(Code::RateOtherConsumers), minute)]);
        let shown = (1..=3).fold(Vec::new(), |before, minute| merge(&before, &seen(minute), at(minute), 1));
        let mut lost = report(&[
            (CheckId::SystemLog, Outcome::Unknown, Some(Code::OktaRateLimited), 4),
            (CheckId::RateLimit, Outcome::Skipped, None, 4),
        ]);
        lost.rows[1].skipped = Some(Skip::Depends);
        let root_of = |standing: &[ActiveCondition]| root_cause(standing).map(|(one, _)| one.problem.code);
        assert_eq!(root_of(&merge(&shown, &lost, at(4), 1)), Some(Code::RateOtherConsumers));
    }

    #[test]
    fn the_gravest_is_the_root_and_of_equals_the_one_asked_first() {
        let seen = report(&[
            (CheckId::Clock, Outcome::Attention, Some(Code::ClockOff), 1),
            (CheckId::Token, Outcome::Failed, Some(Code::TokenRefused), 1),
            (CheckId::SystemLog, Outcome::Failed, Some(Code::LogsRefused), 1),
            (CheckId::Roles, Outcome::Unknown, Some(Code::RolesNotTold), 1),
        ]);
        let standing = merge(&[], &seen, at(1), 1);
        assert_eq!(root_cause(&standing).unwrap().0.row, CheckId::Token);
    }
}

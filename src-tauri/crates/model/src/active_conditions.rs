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
/// Rows that ran at or after `ran_since` count as `probes` consecutive probes: 1, or
/// [`REQUESTED_PROBE_COUNT`](crate::condition_registry::REQUESTED_PROBE_COUNT) if a person requested the check. Older rows count
/// as none. A row that was skipped because of another one has no condition of its own, so that only the root cause remains; but
/// if that root cause stopped the request before the API, a proven condition stays active until the check can run again.
#[must_use]
pub fn merge(
    before: &[ActiveCondition],
    report: &CheckReport,
    ran_since: DateTime<Utc>,
    probes: u32,
) -> Vec<ActiveCondition> {
    let rows = report.rows.iter();
    rows.filter_map(|row| match row.skipped {
        Some(Skip::Depends) if row.code.is_none() => {
            proven(before, row).filter(|_| depends_on_lost_response(report, row.check)).cloned()
        }
        Some(Skip::Keychain) => {
            proven(before, row).filter(|_| report.row(CheckId::Keychain).is_some_and(is_lost)).cloned()
        }
        _ => condition_of(before, row, if row.at >= ran_since { probes } else { 0 }),
    })
    .collect()
}

/// Returns whether a problem before the API prevented the result. An issuer that nobody accepted needs attention only.
fn is_lost(row: &CheckRow) -> bool {
    let has_problem = matches!(row.outcome, Outcome::Failed | Outcome::Unknown | Outcome::Attention);
    has_problem && row.code.is_some_and(Code::hides_api)
}

/// Returns whether a problem before the API prevented the result of a check that `check` depends on.
fn depends_on_lost_response(report: &CheckReport, check: CheckId) -> bool {
    check.dependencies().iter().any(|on| report.row(*on).is_some_and(is_lost) || depends_on_lost_response(report, *on))
}

/// Returns the row's earlier condition if it was shown and is not transient.
fn proven<'a>(before: &'a [ActiveCondition], row: &CheckRow) -> Option<&'a ActiveCondition> {
    before.iter().find(|one| one.row == row.check && one.shown_severity().is_some() && !one.problem.code.is_transient())
}

fn condition_of(before: &[ActiveCondition], row: &CheckRow, probes: u32) -> Option<ActiveCondition> {
    let code = match row.outcome {
        Outcome::Failed | Outcome::Attention | Outcome::Unknown => row.code?,
        Outcome::Passed => return None,
        Outcome::Skipped => {
            return proven(before, row).filter(|_| row.code.is_some_and(Code::is_missing_answer)).cloned();
        }
    };
    // A lost or incomplete response does not refute a proven condition, nor does a connection that was refused.
    let keeps = |one: &&ActiveCondition| {
        let is_hidden = code.hides_api() && !one.problem.code.hides_api();
        code.is_transient() || code.is_missing_answer() || is_hidden
    };
    if let Some(one) = proven(before, row).filter(keeps) {
        return Some(one.clone());
    }
    let earlier = before.iter().find(|one| one.row == row.check && one.problem.code == code);
    let problem = Problem { args: row.args.clone(), ..Problem::new(code) };
    Some(match earlier {
        Some(one) => {
            ActiveCondition { row: row.check, problem, since: one.since, probes: one.probes.saturating_add(probes) }
        }
        None => {
            // The row was not ok in between, so that its new problem is shown immediately.
            let was_shown = before.iter().any(|one| one.row == row.check && one.shown_severity().is_some());
            let required = code.condition().filter(|_| was_shown).map_or(1, |one| one.probes);
            ActiveCondition { row: row.check, problem, since: row.at, probes: probes.max(required) }
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

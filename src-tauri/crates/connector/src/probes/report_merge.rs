//! Merges reports and reads facts from them.

use chrono::{DateTime, Utc};

use model::check::{CheckId, CheckReport, CheckRow, FactKey, Outcome, Skip};

/// Returns the newer report with the rows of the earlier one that it lacks. A check that could not be run this time keeps what
/// was found out since `known_since`, when the API token was stored; what was found with the one before it is dropped.
#[must_use]
pub(crate) fn with(earlier: &CheckReport, newer: &CheckReport, known_since: Option<DateTime<Utc>>) -> CheckReport {
    let mut rows: Vec<CheckRow> = newer
        .rows
        .iter()
        .map(|row| match earlier.row(row.check) {
            Some(old) => row.clone().with_remembered(old, known_since),
            None => row.clone(),
        })
        .collect();
    // A time in the future comes from a clock that was wrong.
    let since = known_since.filter(|since| *since <= newer.finished);
    let is_current = |old: &&CheckRow| !old.check.needs_okta_token() || since.is_none_or(|since| old.at >= since);
    rows.extend(earlier.rows.iter().filter(|old| newer.row(old.check).is_none()).filter(is_current).cloned());
    rows.sort_by_key(|row| row.check);
    CheckReport { rows, ..newer.clone() }
}

/// Returns `published` of the newest event by the row of the System Log.
#[must_use]
pub(crate) fn newest_event(row: &CheckRow) -> Option<DateTime<Utc>> {
    let fact = row.facts.iter().find(|fact| fact.key == FactKey::NewestEvent)?;
    DateTime::parse_from_rfc3339(&fact.value).ok().map(|at| at.to_utc())
}

/// Returns whether this is the row of a System Log that was read, even if it had no events.
#[must_use]
pub(crate) fn has_event_count(row: &CheckRow) -> bool {
    let has_count = row.facts.iter().any(|fact| fact.key == FactKey::EventCount);
    row.check == CheckId::SystemLog && row.outcome != Outcome::Unknown && has_count
}

/// Returns whether a check that was skipped because of another one can be run now.
#[must_use]
pub(crate) fn may_ask_more(report: &CheckReport) -> bool {
    // A check that needs a decision may be the reason why its dependents were skipped.
    let has_passed = |row: &CheckRow| row.outcome == Outcome::Passed;
    let is_keychain_open = report.row(CheckId::Keychain).is_some_and(has_passed);
    report.rows.iter().filter(|row| row.code.is_none()).any(|row| {
        (matches!(row.skipped, Some(Skip::Depends | Skip::NoToken))
            || (row.skipped == Some(Skip::Keychain) && is_keychain_open))
            && row
                .check
                .dependencies()
                .iter()
                .all(|on| report.row(*on).is_some_and(|on| has_passed(on) || is_irrelevant(on)))
    })
}

/// Returns whether a check was skipped for good, so that no other waits for it.
fn is_irrelevant(row: &CheckRow) -> bool {
    matches!(row.skipped, Some(Skip::Practice | Skip::Profile | Skip::NoSecretStored))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn report(checks: &[CheckId], seconds: i64) -> CheckReport {
        let row = |check: &CheckId| CheckRow {
            check: *check,
            outcome: Outcome::Passed,
            skipped: None,
            code: None,
            args: std::collections::BTreeMap::new(),
            facts: Vec::new(),
            remembered: None,
            evidence: Vec::new(),
            link: None,
            blocked_by: None,
            at: at(seconds),
            ms: 1,
        };
        let rows = checks.iter().map(row).collect();
        CheckReport { started: at(seconds), finished: at(seconds), rows, capabilities: Vec::new() }
    }

    #[test]
    fn what_was_found_with_the_token_before_is_not_kept_as_found_with_the_new_one() {
        let earlier = report(&[CheckId::Domain, CheckId::Token, CheckId::Users, CheckId::RadiantSearch], 0);
        let newer = report(&[CheckId::Token], 60);
        let checks = |since: Option<i64>| {
            let merged = with(&earlier, &newer, since.map(at));
            merged.rows.into_iter().map(|row| (row.check, row.at)).collect::<Vec<_>>()
        };
        let (domain, token, users, search) = (
            (CheckId::Domain, at(0)),
            (CheckId::Token, at(60)),
            (CheckId::Users, at(0)),
            (CheckId::RadiantSearch, at(0)),
        );
        assert_eq!(checks(Some(30)), [domain, token, search], "the token was stored in between");
        for since in [None, Some(0), Some(9_000)] {
            assert_eq!(checks(since), [domain, token, users, search], "{since:?}");
        }
    }
}

//! What is read out of a report, and how a newer one takes its place.

use chrono::{DateTime, Utc};

use model::check::{CheckId, CheckReport, CheckRow, FactKey, Outcome, Skip};

/// The earlier report with the newer one's rows in the place of its own. A question that could not be asked this time keeps what
/// had been found out since `known`.
#[must_use]
pub fn with(earlier: &CheckReport, newer: &CheckReport, known: Option<DateTime<Utc>>) -> CheckReport {
    let mut rows: Vec<CheckRow> = newer
        .rows
        .iter()
        .map(|row| match earlier.row(row.check) {
            Some(old) => row.clone().remembering(old, known),
            None => row.clone(),
        })
        .collect();
    rows.extend(earlier.rows.iter().filter(|old| newer.row(old.check).is_none()).cloned());
    rows.sort_by_key(|row| row.check);
    CheckReport { rows, ..newer.clone() }
}

/// Returns `published` of the newest event that the System Log's row tells of.
#[must_use]
pub fn newest_event(row: &CheckRow) -> Option<DateTime<Utc>> {
    let fact = row.facts.iter().find(|fact| fact.key == FactKey::NewestEvent)?;
    DateTime::parse_from_rfc3339(&fact.value).ok().map(|at| at.to_utc())
}

/// Tells whether this is the System Log's row and the log was read, even if nothing happened in it.
#[must_use]
pub fn tells_events(row: &CheckRow) -> bool {
    let counted = row.facts.iter().any(|fact| fact.key == FactKey::EventCount);
    row.check == CheckId::SystemLog && row.outcome != Outcome::Unknown && counted
}

/// Tells whether something that could not be asked because of another question can be asked now.
#[must_use]
pub fn may_ask_more(report: &CheckReport) -> bool {
    // What wants a decision may be the very reason why nothing after it is asked.
    let answered = |row: &CheckRow| row.outcome == Outcome::Passed;
    let open = report.row(CheckId::Keychain).is_some_and(answered);
    report.rows.iter().filter(|row| row.code.is_none()).any(|row| {
        (matches!(row.skipped, Some(Skip::Depends | Skip::NoToken)) || (row.skipped == Some(Skip::Keychain) && open))
            && row.check.depends().iter().all(|on| report.row(*on).is_some_and(|on| answered(on) || is_needless(on)))
    })
}

/// Whether a question was left out for good, so that nothing waits for it.
fn is_needless(row: &CheckRow) -> bool {
    matches!(row.skipped, Some(Skip::Practice | Skip::Profile))
}

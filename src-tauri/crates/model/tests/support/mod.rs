//! Check results for the tests.

use std::collections::BTreeMap;

use chrono::DateTime;
use model::check::{CheckId, CheckRow, Outcome};
use model::code::Code;

/// Returns a result with no facts and no requests.
pub(crate) fn row(check: CheckId, outcome: Outcome, code: Option<Code>) -> CheckRow {
    CheckRow {
        check,
        outcome,
        skipped: None,
        code,
        args: BTreeMap::new(),
        facts: Vec::new(),
        remembered: None,
        evidence: Vec::new(),
        link: None,
        blocked_by: None,
        at: DateTime::UNIX_EPOCH,
        ms: 1,
    }
}

//! Decides whether a probe ran without a network. Pure.
//!
//! Without a network nothing is learned, so a probe counts as offline only if that cannot hide what Okta answered.

use chrono::{DateTime, Utc};

use model::check::{CheckId, CheckReport, CheckRow, Outcome};
use model::code::Code;
use model::condition_registry::Severity;

/// Returns what kept this computer from the network, if anything did, among the rows that were checked since then.
///
/// A problem that Okta's answer proved in the same probe is learned all the same: the network was there, at least for it.
pub(super) fn offline_code(report: &CheckReport, since: DateTime<Utc>) -> Option<Code> {
    let code = checked(report, since).filter_map(|row| row.code).find(|code| code.is_offline())?;
    let has_proof = checked(report, since).any(|row| was_answered_by_okta(row) && has_proven_problem(row));
    (!has_proof).then_some(code)
}

/// Attributes a network problem on the way to Radiant alone to Radiant: Okta's answers in the same probe show that there is a
/// network, so they count, and Radiant's search is what could not be reached.
pub(super) fn attribute_to_radiant(report: &mut CheckReport, since: DateTime<Utc>) {
    let is_offline = |row: &CheckRow| row.code.is_some_and(Code::is_offline);
    let is_okta_reached = checked(report, since).any(was_answered_by_okta);
    if !is_okta_reached || checked(report, since).any(|row| is_offline(row) && !is_radiant(row)) {
        return;
    }
    for row in report.rows.iter_mut().filter(|row| row.at >= since && is_offline(row)) {
        row.code = Some(Code::RadiantUnreachable);
    }
}

fn checked(report: &CheckReport, since: DateTime<Utc>) -> impl Iterator<Item = &CheckRow> {
    report.rows.iter().filter(move |row| row.at >= since && row.outcome != Outcome::Skipped)
}

/// Returns whether the row's last request went to Radiant's search.
fn is_radiant(row: &CheckRow) -> bool {
    matches!(row.check, CheckId::RadiantTls | CheckId::RadiantSearch | CheckId::Arrival)
        && row.evidence.last().is_some_and(|one| one.endpoint.ends_with("_msearch"))
}

/// Returns whether Okta answered a request of the row. A certificate alone is no answer of Okta.
fn was_answered_by_okta(row: &CheckRow) -> bool {
    if matches!(row.check, CheckId::Tls | CheckId::RadiantTls) {
        return false;
    }
    let is_known = row.code.is_none_or(|code| !code.is_offline() && code != Code::ResponderUnknown);
    is_known && row.evidence.iter().any(|one| one.status.is_some() && !one.endpoint.ends_with("_msearch"))
}

/// Returns whether the row has a problem that counts the first time it is found.
fn has_proven_problem(row: &CheckRow) -> bool {
    let condition = row.code.and_then(Code::condition);
    row.outcome != Outcome::Passed && condition.is_some_and(|one| one.severity > Severity::Quiet && one.probes == 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::check::Evidence;

    use super::*;

    const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const OKTA: &str = "GET /api/v1/users/me";
    const RADIANT: &str = "POST /_msearch";

    fn row(check: CheckId, outcome: Outcome, code: Option<Code>, answer: (&str, Option<u16>)) -> CheckRow {
        let (endpoint, status) = (answer.0.to_owned(), answer.1);
        CheckRow {
            check,
            outcome,
            skipped: None,
            code,
            args: BTreeMap::new(),
            facts: Vec::new(),
            remembered: None,
            evidence: vec![Evidence { endpoint, status, okta_code: None, request_id: None, ms: 1 }],
            link: None,
            blocked_by: None,
            at: AT,
            ms: 1,
        }
    }

    fn report(rows: &[CheckRow]) -> CheckReport {
        CheckReport { started: AT, finished: AT, rows: rows.to_vec(), capabilities: Vec::new() }
    }

    #[test]
    fn a_portal_in_front_of_okta_is_offline() {
        let portal = row(CheckId::Token, Outcome::Unknown, Some(Code::CaptivePortal), (OKTA, Some(200)));
        let radiant = row(CheckId::Arrival, Outcome::Passed, None, (RADIANT, Some(200)));
        assert_eq!(offline_code(&report(&[portal, radiant]), AT), Some(Code::CaptivePortal));
        let later = row(CheckId::Token, Outcome::Unknown, Some(Code::NetworkDown), (OKTA, None));
        let domain = row(CheckId::Domain, Outcome::Passed, None, (OKTA, Some(200)));
        assert_eq!(offline_code(&report(&[domain, later]), AT), Some(Code::NetworkDown), "it was lost meanwhile");
    }

    #[test]
    fn what_okta_proved_is_not_hidden_by_a_network_problem_of_another_row() {
        for (check, code) in [(CheckId::Token, Code::TokenRefused), (CheckId::Domain, Code::OrgUnknown)] {
            let proven = row(check, Outcome::Failed, Some(code), (OKTA, Some(401)));
            for lost in [CheckId::SystemLog, CheckId::RadiantSearch] {
                let lost = row(lost, Outcome::Unknown, Some(Code::NetworkDown), (RADIANT, None));
                assert_eq!(offline_code(&report(&[proven.clone(), lost]), AT), None, "{code}");
            }
        }
    }

    #[test]
    fn a_radiant_that_cannot_be_reached_is_no_missing_network_while_okta_answers() {
        let answered = row(CheckId::Token, Outcome::Passed, None, (OKTA, Some(200)));
        let lost = |status| row(CheckId::RadiantSearch, Outcome::Unknown, Some(Code::NetworkDown), (RADIANT, status));
        let mut partly = report(&[answered.clone(), lost(None)]);
        attribute_to_radiant(&mut partly, AT);
        assert_eq!(offline_code(&partly, AT), None);
        assert_eq!(partly.rows[1].code, Some(Code::RadiantUnreachable));

        let silent = row(CheckId::Token, Outcome::Unknown, Some(Code::NetworkDown), (OKTA, None));
        for rows in [vec![silent.clone(), lost(None)], vec![answered, silent, lost(None)], vec![lost(None)]] {
            let mut nothing = report(&rows);
            attribute_to_radiant(&mut nothing, AT);
            assert_eq!(offline_code(&nothing, AT), Some(Code::NetworkDown));
        }
    }

    #[test]
    fn an_unknown_responder_shows_no_network_and_is_not_offline_either() {
        let unknown = row(CheckId::Token, Outcome::Unknown, Some(Code::ResponderUnknown), (OKTA, Some(403)));
        assert_eq!(offline_code(&report(std::slice::from_ref(&unknown)), AT), None);
        assert!(!was_answered_by_okta(&unknown));
    }
}

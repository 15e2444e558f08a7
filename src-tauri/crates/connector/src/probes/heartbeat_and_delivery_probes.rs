//! The small probes of monitoring: a heartbeat of one request, and a delivery probe of two or three.
//!
//! Both send the token without a row for the certificate: its connection is decided in the handshake. A refused one leaves the
//! row of the certificate, because the check itself found nothing out.

use chrono::{DateTime, TimeDelta, Utc};
use model::check::{CheckId, CheckReport, CheckRow, FactKey, Outcome, Skip};
use model::code::Code;
use okta::{Okta, RateLimit};

use super::finding::Finding;
use super::input::ProbeInput;
use super::radiant_search_checks::{self, DeliveryResult, DeliveryRules};
use super::refused_issuer_row::with_certificate_rows;
use super::{rights_events, system_log, this_computer, token_owner};

/// The result of a small probe.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProbeResult {
    /// The rows of the checks that were run.
    pub(crate) rows: Vec<CheckRow>,
    /// The comparison of both sides, beside its row.
    pub(crate) delivery: DeliveryResult,
    /// `published` of the newest event after which the token's rights or its owner may have changed.
    pub(crate) rights_changed_at: Option<DateTime<Utc>>,
    /// The rest of the rate limit, in percent.
    pub(crate) rate_left_percent: Option<u32>,
}

/// Returns whether small probes may run: a full probe recognized the org and its certificate.
#[must_use]
pub(crate) fn is_small_probe_safe(before: &CheckReport) -> bool {
    let has_passed = |check| before.row(check).is_some_and(|row| row.outcome == Outcome::Passed);
    let is_decided = before
        .row(CheckId::Tls)
        .is_some_and(|row| row.skipped == Some(Skip::Practice) || row.code == Some(Code::TlsInspectionAccepted));
    has_passed(CheckId::Domain) && (has_passed(CheckId::Tls) || is_decided)
}

/// Checks that Okta accepts the token, that its owner is active and that the clocks agree, by one request:
/// `GET /api/v1/users/me`.
pub(crate) async fn heartbeat(input: &ProbeInput) -> ProbeResult {
    let result = heartbeat_rows(input).await;
    ProbeResult { rows: with_certificate_rows(result.rows), ..result }
}

async fn heartbeat_rows(input: &ProbeInput) -> ProbeResult {
    let mut result = ProbeResult::default();
    let Some(okta) = okta(input, &mut result.rows) else { return result };
    let watch = input.handles.clock.stopwatch();
    let (finding, answer) = token_owner::token(&okta).await;
    result.rows.push(input.row(CheckId::Token, finding, watch.ms()));
    if let Some(answer) = answer {
        result.rows.push(input.row(CheckId::Clock, this_computer::clock(answer.server_time), 0));
        result.rows.push(input.row(CheckId::Owner, token_owner::owner(&answer.value, input.history.owner), 0));
    }
    result
}

/// Checks the System Log, its rate limit, and that Radiant has its events. `owner_login` is the last known login of the token's
/// owner.
pub(crate) async fn delivery_probe(input: &ProbeInput, owner_login: Option<&str>) -> ProbeResult {
    let result = delivery_rows(input, owner_login).await;
    ProbeResult { rows: with_certificate_rows(result.rows), ..result }
}

async fn delivery_rows(input: &ProbeInput, owner_login: Option<&str>) -> ProbeResult {
    let mut result = ProbeResult::default();
    let Some(okta) = okta(input, &mut result.rows) else { return result };
    let clock = &input.handles.clock;
    let (watch, rules) = (clock.stopwatch(), DeliveryRules::of(input));
    let (finding, log) = system_log::system_log(&okta, rules.now).await;
    result.rows.push(input.row(CheckId::SystemLog, finding, watch.ms()));
    // Only a successful response counts: the limit that a refusal names may be another one.
    let Some(log) = log else { return result };
    result.rate_left_percent = log.rate.as_ref().and_then(percent_left);
    result.rows.push(input.row(CheckId::Clock, this_computer::clock(log.server_time), 0));
    let rate = system_log::rate_limit(log.rate.as_ref(), input.own_log_requests());
    result.rows.push(input.row(CheckId::RateLimit, rate, 0));
    let changes = log.events.iter().filter(|event| rights_events::may_change_rights(event, owner_login));
    result.rights_changed_at = changes.map(|event| event.published).max();
    match input.search() {
        Some(Ok(search)) => {
            let watch = clock.stopwatch();
            let rules = rules.at(log.server_time);
            let (finding, delivery) = radiant_search_checks::delivery(&okta, &search, log.events, rules).await;
            result.rows.push(input.row(CheckId::Arrival, finding, watch.ms()));
            result.delivery = delivery.unwrap_or_default();
        }
        Some(Err(_)) => result.rows.extend(keychain_row(input)),
        None => {}
    }
    result
}

/// Marks in the row of the System Log that Okta has had no events for longer than ever before.
pub(crate) fn mark_silence(row: &mut CheckRow, silence: TimeDelta, longest: TimeDelta) {
    row.outcome = Outcome::Attention;
    row.code = Some(Code::OktaQuiet);
    row.args.insert("hours".to_owned(), silence.num_hours().to_string());
    row.args.insert("longest".to_owned(), longest.num_hours().max(1).to_string());
    row.facts.retain(|fact| fact.key != FactKey::EventCount);
}

/// Returns the row of a keychain that could not be read.
fn keychain_row(input: &ProbeInput) -> Option<CheckRow> {
    let finding = Finding::of_problem(input.keychain_problem()?);
    Some(finding.row(CheckId::Keychain, input.handles.clock.now(), 0))
}

/// Returns the client of a small probe. If there is none, adds the row that explains it.
fn okta(input: &ProbeInput, rows: &mut Vec<CheckRow>) -> Option<Okta> {
    let okta = match &input.target.token {
        Ok(token) => input.okta(Some(token.clone())),
        Err(problem) if problem.code.is_keychain() => {
            rows.extend(keychain_row(input));
            return None;
        }
        Err(problem) => Err(problem.clone()),
    };
    okta.map_err(|problem| rows.push(input.row(CheckId::Token, Finding::failed(problem.code), 0))).ok()
}

fn percent_left(rate: &RateLimit) -> Option<u32> {
    (rate.limit > 0).then(|| rate.remaining.saturating_mul(100) / rate.limit)
}

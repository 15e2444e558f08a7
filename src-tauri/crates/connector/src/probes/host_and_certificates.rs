//! Checks without a token: whether the host is the Okta org, and who issued the certificates of Okta and Radiant.

use super::finding::Finding;
use super::input::ProbeInput;
use http_client::AnsweredBy;
use model::certificate_issuer::{ISSUER_KEY, Issuer};
use model::check::{Evidence, FactKey, Outcome, Skip};
use model::code::Code;
use model::link_target::LinkTarget;
use okta::{Okta, ServerTime, is_unlike_okta, observe_certificate};
use radiant::Search;

/// The facts about a recognized org that later checks need.
#[derive(Debug, Clone)]
pub(super) struct RecognizedOrg {
    /// Okta's clock by the `Date` header.
    pub(super) server_time: Option<ServerTime>,
}

/// Checks that the Okta domain is reachable and still is the org with this ID.
pub(super) async fn domain(okta: &Okta, expected_id: Option<&str>) -> (Finding, Option<RecognizedOrg>) {
    match okta.org().await {
        Ok(answer) => {
            let org = RecognizedOrg { server_time: answer.server_time };
            let is_same = expected_id.is_none_or(|id| id == answer.value.id);
            let finding = if is_same { Finding::passed() } else { Finding::failed(Code::CustomDomainMismatch) };
            let finding = finding
                .fact(FactKey::OrgId, answer.value.id)
                .fact(FactKey::Pipeline, answer.value.pipeline)
                .evidence(&answer.evidence);
            (finding, is_same.then_some(org))
        }
        Err(failure) => {
            let mut finding = Finding::of_okta(&failure);
            let status_helps = [Code::OktaUnavailable, Code::OktaReadRefused];
            if finding.code.is_some_and(|code| status_helps.contains(&code)) {
                finding = finding.link(LinkTarget::OktaStatus);
            }
            if finding.code.is_some_and(is_unlike_okta) {
                finding = finding.code(Code::NotOkta);
            }
            // Only Okta counts requests, so a refusal of this one too many is no failure of the domain.
            let is_busy =
                finding.code.is_some_and(|code| [Code::OktaRateLimited, Code::OktaReadRefused].contains(&code));
            if !is_busy {
                finding.outcome = Outcome::Failed;
            }
            (finding.arg_unless_set("host", okta.host()), None)
        }
    }
}

/// Checks who issued the org's certificate. The second value is there if the token may be sent.
pub(super) async fn tls(input: &ProbeInput, host: &str) -> (Finding, Option<()>) {
    let (target, handles) = (&input.target, &input.handles);
    match observe_certificate(&target.origin, &target.accepted, &handles.http, &handles.clock).await {
        Ok(None) => (Finding::skipped(Skip::Practice), Some(())),
        Ok(Some(one)) => issued(host, &one.issuer, one.answered_by, OKTA_CODES, &one.evidence),
        Err(failure) => certificate_finding(Finding::of_okta(&failure)),
    }
}

/// Checks who issued the certificate of Radiant's search. The second value is there if the search token may be tried: when no
/// response shows a certificate, the search explains why.
pub(super) async fn radiant_tls(search: &Search) -> (Finding, Option<()>) {
    match search.observe_certificate().await {
        Ok(None) => (Finding::skipped(Skip::Practice), Some(())),
        Ok(Some(one)) => {
            let (answered_by, issuer) = one.value;
            issued(search.host(), &issuer, answered_by, RADIANT_CODES, &one.evidence)
        }
        Err(failure) => match certificate_finding(Finding::of_radiant(&failure)) {
            (finding, None) if finding.outcome == Outcome::Failed => (finding.arg("host", search.host()), None),
            (finding, _) => (finding.code(Code::TlsNotTold), Some(())),
        },
    }
}

/// Turns a response without a certificate into a finding. An invalid certificate is a result, not a lost response.
fn certificate_finding(finding: Finding) -> (Finding, Option<()>) {
    let invalid = [Code::TlsUntrusted, Code::TlsChainIncomplete, Code::TlsExpired, Code::TlsWrongHost];
    let is_invalid = finding.code.is_some_and(|code| invalid.contains(&code));
    (if is_invalid { finding.outcome(Outcome::Failed) } else { finding }, None)
}

/// The codes of a proxy: not accepted, and accepted.
type InspectionCodes = (Code, Code);

const OKTA_CODES: InspectionCodes = (Code::TlsInspected, Code::TlsInspectionAccepted);
const RADIANT_CODES: InspectionCodes = (Code::RadiantTlsInspected, Code::RadiantTlsInspectionAccepted);

/// Judges the issuer. Without a public authority a secret needs the administrator's acceptance of this issuer.
fn issued(
    host: &str,
    issuer: &Issuer,
    answered_by: AnsweredBy,
    (undecided, accepted): InspectionCodes,
    evidence: &Evidence,
) -> (Finding, Option<()>) {
    let described = |finding: Finding| {
        let finding = finding.arg("host", host).arg("issuer", &issuer.name);
        issuer.key.iter().fold(finding, |finding, key| finding.arg(ISSUER_KEY, key))
    };
    let (finding, is_safe) = match answered_by {
        AnsweredBy::Host | AnsweredBy::Loopback => (Finding::passed(), true),
        AnsweredBy::AcceptedInspection => (described(Finding::attention(accepted)), true),
        AnsweredBy::Unknown => (described(Finding::attention(undecided)), false),
    };
    (finding.fact(FactKey::Issuer, &issuer.name).evidence(evidence), is_safe.then_some(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_sent_without_acceptance_only_to_a_certificate_of_a_public_authority() {
        let evidence = Evidence { endpoint: String::new(), status: None, okta_code: None, request_id: None, ms: 0 };
        let judged = |answered_by, key: Option<&str>| {
            let issuer = Issuer { name: "Proxy".to_owned(), key: key.map(str::to_owned) };
            let (finding, safe) = issued("acme.okta.com", &issuer, answered_by, OKTA_CODES, &evidence);
            (finding.outcome, finding.code, safe.is_some())
        };
        let (undecided, accepted) = OKTA_CODES;
        assert_eq!(judged(AnsweredBy::Host, None), (Outcome::Passed, None, true));
        assert_eq!(judged(AnsweredBy::Unknown, Some("a1")), (Outcome::Attention, Some(undecided), false));
        assert_eq!(judged(AnsweredBy::AcceptedInspection, Some("a1")), (Outcome::Attention, Some(accepted), true));
        assert_eq!(judged(AnsweredBy::Unknown, None), (Outcome::Attention, Some(undecided), false));
    }
}

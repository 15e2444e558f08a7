//! Checks before any token is sent: whether the host is the Okta org, and who issued its certificate.

use super::finding::Finding;
use super::input::ProbeInput;
use model::check::{FactKey, Outcome, Skip};
use model::code::Code;
use model::link_target::LinkTarget;
use okta::{ObservedCertificate, Okta, ServerTime, is_unlike_okta, observe_certificate};

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
            (finding.arg("host", okta.host()), None)
        }
    }
}

/// Checks who issued the certificate. The second value is there if the token may be sent.
pub(super) async fn tls(input: &ProbeInput) -> (Finding, Option<()>) {
    let (target, handles) = (&input.target, &input.handles);
    match observe_certificate(&target.origin, &handles.http, &handles.clock).await {
        Ok(None) => (Finding::skipped(Skip::Practice), Some(())),
        Ok(Some(certificate)) => issued(certificate, target.accepts_inspection),
        Err(failure) => {
            let finding = Finding::of_okta(&failure);
            // An invalid certificate is a result, not a lost response.
            let is_invalid = [Code::TlsUntrusted, Code::TlsExpired, Code::TlsWrongHost].contains(&failure.code());
            (if is_invalid { finding.outcome(Outcome::Failed) } else { finding }, None)
        }
    }
}

/// Judges the issuer. Only with a public authority the token may be sent without the administrator's consent.
fn issued(certificate: ObservedCertificate, is_accepted: bool) -> (Finding, Option<()>) {
    let (finding, is_safe) = match certificate.public {
        Some(true) => (Finding::passed(), true),
        Some(false) => (Finding::attention(Code::TlsInspected).arg("issuer", certificate.issuer.clone()), is_accepted),
        None => (Finding::unknown(Code::TlsNotTold), is_accepted),
    };
    (finding.fact(FactKey::Issuer, certificate.issuer).evidence(&certificate.evidence), is_safe.then_some(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::Evidence;

    #[test]
    fn the_token_is_sent_without_consent_only_to_a_certificate_of_a_public_authority() {
        let evidence = Evidence { endpoint: String::new(), status: None, okta_code: None, request_id: None, ms: 0 };
        let certificate =
            |public| ObservedCertificate { issuer: "Proxy".to_owned(), public, evidence: evidence.clone() };
        let judged = |public, is_accepted| {
            let (finding, safe) = issued(certificate(public), is_accepted);
            (finding.outcome, finding.code, safe.is_some())
        };
        assert_eq!(judged(Some(true), false), (Outcome::Passed, None, true));
        assert_eq!(judged(Some(false), false), (Outcome::Attention, Some(Code::TlsInspected), false));
        assert_eq!(judged(Some(false), true), (Outcome::Attention, Some(Code::TlsInspected), true));
        assert_eq!(judged(None, false), (Outcome::Unknown, Some(Code::TlsNotTold), false));
    }
}

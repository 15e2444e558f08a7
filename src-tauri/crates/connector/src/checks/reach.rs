//! Questions asked before any token leaves: is this an Okta org, and who could read along?

use super::finding::Finding;
use http_client::HttpClient;
use model::check::{FactKey, Outcome, Skip};
use model::code::Code;
use model::link::LinkTarget;
use model::origin::Origin;
use okta::{ObservedCertificate, Okta, ServerTime, certificate, is_other};
use runtime::Clock;

/// What recognising the org yielded for the questions after it.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    /// Okta's clock, from the `Date` header.
    pub(super) server_time: Option<ServerTime>,
}

/// Is the Okta domain reachable, and is it the org it was when it was set?
pub(super) async fn domain(okta: &Okta, expected: Option<&str>) -> (Finding, Option<Reached>) {
    match okta.org().await {
        Ok(answer) => {
            let reached = Reached { server_time: answer.server_time };
            let same = expected.is_none_or(|id| id == answer.value.id);
            let finding = if same { Finding::passed() } else { Finding::failed(Code::CustomDomainMismatch) };
            let finding = finding
                .fact(FactKey::OrgId, answer.value.id)
                .fact(FactKey::Pipeline, answer.value.pipeline)
                .evidence(&answer.evidence);
            (finding, same.then_some(reached))
        }
        Err(failure) => {
            let mut finding = Finding::of(&failure);
            let status_helps = [Code::OktaUnavailable, Code::OktaReadOnly];
            if finding.code.is_some_and(|code| status_helps.contains(&code)) {
                finding = finding.link(LinkTarget::OktaStatus);
            }
            if finding.code.is_some_and(is_other) {
                finding = finding.code(Code::NotOkta);
            }
            finding.outcome = Outcome::Failed;
            (finding.arg("host", okta.host()), None)
        }
    }
}

/// Who signed the certificate? The second value tells whether the token may be sent.
pub(super) async fn tls(origin: &Origin, accepted: bool, web: &HttpClient, clock: &Clock) -> (Finding, Option<()>) {
    match certificate(origin, web, clock).await {
        Ok(None) => (Finding::skipped(Skip::Practice), Some(())),
        Ok(Some(seen)) => signed(seen, accepted),
        Err(failure) => {
            let finding = Finding::of(&failure);
            // Who signed it was asked: a certificate that is refused is an answer.
            let refused = [Code::TlsUntrusted, Code::TlsExpired, Code::TlsWrongHost].contains(&failure.code());
            (if refused { finding.outcome(Outcome::Failed) } else { finding }, None)
        }
    }
}

/// Judges the signer. Only a public authority's signature lets the token go without the administrator's word.
fn signed(seen: ObservedCertificate, accepted: bool) -> (Finding, Option<()>) {
    let (finding, safe) = match seen.public {
        Some(true) => (Finding::passed(), true),
        Some(false) => (Finding::attention(Code::TlsInspected).arg("issuer", seen.issuer.clone()), accepted),
        None => (Finding::unknown(Code::TlsNotTold), accepted),
    };
    (finding.fact(FactKey::Issuer, seen.issuer).evidence(&seen.evidence), safe.then_some(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::Evidence;

    #[test]
    fn the_token_goes_unasked_only_where_a_public_authority_signed() {
        let evidence = Evidence { endpoint: String::new(), status: None, okta_code: None, request_id: None, ms: 0 };
        let seen = |public| ObservedCertificate { issuer: "Proxy".to_owned(), public, evidence: evidence.clone() };
        let told = |public, accepted| {
            let (finding, safe) = signed(seen(public), accepted);
            (finding.outcome, finding.code, safe.is_some())
        };
        assert_eq!(told(Some(true), false), (Outcome::Passed, None, true));
        assert_eq!(told(Some(false), false), (Outcome::Attention, Some(Code::TlsInspected), false));
        assert_eq!(told(Some(false), true), (Outcome::Attention, Some(Code::TlsInspected), true));
        assert_eq!(told(None, false), (Outcome::Unknown, Some(Code::TlsNotTold), false));
    }
}

//! Questions asked before any token leaves: is this an Okta org, and who could read along?

use chrono::{DateTime, Utc};

use super::finding::Finding;
use crate::clock::Clock;
use crate::model::{Code, FactKey, LinkTo, Origin, Outcome, Skip};
use crate::okta::{Okta, certificate};
use crate::web::Web;

/// What recognising the org yielded for the questions after it.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    /// Okta's clock, from the `Date` header.
    pub(super) okta_time: Option<DateTime<Utc>>,
    /// This computer's clock at that moment.
    pub(super) here: DateTime<Utc>,
}

/// Is the Okta domain reachable, and is it the org it was when it was set?
pub(super) async fn domain(okta: &Okta, expected: Option<&str>, clock: &Clock) -> (Finding, Option<Reached>) {
    match okta.org().await {
        Ok(answer) => {
            let reached = Reached { okta_time: answer.server_time, here: clock.now() };
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
                finding = finding.link(LinkTo::OktaStatus);
            }
            finding.outcome = Outcome::Failed;
            (finding, None)
        }
    }
}

/// Who signed the certificate? The second value tells whether the token may be sent.
pub(super) async fn tls(origin: &Origin, accepted: bool, web: &Web, clock: &Clock) -> (Finding, Option<()>) {
    match certificate(origin, web, clock).await {
        Ok(None) => (Finding::skipped(Skip::Practice), Some(())),
        Ok(Some(seen)) if seen.public == Some(false) => {
            let finding = Finding::attention(Code::TlsInspected)
                .arg("issuer", seen.issuer.clone())
                .fact(FactKey::Issuer, seen.issuer)
                .evidence(&seen.evidence);
            (finding, accepted.then_some(()))
        }
        Ok(Some(seen)) => {
            let finding = if seen.public.is_some() { Finding::passed() } else { Finding::unknown(Code::TlsNotTold) };
            (finding.fact(FactKey::Issuer, seen.issuer).evidence(&seen.evidence), Some(()))
        }
        Err(failure) => (Finding::of(&failure), None),
    }
}

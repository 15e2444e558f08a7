//! Recognizes an org by its own description of itself, without a token.
//!
//! A custom domain only leads to an org: both the custom domain and the org's own address must name the same org, and only the
//! latter, which is inside one of Okta's zones, is ever used.

use url::Url;

use super::client::Okta;
use super::error::Failure;
use super::response::Answer;
use super::types::Org;
use http_client::{AcceptedProxyIssuers, HttpSettings};
use model::code::Code;
use model::domain_parser::{DomainNote, OrgFound, ParsedDomain};
use model::okta_origin::{Loopback, OktaDomain, Origin};
use model::problem::Problem;
use runtime::Clock;

/// Recognizes the org of a typed domain.
///
/// # Errors
/// Why it is no domain, why it could not be reached, or why it is no Okta org.
pub async fn discover(typed: &ParsedDomain, settings: &HttpSettings, clock: &Clock) -> Result<OrgFound, Problem> {
    match typed {
        ParsedDomain::No { code } => Err(Problem::new(*code)),
        ParsedDomain::Org { domain, notes: noticed, .. } => {
            org_at(domain.clone(), noticed.clone(), None, settings, clock).await
        }
        ParsedDomain::Custom { host, notes: noticed } => {
            let custom = Okta::for_custom_domain(host, settings, clock)?;
            let org = custom.org().await.map_err(|failure| custom_domain_problem(&failure, host))?;
            let domain =
                own_domain(&org.value).ok_or_else(|| Problem::new(Code::CustomDomainNoOrg).arg("host", host))?;
            let found = org_at(domain, noticed.clone(), Some(host.clone()), settings, clock).await?;
            if found.org_id == org.value.id {
                Ok(found)
            } else {
                Err(Problem::new(Code::CustomDomainMismatch).arg("host", host))
            }
        }
    }
}

/// Recognizes a practice organization.
///
/// # Errors
/// [`Code::PracticeEnded`] when it has stopped; otherwise as [`discover`].
pub async fn discover_practice(at: &Loopback, settings: &HttpSettings, clock: &Clock) -> Result<OrgFound, Problem> {
    let origin = Origin::Practice(at.clone());
    let answer = without_token(&origin, settings, clock)?.org().await.map_err(|failure| {
        let ended = failure.code() == Code::ConnectionRefused;
        if ended { Problem::new(Code::PracticeEnded) } else { org_problem(&failure, &origin.url()) }
    })?;
    Ok(found(answer, origin, None, Vec::new()))
}

async fn org_at(
    domain: OktaDomain,
    noticed: Vec<DomainNote>,
    through: Option<String>,
    settings: &HttpSettings,
    clock: &Clock,
) -> Result<OrgFound, Problem> {
    let origin = Origin::Okta(domain.clone());
    let answer = without_token(&origin, settings, clock)?.org().await;
    let answer = answer.map_err(|failure| org_problem(&failure, domain.host()))?;
    match own_domain(&answer.value) {
        Some(named) if named == domain => Ok(found(answer, origin, through, noticed)),
        // A renamed org responds under both names: the name that it gives itself is checked once.
        Some(named) if through.is_none() => {
            let renamed = Origin::Okta(named.clone());
            let again = without_token(&renamed, settings, clock)?.org().await;
            let again = again.map_err(|failure| org_problem(&failure, named.host()))?;
            if again.value.id == answer.value.id && own_domain(&again.value).as_ref() == Some(&named) {
                Ok(found(again, renamed, Some(domain.host().to_owned()), noticed))
            } else {
                Err(Problem::new(Code::CustomDomainMismatch).arg("host", domain.host()))
            }
        }
        Some(_) => Err(Problem::new(Code::CustomDomainMismatch).arg("host", domain.host())),
        None => Err(Problem::new(Code::NotOkta).arg("host", domain.host())),
    }
}

fn without_token(origin: &Origin, settings: &HttpSettings, clock: &Clock) -> Result<Okta, Problem> {
    Okta::new(origin, None, &AcceptedProxyIssuers::default(), settings, clock)
}

fn own_domain(org: &Org) -> Option<OktaDomain> {
    let url = Url::parse(&org.organization).ok().filter(|url| url.scheme() == "https" && url.port().is_none())?;
    OktaDomain::from_host(url.host_str()?).ok()
}

fn found(answer: Answer<Org>, origin: Origin, through: Option<String>, noticed: Vec<DomainNote>) -> OrgFound {
    let url = origin.url();
    OrgFound { org_id: answer.value.id, origin, url, pipeline: answer.value.pipeline, through, notes: noticed }
}

/// Returns whether no Okta org would respond with this code to a request for its description.
#[must_use]
pub fn is_unlike_okta(code: Code) -> bool {
    [Code::AnswerUnreadable, Code::AnswerUnexpected, Code::PermissionRefused, Code::TokenNotAccepted].contains(&code)
}

/// Interprets a failed request for the org's description: a body of another kind means that it is no Okta org.
fn org_problem(failure: &Failure, host: &str) -> Problem {
    let mut problem = failure.problem();
    if is_unlike_okta(problem.code) {
        problem.code = Code::NotOkta;
    }
    // A redirect names the host that it leads to.
    let problem = if problem.args.contains_key("host") { problem } else { problem.arg("host", host) };
    problem.arg("asked", host)
}

/// Interprets a failure at a custom domain, where any website may have refused the request and not only Okta.
fn custom_domain_problem(failure: &Failure, host: &str) -> Problem {
    let mut problem = org_problem(failure, host);
    let is_refusal = [Code::OrgUnknown, Code::AddressBlocked, Code::RequestRejected].contains(&problem.code);
    let is_okta = failure.evidence.request_id.is_some() && problem.code != Code::OrgUnknown;
    if is_refusal && !is_okta {
        problem.code = Code::NotOkta;
    }
    problem
}

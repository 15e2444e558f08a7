//! Recognising an org by what it says of itself, without a token.
//!
//! A custom domain is only a pointer: it and the org's own address must name the same org, and only the latter, inside one
//! of Okta's zones, is ever used.

use url::Url;

use super::client::{Answer, Okta};
use super::error::Failure;
use super::types::Org;
use http_client::HttpClient;
use model::code::Code;
use model::domain_parser::{DomainNote, OrgFound, ParsedDomain};
use model::origin::{Loopback, OktaDomain, Origin};
use model::problem::Problem;
use runtime::Clock;

/// Recognises the org behind what was typed.
///
/// # Errors
/// Why it is no domain, why it could not be asked, or why it is no Okta org.
pub async fn discover(reading: &ParsedDomain, web: &HttpClient, clock: &Clock) -> Result<OrgFound, Problem> {
    match reading {
        ParsedDomain::No { code } => Err(Problem::new(*code)),
        ParsedDomain::Org { domain, noticed, .. } => own(domain.clone(), noticed.clone(), None, web, clock).await,
        ParsedDomain::Custom { host, noticed } => {
            let pointer = Okta::pointer(host, web, clock)?;
            let org = pointer.org().await.map_err(|failure| no_pointer(&failure, host))?;
            let domain =
                organization(&org.value).ok_or_else(|| Problem::new(Code::CustomDomainNoOrg).arg("host", host))?;
            let found = own(domain, noticed.clone(), Some(host.clone()), web, clock).await?;
            if found.org_id == org.value.id {
                Ok(found)
            } else {
                Err(Problem::new(Code::CustomDomainMismatch).arg("host", host))
            }
        }
    }
}

/// Recognises a practice organisation.
///
/// # Errors
/// [`Code::PracticeEnded`] when it is gone; otherwise as [`discover`].
pub async fn discover_practice(at: &Loopback, web: &HttpClient, clock: &Clock) -> Result<OrgFound, Problem> {
    let origin = Origin::Practice(at.clone());
    let answer = Okta::new(&origin, None, web, clock)?.org().await.map_err(|failure| {
        let ended = failure.code() == Code::ConnectionRefused;
        if ended { Problem::new(Code::PracticeEnded) } else { told(&failure, &origin.url()) }
    })?;
    Ok(found(answer, origin, None, Vec::new()))
}

async fn own(
    domain: OktaDomain,
    noticed: Vec<DomainNote>,
    through: Option<String>,
    web: &HttpClient,
    clock: &Clock,
) -> Result<OrgFound, Problem> {
    let origin = Origin::Okta(domain.clone());
    let answer = Okta::new(&origin, None, web, clock)?.org().await.map_err(|failure| told(&failure, domain.host()))?;
    match organization(&answer.value) {
        Some(named) if named == domain => Ok(found(answer, origin, through, noticed)),
        // The org goes by another name now (a renamed org answers under both): the name it gives itself is asked once.
        Some(named) if through.is_none() => {
            let renamed = Origin::Okta(named.clone());
            let again = Okta::new(&renamed, None, web, clock)?.org().await;
            let again = again.map_err(|failure| told(&failure, named.host()))?;
            if again.value.id == answer.value.id && organization(&again.value).as_ref() == Some(&named) {
                Ok(found(again, renamed, Some(domain.host().to_owned()), noticed))
            } else {
                Err(Problem::new(Code::CustomDomainMismatch).arg("host", domain.host()))
            }
        }
        Some(_) => Err(Problem::new(Code::CustomDomainMismatch).arg("host", domain.host())),
        None => Err(Problem::new(Code::NotOkta).arg("host", domain.host())),
    }
}

fn organization(org: &Org) -> Option<OktaDomain> {
    let url = Url::parse(&org.organization).ok().filter(|url| url.scheme() == "https" && url.port().is_none())?;
    OktaDomain::from_host(url.host_str()?).ok()
}

fn found(answer: Answer<Org>, origin: Origin, through: Option<String>, noticed: Vec<DomainNote>) -> OrgFound {
    let url = origin.url();
    OrgFound { org_id: answer.value.id, origin, url, pipeline: answer.value.pipeline, through, noticed }
}

/// Tells whether an answer to "who are you?" is one that no Okta org gives.
#[must_use]
pub fn is_other(code: Code) -> bool {
    [Code::AnswerUnreadable, Code::AnswerUnexpected, Code::PermissionRefused, Code::TokenNotAccepted].contains(&code)
}

/// Says what a failure means when it was asked who it is: a 404 or a body of another kind is no Okta org.
fn told(failure: &Failure, host: &str) -> Problem {
    let mut problem = failure.problem();
    if is_other(problem.code) {
        problem.code = Code::NotOkta;
    }
    problem.arg("host", host)
}

/// "Not found" is Okta's word on an org only where Okta answers; any other website says so of any path it does not have.
fn no_pointer(failure: &Failure, host: &str) -> Problem {
    let mut problem = told(failure, host);
    if problem.code == Code::OrgUnknown {
        problem.code = Code::NotOkta;
    }
    problem
}

impl Okta {
    /// A door to a custom domain, which never gets a token.
    fn pointer(host: &str, web: &HttpClient, clock: &Clock) -> Result<Self, Problem> {
        let url = Url::parse(&format!("https://{host}")).map_err(|_| Problem::new(Code::DomainNotAHost))?;
        Self::without_token(url, web, clock)
    }
}

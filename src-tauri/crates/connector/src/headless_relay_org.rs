//! Where the org of a relay without a window is.

use model::code::Code;
use model::domain_parser::{DomainNote, ParsedDomain};
use model::okta_origin::{Loopback, Origin};
use model::problem::Problem;

use crate::ConnectorConfig;
use crate::typed_domain_discovery;

/// Returns where the org of a domain is. An org's own address is not looked up, so that a relay also starts while Okta cannot be
/// reached and delivers what waits. A custom domain is asked which org it serves, without a token.
///
/// # Errors
/// Why it is no domain of an org; [`Code::PracticeNotStated`] for a loopback address without `is_practice`, and
/// [`Code::PracticeNotHere`] for any other domain with it;
/// [`Code::CustomDomainUnconfirmed`] for a domain that contains the word `okta` and is not Okta's.
pub async fn find_relay_org(domain: &str, is_practice: bool, config: &ConnectorConfig) -> Result<Origin, Problem> {
    match Loopback::new(domain.trim()) {
        Ok(loopback) if is_practice => return Ok(Origin::Practice(loopback)),
        Ok(_) => return Err(Problem::new(Code::PracticeNotStated).arg("typed", domain.trim())),
        Err(_) if is_practice => return Err(Problem::new(Code::PracticeNotHere).arg("typed", domain.trim())),
        Err(_) => {}
    }
    if let ParsedDomain::Org { domain, .. } = ParsedDomain::parse(domain) {
        return Ok(Origin::Okta(domain));
    }
    let found = typed_domain_discovery::discover(domain, &config.http, &config.clock).await?;
    match &found.through {
        Some(host) if found.notes.contains(&DomainNote::NamesOkta) => {
            Err(Problem::new(Code::CustomDomainUnconfirmed).arg("host", host).arg("org", &found.url))
        }
        Some(_) | None => Ok(found.origin),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    async fn origin(domain: &str, is_practice: bool) -> Result<String, Code> {
        let config = ConnectorConfig::in_memory(PathBuf::new());
        let found = find_relay_org(domain, is_practice, &config).await;
        found.map(|origin| origin.url()).map_err(|problem| problem.code)
    }

    #[tokio::test]
    async fn an_org_is_not_looked_up_and_plain_http_is_for_stated_practice() {
        assert_eq!(origin("https://acme.okta.com/", false).await.as_deref(), Ok("https://acme.okta.com"));
        assert_eq!(origin("http://127.0.0.1:40123", true).await.as_deref(), Ok("http://127.0.0.1:40123"));
        assert_eq!(origin("http://127.0.0.1:40123", false).await, Err(Code::PracticeNotStated));
        assert_eq!(origin("https://acme.okta.com", true).await, Err(Code::PracticeNotHere), "no policy would apply");
        assert_eq!(origin("", false).await, Err(Code::DomainEmpty));
    }
}

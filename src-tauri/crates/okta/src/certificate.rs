//! Who signed the certificate that answers for an org.
//!
//! A TLS-inspecting proxy answers with a certificate that this computer trusts and the public authorities did not sign. That
//! is told before any token is sent; no token is sent here.

use url::Url;

use super::error::{Failure, OktaError};
use http_client::{HttpClient, TransportError, Trust, issuer, send};
use model::check::Evidence;
use model::code::Code;
use model::origin::Origin;
use runtime::Clock;

/// What was seen of the certificate.
#[derive(Debug, Clone)]
pub struct ObservedCertificate {
    /// The issuer's organisation or common name.
    pub issuer: String,
    /// Whether a public authority (Mozilla's list) signed it; `None` when that could not be told.
    pub public: Option<bool>,
    /// The request.
    pub evidence: Evidence,
}

/// Looks at the certificate; `None` for a practice organisation, which is on loopback.
///
/// # Errors
/// Why no encrypted connection could be made.
pub async fn certificate(
    origin: &Origin,
    web: &HttpClient,
    clock: &Clock,
) -> Result<Option<ObservedCertificate>, Failure> {
    if matches!(origin, Origin::Practice(_)) {
        return Ok(None);
    }
    let watch = clock.stopwatch();
    let (system, public) = tokio::join!(probe(origin, Trust::System, web), probe(origin, Trust::Public, web));
    let evidence = |status| Evidence {
        endpoint: "GET /.well-known/okta-organization".to_owned(),
        status,
        okta_code: None,
        request_id: None,
        ms: watch.ms(),
    };
    let (status, certificate) = system.map_err(|lost| Failure {
        error: OktaError::NoAnswer(lost.code()),
        evidence: evidence(None),
        rate: None,
        server_time: None,
    })?;
    let public = match public {
        Ok(_) => Some(true),
        // This computer took the certificate a moment ago; that the public list does not is what tells, in whatever words.
        Err(TransportError::Untrusted | TransportError::Expired | TransportError::WrongHost) => Some(false),
        Err(_) => None,
    };
    let named = certificate.as_deref().and_then(issuer);
    Ok(Some(ObservedCertificate {
        issuer: named.unwrap_or_else(|| "?".to_owned()),
        public,
        evidence: evidence(Some(status)),
    }))
}

async fn probe(origin: &Origin, trust: Trust, web: &HttpClient) -> Result<(u16, Option<Vec<u8>>), TransportError> {
    let url = Url::parse(&origin.url()).and_then(|url| url.join("/.well-known/okta-organization"));
    let url = url.map_err(|_| TransportError::NotMade)?;
    let reply = send(web.client(trust, false)?.get(url)).await?;
    Ok((reply.status, reply.certificate))
}

impl ObservedCertificate {
    /// Returns the code that names what was seen, when it wants a decision.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        (self.public == Some(false)).then_some(Code::TlsInspected)
    }
}

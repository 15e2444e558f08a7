//! Observes who issued the certificate of an org, for the row that shows it and the question about a proxy.
//!
//! A proxy that inspects TLS presents a certificate that this computer trusts and no public authority issued. No token is sent
//! here; whether a connection may carry one is decided in its own handshake.

use http_client::{AcceptedProxyIssuers, AnsweredBy, Handshake, HttpClient, HttpSettings, TransportError};
use model::certificate_issuer::Issuer;
use model::check::Evidence;
use model::okta_origin::Origin;
use reqwest::Method;
use runtime::Clock;
use url::Url;

use super::error::Failure;
use super::request::Request;
use super::response::evidence;

/// The certificate of an org.
#[derive(Debug, Clone)]
pub struct ObservedCertificate {
    /// Who issued it.
    pub issuer: Issuer,
    /// Who answered with it.
    pub answered_by: AnsweredBy,
    /// The request.
    pub evidence: Evidence,
}

/// Returns the certificate; `None` for a practice organization, which is on loopback.
///
/// # Errors
/// Why no encrypted connection could be made.
pub async fn observe_certificate(
    origin: &Origin,
    accepted: &AcceptedProxyIssuers,
    settings: &HttpSettings,
    clock: &Clock,
) -> Result<Option<ObservedCertificate>, Failure> {
    if matches!(origin, Origin::Practice(_)) {
        return Ok(None);
    }
    let watch = clock.stopwatch();
    let observed = handshake(origin, accepted, settings).await;
    let evidence = evidence(format!("GET {}", Request::org().path), None, watch.ms());
    match observed {
        Ok((status, Handshake { answered_by, issuer })) => {
            let evidence = Evidence { status: Some(status), ..evidence };
            Ok(Some(ObservedCertificate { issuer, answered_by, evidence }))
        }
        Err(error) => Err(Failure::without_response(error.into(), evidence)),
    }
}

async fn handshake(
    origin: &Origin,
    accepted: &AcceptedProxyIssuers,
    settings: &HttpSettings,
) -> Result<(u16, Handshake), TransportError> {
    let origin = Url::parse(&origin.url()).map_err(|_| TransportError::InvalidRequest)?;
    let client = HttpClient::without_secret(settings, accepted)?;
    let response = client.send(client.request(Method::GET, Request::org().url(&origin))).await?;
    let handshake = client.handshake(&response, &origin).ok_or(TransportError::Tls)?;
    Ok((response.status, handshake))
}

//! Observes who issued the certificate of an org.
//!
//! A proxy that inspects TLS presents a certificate that this computer trusts and no public authority issued. This is found out
//! before any token is sent; no token is sent here.

use http_client::{HttpClient, HttpResponse, HttpSettings, TransportError, Trust, issuer, send};
use model::check::Evidence;
use model::origin::Origin;
use reqwest::Method;
use runtime::Clock;
use url::Url;

use super::error::{Failure, OktaError};
use super::request::Request;
use super::response::evidence;

/// The certificate of an org.
#[derive(Debug, Clone)]
pub struct ObservedCertificate {
    /// The issuer's organization or common name.
    pub issuer: String,
    /// Whether a public authority (Mozilla's list) issued it; `None` when that is unknown.
    pub public: Option<bool>,
    /// The request.
    pub evidence: Evidence,
}

/// Returns the certificate; `None` for a practice organization, which is on loopback.
///
/// # Errors
/// Why no encrypted connection could be made.
pub async fn observe_certificate(
    origin: &Origin,
    settings: &HttpSettings,
    clock: &Clock,
) -> Result<Option<ObservedCertificate>, Failure> {
    if matches!(origin, Origin::Practice(_)) {
        return Ok(None);
    }
    let watch = clock.stopwatch();
    let (system, public) =
        tokio::join!(connect(origin, Trust::System, settings), connect(origin, Trust::Public, settings));
    let endpoint = format!("GET {}", Request::org().path);
    let evidence = evidence(endpoint, None, watch.ms());
    let response = match system {
        Ok(response) => response,
        Err(error) => return Err(Failure::without_response(OktaError::NoAnswer(error.code()), evidence)),
    };
    let public = match public {
        Ok(_) => Some(true),
        // This computer accepted the certificate at the same time, so only the list of authorities can make the difference.
        Err(TransportError::Untrusted | TransportError::Expired | TransportError::WrongHost) => Some(false),
        Err(_) => None,
    };
    let issuer = response.certificate.as_deref().and_then(issuer).unwrap_or_else(|| "?".to_owned());
    let evidence = Evidence { status: Some(response.status), ..evidence };
    Ok(Some(ObservedCertificate { issuer, public, evidence }))
}

async fn connect(origin: &Origin, trust: Trust, settings: &HttpSettings) -> Result<HttpResponse, TransportError> {
    let origin = Url::parse(&origin.url()).map_err(|_| TransportError::InvalidRequest)?;
    send(HttpClient::https(settings, trust)?.request(Method::GET, Request::org().url(&origin))).await
}

//! The HTTP clients: TLS, the system's proxy, no redirects, no cookies, bounded responses.
//!
//! Whether a server may get a secret is decided in the handshake of the connection that carries it ([`SecretClient`]).
//! Nothing here knows Okta or Radiant or logs a header, a body or a query.

mod accepted_proxy_issuers;
mod clients;
mod handshake_record;
mod handshake_refusal;
mod presented_chain;
mod system_trust;
mod transport_error;
mod verifier;

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::HeaderMap;

pub use accepted_proxy_issuers::AcceptedProxyIssuers;
pub use clients::{HttpClient, SecretClient};
pub use handshake_record::Handshake;
pub use transport_error::TransportError;

/// The settings from which every client is built. The default is what the product uses; the lists are for tests and are
/// never read from the environment or a file.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Time limit for a whole response. Okta gives a System Log query up to 30 s.
    pub timeout: Duration,
    /// Host names resolved to fixed addresses, whose port replaces that of https. With any entry, no proxy is used.
    pub resolve: Vec<(String, SocketAddr)>,
    /// Certificates (DER) trusted in addition to those of the operating system.
    pub extra_roots: Vec<Vec<u8>>,
    /// Certificates (DER) trusted as public authorities in addition to Mozilla's.
    pub extra_public_roots: Vec<Vec<u8>>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(35),
            resolve: Vec::new(),
            extra_roots: Vec::new(),
            extra_public_roots: Vec::new(),
        }
    }
}

/// Who answered a request, by the certificate chain of the connection that carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The host itself: a public authority issued its certificate.
    Host,
    /// A proxy that inspects TLS and that the administrator accepted for this host.
    AcceptedInspection,
    /// A server whose certificate only this computer trusts, and nobody accepted. It got no secret.
    Unknown,
    /// A server on this computer, over plain http.
    Loopback,
}

/// One whole response.
#[derive(Debug)]
pub struct HttpResponse {
    pub answered_by: AnsweredBy,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The server's certificate (DER), for https.
    pub certificate: Option<Vec<u8>>,
}

impl HttpResponse {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns whether the body is a web page, whatever the status. No API responds with one.
    pub fn is_page(&self) -> bool {
        let html = self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        html || self.body.trim_ascii_start().starts_with(b"<")
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

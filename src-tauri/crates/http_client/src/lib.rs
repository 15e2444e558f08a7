//! The HTTP client: TLS by the trust store of the operating system, its proxy, no redirects, no cookies, bounded responses.
//!
//! It knows nothing of Okta or Radiant, adds no credential, and never writes a header, a body or a query to a log.

mod transport_error;

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, ClientBuilder, IntoUrl, Method, RequestBuilder, redirect, tls};

pub use transport_error::TransportError;

/// Largest response body that is read. One page of 1,000 System Log events is about 3 MB.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// Longest time to establish a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

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

/// The certificate authorities that a client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Those of the operating system.
    System,
    /// Those of Mozilla's list alone: distinguishes a public authority from one that only this computer trusts.
    Public,
}

/// A client with fixed trust. Clones share its connections.
#[derive(Debug, Clone)]
pub struct HttpClient(Client);

impl HttpClient {
    /// Builds a client that sends over https only.
    pub fn https(settings: &HttpSettings, trust: Trust) -> Result<Self, TransportError> {
        let builder = builder(settings).https_only(true);
        let builder = if settings.resolve.is_empty() { builder } else { builder.no_proxy() };
        Self::build(match trust {
            Trust::System if settings.extra_roots.is_empty() => builder,
            Trust::System => builder.tls_certs_merge(certificates(&settings.extra_roots)),
            Trust::Public => {
                let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
                let mut roots = certificates(&settings.extra_public_roots);
                roots.extend(mozilla.filter_map(|der| Certificate::from_der(der).ok()));
                builder.tls_certs_only(roots)
            }
        })
    }

    /// Builds a client for a practice organization on loopback, which may send over plain http. The caller has checked the
    /// origin.
    pub fn loopback(settings: &HttpSettings) -> Result<Self, TransportError> {
        // No authority of the system is needed, so that practice works where there are none.
        Self::build(builder(settings).no_proxy().tls_certs_only(certificates(&settings.extra_roots)))
    }

    fn build(builder: ClientBuilder) -> Result<Self, TransportError> {
        builder.build().map(Self).map_err(|error| TransportError::from_send(&error))
    }

    /// Starts a request.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.0.request(method, url)
    }
}

fn builder(settings: &HttpSettings) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(concat!("okta-connector-for-radiant/", env!("CARGO_PKG_VERSION")))
        .timeout(settings.timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
        .redirect(redirect::Policy::none())
        .tls_info(true);
    settings.resolve.iter().fold(builder, |builder, (name, address)| builder.resolve(name, *address))
}

fn certificates(list: &[Vec<u8>]) -> Vec<Certificate> {
    list.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
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

/// Sends one request and reads the whole response, at most [`MAX_BODY`] bytes of body.
pub async fn send(request: RequestBuilder) -> Result<HttpResponse, TransportError> {
    let mut response = request.send().await.map_err(|error| TransportError::from_send(&error))?;
    let status = response.status().as_u16();
    let answered_by = if response.url().scheme() == "http" { AnsweredBy::Loopback } else { AnsweredBy::Host };
    let headers = response.headers().clone();
    let certificate =
        response.extensions().get::<tls::TlsInfo>().and_then(tls::TlsInfo::peer_certificate).map(<[u8]>::to_vec);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| TransportError::from_read(&error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(TransportError::TooLarge);
        }
        // A buffer that doubles beyond the limit would need twice the memory of the largest response.
        if body.capacity() - body.len() < chunk.len() {
            body.reserve_exact(chunk.len().max(body.len()).min(MAX_BODY - body.len()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse { answered_by, status, headers, body, certificate })
}

/// Returns the issuer of a certificate: its organization, or its common name.
pub fn issuer(certificate: &[u8]) -> Option<String> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let issuer = parsed.issuer();
    let first = issuer.iter_organization().chain(issuer.iter_common_name()).find_map(|name| name.as_str().ok());
    first.map(str::to_owned)
}

//! How requests leave this computer: the OS trust store, the system's proxy, no redirects, no cookies, bounded answers.
//!
//! It knows nothing of Okta or Radiant, adds no credential, and never writes a header, a body or a query to a log. Why no
//! answer came is told apart as far as the system tells it ([`TransportError`]).

mod transport_error;

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, RequestBuilder, redirect, tls};

pub use transport_error::TransportError;

/// Largest answer that is read. One page of 1,000 System Log events is about 3 MB.
const LARGEST: usize = 16 * 1024 * 1024;

/// How requests leave. The default is what the product uses; the lists are for tests and are never read from the
/// environment or a file.
#[derive(Debug, Clone)]
pub struct HttpClient {
    /// Time for a whole answer. Okta gives a System Log query up to 30 s.
    pub timeout: Duration,
    /// Names resolved to fixed addresses; the port of an address stands for https's own. With any, no proxy is asked.
    pub resolve: Vec<(String, SocketAddr)>,
    /// Certificates (DER) trusted beside the operating system's.
    pub extra_roots: Vec<Vec<u8>>,
    /// Certificates (DER) taken for public authorities beside Mozilla's.
    pub public_roots_extra: Vec<Vec<u8>>,
}

impl Default for HttpClient {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(35),
            resolve: Vec::new(),
            extra_roots: Vec::new(),
            public_roots_extra: Vec::new(),
        }
    }
}

/// Which authorities a client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The operating system's.
    System,
    /// Mozilla's list alone: tells a public authority from one that only this computer trusts.
    Public,
}

/// One whole answer.
#[derive(Debug)]
pub struct HttpResponse {
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

    /// Tells whether this is a web page, whatever its status: no API answers with one.
    pub fn is_page(&self) -> bool {
        let html = self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        html || self.body.trim_ascii_start().starts_with(b"<")
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl HttpClient {
    /// Builds a client. `loopback` allows plain http; the caller has checked that the origin is a practice instance's.
    pub fn client(&self, trust: Trust, loopback: bool) -> Result<Client, TransportError> {
        let mut builder = Client::builder()
            .user_agent(concat!("okta-connector-for-radiant/", env!("CARGO_PKG_VERSION")))
            .timeout(self.timeout)
            .connect_timeout(Duration::from_secs(15).min(self.timeout))
            .redirect(redirect::Policy::none())
            .https_only(!loopback)
            .tls_info(true);
        if loopback || !self.resolve.is_empty() {
            builder = builder.no_proxy();
        }
        for (name, address) in &self.resolve {
            builder = builder.resolve(name, *address);
        }
        let certificates = |list: &[Vec<u8>]| -> Vec<Certificate> {
            list.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
        };
        builder = match trust {
            // A practice instance needs no authority of the system's: it works where there are none.
            Trust::System if loopback => builder.tls_certs_only(certificates(&self.extra_roots)),
            Trust::System if self.extra_roots.is_empty() => builder,
            Trust::System => builder.tls_certs_merge(certificates(&self.extra_roots)),
            Trust::Public => {
                let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
                let mut roots = certificates(&self.public_roots_extra);
                roots.extend(mozilla.filter_map(|der| Certificate::from_der(der).ok()));
                builder.tls_certs_only(roots)
            }
        };
        builder.build().map_err(|error| TransportError::of(&error))
    }
}

/// Sends one request and reads the whole answer, at most [`LARGEST`] bytes.
pub async fn send(request: RequestBuilder) -> Result<HttpResponse, TransportError> {
    let mut response = request.send().await.map_err(|error| TransportError::of(&error))?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let certificate =
        response.extensions().get::<tls::TlsInfo>().and_then(tls::TlsInfo::peer_certificate).map(<[u8]>::to_vec);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| TransportError::while_reading(&error))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse { status, headers, body, certificate })
}

/// Returns the issuer of a certificate: its organisation, or its common name.
pub fn issuer(certificate: &[u8]) -> Option<String> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let issuer = parsed.issuer();
    let first = issuer.iter_organization().chain(issuer.iter_common_name()).find_map(|name| name.as_str().ok());
    first.map(str::to_owned)
}

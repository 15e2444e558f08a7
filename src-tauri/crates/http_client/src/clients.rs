//! The two clients: one for requests with a secret, one for requests without.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, IntoUrl, Method, Request, RequestBuilder, redirect, tls};
use rustls::ClientConfig;
use rustls::client::Resumption;
use url::{Host, Origin, Url};

use crate::accepted_proxy_issuers::AcceptedProxyIssuers;
use crate::handshake_record::{Handshake, HandshakeRecord};
use crate::transport_error::TransportError;
use crate::verifier::{Purpose, Verifier, normalized};
use crate::{AnsweredBy, HttpResponse, HttpSettings};

/// Largest response body that is read. One page of 1,000 System Log events is about 3 MB.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// Longest time to establish a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// A client for requests without a secret. Clones share its connections.
///
/// It needs the trust of the operating system alone, and refuses to send a secret.
#[derive(Debug, Clone)]
pub struct HttpClient(Connections);

/// A client for requests with a secret to one host. Clones share its connections.
///
/// The handshake of the connection that carries the secret decides: a public authority vouches for the host, or the
/// administrator accepted the issuer of its certificate. There is no such client with the trust of the operating system alone.
#[derive(Debug, Clone)]
pub struct SecretClient {
    connections: Connections,
    origin: Origin,
}

impl HttpClient {
    /// Builds a client that sends over https only. `accepted` does not change what it trusts, only how a response names who
    /// answered.
    ///
    /// # Errors
    /// [`TransportError::Untrusted`] when this computer has no certificate authority at all.
    pub fn without_secret(settings: &HttpSettings, accepted: &AcceptedProxyIssuers) -> Result<Self, TransportError> {
        Connections::over_tls(Purpose::NoSecret, settings, accepted).map(Self)
    }

    /// Builds a client for a practice organization on loopback, which may send over plain http. The caller has the proof that
    /// it is one.
    ///
    /// # Errors
    /// [`TransportError::InvalidRequest`] when no client can be built.
    pub fn loopback(settings: &HttpSettings) -> Result<Self, TransportError> {
        Connections::loopback(settings).map(Self)
    }

    /// Starts a request.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.0.client.request(method, url)
    }

    /// Sends a request and reads the whole response, at most [`MAX_BODY`] bytes of body.
    ///
    /// # Errors
    /// Why there is no response; [`TransportError::InvalidRequest`] for a request with a secret, which is not sent.
    pub async fn send(&self, request: RequestBuilder) -> Result<HttpResponse, TransportError> {
        let request = request.build().map_err(|error| TransportError::from_send(&error))?;
        let has_secret = |(name, value): (&HeaderName, &HeaderValue)| value.is_sensitive() || name == AUTHORIZATION;
        if request.headers().iter().any(has_secret) {
            return Err(TransportError::InvalidRequest);
        }
        self.0.send(request, MAX_BODY).await
    }

    /// Fetches an address and reads at most `max_body` bytes of body.
    ///
    /// # Errors
    /// As [`HttpClient::send`]; [`TransportError::TooLarge`] for a longer body.
    pub async fn get(&self, url: &Url, max_body: usize) -> Result<HttpResponse, TransportError> {
        let request = self.request(Method::GET, url.clone()).build();
        self.0.send(request.map_err(|error| TransportError::from_send(&error))?, max_body).await
    }

    /// Returns what the handshake of the connection behind a response to this address found.
    #[must_use]
    pub fn handshake(&self, response: &HttpResponse, url: &Url) -> Option<Handshake> {
        self.0.handshakes.find(response.certificate.as_deref(), &host_of(url))
    }
}

impl SecretClient {
    /// Builds a client that sends over https to the host of `url` and nowhere else.
    ///
    /// # Errors
    /// [`TransportError::InvalidRequest`] for an address that is not https, or when no client can be built.
    pub fn new(settings: &HttpSettings, url: &Url, accepted: &AcceptedProxyIssuers) -> Result<Self, TransportError> {
        let host = url.host_str().filter(|_| url.scheme() == "https").ok_or(TransportError::InvalidRequest)?;
        let connections = Connections::over_tls(Purpose::Secret(host.to_owned()), settings, accepted)?;
        Ok(Self { connections, origin: url.origin() })
    }

    /// Builds a client for a practice organization, which may send over plain http. The caller has the proof that it is one.
    ///
    /// # Errors
    /// [`TransportError::InvalidRequest`] for an address that is not a literal loopback address.
    pub fn loopback(settings: &HttpSettings, url: &Url) -> Result<Self, TransportError> {
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(_)) | None => false,
        };
        if !is_loopback {
            return Err(TransportError::InvalidRequest);
        }
        Ok(Self { connections: Connections::loopback(settings)?, origin: url.origin() })
    }

    /// Starts a request.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.connections.client.request(method, url)
    }

    /// Sends a request and reads the whole response, at most [`MAX_BODY`] bytes of body.
    ///
    /// # Errors
    /// Why there is no response; [`TransportError::InvalidRequest`] for a request to another origin, which is not sent.
    pub async fn send(&self, request: RequestBuilder) -> Result<HttpResponse, TransportError> {
        let request = request.build().map_err(|error| TransportError::from_send(&error))?;
        if request.url().origin() != self.origin {
            return Err(TransportError::InvalidRequest);
        }
        self.connections.send(request, MAX_BODY).await
    }

    /// Posts JSON and returns the status of the response, whose body is not read.
    ///
    /// # Errors
    /// Why there is no response; [`TransportError::InvalidRequest`] for a request to another origin, which is not sent.
    pub async fn post_json(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<u16, TransportError> {
        if url.origin() != self.origin {
            return Err(TransportError::InvalidRequest);
        }
        let request = self.request(Method::POST, url.clone()).header(CONTENT_TYPE, "application/json").body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let request = request.build().map_err(|error| TransportError::from_send(&error))?;
        let sent = self.connections.client.execute(request).await;
        Ok(sent.map_err(|error| TransportError::from_send(&error))?.status().as_u16())
    }
}

/// The connections of one client, and what was decided in their handshakes.
#[derive(Debug, Clone)]
struct Connections {
    client: Client,
    handshakes: HandshakeRecord,
    is_loopback: bool,
}

impl Connections {
    fn over_tls(
        purpose: Purpose,
        settings: &HttpSettings,
        accepted: &AcceptedProxyIssuers,
    ) -> Result<Self, TransportError> {
        let handshakes = HandshakeRecord::default();
        let config = tls_config(purpose, settings, accepted, &handshakes).map_err(|_| TransportError::Untrusted)?;
        let builder = builder(settings).https_only(true).tls_backend_preconfigured(config);
        let builder = if settings.resolve.is_empty() { builder } else { builder.no_proxy() };
        Ok(Self { client: build(builder)?, handshakes, is_loopback: false })
    }

    fn loopback(settings: &HttpSettings) -> Result<Self, TransportError> {
        // No authority of the system is needed, so that practice works where there are none.
        let roots = settings.extra_roots.iter().filter_map(|der| Certificate::from_der(der).ok());
        let client = build(builder(settings).no_proxy().tls_certs_only(roots))?;
        Ok(Self { client, handshakes: HandshakeRecord::default(), is_loopback: true })
    }

    async fn send(&self, request: Request, max_body: usize) -> Result<HttpResponse, TransportError> {
        let (host, is_change) = (host_of(request.url()), !request.method().is_safe());
        let sent = self.client.execute(request).await;
        let mut response = sent.map_err(|error| match is_change {
            true => TransportError::from_change(&error),
            false => TransportError::from_send(&error),
        })?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let certificate =
            response.extensions().get::<tls::TlsInfo>().and_then(tls::TlsInfo::peer_certificate).map(<[u8]>::to_vec);
        let answered_by = match self.handshakes.find(certificate.as_deref(), &host) {
            Some(handshake) => handshake.answered_by,
            None if self.is_loopback => AnsweredBy::Loopback,
            None => AnsweredBy::Unknown,
        };
        let length = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        let mut body = Vec::with_capacity(length.min(max_body));
        while let Some(chunk) = response.chunk().await.map_err(|error| TransportError::from_read(&error))? {
            if body.len() + chunk.len() > max_body {
                return Err(TransportError::TooLarge);
            }
            // A buffer that doubles beyond the limit would need twice the memory of the largest response.
            if body.capacity() - body.len() < chunk.len() {
                body.reserve_exact(chunk.len().max(body.len()).min(max_body - body.len()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse { answered_by, status, headers, body, certificate })
    }
}

fn host_of(url: &Url) -> String {
    normalized(url.host_str().unwrap_or_default())
}

/// Builds the TLS configuration of one client. No session is resumed, because a resumed handshake skips the verifier.
fn tls_config(
    purpose: Purpose,
    settings: &HttpSettings,
    accepted: &AcceptedProxyIssuers,
    handshakes: &HandshakeRecord,
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Verifier::new(purpose, settings, accepted, &provider, handshakes)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn build(builder: ClientBuilder) -> Result<Client, TransportError> {
    builder.build().map_err(|error| TransportError::from_send(&error))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn plain_http_carries_a_secret_only_to_a_literal_loopback_address() {
        let settings = HttpSettings::default();
        for refused in ["http://acme.okta.com", "http://localhost:1", "http://10.0.0.1:1", "https://localhost:1"] {
            assert!(SecretClient::loopback(&settings, &url(refused)).is_err(), "{refused}");
        }
        assert!(SecretClient::loopback(&settings, &url("http://127.0.0.1:1")).is_ok());
        assert!(SecretClient::new(&settings, &url("http://127.0.0.1:1"), &AcceptedProxyIssuers::default()).is_err());
    }

    #[tokio::test]
    async fn a_client_without_secrets_sends_none_and_one_with_secrets_sends_them_to_its_origin_alone() {
        let settings = HttpSettings::default();
        let plain = HttpClient::loopback(&settings).unwrap();
        let with_token = plain.request(Method::GET, "http://127.0.0.1:1/").header(AUTHORIZATION, "SSWS 00abc");
        assert_eq!(plain.send(with_token).await.unwrap_err(), TransportError::InvalidRequest);
        let mut secret = HeaderValue::from_static("00abc");
        secret.set_sensitive(true);
        let hidden = plain.request(Method::GET, "http://127.0.0.1:1/").header("x-token", secret);
        assert_eq!(plain.send(hidden).await.unwrap_err(), TransportError::InvalidRequest);
        let bound = SecretClient::loopback(&settings, &url("http://127.0.0.1:1")).unwrap();
        for elsewhere in ["http://127.0.0.1:2/", "https://127.0.0.1:1/", "http://127.0.0.2:1/"] {
            let request = bound.request(Method::GET, elsewhere);
            assert_eq!(bound.send(request).await.unwrap_err(), TransportError::InvalidRequest, "{elsewhere}");
        }
    }
}

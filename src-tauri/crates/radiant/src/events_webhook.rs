//! The client of Radiant's custom events webhook.
//!
//! The token is sent to the one address it was given for. What the receiver did is returned as a value; what follows from it is
//! decided by `model::relay_delivery_verdict`.

use std::io::{self, BufWriter, Read as _, Write as _};
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http_client::{AcceptedProxyIssuers, HttpResponse, HttpSettings, SecretClient, TransportError};
use model::code::Code;
use model::problem::Problem;
use model::relay_delivery_verdict::{Delivery, answer_body};
use model::relay_settings::{EventFormat, WebhookSettings};
use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use runtime::Clock;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// The time limit of one request. A receiver may answer only when it has stored the events.
const TIMEOUT: Duration = Duration::from_secs(90);
/// The longest wait that the receiver may ask for.
const MAX_RETRY_AFTER: u64 = 3_600;
/// The bytes that are collected before they are compressed.
const COMPRESSED_AT_ONCE: usize = 64 * 1024;

/// The client of one webhook.
#[derive(Clone)]
pub struct EventsWebhook {
    client: SecretClient,
    url: Url,
    header: HeaderName,
    token: HeaderValue,
    clock: Clock,
}

/// One request.
#[derive(Debug, Clone)]
pub struct EventsWebhookRequest {
    /// The body as it is sent.
    pub body: Vec<u8>,
    /// Whether the body is compressed with gzip.
    pub is_gzip: bool,
    /// Its form.
    pub format: EventFormat,
    /// The number of events.
    pub events: u32,
    /// Identifies the events, whenever they are sent.
    pub idempotency_key: String,
    /// The `uuid`s of the events, or the first and the last, separated by commas.
    pub uuids: String,
}

/// What the receiver did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsWebhookAnswer {
    /// What it did, for the verdict.
    pub delivery: Delivery,
    /// The HTTP status, if it answered.
    pub status: Option<u16>,
    /// The wait that it asks for.
    pub retry_after: Option<Duration>,
    /// The problem of the transport, if there was no answer.
    pub transport: Option<Code>,
    /// Milliseconds until the answer.
    pub ms: u32,
}

impl EventsWebhook {
    /// Builds a client. The token is sent over a connection for which a public authority vouches, or whose issuer is among
    /// `accepted`; that of a practice organization is on loopback.
    ///
    /// # Errors
    /// Why the address or the header cannot be used.
    pub fn new(
        settings: &WebhookSettings,
        is_practice: bool,
        token: &SecretString,
        accepted: &AcceptedProxyIssuers,
        http: &HttpSettings,
        clock: &Clock,
    ) -> Result<Self, Problem> {
        let url = settings.address(is_practice)?;
        let http = HttpSettings { timeout: TIMEOUT.max(http.timeout), ..http.clone() };
        let client = match url.host() {
            Some(Host::Domain(_)) | None => SecretClient::new(&http, &url, accepted),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => SecretClient::loopback(&http, &url),
        };
        let client = client.map_err(|error| Problem::new(error.code()))?;
        let header = HeaderName::try_from(settings.header.name.trim()).ok().filter(|name| !is_reserved(name));
        let header = header.ok_or_else(|| Problem::new(Code::RadiantAddressInvalid).detail("the header's name"))?;
        let token = token_value(&settings.header.prefix, token).ok_or(Code::EventsWebhookTokenMissing)?;
        Ok(Self { client, url, header, token, clock: clock.clone() })
    }

    /// Returns the host that receives the events.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Sends a request and returns what the receiver did. Never repeats it.
    pub async fn send(&self, request: EventsWebhookRequest) -> EventsWebhookAnswer {
        let watch = self.clock.stopwatch();
        let mut builder = self
            .client
            .request(Method::POST, self.url.clone())
            .header(CONTENT_TYPE, request.format.content_type())
            .header("idempotency-key", &request.idempotency_key)
            .header("x-event-count", request.events)
            .header(self.header.clone(), self.token.clone());
        if let Ok(uuids) = HeaderValue::from_str(&request.uuids) {
            builder = builder.header("x-event-uuids", uuids);
        }
        if request.is_gzip {
            builder = builder.header(CONTENT_ENCODING, "gzip");
        }
        match self.client.send(builder.body(request.body)).await {
            Ok(response) => answered(&response, watch.ms()),
            Err(error) => not_answered(&error, watch.ms()),
        }
    }
}

fn answered(response: &HttpResponse, ms: u32) -> EventsWebhookAnswer {
    let (status, body) = (response.status, answer_body(&response.body, response.is_page()));
    let seconds = response.header("retry-after").and_then(|value| value.trim().parse::<u64>().ok());
    let retry_after = seconds.map(|seconds| Duration::from_secs(seconds.min(MAX_RETRY_AFTER)));
    EventsWebhookAnswer {
        delivery: Delivery::Answered { status, body },
        status: Some(status),
        retry_after,
        transport: None,
        ms,
    }
}

fn not_answered(error: &TransportError, ms: u32) -> EventsWebhookAnswer {
    let delivery = match error {
        TransportError::Reset | TransportError::Truncated | TransportError::NotHttp => Delivery::Reset,
        TransportError::TimedOut => Delivery::TimedOut,
        // The answer is longer than any that says something: whether the events were taken is unknown.
        TransportError::TooLarge => Delivery::Reset,
        TransportError::Untrusted
        | TransportError::IncompleteChain
        | TransportError::Inspected(_)
        | TransportError::Expired
        | TransportError::WrongHost => Delivery::Untrusted,
        TransportError::NoNetwork
        | TransportError::HostNotFound
        | TransportError::NoResolver
        | TransportError::Refused
        | TransportError::Tls
        | TransportError::Proxy
        | TransportError::InvalidRequest => Delivery::Unreachable,
    };
    EventsWebhookAnswer { delivery, status: None, retry_after: None, transport: Some(error.code()), ms }
}

/// Returns whether the client itself decides about a header.
fn is_reserved(name: &HeaderName) -> bool {
    const RESERVED: [&str; 8] = [
        "host",
        "content-length",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "connection",
        "idempotency-key",
        "x-event-uuids",
    ];
    RESERVED.contains(&name.as_str())
}

/// The one place where the webhook's token is exposed.
#[expect(clippy::disallowed_methods, reason = "the webhook's header is one of the named places")]
fn token_value(prefix: &str, token: &SecretString) -> Option<HeaderValue> {
    // Written into a text of its final size, which is wiped: one that grows would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + token.expose_secret().len()));
    text.push_str(prefix);
    text.push_str(token.expose_secret());
    let mut value = HeaderValue::from_str(&text).ok().filter(|value| !value.is_empty())?;
    value.set_sensitive(true);
    Some(value)
}

/// Compresses the body of a request. The fastest level: System Log events are repetitive, so that a higher one saves little.
///
/// # Errors
/// Never in practice: memory is written.
pub fn compress<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> io::Result<Vec<u8>> {
    // Every call of the compressor has its price, however little it gets.
    let mut encoder = BufWriter::with_capacity(COMPRESSED_AT_ONCE, GzEncoder::new(Vec::new(), Compression::fast()));
    for part in parts {
        encoder.write_all(part)?;
    }
    encoder.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
}

/// Decompresses what [`compress`] made, at most `most` bytes.
///
/// # Errors
/// That it is damaged or larger.
pub fn decompress(body: &[u8], most: u64) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut decoder = GzDecoder::new(body).take(most.saturating_add(1));
    decoder.read_to_end(&mut text)?;
    let is_whole = u64::try_from(text.len()).is_ok_and(|length| length <= most);
    if is_whole { Ok(text) } else { Err(io::Error::other("larger than it was")) }
}

#[cfg(test)]
mod tests {
    use mockito::{Mock, Server};
    use model::relay_delivery_verdict::AnswerBody;
    use model::relay_settings::TokenHeader;

    use super::*;

    fn settings(server: &Server, header: TokenHeader) -> WebhookSettings {
        WebhookSettings { url: format!("{}/in", server.url()), header, ..WebhookSettings::default() }
    }

    fn events_webhook(settings: &WebhookSettings) -> Result<EventsWebhook, Problem> {
        let (accepted, http) = (AcceptedProxyIssuers::default(), HttpSettings::default());
        EventsWebhook::new(settings, true, &"wh-1".to_owned().into(), &accepted, &http, &Clock::system())
    }

    fn request(is_gzip: bool) -> EventsWebhookRequest {
        let text = br#"[{"uuid":"a"}]"#;
        let body = if is_gzip { compress([&text[..]]).unwrap() } else { text.to_vec() };
        let (idempotency_key, uuids) = ("k1".to_owned(), "a".to_owned());
        EventsWebhookRequest { body, is_gzip, format: EventFormat::JsonArray, events: 1, idempotency_key, uuids }
    }

    async fn sent(mock: impl FnOnce(Mock) -> Mock) -> EventsWebhookAnswer {
        let mut server = Server::new_async().await;
        let mock = mock(server.mock("POST", "/in")).expect(1).create_async().await;
        let answer = events_webhook(&settings(&server, TokenHeader::default())).unwrap().send(request(true)).await;
        mock.assert_async().await;
        answer
    }

    #[tokio::test]
    async fn a_request_has_the_token_in_the_chosen_header_and_names_its_events() {
        for (header, value) in TokenHeader::presets().into_iter().zip(["wh-1", "wh-1", "Bearer wh-1"]) {
            let mut server = Server::new_async().await;
            let mock = server.mock("POST", "/in").match_header(header.name.as_str(), value);
            let mock = mock.match_header("idempotency-key", "k1").match_header("x-event-uuids", "a");
            let mock = mock.match_header("x-event-count", "1").match_header("content-type", "application/json");
            let mock = mock.match_body(r#"[{"uuid":"a"}]"#).with_status(202).expect(1).create_async().await;
            let answer = events_webhook(&settings(&server, header)).unwrap().send(request(false)).await;
            let acceptable = Delivery::Answered { status: 202, body: AnswerBody::Acceptable };
            assert_eq!((answer.delivery, answer.transport), (acceptable, None));
            mock.assert_async().await;
        }
    }

    #[tokio::test]
    async fn an_answer_is_returned_as_it_is_and_nothing_is_sent_twice() {
        let page = sent(|mock| mock.with_header("content-type", "text/html").with_body("<html>")).await;
        assert_eq!(page.delivery, Delivery::Answered { status: 200, body: AnswerBody::Page });
        let busy = sent(|mock| mock.with_status(429).with_header("retry-after", "7")).await;
        assert_eq!((busy.status, busy.retry_after), (Some(429), Some(Duration::from_secs(7))));
        let redirect = sent(|mock| mock.with_status(302).with_header("location", "https://evil.example/")).await;
        assert_eq!(redirect.status, Some(302));
        let gzip = sent(|mock| mock.match_header("content-encoding", "gzip").with_status(500)).await;
        assert_eq!(gzip.status, Some(500));
    }

    #[test]
    fn a_header_that_the_client_decides_about_is_refused() {
        let of = |name: &str| {
            let header = TokenHeader { name: name.to_owned(), prefix: String::new() };
            let url = "http://127.0.0.1:9/in".to_owned();
            events_webhook(&WebhookSettings { url, header, ..WebhookSettings::default() }).is_ok()
        };
        assert_eq!(["x-rs-token", "Host", "content-length", "a b", ""].map(of), [true, false, false, false, false]);
    }

    #[test]
    fn a_compressed_body_is_returned_whole_or_not_at_all() {
        let body = compress([&b"[1"[..], b",2]"]).unwrap();
        assert_eq!(decompress(&body, 5).unwrap(), b"[1,2]");
        assert!(decompress(&body, 4).is_err());
        assert!(decompress(&body[..body.len() - 9], 5).is_err(), "truncated");
    }
}

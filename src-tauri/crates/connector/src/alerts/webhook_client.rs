//! The client for the webhook of a team alert: its address, which is a secret, and the one place that sends to it.
//!
//! Guarantees: an alert leaves over https to a host that a public authority vouches for, and over plain http only to practice's
//! loopback. A redirect is not followed. Of the address nothing but its host is shown or logged.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_client::{AcceptedProxyIssuers, HttpSettings, SecretClient, TransportError};
use model::code::Code;
use model::problem::Problem;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

/// How long a receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Shortest signing key, in characters.
const MIN_KEY: usize = 16;
/// Header with the id of an alert, the same in each attempt to send it.
const ID_HEADER: &str = "idempotency-key";
/// Header with the time of the request, in seconds since 1970.
const TIME_HEADER: &str = "okta-connector-timestamp";
/// Header with the signature: `v1=` and HMAC-SHA256 of `<time>.<body>` in hexadecimal digits.
const SIGNATURE_HEADER: &str = "okta-connector-signature";

/// An address for alerts. It has no `Debug`, because it is a secret.
pub(super) struct Address(Url);

/// A client that sends to the webhook of a channel.
pub(super) struct WebhookClient {
    client: SecretClient,
    address: Address,
    key: Option<SecretString>,
}

/// How a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It accepted the alert.
    Accepted(u16),
    /// It refused the alert, and would again.
    Refused(u16),
    /// It cannot accept an alert now.
    Unavailable(u16),
    /// There was none. The alert may have arrived.
    None(TransportError),
}

impl Answer {
    fn of(status: Result<u16, TransportError>) -> Self {
        match status {
            Ok(status @ 200..=299) => Self::Accepted(status),
            Ok(status @ (408 | 425 | 429 | 500..=599)) => Self::Unavailable(status),
            Ok(status) => Self::Refused(status),
            Err(error) => Self::None(error),
        }
    }
}

impl Address {
    /// Parses a pasted address. `is_practice` allows plain http to a literal loopback address.
    ///
    /// # Errors
    /// [`Code::AlertAddressInvalid`].
    #[expect(clippy::disallowed_methods, reason = "the address is parsed before it is kept and before it is sent to")]
    pub(super) fn parse(pasted: &SecretString, is_practice: bool) -> Result<Self, Problem> {
        let invalid = || Problem::new(Code::AlertAddressInvalid);
        let url = Url::parse(pasted.expose_secret().trim()).map_err(|_| invalid())?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let is_https = url.scheme() == "https" && url.has_host();
        let address = Self(url);
        let is_allowed = is_plain && (is_https || (is_practice && address.is_loopback()));
        if is_allowed { Ok(address) } else { Err(invalid()) }
    }

    /// Returns what distinguishes it from other addresses: a digest that is too short to tell the address.
    pub(super) fn short_digest(&self) -> String {
        Sha256::digest(self.0.as_str()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the address as it is kept.
    pub(super) fn to_secret(&self) -> SecretString {
        SecretString::from(self.0.as_str().to_owned())
    }

    /// Returns its origin.
    pub(super) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Returns its host, the only part that is shown.
    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    fn is_loopback(&self) -> bool {
        let is_loopback = match self.0.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(_)) | None => false,
        };
        is_loopback && self.0.scheme() == "http"
    }
}

impl WebhookClient {
    /// Opens a client. No proxy that inspects TLS is accepted, because nobody decided about it.
    ///
    /// # Errors
    /// [`Code::AlertUntrusted`] when no client can be built.
    pub(super) fn open(address: Address, key: Option<SecretString>, http: &HttpSettings) -> Result<Self, Problem> {
        let http = HttpSettings { timeout: TIMEOUT.min(http.timeout), ..http.clone() };
        let client = match address.is_loopback() {
            true => SecretClient::loopback(&http, &address.0),
            false => SecretClient::new(&http, &address.0, &AcceptedProxyIssuers::default()),
        };
        let host = address.host().to_owned();
        Ok(Self { client: client.map_err(|error| no_answer(&host, &error))?, address, key })
    }

    /// Sends a body. `id` is the same in each attempt to send an alert.
    pub(super) async fn send(&self, id: &str, body: Vec<u8>, now: DateTime<Utc>) -> Answer {
        let time = now.timestamp().to_string();
        let signature = self.key.as_ref().map(|key| (SIGNATURE_HEADER, signature(key, &time, &body)));
        let headers: Vec<_> = [(ID_HEADER, id.to_owned()), (TIME_HEADER, time)].into_iter().chain(signature).collect();
        Answer::of(self.client.post_json(&self.address.0, &headers, body).await)
    }

    /// Returns the problem of an answer; `None` when the alert was accepted.
    pub(super) fn problem(&self, answer: &Answer) -> Option<Problem> {
        let host = self.address.host();
        match answer {
            Answer::Accepted(_) => None,
            Answer::Refused(status) | Answer::Unavailable(status) => {
                let problem = Problem::new(Code::AlertRefused).arg("host", host);
                Some(problem.arg("status", status.to_string()))
            }
            Answer::None(error) => Some(no_answer(host, error)),
        }
    }
}

/// Returns the problem of a request without an answer.
fn no_answer(host: &str, error: &TransportError) -> Problem {
    let code = match error {
        TransportError::Tls
        | TransportError::Untrusted
        | TransportError::IncompleteChain
        | TransportError::Inspected(_)
        | TransportError::Expired
        | TransportError::WrongHost => Code::AlertUntrusted,
        TransportError::NoNetwork
        | TransportError::HostNotFound
        | TransportError::NoResolver
        | TransportError::Refused
        | TransportError::Reset
        | TransportError::TimedOut
        | TransportError::Proxy
        | TransportError::Truncated
        | TransportError::TooLarge
        | TransportError::NotHttp
        | TransportError::InvalidRequest => Code::AlertUnreachable,
    };
    Problem::new(code).arg("host", host).detail(error.to_string())
}

/// Returns a pasted signing key as it is kept.
///
/// # Errors
/// [`Code::AlertKeyTooShort`].
#[expect(clippy::disallowed_methods, reason = "the length of the pasted key is checked before it is kept")]
pub(super) fn signing_key(pasted: &SecretString) -> Result<SecretString, Problem> {
    let key = pasted.expose_secret().trim();
    if key.chars().count() < MIN_KEY {
        return Err(Problem::new(Code::AlertKeyTooShort).arg("least", MIN_KEY.to_string()));
    }
    Ok(SecretString::from(key.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the key signs the request and does not leave this function")]
fn signature(key: &SecretString, time: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()) else {
        // HMAC takes a key of any length.
        return String::new();
    };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut text = "v1=".to_owned();
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, is_practice: bool) -> Option<String> {
        Address::parse(&text.into(), is_practice).ok().map(|address| address.origin())
    }

    #[test]
    fn an_address_is_https_or_practices_loopback() {
        assert_eq!(parse(" https://hooks.example.com/services/T/B/x\n", false).unwrap(), "https://hooks.example.com");
        assert_eq!(parse("https://[2001:db8::1]:8443/a?b=c", false).unwrap(), "https://[2001:db8::1]:8443");
        for refused in [
            "",
            "hooks.example.com/x",
            "http://hooks.example.com/x",
            "http://127.0.0.1:1/x",
            "https://user:password@hooks.example.com/x",
            "https://hooks.example.com/x#part",
            "ftp://hooks.example.com",
            "file:///etc/passwd",
        ] {
            assert_eq!(parse(refused, false), None, "{refused}");
        }
        assert_eq!(parse("http://127.0.0.1:1/x", true).unwrap(), "http://127.0.0.1:1");
        for refused in ["http://localhost:1/x", "http://10.0.0.1/x", "http://hooks.example.com/x"] {
            assert_eq!(parse(refused, true), None, "{refused}");
        }
    }

    #[test]
    fn a_status_says_whether_another_attempt_makes_sense() {
        for status in [200, 202, 204] {
            assert_eq!(Answer::of(Ok(status)), Answer::Accepted(status));
        }
        for status in [408, 429, 500, 503] {
            assert_eq!(Answer::of(Ok(status)), Answer::Unavailable(status));
        }
        for status in [301, 302, 307, 400, 401, 403, 404, 410] {
            assert_eq!(Answer::of(Ok(status)), Answer::Refused(status));
        }
        assert_eq!(Answer::of(Err(TransportError::TimedOut)), Answer::None(TransportError::TimedOut));
    }

    #[test]
    fn the_signature_is_that_of_a_known_vector() {
        // Computed with `printf '1800000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef`.
        let expected = "v1=1313ae9c874eb1a0868ad0b65f841c4243c23fdcfad69a3ada227726fad9960e";
        assert_eq!(signature(&"0123456789abcdef".into(), "1800000000", b"{}"), expected);
    }

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(signing_key(&" 0123456789abcde ".into()).unwrap_err().code, Code::AlertKeyTooShort);
        assert!(signing_key(&"0123456789abcdef".into()).is_ok());
    }
}

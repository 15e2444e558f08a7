//! Settings of the relay: how the System Log is read and how its events are sent to Radiant's custom events webhook.
//!
//! Radiant publishes neither the webhook's address nor the name of its header, a size limit or a format for several events
//! (radiant-facts 3 and 4.1), so all of them are settings.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use url::{Host, Url};

use crate::code::Code;
use crate::okta_origin::Loopback;
use crate::problem::Problem;

/// Okta keeps the System Log for this number of days (okta-facts D1).
pub const MAX_BACKFILL_DAYS: i64 = 90;
/// The connector type under which Radiant stores the events of the webhook (radiant-facts 3).
pub const EVENTS_CONNECTOR_TYPE: &str = "custom_events_webhook";

/// How several events are put into one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EventFormat {
    /// One JSON array.
    #[default]
    JsonArray,
    /// One event per line.
    Ndjson,
    /// One event per request.
    Single,
}

impl EventFormat {
    /// Returns the `Content-Type` of a request.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::JsonArray | Self::Single => "application/json",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// The header that carries the webhook's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TokenHeader {
    /// The name of the header.
    pub name: String,
    /// The text before the token, for example `Bearer `.
    pub prefix: String,
}

impl TokenHeader {
    /// Returns the headers that Radiant's pages name, the most probable one first (radiant-facts 4.1).
    #[must_use]
    pub fn presets() -> [Self; 3] {
        [("Authorization", ""), ("x-rs-token", ""), ("Authorization", "Bearer ")]
            .map(|(name, prefix)| Self { name: name.to_owned(), prefix: prefix.to_owned() })
    }
}

impl Default for TokenHeader {
    fn default() -> Self {
        let [first, ..] = Self::presets();
        first
    }
}

/// The receiver of the events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct WebhookSettings {
    /// The address, as Radiant shows it under **Vendor Configuration**.
    pub url: String,
    /// The host outside `*.radiantsecurity.ai` that the administrator typed a second time, if any.
    pub confirmed_host: Option<String>,
    /// The header that carries the token.
    pub header: TokenHeader,
    /// How several events are put into one request.
    pub format: EventFormat,
    /// Whether the body is compressed (`Content-Encoding: gzip`).
    pub gzip: bool,
}

impl WebhookSettings {
    /// Returns the address. It must use https and be inside `radiantsecurity.ai`, or its host was typed a second time; that of
    /// a practice organization may use plain http on loopback.
    ///
    /// # Errors
    /// [`Code::RadiantAddressInvalid`], [`Code::RadiantHostPlainHttp`], [`Code::RadiantHostUnusual`].
    pub fn address(&self, is_practice: bool) -> Result<Url, Problem> {
        let problem = |code: Code| Problem::new(code).arg("typed", self.url.clone());
        let url = Url::parse(self.url.trim()).map_err(|_| problem(Code::RadiantAddressInvalid))?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !is_plain || url.cannot_be_a_base() {
            return Err(problem(Code::RadiantAddressInvalid));
        }
        if is_practice && Loopback::new(&url.origin().ascii_serialization()).is_ok() {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err(problem(Code::RadiantHostPlainHttp));
        }
        let Some(Host::Domain(host)) = url.host() else { return Err(problem(Code::RadiantAddressInvalid)) };
        let is_usual = is_radiant(host);
        let is_confirmed = self.confirmed_host.as_deref().is_some_and(|typed| typed.trim().eq_ignore_ascii_case(host));
        if is_usual || is_confirmed { Ok(url) } else { Err(problem(Code::RadiantHostUnusual).arg("host", host)) }
    }

    /// Returns the host of the address if it is outside `radiantsecurity.ai`: it may name an organization, and the rest of the
    /// address may carry a secret.
    #[must_use]
    pub fn host_outside_radiant(&self) -> Option<String> {
        let url = Url::parse(self.url.trim()).ok()?;
        url.host_str().filter(|host| !is_radiant(host)).map(str::to_owned)
    }

    /// Returns the origin to which the token is bound.
    ///
    /// # Errors
    /// [`Code::RadiantAddressInvalid`].
    pub fn origin(&self) -> Result<String, Problem> {
        let url = Url::parse(self.url.trim()).map_err(|_| Problem::new(Code::RadiantAddressInvalid))?;
        Ok(url.origin().ascii_serialization())
    }
}

/// Tells whether a host is `radiantsecurity.ai` or below it.
fn is_radiant(host: &str) -> bool {
    host == "radiantsecurity.ai" || host.ends_with(".radiantsecurity.ai")
}

/// The settings of one connection's relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct RelaySettings {
    /// The receiver.
    pub webhook: WebhookSettings,
    /// The time from which the System Log is read; `None` for the time at which the relay is switched on.
    pub since: Option<DateTime<Utc>>,
    /// The part of Okta's System Log rate limit that the relay may use, in percent.
    pub rate_share: u32,
    /// Seconds between two reads once everything is read.
    pub poll_seconds: u32,
    /// Most events of one request to the webhook.
    pub batch_events: u32,
    /// Most bytes of one request to the webhook, before compression. A larger event is sent alone.
    pub batch_kilobytes: u32,
    /// Days for which a `uuid` is remembered, so that its event is not sent again.
    pub dedup_days: u32,
    /// Most megabytes of events that wait. At the bound the relay stops reading until there is room: Okta keeps the events.
    pub max_backlog_megabytes: u32,
    /// Days for which an event that Radiant always rejects is kept.
    #[serde(rename = "dead_letter_days")]
    pub undeliverable_days: u32,
    /// Minutes between two heartbeat events; `None` for none.
    pub heartbeat_minutes: Option<u32>,
    /// Whether the administrator stated that Radiant's own connector does not read this organization.
    pub is_only_reader: bool,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            webhook: WebhookSettings { gzip: true, ..WebhookSettings::default() },
            since: None,
            rate_share: 50,
            poll_seconds: 30,
            batch_events: 1_000,
            batch_kilobytes: 1_024,
            dedup_days: 7,
            max_backlog_megabytes: 2_048,
            undeliverable_days: 30,
            heartbeat_minutes: None,
            is_only_reader: false,
        }
    }
}

impl RelaySettings {
    /// Returns the settings with every number inside its range.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            rate_share: self.rate_share.clamp(1, 90),
            poll_seconds: self.poll_seconds.clamp(5, 3_600),
            batch_events: self.batch_events.clamp(1, 1_000),
            batch_kilobytes: self.batch_kilobytes.clamp(16, 8_192),
            dedup_days: self.dedup_days.clamp(1, 90),
            max_backlog_megabytes: self.max_backlog_megabytes.clamp(16, 1_048_576),
            undeliverable_days: self.undeliverable_days.clamp(1, 365),
            heartbeat_minutes: self.heartbeat_minutes.map(|minutes| minutes.clamp(1, 1_440)),
            ..self
        }
    }

    /// Returns the largest size of a request in bytes, before compression.
    #[must_use]
    pub fn batch_bytes(&self) -> usize {
        usize::try_from(self.batch_kilobytes).unwrap_or(usize::MAX).saturating_mul(1_024)
    }

    /// Returns the largest backlog in bytes.
    #[must_use]
    pub fn max_backlog_bytes(&self) -> u64 {
        u64::from(self.max_backlog_megabytes).saturating_mul(1_048_576)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str, confirmed: Option<&str>, is_practice: bool) -> Option<Code> {
        let confirmed_host = confirmed.map(str::to_owned);
        let settings = WebhookSettings { url: url.to_owned(), confirmed_host, ..WebhookSettings::default() };
        settings.address(is_practice).err().map(|problem| problem.code)
    }

    #[test]
    fn the_webhook_is_one_of_radiant_or_was_typed_twice() {
        assert_eq!(refusal("https://api.app.radiantsecurity.ai/in?tag=okta", None, false), None);
        assert_eq!(refusal("https://eu.example.com/in", None, false), Some(Code::RadiantHostUnusual));
        assert_eq!(refusal("https://eu.example.com/in", Some("EU.example.com"), false), None);
        assert_eq!(refusal("http://api.app.radiantsecurity.ai/in", None, false), Some(Code::RadiantHostPlainHttp));
        assert_eq!(refusal("https://a:b@api.radiantsecurity.ai/in", None, false), Some(Code::RadiantAddressInvalid));
        assert_eq!(refusal("", None, false), Some(Code::RadiantAddressInvalid));
    }

    #[test]
    fn only_a_host_outside_radiant_is_named_as_one() {
        let outside =
            |url: &str| WebhookSettings { url: url.to_owned(), ..WebhookSettings::default() }.host_outside_radiant();
        for url in ["https://api.app.radiantsecurity.ai/in", "https://radiantsecurity.ai/", "no address", ""] {
            assert_eq!(outside(url), None, "{url}");
        }
        for (url, host) in [
            (" https://EU.example.com/in", "eu.example.com"),
            ("https://notradiantsecurity.ai/", "notradiantsecurity.ai"),
            ("https://10.1.2.3/", "10.1.2.3"),
        ] {
            assert_eq!(outside(url).as_deref(), Some(host), "{url}");
        }
    }

    #[test]
    fn plain_http_is_only_for_practice_on_loopback() {
        assert_eq!(refusal("http://127.0.0.1:8080/in", None, true), None);
        assert_eq!(refusal("http://127.0.0.1:8080/in", None, false), Some(Code::RadiantHostPlainHttp));
        assert_eq!(refusal("http://10.0.0.1:8080/in", None, true), Some(Code::RadiantHostPlainHttp));
    }

    #[test]
    fn numbers_outside_their_range_are_corrected_and_missing_ones_have_their_default() {
        let stored: RelaySettings = serde_json::from_str(r#"{"rate_share": 200, "dedup_days": 0}"#).unwrap();
        let settings = stored.bounded();
        assert_eq!((settings.rate_share, settings.dedup_days, settings.poll_seconds), (90, 1, 30));
        assert_eq!(RelaySettings::default().bounded(), RelaySettings::default());
    }
}

//! The relay of an exported connection: its settings without a secret, a moment, or what a person stated. Pure.
//!
//! An imported relay is off, an unusual host of its webhook must be typed again, and whether it is the only reader of the org
//! must be stated again. Of an address outside `radiantsecurity.ai` only the origin is exported, because its path and query may
//! carry a secret; an import names it as one that must be entered again.

use model::relay_settings::{EventFormat, RelaySettings, TokenHeader, WebhookSettings};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::token_redaction::without_tokens;

/// The longest address, in characters.
const MAX_ADDRESS: usize = 300;
/// The longest text around a token, in characters: a longer one may be a token itself.
const MAX_HEADER: usize = 40;
const MAX_PREFIX: usize = 16;
/// Words in names of query parameters that may carry a secret, alone or behind another one, as in `apikey`.
const SECRET_ENDINGS: [&str; 4] = ["token", "key", "secret", "password"];
/// Words of the same kind that end other words too, such as `design`.
const SECRET_WORDS: [&str; 8] = ["auth", "authorization", "bearer", "credential", "pass", "passwd", "sig", "signature"];

/// An exported relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ExportedRelay {
    url: String,
    header: String,
    prefix: String,
    format: EventFormat,
    gzip: bool,
    rate_share: u32,
    poll_seconds: u32,
    batch_events: u32,
    batch_kilobytes: u32,
    dedup_days: u32,
    max_backlog_megabytes: u32,
    #[serde(rename = "dead_letter_days")]
    undeliverable_days: u32,
    heartbeat_minutes: Option<u32>,
}

impl Default for ExportedRelay {
    fn default() -> Self {
        Self::from(&RelaySettings::default())
    }
}

impl From<&RelaySettings> for ExportedRelay {
    fn from(from: &RelaySettings) -> Self {
        let webhook = &from.webhook;
        Self {
            url: exported_address(webhook),
            header: webhook.header.name.clone(),
            prefix: webhook.header.prefix.clone(),
            format: webhook.format,
            gzip: webhook.gzip,
            rate_share: from.rate_share,
            poll_seconds: from.poll_seconds,
            batch_events: from.batch_events,
            batch_kilobytes: from.batch_kilobytes,
            dedup_days: from.dedup_days,
            max_backlog_megabytes: from.max_backlog_megabytes,
            undeliverable_days: from.undeliverable_days,
            heartbeat_minutes: from.heartbeat_minutes,
        }
        .sanitized()
    }
}

impl ExportedRelay {
    /// Returns the relay without an address that cannot be used or may carry a secret, and without texts that may be one.
    pub(super) fn sanitized(self) -> Self {
        let header = TokenHeader::default();
        let is_name = |name: &str| {
            (1..=MAX_HEADER).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        Self {
            url: if is_usable(&self.url) { self.url } else { String::new() },
            header: if is_name(&self.header) { self.header } else { header.name },
            prefix: if is_prefix(&self.prefix) { self.prefix } else { header.prefix },
            ..self
        }
    }

    /// Returns the relay of a document: sanitized, and without the origin to which an export shortens an address, because events
    /// would be sent to a wrong path of it.
    pub(super) fn imported(self) -> Self {
        let is_shortened = |url: &Url| url.path() == "/" && url.query().is_none();
        let webhook = WebhookSettings { url: self.url.clone(), ..WebhookSettings::default() };
        let is_incomplete =
            webhook.host_outside_radiant().is_some() && Url::parse(&self.url).is_ok_and(|url| is_shortened(&url));
        Self { url: if is_incomplete { String::new() } else { self.url.clone() }, ..self }.sanitized()
    }

    /// Returns the address, which is not taken where it differs from that of the file.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the settings of an imported relay.
    pub(super) fn settings(&self) -> RelaySettings {
        let header = TokenHeader { name: self.header.clone(), prefix: self.prefix.clone() };
        let webhook = WebhookSettings {
            url: self.url.clone(),
            confirmed_host: None,
            header,
            format: self.format,
            gzip: self.gzip,
        };
        RelaySettings {
            webhook,
            rate_share: self.rate_share,
            poll_seconds: self.poll_seconds,
            batch_events: self.batch_events,
            batch_kilobytes: self.batch_kilobytes,
            dedup_days: self.dedup_days,
            max_backlog_megabytes: self.max_backlog_megabytes,
            undeliverable_days: self.undeliverable_days,
            heartbeat_minutes: self.heartbeat_minutes,
            ..RelaySettings::default()
        }
        .bounded()
    }
}

/// Returns the address of a webhook of Radiant, and only the origin of another one that can be used.
fn exported_address(webhook: &WebhookSettings) -> String {
    match webhook.host_outside_radiant() {
        Some(_) if is_usable(&webhook.url) => webhook.origin().unwrap_or_default(),
        Some(_) | None => webhook.url.clone(),
    }
}

/// Tells whether the name of a query parameter says that its value is a secret.
fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .any(|word| SECRET_WORDS.contains(&word) || SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

/// Tells whether an address can be used once its host is confirmed, and carries no secret that can be recognized.
fn is_usable(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let webhook = WebhookSettings { url: address.to_owned(), ..WebhookSettings::default() };
    let confirmed = WebhookSettings { confirmed_host: url.host_str().map(str::to_owned), ..webhook };
    let is_short = address.chars().count() <= MAX_ADDRESS;
    let is_open = without_tokens(address, "") == address && url.query_pairs().all(|(name, _)| !is_secret_name(&name));
    is_short && is_open && confirmed.address(false).is_ok()
}

/// Tells whether a text before the token is one: a word such as `Bearer ` and no token.
fn is_prefix(text: &str) -> bool {
    text.len() <= MAX_PREFIX && text.chars().all(|letter| letter.is_ascii_alphabetic() || letter == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_url(url: &str) -> RelaySettings {
        let settings = RelaySettings { rate_share: 25, is_only_reader: true, ..RelaySettings::default() };
        let confirmed_host = Some("eu.example.com".to_owned());
        let header = TokenHeader { name: "x-rs-token".to_owned(), prefix: String::new() };
        RelaySettings {
            webhook: WebhookSettings { url: url.to_owned(), confirmed_host, header, ..settings.webhook },
            since: chrono::DateTime::from_timestamp(1_800_000_000, 0),
            ..settings
        }
    }

    #[test]
    fn settings_are_exported_without_a_moment_and_without_what_a_person_stated() {
        let settings = with_url("https://api.app.radiantsecurity.ai/in?tag=okta&design=2");
        let imported = ExportedRelay::from(&settings).settings();
        let webhook = WebhookSettings { confirmed_host: None, ..settings.webhook.clone() };
        assert_eq!(imported, RelaySettings { webhook, since: None, is_only_reader: false, ..settings });
    }

    #[test]
    fn an_address_that_cannot_be_used_or_may_carry_a_secret_is_left_out() {
        let token = format!("https://eu.example.com/00{}", "a".repeat(40));
        let long = format!("https://eu.example.com/{}", "a".repeat(MAX_ADDRESS));
        for url in [
            "http://eu.example.com/in",
            "https://a:b@eu.example.com/in",
            "https://eu.example.com/in?access_token=abc",
            "https://api.app.radiantsecurity.ai/in?access_token=abc",
            "https://api.app.radiantsecurity.ai/in?API_KEY=abc",
            "https://api.app.radiantsecurity.ai/in?apikey=abc",
            "https://api.app.radiantsecurity.ai/in?x-sig=abc",
            "file:///etc/passwd",
            token.as_str(),
            long.as_str(),
            "",
        ] {
            assert_eq!(ExportedRelay::from(&with_url(url)).url(), "", "{url}");
        }
    }

    #[test]
    fn only_the_origin_of_an_address_outside_radiant_is_exported_and_an_import_leaves_it_out() {
        for address in [
            "https://hooks.example.com/services/T0/B0/s3cr3t",
            "https://hooks.example.com/?channel=s3cr3t",
            "https://hooks.example.com/s3cr3t?tag=okta",
        ] {
            let exported = ExportedRelay::from(&with_url(address)).sanitized();
            assert_eq!(exported.url(), "https://hooks.example.com", "{address}");
            assert_eq!(exported.imported().url(), "", "{address}");
        }
        let whole = ExportedRelay { url: "https://hooks.example.com/in".to_owned(), ..ExportedRelay::default() };
        assert_eq!(
            whole.imported().url(),
            "https://hooks.example.com/in",
            "an address that somebody wrote into the file"
        );
    }

    #[test]
    fn a_token_that_was_typed_beside_its_place_is_left_out() {
        for (name, prefix) in [("x-rs-token", "Bearer s3cr3t"), ("x-rs-token", &"a".repeat(40)), ("name: s3cr3t", "")] {
            let mut settings = with_url("https://eu.example.com/in");
            settings.webhook.header = TokenHeader { name: name.to_owned(), prefix: prefix.to_owned() };
            let text = serde_json::to_string(&ExportedRelay::from(&settings)).unwrap();
            assert!(!text.contains("s3cr3t") && !text.contains("aaaa"), "{text}");
        }
    }
}

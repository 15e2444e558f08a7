//! Words and escapes: the model's words as catalogue keys, outside text as harmless Markdown, tokens taken out.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use messages::Messages;

/// Returns the message `<room>.<word>`, for example `outcome.passed`.
pub(super) fn label(messages: &Messages, room: &str, word: &impl Serialize) -> String {
    messages.by_name(&format!("{room}.{}", self::word(word)), &BTreeMap::new())
}

/// Returns a model word as it stands on the wire, for example `could_not_be_told`.
pub(super) fn word(word: &impl Serialize) -> String {
    let value = serde_json::to_value(word).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Writes a time: UTC, whole seconds.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Replaces what looks like an API token (`00` and 38 characters or more; Okta's are 42 long in all examples seen) or a
/// signed JWT.
#[must_use]
pub fn without_tokens(text: &str, instead: &str) -> String {
    let part_of_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = part_of_one(first);
        let end = rest.find(|c: char| part_of_one(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let api_token = |part: &str| part.len() >= 40 && part.starts_with("00");
        let secret = (run.len() >= 20 && run.starts_with("eyJ")) || run.split('.').any(api_token);
        out.push_str(if inside && secret { instead } else { run });
        rest = after;
    }
    out
}

/// Makes a text from outside stand in one line of Markdown, or one table cell, as just that text: no table, no markup,
/// no HTML, no link, no line break, nothing that turns the reading direction.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // Zero-width and direction marks, line and paragraph separators.
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    // A bare address would become a link by itself.
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use model::capability::{Capability, CapabilityState};
    use model::check::{CheckId, FactKey, Outcome, Skip};
    use model::connection::{Keep, Profile};
    use model::guide::Confirmable;
    use model::preferences::Language;
    use model::secret::SecretName;
    use model::status::State;

    /// Reads words as `T` first: a word the model does not know fails here, so the lists cannot go stale unseen.
    fn all<T: serde::de::DeserializeOwned + Serialize>(room: &str, words: &Value) {
        let words: Vec<T> = serde_json::from_value(words.clone()).unwrap_or_default();
        assert!(!words.is_empty(), "{room}: a word is not the model's");
        for language in [Language::En, Language::De] {
            let messages = Messages::load(language);
            for word in &words {
                let said = label(&messages, room, word);
                assert!(!said.is_empty() && !said.starts_with(&format!("{room}.")), "{said} is not in the catalogue");
            }
        }
    }

    #[test]
    fn every_word_of_the_model_is_in_both_languages() {
        for language in [Language::En, Language::De] {
            for check in CheckId::ALL {
                let said = label(&Messages::load(language), &format!("check.{}", word(&check)), &"title");
                assert!(!said.starts_with("check."), "{said}");
            }
        }
        all::<Outcome>("outcome", &json!(["passed", "attention", "failed", "skipped", "unknown"]));
        all::<Skip>(
            "skip",
            &json!(["depends", "profile", "no_search_token", "no_token", "keychain", "cancelled", "practice"]),
        );
        all::<CapabilityState>("standing", &json!(["proven", "allowed", "refused", "could_not_be_told"]));
        all::<Profile>("profile", &json!(["ingestion", "response"]));
        all::<Keep>("keep", &json!(["token", "monitoring_token", "nothing"]));
        all::<State>("state", &json!(["ok", "working", "attention", "needs_setup", "paused", "stopped"]));
        all::<SecretName>(
            "secret",
            &json!([
                "okta_token",
                "next_okta_token",
                "previous_okta_token",
                "monitoring_token",
                "radiant_search_token"
            ]),
        );
        all::<Capability>(
            "capability",
            &json!([
                "read_system_log",
                "read_users",
                "read_zones",
                "suspend_user",
                "unsuspend_user",
                "clear_sessions",
                "edit_zones"
            ]),
        );
        all::<Confirmable>(
            "confirmable",
            &json!([
                "has_service_account",
                "has_radiant_admin",
                "token_created",
                "owner_is_service_account",
                "owner_is_person",
                "tls_inspection_accepted",
                "credential_added",
                "data_connector_added",
                "action_connector_added"
            ]),
        );
        all::<FactKey>(
            "fact",
            &json!([
                "keychain",
                "org_id",
                "pipeline",
                "issuer",
                "proxy",
                "clock_offset",
                "owner",
                "owner_name",
                "owner_status",
                "owner_sign",
                "role",
                "token_name",
                "token_id",
                "token_sureness",
                "expires_at",
                "network",
                "newest_event",
                "event_count",
                "user_count",
                "zone_count",
                "rate_limit",
                "rate_remaining",
                "other_consumer",
                "radiant_index",
                "connector_type",
                "timestamp_field",
                "event_uuid",
                "lag",
                "share",
                "least_role",
                "egress_address"
            ]),
        );
    }

    #[test]
    fn only_what_looks_like_a_token_is_taken_out() {
        let token = format!("00{}", "a".repeat(40));
        assert_eq!(without_tokens(&format!("SSWS {token}, then"), "X"), "SSWS X, then");
        assert_eq!(without_tokens(&format!("a.{token}"), "X"), "X");
        for kept in ["00o1a2b3c4d5e6f7g8h9", "eyJ", "my-org.okta.com", "2026-11-24T12:00:00Z", "", "grün/weiß"] {
            assert_eq!(without_tokens(kept, "X"), kept);
        }
    }
}

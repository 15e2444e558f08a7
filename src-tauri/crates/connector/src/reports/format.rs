//! Formats values and text for the reports: labels from the message catalog, times, and text escaped for Markdown.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use messages::Messages;
use model::check::Fact;
pub(super) use model::sanitized_text::markdown_line as escaped;

/// Returns the message `<group>.<value>`, for example `outcome.passed`.
pub(super) fn label(messages: &Messages, group: &str, value: &impl Serialize) -> String {
    messages.by_name(&format!("{group}.{}", value_name(value)), &BTreeMap::new())
}

/// Returns the JSON text of a value, for example `needs_setup`.
pub(super) fn value_name(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Returns a time in UTC, in whole seconds.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Returns a time in UTC as a person reads it, in whole seconds: `2026-11-24 12:00:00 UTC`.
pub(super) fn readable_time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Returns the value of a fact as a person reads it: a time in the report's style, a term of Okta in the language.
pub(super) fn fact_text(messages: &Messages, fact: &Fact) -> String {
    let named = |key: &str| messages.by_name(key, &BTreeMap::new());
    match fact.value.as_str() {
        "certain" => named("ui.fact.certain"),
        "probable" => named("ui.fact.probable"),
        "ANYWHERE" => named("ui.fact.anywhere"),
        "ZONE" => named("ui.fact.zone"),
        "idx" => named("ui.fact.idx"),
        "v1" => named("ui.fact.classic"),
        sign @ ("service_name" | "personal_name" | "mobile_phone") => named(&format!("sign.{sign}")),
        text => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => readable_time(at.with_timezone(&Utc)),
            Err(_) => text.to_owned(),
        },
    }
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
    use model::secret_name::SecretName;
    use model::status::State;

    /// Parses the names as `T`, so that a name that the model does not have fails here.
    fn all<T: serde::de::DeserializeOwned + Serialize>(group: &str, names: &Value) {
        let names: Vec<T> = serde_json::from_value(names.clone()).unwrap_or_default();
        assert!(!names.is_empty(), "{group}: a name is not in the model");
        for language in [Language::En, Language::De] {
            let messages = Messages::load(language);
            for name in &names {
                let text = label(&messages, group, name);
                assert!(!text.is_empty() && !text.starts_with(&format!("{group}.")), "{text} is not in the catalog");
            }
        }
    }

    #[test]
    fn every_value_of_the_model_has_a_label_in_both_languages() {
        for language in [Language::En, Language::De] {
            for check in CheckId::ALL {
                let text = label(&Messages::load(language), &format!("check.{}", value_name(&check)), &"title");
                assert!(!text.starts_with("check."), "{text}");
            }
        }
        all::<Outcome>("outcome", &json!(["passed", "attention", "failed", "skipped", "unknown"]));
        all::<Skip>(
            "skip",
            &json!(["depends", "profile", "no_search_token", "no_token", "keychain", "cancelled", "practice"]),
        );
        all::<CapabilityState>("standing", &json!(["proven", "allowed", "refused", "unknown"]));
        all::<Profile>("profile", &json!(["ingestion", "response"]));
        all::<Keep>("keep", &json!(["token", "monitoring_token", "nothing"]));
        all::<State>("state", &json!(["ok", "working", "attention", "needs_setup", "paused", "stopped", "unknown"]));
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
                "radiant_tls_inspection_accepted",
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
}

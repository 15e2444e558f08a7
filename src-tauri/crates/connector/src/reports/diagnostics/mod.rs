//! The diagnostics bundle: everything that a helper needs to know, as one JSON object (`"format": 2`). Pure.
//!
//! Whatever looks like a token is removed from every text, because a secret may have been pasted into the wrong field or
//! logged. People, addresses and orgs become pseudonyms, unless the person chose to keep them; a pseudonym stays the same
//! within one bundle.

mod private_data_redaction;
mod pseudonyms;
mod relay;
mod secret_redaction;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::format::time;
use model::check::FactKey;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::diagnostics_options::{RedactionOptions, RuntimeInfo};
use model::domain_parser::ParsedDomain;
use model::history::History;
use model::monitor_settings::MonitorSettings;
use model::okta_origin::Origin;
use model::policy::PolicyView;
use model::relay::RelayView;
use model::relay_settings::WebhookSettings;
use pseudonyms::Pseudonyms;

/// The longest part of the log that is included, in bytes, counted from its end.
const MAX_LOG: usize = 256 * 1024;

/// Members whose values are names from the model, which no pseudonym may replace.
const MODEL_MEMBERS: [&str; 21] = [
    "act",
    "capability",
    "check",
    "code",
    "keep",
    "key",
    "kind",
    "outcome",
    "profile",
    "revoked",
    "row",
    "severity",
    "skipped",
    "conditions",
    "format",
    "phase",
    "reason",
    "state",
    "step",
    "role",
    "what",
];
/// The member whose names and values are texts from outside.
const ARGS: &str = "args";

/// The facts whose values are people, by their names in JSON.
const PERSON_FACTS: [&str; 2] = ["owner", "owner_name"];
/// The arguments of messages whose values are people.
const PERSON_ARGS: [&str; 4] = ["owner", "owner_name", "login", "by"];

/// The input of a bundle.
pub struct Bundle<'a> {
    /// The app.
    pub running: &'a RuntimeInfo,
    /// The name of the operating system account.
    pub operator: &'a str,
    /// The monitoring settings.
    pub settings: &'a MonitorSettings,
    /// The organization's policy.
    pub policy: &'a PolicyView,
    /// Each connection and its history over the last days.
    pub connections: &'a [(ConnectionView, History)],
    /// The relays that were set up.
    pub relays: &'a BTreeMap<ConnectionId, RelayView>,
}

/// Writes the bundle.
///
/// # Errors
/// When a value cannot be written as JSON, which no current value can cause.
pub fn diagnostics(
    bundle: &Bundle<'_>,
    redact: RedactionOptions,
    now: DateTime<Utc>,
) -> Result<String, serde_json::Error> {
    let mut pseudonyms = Pseudonyms::new(redact);
    pseudonyms.person(bundle.operator);
    for (view, _) in bundle.connections {
        register_names(&mut pseudonyms, view, bundle.relays.get(&view.connection.id));
    }
    let of =
        |(view, history): &(ConnectionView, History)| connection(view, history, bundle.relays.get(&view.connection.id));
    let connections: Vec<Value> = bundle.connections.iter().map(of).collect();
    let log: Vec<&str> = tail(&bundle.running.log).lines().collect();
    let mut document = json!({
        "diagnostics": "okta-connector-for-radiant",
        "format": 2,
        "written": time(now),
        "app_version": bundle.running.version,
        "os": bundle.running.os,
        "web_view": bundle.running.web_view,
        "replaced": redact,
        "operator": bundle.operator,
        "settings": bundle.settings,
        "policy": policy(bundle.policy),
        "connections": connections,
        "log": log,
    });
    register_people(&document, &mut pseudonyms);
    clean(&mut document, &mut pseudonyms, true);
    serde_json::to_string_pretty(&document)
}

/// Returns the policy. The contact may be a person's name, so only its presence is included.
fn policy(view: &PolicyView) -> Value {
    let mut value = json!(view);
    if let Some(fixed) = value.get_mut("fixed").and_then(Value::as_object_mut) {
        fixed.insert("contact".to_owned(), json!(view.fixed.contact.is_some()));
    }
    value
}

fn connection(view: &ConnectionView, history: &History, relay: Option<&RelayView>) -> Value {
    let connection = &view.connection;
    json!({
        "id": connection.id,
        "name": connection.name,
        "okta_url": view.okta_url,
        "org_id": connection.org_id,
        "practice": view.practice,
        "profile": connection.profile,
        "keep": connection.keep,
        "created": connection.created,
        "radiant": connection.radiant,
        "guide": {
            "step": view.setup.step,
            "finished": view.setup.finished,
            "typed_domain": view.setup.typed_domain,
            "confirmed": view.setup.confirmed,
            "arrival": view.setup.arrival,
        },
        "secrets": view.secrets,
        "status": view.status,
        "watch": view.monitor,
        "report": view.report,
        "rotation": view.rotation,
        "reminders": view.reminders,
        "history": history,
        "relay": relay.map(relay::relay),
    })
}

/// Registers the names of people and orgs in a view.
fn register_names(pseudonyms: &mut Pseudonyms, view: &ConnectionView, relay: Option<&RelayView>) {
    for confirmed in &view.setup.confirmed {
        pseudonyms.person(&confirmed.by);
    }
    let rotation = view.rotation.as_ref();
    for confirmation in rotation.iter().flat_map(|one| one.other_owner.iter().chain(&one.updated)) {
        pseudonyms.person(&confirmation.by);
    }
    let owners = rotation.and_then(|one| one.owners.as_ref());
    for login in owners.iter().flat_map(|two| [Some(&two.new), two.old.as_ref()]).flatten() {
        pseudonyms.person(login);
    }
    let rows = rotation.and_then(|one| one.report.as_ref()).map_or([].as_slice(), |report| report.rows.as_slice());
    for fact in super::setup_report_facts::facts(view).chain(rows.iter().flat_map(|row| &row.facts)) {
        if matches!(fact.key, FactKey::Owner | FactKey::OwnerName) {
            pseudonyms.person(&fact.value);
        }
    }
    let connection = &view.connection;
    let mut names = vec![connection.name.clone(), view.setup.typed_domain.clone()];
    names.extend(connection.org_id.clone());
    names.extend(connection.radiant.confirmed_host.clone());
    // A host of Radiant is no secret, another one names the organization.
    let webhook = relay.map(|relay| &relay.settings.webhook);
    names.extend(webhook.and_then(|webhook| webhook.confirmed_host.clone()));
    names.extend(webhook.and_then(WebhookSettings::host_outside_radiant));
    if let Some(Origin::Okta(domain)) = &connection.origin {
        names.extend([domain.host().to_owned(), domain.name().to_owned()]);
    }
    match ParsedDomain::parse(&view.setup.typed_domain) {
        ParsedDomain::Org { domain, .. } => names.push(domain.host().to_owned()),
        ParsedDomain::Custom { host, .. } => names.push(host),
        ParsedDomain::No { .. } => {}
    }
    pseudonyms.org(&names);
}

/// Returns the end of a log, beginning with a whole line.
fn tail(log: &str) -> &str {
    let Some(start) = log.len().checked_sub(MAX_LOG) else { return log };
    let line = log.bytes().enumerate().skip(start).find(|(_, byte)| *byte == b'\n');
    line.and_then(|(at, _)| log.get(at + 1..)).unwrap_or_default()
}

/// Registers the people that the document names in a fact or a message, wherever that is: also those of older rows.
fn register_people(value: &Value, pseudonyms: &mut Pseudonyms) {
    let text = |member: Option<&Value>| member.and_then(Value::as_str).unwrap_or_default().to_owned();
    match value {
        Value::Array(items) => items.iter().for_each(|item| register_people(item, pseudonyms)),
        Value::Object(members) => {
            if PERSON_FACTS.contains(&text(members.get("key")).as_str()) {
                pseudonyms.person(&text(members.get("value")));
            }
            if let Some(args) = members.get(ARGS) {
                PERSON_ARGS.iter().for_each(|name| pseudonyms.person(&text(args.get(name))));
            }
            members.values().for_each(|member| register_people(member, pseudonyms));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Removes tokens from every text, and names from every text that is not a name from the model.
fn clean(value: &mut Value, pseudonyms: &mut Pseudonyms, is_model: bool) {
    match value {
        Value::String(text) => *text = pseudonyms.text(&secret_redaction::without(text)),
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, pseudonyms, is_model)),
        Value::Object(members) => {
            let cleaned = std::mem::take(members).into_iter().map(|(name, mut member)| {
                match member.as_str().filter(|_| is_model && MODEL_MEMBERS.contains(&name.as_str())) {
                    Some(value) => member = Value::String(secret_redaction::without(value)),
                    None => clean(&mut member, pseudonyms, is_model && name != ARGS),
                }
                let name = secret_redaction::without(&name);
                (if is_model { name } else { pseudonyms.text(&name) }, member)
            });
            *members = cleaned.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_log_is_kept_from_the_beginning_of_a_line() {
        let log = format!("{}\nlast\n", "ä".repeat(MAX_LOG));
        assert_eq!(tail(&log), "last\n");
        assert_eq!(tail("a\nb"), "a\nb");
        assert_eq!(tail(&"x".repeat(MAX_LOG + 1)), "");
    }

    #[test]
    fn every_login_is_a_pseudonym_wherever_it_is_named() {
        let mut pseudonyms = Pseudonyms::new(RedactionOptions::default());
        let mut value = json!({
            "conditions": [{"problem": {"args": {"owner": "svc-old"}}}],
            "rows": [{"facts": [{"key": "owner", "value": "svc-new"}]}, {"facts": [{"key": "role", "value": "Admin"}]}],
            "log": ["svc-old and SVC-NEW of system@okta.com, jo@corp, +1 202 555 0143, from 10.1.2.3:443 and x2001:db8::1"],
        });
        register_people(&value, &mut pseudonyms);
        clean(&mut value, &mut pseudonyms, true);
        assert_eq!(
            value["log"][0],
            "person-1 and person-2 of person-3, person-4, person-5, from address-1:443 and xaddress-2"
        );
        assert_eq!(value["rows"][1]["facts"][0]["value"], "Admin");
        assert_eq!(value["conditions"][0]["problem"]["args"]["owner"], "person-1");
    }

    #[test]
    fn names_from_the_model_are_kept_and_texts_from_outside_under_the_same_members_are_not() {
        let mut pseudonyms = Pseudonyms::new(RedactionOptions::default());
        pseudonyms.org(&["stopped".to_owned()]);
        let mut value = json!({"state": "stopped", "args": {"state": "stopped"}, "log": ["stopped"]});
        clean(&mut value, &mut pseudonyms, true);
        assert_eq!(value, json!({"state": "stopped", "args": {"state": "org-1"}, "log": ["org-1"]}));
    }
}

//! The diagnostics bundle: what somebody who is to help needs to know, as one JSON object.
//!
//! Promises: what looks like a token is taken out of every text; people, addresses and orgs become pseudonyms that stay
//! the same within one bundle, unless they were chosen to be kept. Its shape is `"format": 1`.
//! Never: a secret. The last rule is for one that was typed into the wrong field or got into a log line.
//! Pure.

mod pseudonyms;
mod scan;
mod secrets;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::words::time;
use model::check::FactKey;
use model::connection_view::ConnectionView;
use model::diagnostics::{RedactionOptions, RuntimeInfo};
use model::domain_parser::ParsedDomain;
use model::history::History;
use model::monitor_settings::MonitorSettings;
use model::origin::Origin;
use model::policy::PolicyView;
use pseudonyms::Pseudonyms;

/// Longest log that is taken in, in bytes; of a longer one the end.
const LONGEST_LOG: usize = 256 * 1024;

/// Members whose values are the model's own words; a pseudonym has no business there.
const WORDS: [&str; 18] = [
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
    "standing",
    "state",
    "step",
    "weighs",
    "what",
];
/// Members whose values are foreign texts under foreign names.
const FOREIGN: &str = "args";

/// What a bundle is made of.
pub struct Bundle<'a> {
    /// The app.
    pub running: &'a RuntimeInfo,
    /// The operating-system account.
    pub operator: &'a str,
    /// How connections are watched.
    pub settings: &'a MonitorSettings,
    /// What the organisation fixes.
    pub policy: &'a PolicyView,
    /// Each connection, with what was seen of it over the last days.
    pub connections: &'a [(ConnectionView, History)],
}

/// Writes the bundle.
///
/// # Errors
/// When a value cannot be written as JSON, which none of today can cause.
pub fn diagnostics(
    bundle: &Bundle<'_>,
    redact: RedactionOptions,
    now: DateTime<Utc>,
) -> Result<String, serde_json::Error> {
    let mut pseudonyms = Pseudonyms::new(redact);
    pseudonyms.person(bundle.operator);
    for (view, _) in bundle.connections {
        introduce(&mut pseudonyms, view);
    }
    let connections: Vec<Value> = bundle.connections.iter().map(|(view, history)| connection(view, history)).collect();
    let log: Vec<&str> = tail(&bundle.running.log).lines().collect();
    let mut whole = json!({
        "diagnostics": "okta-connector-for-radiant",
        "format": 1,
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
    clean(&mut whole, &mut pseudonyms, true);
    serde_json::to_string_pretty(&whole)
}

/// The policy; of the contact, a person's name perhaps, only that there is one.
fn policy(view: &PolicyView) -> Value {
    let mut value = json!(view);
    if let Some(fixed) = value.get_mut("fixed").and_then(Value::as_object_mut) {
        fixed.insert("contact".to_owned(), json!(view.fixed.contact.is_some()));
    }
    value
}

fn connection(view: &ConnectionView, history: &History) -> Value {
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
        "watch": view.watch,
        "report": view.report,
        "rotation": view.rotation,
        "reminders": view.reminders,
        "history": history,
    })
}

/// Tells the pseudonyms who and what is known by name.
fn introduce(pseudonyms: &mut Pseudonyms, view: &ConnectionView) {
    for confirmed in &view.setup.confirmed {
        pseudonyms.person(&confirmed.by);
    }
    let rotation = view.rotation.as_ref();
    for word in rotation.iter().flat_map(|one| one.other_owner.iter().chain(&one.updated)) {
        pseudonyms.person(&word.by);
    }
    let owners = rotation.and_then(|one| one.owners.as_ref());
    for login in owners.iter().flat_map(|two| [Some(&two.new), two.old.as_ref()]).flatten() {
        pseudonyms.person(login);
    }
    let rows = rotation.and_then(|one| one.report.as_ref()).map_or([].as_slice(), |report| report.rows.as_slice());
    for fact in super::about::facts(view).chain(rows.iter().flat_map(|row| &row.facts)) {
        if matches!(fact.key, FactKey::Owner | FactKey::OwnerName) {
            pseudonyms.person(&fact.value);
        }
    }
    let connection = &view.connection;
    let mut names = vec![connection.name.clone(), view.setup.typed_domain.clone()];
    names.extend(connection.org_id.clone());
    names.extend(connection.radiant.confirmed_host.clone());
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

/// The end of a log, from the beginning of a line.
fn tail(log: &str) -> &str {
    let Some(start) = log.len().checked_sub(LONGEST_LOG) else { return log };
    let line = log.bytes().enumerate().skip(start).find(|(_, byte)| *byte == b'\n');
    line.and_then(|(at, _)| log.get(at + 1..)).unwrap_or_default()
}

/// Cleans every text: of tokens, and of names where it is not a word of ours.
fn clean(value: &mut Value, pseudonyms: &mut Pseudonyms, ours: bool) {
    match value {
        Value::String(text) => *text = pseudonyms.text(&secrets::without(text)),
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, pseudonyms, ours)),
        Value::Object(members) => {
            let cleaned = std::mem::take(members).into_iter().map(|(name, mut member)| {
                match member.as_str().filter(|_| ours && WORDS.contains(&name.as_str())) {
                    Some(word) => member = Value::String(secrets::without(word)),
                    None => clean(&mut member, pseudonyms, ours && name != FOREIGN),
                }
                let name = secrets::without(&name);
                (if ours { name } else { pseudonyms.text(&name) }, member)
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
    fn of_a_long_log_the_end_is_kept_from_the_beginning_of_a_line() {
        let log = format!("{}\nlast\n", "ä".repeat(LONGEST_LOG));
        assert_eq!(tail(&log), "last\n");
        assert_eq!(tail("a\nb"), "a\nb");
        assert_eq!(tail(&"x".repeat(LONGEST_LOG + 1)), "");
    }

    #[test]
    fn the_models_words_stay_and_foreign_texts_under_the_same_names_do_not() {
        let mut pseudonyms = Pseudonyms::new(RedactionOptions::default());
        pseudonyms.org(&["stopped".to_owned()]);
        let mut value = json!({"state": "stopped", "args": {"state": "stopped"}, "log": ["stopped"]});
        clean(&mut value, &mut pseudonyms, true);
        assert_eq!(value, json!({"state": "stopped", "args": {"state": "org-1"}, "log": ["org-1"]}));
    }
}

//! Connections as one JSON document, carried from one computer to another.
//!
//! Promises: no secret, no Okta data beyond names, domains, profile and how Radiant is searched; what looks like a token is
//! taken out both ways. Reading trusts nothing: whatever comes in becomes text that stands in the guide for a person to
//! go through, and an unusual search host has to be typed a second time as ever.
//! Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reports::without_tokens;
use model::code::Code;
use model::connection::{Connection, Profile};
use model::connection_import::ImportLine;
use model::connection_view::ConnectionView;
use model::domain_parser::ParsedDomain;
use model::guide::{GuideState, GuideStep};
use model::monitor_settings::MonitorSettings;
use model::origin::Origin;
use model::radiant::RadiantSearch;
use model::sanitized_text::single_line;
use radiant::check_address;

/// The format written and the newest one read. A member is added, never changed, within a format.
const FORMAT: u64 = 1;
const APP: &str = "okta-connector-for-radiant";
/// Largest document read, in bytes.
const LARGEST: usize = 1024 * 1024;
/// Most connections read from one document.
const MOST: usize = 1_000;
/// Longest name, in characters.
const LONGEST_NAME: usize = 100;
/// Longest host name (RFC 1035).
const LONGEST_DOMAIN: usize = 253;
/// Longest search setting, in characters.
const LONGEST_SETTING: usize = 300;

/// What a document carries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Carried {
    format: u64,
    app: String,
    /// How connections were watched there.
    pub monitor: Option<Figures>,
    /// The connections.
    pub connections: Vec<CarriedConnection>,
}

/// How connections are watched, in figures; what is of a moment or in somebody's words stays behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    heartbeat_s: u32,
    freshness_s: u32,
    full_s: u32,
    allowed_lag_s: u32,
    /// Absent from what was written before there was a share.
    rate_share: Option<u32>,
    notices: bool,
}

/// One connection as it is carried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CarriedConnection {
    /// What the administrator calls it.
    pub name: String,
    /// The org's host, or nothing.
    pub domain: String,
    /// What the token is meant for.
    pub profile: Profile,
    radiant: CarriedSearch,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct CarriedSearch {
    url: String,
    index: Option<String>,
    connector_type: Option<String>,
    timestamp_field: Option<String>,
    byob: bool,
}

impl From<&MonitorSettings> for Figures {
    fn from(from: &MonitorSettings) -> Self {
        Self {
            heartbeat_s: from.heartbeat_s,
            freshness_s: from.freshness_s,
            full_s: from.full_s,
            allowed_lag_s: from.allowed_lag_s,
            rate_share: Some(from.rate_share),
            notices: from.notices,
        }
    }
}

impl From<Figures> for MonitorSettings {
    fn from(from: Figures) -> Self {
        Self {
            heartbeat_s: from.heartbeat_s,
            freshness_s: from.freshness_s,
            full_s: from.full_s,
            allowed_lag_s: from.allowed_lag_s,
            rate_share: from.rate_share.unwrap_or(Self::default().rate_share),
            notices: from.notices,
            ..Self::default()
        }
    }
}

/// Writes connections. Practice is left out: it lasts no longer than its run.
///
/// # Errors
/// When a value cannot be written as JSON, which none of today can cause.
pub fn write(views: &[ConnectionView], monitor: &MonitorSettings) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Carried {
        format: FORMAT,
        app: APP.to_owned(),
        monitor: Some(monitor.into()),
        connections: views.iter().filter(|view| !view.practice).map(carried).collect(),
    })
}

/// Reads a document, and makes every text in it short, plain and free of what looks like a token.
///
/// # Errors
/// [`Code::ImportTooLarge`], [`Code::ImportForeign`], [`Code::ImportNewer`], [`Code::ImportGarbled`].
pub fn read(text: &str) -> Result<Carried, Code> {
    if text.len() > LARGEST {
        return Err(Code::ImportTooLarge);
    }
    let value: Value = serde_json::from_str(text).map_err(|_| Code::ImportGarbled)?;
    match (value.get("app").and_then(Value::as_str), value.get("format").and_then(Value::as_u64)) {
        (Some(APP), Some(FORMAT)) => {}
        (Some(APP), Some(newer)) if newer > FORMAT => return Err(Code::ImportNewer),
        (_, _) => return Err(Code::ImportForeign),
    }
    let mut carried: Carried = serde_json::from_value(value).map_err(|_| Code::ImportGarbled)?;
    if carried.connections.len() > MOST {
        return Err(Code::ImportTooLarge);
    }
    carried.connections = carried.connections.into_iter().map(tidy).collect();
    Ok(carried)
}

/// Returns what two connections to the same org have in common: the host, or the name where there is none yet.
#[must_use]
pub fn same_org(name: &str, domain: &str) -> String {
    match ParsedDomain::parse(domain) {
        ParsedDomain::Org { domain, .. } => domain.host().to_owned(),
        ParsedDomain::Custom { host, .. } => host,
        ParsedDomain::No { .. } if domain.trim().is_empty() => format!("name {}", name.trim().to_lowercase()),
        ParsedDomain::No { .. } => domain.trim().to_lowercase(),
    }
}

/// Returns the host of a connection that is here, or what its guide would ask.
#[must_use]
pub fn domain(view: &ConnectionView) -> String {
    match &view.connection.origin {
        Some(Origin::Okta(domain)) => domain.host().to_owned(),
        Some(Origin::Practice(_)) => String::new(),
        None => match ParsedDomain::parse(&view.setup.typed_domain) {
            ParsedDomain::Org { domain, .. } => domain.host().to_owned(),
            ParsedDomain::Custom { host, .. } => host,
            ParsedDomain::No { .. } => String::new(),
        },
    }
}

/// Turns what was carried into a connection whose guide opens at the domain: nothing is known of its org until a person
/// has gone there.
#[must_use]
pub fn arrived(carried: &CarriedConnection, blank: Connection) -> (Connection, GuideState) {
    let from = carried.radiant.clone();
    let radiant = RadiantSearch {
        index: from.index,
        connector_type: from.connector_type,
        timestamp_field: from.timestamp_field,
        byob: from.byob,
        ..RadiantSearch { url: address(from.url), ..RadiantSearch::default() }
    };
    let imported = Some(blank.created);
    let connection = Connection {
        name: carried.name.clone(),
        origin: None,
        org_id: None,
        profile: carried.profile,
        radiant,
        ..blank
    };
    let begun = super::steps::begin();
    let setup = GuideState { step: GuideStep::Domain, typed_domain: carried.domain.clone(), imported, ..begun };
    (connection, setup)
}

/// Says what a carried connection would bring, and what of it has to be confirmed.
#[must_use]
pub fn line(carried: &CarriedConnection, here: bool) -> ImportLine {
    let radiant = RadiantSearch { url: address(carried.radiant.url.clone()), ..RadiantSearch::default() };
    ImportLine {
        name: carried.name.clone(),
        domain: carried.domain.clone(),
        profile: carried.profile,
        unusual: check_address(&radiant, false).is_err(),
        radiant: radiant.url,
        here,
    }
}

fn carried(view: &ConnectionView) -> CarriedConnection {
    let radiant = view.connection.radiant.clone();
    tidy(CarriedConnection {
        name: view.connection.name.clone(),
        domain: domain(view),
        profile: view.connection.profile,
        radiant: CarriedSearch {
            url: address(radiant.url),
            index: radiant.index,
            connector_type: radiant.connector_type,
            timestamp_field: radiant.timestamp_field,
            byob: radiant.byob,
        },
    })
}

fn tidy(from: CarriedConnection) -> CarriedConnection {
    let setting = |text: Option<String>| text.map(|text| plain(&text, LONGEST_SETTING)).filter(|text| !text.is_empty());
    CarriedConnection {
        name: plain(&from.name, LONGEST_NAME),
        domain: plain(&from.domain, LONGEST_DOMAIN),
        profile: from.profile,
        radiant: CarriedSearch {
            url: plain(&from.radiant.url, LONGEST_SETTING),
            index: setting(from.radiant.index),
            connector_type: setting(from.radiant.connector_type),
            timestamp_field: setting(from.radiant.timestamp_field),
            byob: from.radiant.byob,
        },
    }
}

/// One short line without anything that looks like a token or turns the reading direction.
fn plain(text: &str, longest: usize) -> String {
    single_line(&without_tokens(&single_line(text, usize::MAX), ""), longest)
}

/// A search address that could be used if its host is confirmed; the documented one in the place of any other.
fn address(url: String) -> String {
    let search = RadiantSearch { url, ..RadiantSearch::default() };
    match check_address(&search, false).map_err(|problem| problem.code) {
        Ok(_) | Err(Code::RadiantHostUnusual) => search.url,
        Err(_) => RadiantSearch::default().url,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn document(connections: &Value) -> String {
        json!({"app": APP, "format": 1, "connections": connections}).to_string()
    }

    #[test]
    fn what_is_no_export_has_a_code_of_its_own() {
        let newer = json!({"app": APP, "format": 2, "anything": []}).to_string();
        for (text, code) in [
            ("", Code::ImportGarbled),
            ("{\"app\": \"okta-conn", Code::ImportGarbled),
            ("[]", Code::ImportForeign),
            ("{\"format\": 1}", Code::ImportForeign),
            ("{\"app\": \"other\", \"format\": 1}", Code::ImportForeign),
            (newer.as_str(), Code::ImportNewer),
            (&document(&json!([{"name": 3}])), Code::ImportGarbled),
            (&document(&json!(vec![json!({}); MOST + 1])), Code::ImportTooLarge),
            (&"[".repeat(LARGEST + 1), Code::ImportTooLarge),
            (&"[".repeat(10_000), Code::ImportGarbled),
        ] {
            assert_eq!(read(text), Err(code), "{}", text.get(..40).unwrap_or(text));
        }
    }

    #[test]
    fn a_search_address_arrives_unconfirmed_and_one_that_is_none_not_at_all() {
        let search = |url: &str| {
            let text = document(&json!([{"name": "a", "radiant": {"url": url, "confirmed_host": "evil.example"}}]));
            let carried = read(&text).unwrap();
            arrived(&carried.connections[0], blank()).0.radiant
        };
        let unusual = search("https://evil.example/_msearch");
        assert_eq!((unusual.url.as_str(), &unusual.confirmed_host), ("https://evil.example/_msearch", &None));
        assert_eq!(check_address(&unusual, false).unwrap_err().code, Code::RadiantHostUnusual);
        let shown = |url: &str| {
            let carried = read(&document(&json!([{"name": "a", "radiant": {"url": url}}]))).unwrap();
            line(&carried.connections[0], false)
        };
        assert_eq!(shown("https://evil.example/_msearch").radiant, unusual.url, "what is shown is what arrives");
        assert!(shown("https://evil.example/_msearch").unusual && !shown("").unusual);
        for url in ["http://plugin.radiantsecurity.ai/", "https://a:b@plugin.radiantsecurity.ai/", "file:///etc", ""] {
            assert_eq!(search(url).url, RadiantSearch::default().url, "{url}");
        }
    }

    #[test]
    fn hosts_written_differently_are_one_org() {
        assert_eq!(same_org("a", "ACME.okta.com"), same_org("b", "https://acme-admin.okta.com/x"));
        assert_ne!(same_org("a", ""), same_org("b", ""));
    }

    fn blank() -> Connection {
        Connection {
            id: model::connection::ConnectionId("a".to_owned()),
            name: String::new(),
            origin: None,
            org_id: None,
            profile: Profile::default(),
            keep: model::connection::Keep::default(),
            radiant: RadiantSearch::default(),
            created: chrono::DateTime::UNIX_EPOCH,
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(read(&text).is_err());
            let named = document(&json!([{"name": text, "domain": text, "radiant": {"url": text, "index": text}}]));
            let carried = read(&named).map_err(|code| TestCaseError::fail(code.as_str()))?;
            let (connection, setup) = arrived(&carried.connections[0], blank());
            prop_assert!(connection.origin.is_none() && connection.radiant.confirmed_host.is_none());
            prop_assert_eq!(setup.step, GuideStep::Domain);
        }

        #[test]
        fn names_come_back_as_they_went(name in "[A-Za-zäöü][A-Za-zäöü ]{0,30}[A-Za-zäöü]") {
            let carried = read(&document(&json!([{"name": name}]))).map_err(|code| TestCaseError::fail(code.as_str()))?;
            prop_assert_eq!(&carried.connections[0].name, &name);
        }
    }
}

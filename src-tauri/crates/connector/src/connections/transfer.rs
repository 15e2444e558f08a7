//! The exported document: connections as JSON, without secrets. Pure.
//!
//! It contains only names, domains, profiles and settings, those of the relay included. Whatever looks like a token is removed on export and on import.
//! Nothing in an imported document is trusted: it becomes text in the guide that a person goes through, and an unusual search
//! host must be confirmed as usual.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::exported_relay::ExportedRelay;
use crate::guide_changes;
use crate::token_redaction::without_tokens;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Profile};
use model::connection_import::{ImportLine, ImportRemark, ImportRemarkKind};
use model::connection_view::ConnectionView;
use model::domain_parser::ParsedDomain;
use model::guide::{GuideState, GuideStep};
use model::monitor_settings::MonitorSettings;
use model::okta_origin::Origin;
use model::radiant_search_settings::RadiantSearch;
use model::relay_settings::RelaySettings;
use model::sanitized_text::single_line;
use radiant::check_address;

/// The format that is written, and the newest one that is read. Within a format members are added, never changed.
const FORMAT: u64 = 1;
const APP: &str = "okta-connector-for-radiant";
/// The largest document that is read, in bytes.
const MAX_LENGTH: usize = 1024 * 1024;
/// The most connections that are read from one document.
const MAX_CONNECTIONS: usize = 1_000;
/// The longest name, in characters.
const MAX_NAME: usize = 100;
/// The longest host name (RFC 1035).
const MAX_DOMAIN: usize = 253;
/// The longest search setting, in characters.
const MAX_SETTING: usize = 300;

/// An exported document, as it is written.
#[derive(Serialize)]
struct ExportedDocument {
    format: u64,
    app: String,
    monitor: ExportedMonitorSettings,
    connections: Vec<ExportedConnection>,
}

/// The content of a document that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ReadDocument {
    /// The monitoring settings of that computer.
    pub(super) monitor: Option<ExportedMonitorSettings>,
    /// The connections.
    pub(super) connections: Vec<ExportedConnection>,
    /// What could not be taken as it is.
    pub(super) remarks: Vec<ImportRemark>,
}

/// The monitoring settings that are not tied to a moment or a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExportedMonitorSettings {
    heartbeat_s: u32,
    freshness_s: u32,
    full_s: u32,
    allowed_lag_s: u32,
    /// Absent from documents of versions without a rate share.
    rate_share: Option<u32>,
    notices: bool,
}

/// An exported connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ExportedConnection {
    /// Its name.
    pub(super) name: String,
    /// The org's host; empty when it is unknown.
    pub(super) domain: String,
    /// Its profile.
    pub(super) profile: Profile,
    radiant: ExportedSearch,
    /// Its relay; absent from documents of versions without one, and where it was never set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    relay: Option<ExportedRelay>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct ExportedSearch {
    url: String,
    index: Option<String>,
    connector_type: Option<String>,
    timestamp_field: Option<String>,
    byob: bool,
}

impl From<&MonitorSettings> for ExportedMonitorSettings {
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

impl From<ExportedMonitorSettings> for MonitorSettings {
    fn from(from: ExportedMonitorSettings) -> Self {
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

/// Writes a document. Practice connections are left out: they end with their run.
///
/// # Errors
/// When a value cannot be written as JSON, which no current value can cause.
pub(super) fn write(
    views: &[ConnectionView],
    relays: &BTreeMap<ConnectionId, RelaySettings>,
    monitor: &MonitorSettings,
) -> Result<String, serde_json::Error> {
    let exported = |view: &ConnectionView| exported(view, relays.get(&view.connection.id));
    serde_json::to_string_pretty(&ExportedDocument {
        format: FORMAT,
        app: APP.to_owned(),
        monitor: monitor.into(),
        connections: views.iter().filter(|view| !view.practice).map(exported).collect(),
    })
}

/// Reads a document entry by entry. Every text in it is shortened, and whatever looks like a token is removed; what cannot be
/// taken is left out and remarked.
///
/// # Errors
/// [`Code::ImportTooLarge`], [`Code::ImportForeign`], [`Code::ImportNewer`], [`Code::ImportGarbled`].
pub(super) fn read(text: &str) -> Result<ReadDocument, Code> {
    if text.len() > MAX_LENGTH {
        return Err(Code::ImportTooLarge);
    }
    let mut value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| Code::ImportGarbled)?;
    match (value.get("app").and_then(Value::as_str), value.get("format").and_then(Value::as_u64)) {
        (Some(APP), Some(FORMAT)) => {}
        (Some(APP), Some(newer)) if newer > FORMAT => return Err(Code::ImportNewer),
        (_, _) => return Err(Code::ImportForeign),
    }
    let entries = match value.get_mut("connections").map(Value::take) {
        Some(Value::Array(entries)) => entries,
        Some(Value::Null) | None => Vec::new(),
        Some(_) => return Err(Code::ImportGarbled),
    };
    if entries.len() > MAX_CONNECTIONS {
        return Err(Code::ImportTooLarge);
    }
    let mut document = ReadDocument { monitor: None, connections: Vec::new(), remarks: Vec::new() };
    match value.get_mut("monitor").map(|settings| serde_json::from_value(settings.take())) {
        Some(Ok(settings)) => document.monitor = settings,
        Some(Err(_)) => document.remarks.push(remark(ImportRemarkKind::Settings, 0, "", "", None)),
        None => {}
    }
    for (mut entry, position) in entries.into_iter().zip(1..) {
        let relay = entry.as_object_mut().and_then(|members| members.remove("relay")).filter(|relay| !relay.is_null());
        let name = plain(entry.get("name").and_then(Value::as_str).unwrap_or_default(), MAX_NAME);
        match serde_json::from_value::<ExportedConnection>(entry) {
            Ok(entry) => {
                document.remarks.extend(remarks_on(&entry, position));
                let (relay, remark) = read_relay(relay, &name, position);
                document.remarks.extend(remark);
                document.connections.push(ExportedConnection { relay, ..sanitized(entry) });
            }
            Err(_) => document.remarks.push(remark(ImportRemarkKind::Entry, position, &name, "", None)),
        }
    }
    Ok(document)
}

/// Returns the relay of an entry, and what of it cannot be taken.
fn read_relay(relay: Option<Value>, name: &str, position: u32) -> (Option<ExportedRelay>, Option<ImportRemark>) {
    let Some(relay) = relay else { return (None, None) };
    let address = plain(relay.get("url").and_then(Value::as_str).unwrap_or_default(), MAX_SETTING);
    let not_taken = || Some(remark(ImportRemarkKind::Relay, position, name, &address, None));
    match serde_json::from_value::<ExportedRelay>(relay) {
        Ok(read) => {
            let relay = read.clone().imported();
            let remark = if relay.url() == read.url() { None } else { not_taken() };
            (Some(relay), remark)
        }
        Err(_) => (None, not_taken()),
    }
}

/// Returns what of an entry cannot be taken as it is.
fn remarks_on(entry: &ExportedConnection, position: u32) -> Vec<ImportRemark> {
    let (name, domain, url) =
        (plain(&entry.name, MAX_NAME), plain(&entry.domain, MAX_DOMAIN), plain(&entry.radiant.url, MAX_SETTING));
    let mut remarks = Vec::new();
    let search = &entry.radiant;
    let optional = [&search.index, &search.connector_type, &search.timestamp_field].map(Option::as_deref);
    let texts = [entry.name.as_str(), &entry.domain, &search.url].into_iter().chain(optional.into_iter().flatten());
    if texts.into_iter().any(|text| without_tokens(text, "") != text) {
        remarks.push(remark(ImportRemarkKind::Token, position, &name, "", None));
    }
    match ParsedDomain::parse(&entry.domain) {
        ParsedDomain::No { code: Code::DomainEmpty } | ParsedDomain::Org { .. } | ParsedDomain::Custom { .. } => {}
        ParsedDomain::No { code } => {
            remarks.push(remark(ImportRemarkKind::Domain, position, &name, &domain, Some(code)));
        }
    }
    if !url.is_empty() && address(url.clone()) != url {
        let search = RadiantSearch { url: url.clone(), ..RadiantSearch::default() };
        let code = check_address(&search, false).err().map(|problem| problem.code);
        remarks.push(remark(ImportRemarkKind::RadiantAddress, position, &name, &url, code));
    }
    remarks
}

fn remark(what: ImportRemarkKind, position: u32, name: &str, value: &str, code: Option<Code>) -> ImportRemark {
    ImportRemark { what, position, name: name.to_owned(), value: value.to_owned(), code }
}

/// Returns a key that is equal for two connections to the same org: the host, or the name without one.
pub(super) fn org_key(name: &str, domain: &str) -> String {
    match ParsedDomain::parse(domain) {
        ParsedDomain::Org { domain, .. } => domain.host().to_owned(),
        ParsedDomain::Custom { host, .. } => host,
        ParsedDomain::No { .. } if domain.trim().is_empty() => format!("name {}", name.trim().to_lowercase()),
        ParsedDomain::No { .. } => domain.trim().to_lowercase(),
    }
}

/// Returns the host of a stored connection, or the one typed in its guide.
pub(super) fn domain(view: &ConnectionView) -> String {
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

/// Returns a connection from an exported one. Its guide opens at the domain, because its org is not verified.
pub(super) fn to_connection(exported: &ExportedConnection, blank: Connection) -> (Connection, GuideState) {
    let from = exported.radiant.clone();
    let radiant = RadiantSearch {
        index: from.index,
        connector_type: from.connector_type,
        timestamp_field: from.timestamp_field,
        byob: from.byob,
        ..RadiantSearch { url: address(from.url), ..RadiantSearch::default() }
    };
    let imported = Some(blank.created);
    let connection = Connection {
        name: exported.name.clone(),
        origin: None,
        org_id: None,
        profile: exported.profile,
        radiant,
        ..blank
    };
    let begun = guide_changes::begin();
    let setup = GuideState { step: GuideStep::Domain, typed_domain: exported.domain.clone(), imported, ..begun };
    (connection, setup)
}

/// Returns the settings of the relay of an exported connection. It is off until it is switched on.
pub(super) fn relay_settings(exported: &ExportedConnection) -> Option<RelaySettings> {
    exported.relay.as_ref().map(ExportedRelay::settings)
}

/// Returns what an import of a connection would create, and whether its search host must be confirmed.
pub(super) fn preview(exported: &ExportedConnection, exists: bool) -> ImportLine {
    let radiant = RadiantSearch { url: address(exported.radiant.url.clone()), ..RadiantSearch::default() };
    ImportLine {
        name: exported.name.clone(),
        domain: exported.domain.clone(),
        profile: exported.profile,
        unusual: check_address(&radiant, false).is_err(),
        radiant: radiant.url,
        here: exists,
    }
}

fn exported(view: &ConnectionView, relay: Option<&RelaySettings>) -> ExportedConnection {
    let radiant = view.connection.radiant.clone();
    sanitized(ExportedConnection {
        name: view.connection.name.clone(),
        domain: domain(view),
        profile: view.connection.profile,
        radiant: ExportedSearch {
            url: address(radiant.url),
            index: radiant.index,
            connector_type: radiant.connector_type,
            timestamp_field: radiant.timestamp_field,
            byob: radiant.byob,
        },
        relay: relay.map(ExportedRelay::from),
    })
}

fn sanitized(from: ExportedConnection) -> ExportedConnection {
    let setting = |text: Option<String>| text.map(|text| plain(&text, MAX_SETTING)).filter(|text| !text.is_empty());
    ExportedConnection {
        name: plain(&from.name, MAX_NAME),
        domain: plain(&from.domain, MAX_DOMAIN),
        profile: from.profile,
        radiant: ExportedSearch {
            url: plain(&from.radiant.url, MAX_SETTING),
            index: setting(from.radiant.index),
            connector_type: setting(from.radiant.connector_type),
            timestamp_field: setting(from.radiant.timestamp_field),
            byob: from.radiant.byob,
        },
        relay: from.relay.map(ExportedRelay::sanitized),
    }
}

/// Returns one short line without tokens and direction marks.
fn plain(text: &str, longest: usize) -> String {
    single_line(&without_tokens(&single_line(text, usize::MAX), ""), longest)
}

/// Returns a search address that can be used once its host is confirmed, and the documented one in place of any other.
fn address(url: String) -> String {
    let search = RadiantSearch { url, ..RadiantSearch::default() };
    match check_address(&search, false).map_err(|problem| problem.code) {
        Ok(_) | Err(Code::RadiantHostUnusual) => search.url,
        Err(_) => RadiantSearch::default().url,
    }
}

#[cfg(test)]
#[path = "transfer_tests.rs"]
mod tests;

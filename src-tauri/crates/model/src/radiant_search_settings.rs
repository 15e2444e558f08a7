//! Settings and results of Radiant's search. Values that Radiant does not document are settings.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The documented search endpoint (radiant-facts 5).
pub const RADIANT_SEARCH_URL: &str = "https://plugin.radiantsecurity.ai/quickwit-api-proxy/_msearch";

/// The addresses that Radiant publishes for its outgoing webhooks (radiant-facts 7). Whether it also asks Okta from them is not
/// documented.
pub const RADIANT_ADDRESSES: [&str; 3] = ["100.21.80.201", "52.11.97.167", "35.164.70.154"];

/// Settings for searching Okta events in Radiant Log Management. The index, the connector type and the timestamp field are not
/// documented, so that they are discovered or typed; `None` means not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RadiantSearch {
    /// The search endpoint. A host outside `*.radiantsecurity.ai` must be typed twice; plain `http` is for practice only.
    pub url: String,
    /// Index of raw events.
    pub index: Option<String>,
    /// Value of `rs_connectorType` for Okta.
    pub connector_type: Option<String>,
    /// Name of the timestamp field.
    pub timestamp_field: Option<String>,
    /// Whether the tenant stores Log Management in its own bucket (`x-rs-is-byob: true`).
    pub byob: bool,
    /// The other host that the administrator typed a second time, if any.
    pub confirmed_host: Option<String>,
}

impl Default for RadiantSearch {
    fn default() -> Self {
        Self {
            url: RADIANT_SEARCH_URL.to_owned(),
            index: None,
            connector_type: None,
            timestamp_field: None,
            byob: false,
            confirmed_host: None,
        }
    }
}

/// The result of discovery in Radiant, from which the administrator selects.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct RadiantDiscovery {
    /// Connector types with events in the last 24 hours, most events first.
    pub connector_types: Vec<ObservedConnectorType>,
    /// The connector type whose events have Okta's fields, if any.
    pub okta_type: Option<String>,
    /// The timestamp field that Radiant accepted.
    pub timestamp_field: Option<String>,
    /// The problem that prevented discovery, if any.
    pub problem: Option<crate::problem::Problem>,
}

/// A connector type with events in Radiant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ObservedConnectorType {
    /// Value of `rs_connectorType`.
    pub name: String,
    /// Number of events in the examined window.
    pub events: u32,
}

/// An answer from Radiant's documentation, as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DocsAnswer {
    /// The answer.
    pub answer: String,
    /// The pages it cites; only links to the documentation's own host are kept.
    pub sources: Vec<DocsSource>,
}

/// A page that an answer cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DocsSource {
    /// Its title.
    pub title: String,
    /// Its path on the documentation host; the host itself is fixed.
    pub path: String,
}

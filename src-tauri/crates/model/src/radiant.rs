//! How Radiant's search is asked. What Radiant does not publish is a setting here, never an assumption.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The documented search endpoint (radiant-facts 5).
pub const RADIANT_SEARCH_URL: &str = "https://plugin.radiantsecurity.ai/quickwit-api-proxy/_msearch";

/// How Radiant Log Management is searched for Okta events. The index, the connector type and the timestamp field are not
/// public, so they are discovered or set by hand; `None` means not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RadiantSearch {
    /// The search endpoint. A host outside `*.radiantsecurity.ai` must have been typed twice; plain http is for practice alone.
    pub url: String,
    /// Index of raw events.
    pub index: Option<String>,
    /// Value of `rs_connectorType` for Okta.
    pub connector_type: Option<String>,
    /// Name of the timestamp field.
    pub timestamp_field: Option<String>,
    /// Whether the tenant keeps Log Management in its own bucket (`x-rs-is-byob: true`).
    pub byob: bool,
    /// The unusual host the administrator typed a second time, if any.
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

/// What discovery found in Radiant: candidates for the administrator to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct RadiantDiscovery {
    /// Connector types with events in the last 24 hours, most events first.
    pub connector_types: Vec<ObservedConnectorType>,
    /// The connector type whose events carry Okta's own fields, if one does.
    pub okta_type: Option<String>,
    /// The timestamp field that answered.
    pub timestamp_field: Option<String>,
    /// What could not be told.
    pub problem: Option<crate::problem::Problem>,
}

/// One connector type seen in Radiant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ObservedConnectorType {
    /// Value of `rs_connectorType`.
    pub name: String,
    /// Events in the window looked at.
    pub events: u32,
}

/// An answer from Radiant's documentation, as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DocsAnswer {
    /// The answer.
    pub answer: String,
    /// Pages it rests on; only links to the documentation's own host are kept.
    pub sources: Vec<DocsSource>,
}

/// One page an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DocsSource {
    /// Its title.
    pub title: String,
    /// Its path on the documentation host; the host itself is fixed.
    pub path: String,
}

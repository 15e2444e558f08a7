//! Discovers how Okta's events are named in Radiant, which is not public.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::search::Search;
use model::radiant::{ObservedConnectorType, RadiantDiscovery, RadiantSearch};

/// Timestamp fields to try, in this order. None is documented; a field that works is offered, not assumed.
const TIMESTAMP_FIELDS: [&str; 5] = ["timestamp", "rs_timestamp", "@timestamp", "published", "eventTimestamp"];
/// Most Okta events to search for by `uuid`.
const MAX_EVENTS: usize = 50;

impl Search {
    /// Returns the connector types, the one that has the Okta events `uuids`, and the timestamp field that works.
    ///
    /// The index must be set: Radiant has no way to list the indexes.
    pub async fn discover(&self, uuids: &[String], now: DateTime<Utc>) -> RadiantDiscovery {
        let mut found = RadiantDiscovery::default();
        let since = now - TimeDelta::hours(24);
        found.timestamp_field = self.timestamp_field(since).await;
        let mut search = self.clone();
        search.settings = RadiantSearch { timestamp_field: found.timestamp_field.clone(), ..search.settings };
        match search.connector_types(since).await {
            Ok(answer) => found.connector_types = answer.value,
            Err(failure) => found.problem = Some(failure.problem()),
        }
        if let Some((name, events)) = search.connector_type_of(uuids).await {
            if found.connector_types.iter().all(|known| known.name != name) {
                found.connector_types.push(ObservedConnectorType { name: name.clone(), events });
            }
            found.okta_type = Some(name);
        }
        found
    }

    /// Returns the first field whose range has at least one event.
    async fn timestamp_field(&self, since: DateTime<Utc>) -> Option<String> {
        let index = self.settings.index.clone()?;
        let known = self.settings.timestamp_field.as_deref();
        for field in known.into_iter().chain(TIMESTAMP_FIELDS) {
            let range = json!({"range": {field: {"gte": since.to_rfc3339()}}});
            let answer = self.query(&index, &json!({"size": 1, "query": range})).await;
            let hit = answer.ok().is_some_and(|answer| answer.value.pointer("/hits/hits/0").is_some());
            if hit {
                return Some(field.to_owned());
            }
        }
        None
    }

    /// Finds the events in any connector type and returns the type of the first one, with the number found.
    async fn connector_type_of(&self, uuids: &[String]) -> Option<(String, u32)> {
        let index = self.settings.index.clone()?;
        let plain = uuids.iter().filter(|uuid| uuid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        let quoted: Vec<String> = plain.take(MAX_EVENTS).map(|uuid| format!("\"{uuid}\"")).collect();
        if quoted.is_empty() {
            return None;
        }
        let text = format!("uuid:({})", quoted.join(" OR "));
        let query = json!({"size": 20, "query": {"bool": {"filter": [{"query_string": {"query": text}}]}}});
        let answer = self.query(&index, &query).await.ok()?;
        let hits = answer.value.pointer("/hits/hits")?.as_array()?;
        let name = hits.iter().find_map(|hit| hit.pointer("/_source/rs_connectorType").and_then(Value::as_str))?;
        Some((name.to_owned(), u32::try_from(hits.len()).unwrap_or(u32::MAX)))
    }
}

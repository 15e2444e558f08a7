//! Discovers how Okta's events are named in Radiant, which is not public.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::search::{Search, Way};
use model::radiant_search_settings::{ObservedConnectorType, RadiantDiscovery, RadiantSearch};

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
            Ok(answer) => {
                // The numbers are then too small, and types may be missing.
                found.problem = answer.partial.map(|missing| self.partial(missing, answer.evidence).problem());
                found.connector_types = answer.value;
            }
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
            if answer.is_ok_and(|answer| !answer.value.hits.is_empty()) {
                return Some(field.to_owned());
            }
        }
        None
    }

    /// Finds the events in any connector type and returns the type of the first one, with the number found.
    async fn connector_type_of(&self, uuids: &[String]) -> Option<(String, u32)> {
        let uuids = &uuids[..uuids.len().min(MAX_EVENTS)];
        if uuids.is_empty() {
            return None;
        }
        let body = |way: Way| Ok(json!({"size": 20, "query": {"bool": {"filter": [way.uuids(uuids)]}}}));
        let hits = self.search(body).await.ok()?.value.hits;
        let hits: Vec<_> =
            hits.iter().filter(|hit| hit.uuid.as_ref().is_some_and(|uuid| uuids.contains(uuid))).collect();
        let name = hits.iter().find_map(|hit| hit.connector_type.clone())?;
        Some((name, u32::try_from(hits.len()).unwrap_or(u32::MAX)))
    }
}

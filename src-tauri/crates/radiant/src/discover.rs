//! Finding out how Okta's events are named in Radiant, since that is not public.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::search::Search;
use model::radiant::{ObservedConnectorType, RadiantDiscovery, RadiantSearch};

/// Timestamp fields that are tried, in this order. None is documented; the one that answers is offered, not assumed.
const FIELDS: [&str; 5] = ["timestamp", "rs_timestamp", "@timestamp", "published", "eventTimestamp"];
/// Okta events that are looked for by `uuid`.
const SAMPLE: usize = 50;

impl Search {
    /// Offers what was found: connector types, the one that carries Okta's own events, the timestamp field that answers.
    ///
    /// `uuids` are Okta's newest. The index must be set: Radiant has no way to list them.
    pub async fn discover(&self, uuids: &[String], now: DateTime<Utc>) -> RadiantDiscovery {
        let mut found = RadiantDiscovery::default();
        let since = now - TimeDelta::hours(24);
        found.timestamp_field = self.field(since).await;
        let mut search = self.clone();
        search.settings = RadiantSearch { timestamp_field: found.timestamp_field.clone(), ..search.settings };
        match search.connector_types(since).await {
            Ok(answer) => found.connector_types = answer.value,
            Err(failure) => found.problem = Some(failure.problem()),
        }
        if let Some((name, events)) = search.type_of(uuids).await {
            if found.connector_types.iter().all(|seen| seen.name != name) {
                found.connector_types.push(ObservedConnectorType { name: name.clone(), events });
            }
            found.okta_type = Some(name);
        }
        found
    }

    /// Returns the first field by which a range is answered with at least one event.
    async fn field(&self, since: DateTime<Utc>) -> Option<String> {
        let index = self.settings.index.clone()?;
        let known = self.settings.timestamp_field.as_deref();
        for field in known.into_iter().chain(FIELDS) {
            let range = json!({"range": {field: {"gte": since.to_rfc3339()}}});
            let answer = self.ask(&index, &json!({"size": 1, "query": range})).await;
            let hit = answer.ok().is_some_and(|answer| answer.value.pointer("/hits/hits/0").is_some());
            if hit {
                return Some(field.to_owned());
            }
        }
        None
    }

    /// Finds one of Okta's own events, whatever its connector type, and reads the type off it.
    async fn type_of(&self, uuids: &[String]) -> Option<(String, u32)> {
        let index = self.settings.index.clone()?;
        let plain = uuids.iter().filter(|uuid| uuid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        let named: Vec<String> = plain.take(SAMPLE).map(|uuid| format!("\"{uuid}\"")).collect();
        if named.is_empty() {
            return None;
        }
        let text = format!("uuid:({})", named.join(" OR "));
        let query = json!({"size": 20, "query": {"bool": {"filter": [{"query_string": {"query": text}}]}}});
        let answer = self.ask(&index, &query).await.ok()?;
        let hits = answer.value.pointer("/hits/hits")?.as_array()?;
        let name = hits.iter().find_map(|hit| hit.pointer("/_source/rs_connectorType").and_then(Value::as_str))?;
        Some((name.to_owned(), u32::try_from(hits.len()).unwrap_or(u32::MAX)))
    }
}

//! The Radiant tenant: Search Query API and documentation page.
//!
//! DOCS: address, bearer token, NDJSON of two lines with a final newline, status of each entry. The rest follows Quickwit,
//! with which the API calls itself compatible, or is a variant.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::options::WrongIndex;
use crate::radiant_query::{Document, Query, SearchError};
use crate::random_ids_and_times::timestamp;
use crate::request::IncomingRequest;
use crate::response_builders::{json_response, text};
use crate::state::{LogEntry, State};

/// Keys of a header line; Quickwit refuses others.
const HEADER_KEYS: [&str; 7] =
    ["index", "ignore_unavailable", "allow_no_indices", "expand_wildcards", "preference", "request_cache", "routing"];

/// Documents with their times.
type Found<'a> = Vec<(Option<DateTime<Utc>>, Document<'a>)>;

/// Returns the response to one request.
pub(crate) fn respond(state: &State, request: &IncomingRequest) -> Response<Body> {
    match (&request.method, request.path.as_str()) {
        (&Method::POST, "/quickwit-api-proxy/_msearch") => search(state, request),
        (&Method::GET, "/radiant-connectors/data-connectors/okta.md") => docs(state, request),
        _ => message(404, "not found"),
    }
}

fn message(status: u16, message: &str) -> Response<Body> {
    json_response(status, &json!({"message": message}))
}

fn search(state: &State, request: &IncomingRequest) -> Response<Body> {
    if request.authorization.as_deref() != Some(format!("Bearer {}", state.search_token).as_str()) {
        return message(state.variants.wrong_token_status, "unauthorized");
    }
    if request.content_type.as_deref() != Some("application/x-ndjson") {
        return message(415, "content type must be application/x-ndjson");
    }
    let lines: Vec<&str> = request.body.split('\n').collect();
    let [header, body, ""] = lines.as_slice() else { return message(400, "exactly two lines and a final newline") };
    let (Ok(header), Ok(body)) =
        (serde_json::from_str::<Map<String, Value>>(header), serde_json::from_str::<Value>(body))
    else {
        return message(400, "not JSON");
    };
    if let Some(unknown) = header.keys().find(|key| !HEADER_KEYS.contains(&key.as_str())) {
        return message(400, &format!("unknown field `{unknown}`"));
    }
    let entry = search_entry(state, request, &header, &body)
        .unwrap_or_else(|(status, reason)| json!({"status": status, "error": {"reason": reason}}));
    json_response(200, &json!({"responses": [entry]}))
}

fn search_entry(
    state: &State,
    request: &IncomingRequest,
    header: &Map<String, Value>,
    body: &Value,
) -> Result<Value, SearchError> {
    let mut entry = json!({"status": 200, "took": 1, "timed_out": false, "hits": {"total": {"value": 0, "relation": "eq"}, "hits": []}});
    let index = header.get("index").and_then(Value::as_str).unwrap_or_default();
    if index != state.variants.index || (state.byob && !request.is_byob) {
        // Quickwit: with `ignore_unavailable` a wrong index has no hits.
        let is_ignored = header.get("ignore_unavailable") == Some(&Value::Bool(true));
        return match state.variants.wrong_index {
            WrongIndex::NotFound if !is_ignored => Err((404, format!("index `{index}` not found"))),
            WrongIndex::NotFound | WrongIndex::NoHits => Ok(entry),
        };
    }
    let found = find(state, body)?;
    let size = body.get("size").and_then(Value::as_u64).unwrap_or(10);
    let hits = found.iter().take(usize::try_from(size).unwrap_or(10));
    // Sort values are epoch milliseconds.
    let hits =
        hits.map(|(at, document)| json!({"_source": document.to_json(), "sort": [at.map(|at| at.timestamp_millis())]}));
    entry["hits"] = json!({"total": {"value": found.len(), "relation": "eq"}, "hits": hits.collect::<Vec<_>>()});
    for (name, aggregation) in body.get("aggs").and_then(Value::as_object).into_iter().flatten() {
        let Some(field) = aggregation.pointer("/terms/field").and_then(Value::as_str) else {
            return Err((400, format!("aggregation `{name}` is not supported")));
        };
        if !state.variants.aggregation {
            return Err((400, format!("field `{field}` is not a fast field")));
        }
        let size = aggregation.pointer("/terms/size").and_then(Value::as_u64).unwrap_or(10);
        entry["aggregations"][name] = buckets(&found, field, usize::try_from(size).unwrap_or(10));
    }
    Ok(entry)
}

/// Returns the documents that match, in the requested order.
fn find<'a>(state: &'a State, body: &Value) -> Result<Found<'a>, SearchError> {
    let is_ascending = is_ascending(state, body)?;
    let query = Query::parse(body.get("query").unwrap_or(&Value::Null), &state.variants)?;
    let timestamp_field = state.variants.timestamp_field.as_str();
    let mut found: Found<'_> = documents(state, query.earliest(timestamp_field))
        .filter(|document| query.matches(document))
        .map(|document| (document.time(timestamp_field), document))
        .collect();
    found.sort_by_key(|(at, _)| *at);
    if !is_ascending {
        found.reverse();
    }
    Ok(found)
}

/// Tells whether the oldest document comes first. Quickwit: at most two sort keys; the first must be the timestamp.
fn is_ascending(state: &State, body: &Value) -> Result<bool, SearchError> {
    let Some(keys) = body.get("sort").and_then(Value::as_array) else { return Ok(false) };
    if keys.len() > 2 {
        return Err((400, "at most two sort keys".to_owned()));
    }
    let Some((field, how)) = keys.first().and_then(Value::as_object).and_then(|key| key.iter().next()) else {
        return Ok(false);
    };
    if *field != state.variants.timestamp_field {
        return Err((400, format!("sort by field `{field}`: field does not exist")));
    }
    Ok(how.get("order").unwrap_or(how) == "asc")
}

/// Returns what the tenant stores: the Okta events that it has read and does not exclude (only those published since then),
/// the webhook's events, and some of another connector.
fn documents(state: &State, since: Option<DateTime<Utc>>) -> impl Iterator<Item = Document<'_>> {
    let document = |event, connector_type: &str, at: Value| Document {
        event,
        added: [("rs_connectorType", json!(connector_type)), (state.variants.timestamp_field.as_str(), at)],
    };
    let is_stored =
        |entry: &&LogEntry| !entry.event["eventType"].as_str().is_some_and(|kind| state.excluded_types.contains(kind));
    let read = state.log.iter().take(state.radiant_has);
    let read = read.filter(move |entry| since.is_none_or(|since| entry.published >= since)).filter(is_stored);
    let okta = read.map(move |entry| {
        document(Cow::Borrowed(&entry.event), &state.variants.connector_type, timestamp(entry.published))
    });
    let now = timestamp(state.local_now());
    let received = now.clone();
    let webhook = state
        .webhook_events
        .iter()
        .map(move |event| document(Cow::Borrowed(event), "custom_events_webhook", received.clone()));
    let risk = |n| Cow::Owned(json!({"riskEventType": "unfamiliarFeatures", "id": n}));
    okta.chain(webhook).chain((0..12).map(move |n| document(risk(n), "ms365_identity_risk", now.clone())))
}

/// Returns the largest buckets of one field, as Quickwit returns a terms aggregation.
fn buckets(found: &Found<'_>, field: &str, size: usize) -> Value {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for key in found.iter().filter_map(|(_, document)| document.get(field).and_then(Value::as_str)) {
        *counts.entry(key).or_default() += 1;
    }
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others: u64 = counts.iter().skip(size).map(|(_, count)| count).sum();
    let buckets: Vec<Value> =
        counts.iter().take(size).map(|(key, count)| json!({"key": key, "doc_count": count})).collect();
    json!({"buckets": buckets, "sum_other_doc_count": others, "doc_count_error_upper_bound": 0})
}

fn docs(state: &State, request: &IncomingRequest) -> Response<Body> {
    let Some(question) = request.query.get("ask") else {
        return text(StatusCode::OK, "text/markdown", "# Okta\n\nThis page of the practice organization is empty.");
    };
    let answer = format!(
        "You asked: {question}\n\nThis is a practice answer. A read-only administrator is sufficient only if you do not plan to enable response actions."
    );
    let path = "/radiant-connectors/data-connectors/okta";
    if state.variants.docs_in_json {
        return json_response(200, &json!({"answer": answer, "sources": [{"title": "Okta", "url": path}]}));
    }
    let page = format!("{answer}\n\n[Okta]({path}) [Elsewhere](https://elsewhere.example/)");
    text(StatusCode::OK, "text/markdown", &page)
}

//! The Radiant tenant: Search Query API, documentation page, custom events webhook.
//!
//! Documented: address, bearer, NDJSON of two lines with a final newline, per-entry status. The rest follows Quickwit, which
//! the API names itself compatible with, or is a variant.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::fault::text;
use crate::query::{Document, Query};
use crate::serve::Asked;
use crate::variants::WrongIndex;
use crate::world::{Stored, World, time};

/// Keys a header line may have; Quickwit denies unknown ones.
const HEADER_KEYS: [&str; 7] =
    ["index", "ignore_unavailable", "allow_no_indices", "expand_wildcards", "preference", "request_cache", "routing"];

/// Answers one request.
pub(crate) fn answer(world: &mut World, asked: &Asked) -> Response<Body> {
    match (&asked.method, asked.path.as_str()) {
        (&Method::POST, "/quickwit-api-proxy/_msearch") => search(world, asked),
        (&Method::GET, "/radiant-connectors/data-connectors/okta.md") => docs(world, asked),
        (&Method::POST, "/events") => events(world, asked),
        _ => text(StatusCode::NOT_FOUND, "application/json", "{\"message\":\"not found\"}"),
    }
}

fn status(code: u16, message: &str) -> Response<Body> {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    text(code, "application/json", &json!({"message": message}).to_string())
}

fn search(world: &mut World, asked: &Asked) -> Response<Body> {
    if asked.authorization.as_deref() != Some(format!("Bearer {}", world.search_token).as_str()) {
        return status(world.variants.wrong_token_status, "unauthorized");
    }
    if asked.content_type.as_deref() != Some("application/x-ndjson") {
        return status(415, "content type must be application/x-ndjson");
    }
    let lines: Vec<&str> = asked.body.split('\n').collect();
    let [header, query, ""] = lines.as_slice() else { return status(400, "exactly two lines and a final newline") };
    let (Ok(header), Ok(query)) =
        (serde_json::from_str::<Map<String, Value>>(header), serde_json::from_str::<Value>(query))
    else {
        return status(400, "not JSON");
    };
    if let Some(unknown) = header.keys().find(|key| !HEADER_KEYS.contains(&key.as_str())) {
        return status(400, &format!("unknown field `{unknown}`"));
    }
    let entry = entry(world, asked, &header, &query)
        .unwrap_or_else(|(status, reason)| json!({"status": status, "error": {"reason": reason}}));
    text(StatusCode::OK, "application/json", &json!({"responses": [entry]}).to_string())
}

fn entry(world: &World, asked: &Asked, header: &Map<String, Value>, query: &Value) -> Result<Value, (u16, String)> {
    let empty = json!({"status": 200, "took": 1, "timed_out": false, "hits": {"total": {"value": 0, "relation": "eq"}, "hits": []}});
    let index = header.get("index").and_then(Value::as_str).unwrap_or_default();
    if index != world.variants.index || (world.byob && !asked.byob) {
        // Quickwit: `ignore_unavailable` turns a wrong index into no hits.
        let ignored = header.get("ignore_unavailable") == Some(&Value::Bool(true));
        return match world.variants.wrong_index {
            WrongIndex::NotFound if !ignored => Err((404, format!("index `{index}` not found"))),
            WrongIndex::NotFound | WrongIndex::NoHits => Ok(empty),
        };
    }
    let ascending = order(world, query)?;
    let filter = Filter::read(world, query.get("query").unwrap_or(&Value::Null))?;
    let since = filter.since(&world.variants.timestamp_field);
    let mut found: Vec<(Option<DateTime<Utc>>, Document<'_>)> = documents(world, since)
        .filter(|document| filter.holds(document))
        .map(|document| (instant(document.get(&world.variants.timestamp_field)), document))
        .collect();
    found.sort_by_key(|(at, _)| *at);
    if !ascending {
        found.reverse();
    }
    let size = query.get("size").and_then(Value::as_u64).unwrap_or(10);
    // Sort values come in epoch milliseconds.
    let hit = |(at, document): &(Option<DateTime<Utc>>, Document<'_>)| json!({"_source": document.whole(), "sort": [at.map(|at| at.timestamp_millis())]});
    let hits: Vec<Value> = found.iter().take(usize::try_from(size).unwrap_or(10)).map(hit).collect();
    let mut entry = empty;
    entry["hits"] = json!({"total": {"value": found.len(), "relation": "eq"}, "hits": hits});
    for (name, aggregation) in query.get("aggs").and_then(Value::as_object).into_iter().flatten() {
        let Some(field) = aggregation.pointer("/terms/field").and_then(Value::as_str) else {
            return Err((400, format!("aggregation `{name}` is not supported")));
        };
        if !world.variants.aggregation {
            return Err((400, format!("field `{field}` is not a fast field")));
        }
        let size = aggregation.pointer("/terms/size").and_then(Value::as_u64).unwrap_or(10);
        entry["aggregations"][name] = buckets(&found, field, usize::try_from(size).unwrap_or(10));
    }
    Ok(entry)
}

/// Whether the oldest comes first. At most two sort keys (Quickwit), the first of them the timestamp.
fn order(world: &World, query: &Value) -> Result<bool, (u16, String)> {
    let Some(keys) = query.get("sort").and_then(Value::as_array) else { return Ok(false) };
    if keys.len() > 2 {
        return Err((400, "at most two sort keys".to_owned()));
    }
    let Some((field, how)) = keys.first().and_then(Value::as_object).and_then(|key| key.iter().next()) else {
        return Ok(false);
    };
    if *field != world.variants.timestamp_field {
        return Err((400, format!("sort by field `{field}`: field does not exist")));
    }
    let order = how.get("order").unwrap_or(how).as_str();
    Ok(order == Some("asc"))
}

/// What the tenant holds: the Okta events that were read and are not left out, what the webhook took, and some of another
/// connector; of Okta's only what was published since then.
fn documents(world: &World, since: Option<DateTime<Utc>>) -> impl Iterator<Item = Document<'_>> {
    let stamped = |event, kind: &str, at: Value| Document {
        event,
        added: vec![("rs_connectorType", json!(kind)), (world.variants.timestamp_field.as_str(), at)],
    };
    let kept = |event: &&Stored| !event.value["eventType"].as_str().is_some_and(|kind| world.left_out.contains(kind));
    let read = world.log.iter().take(world.radiant_has);
    let read = read.filter(move |event| since.is_none_or(|since| event.published >= since)).filter(kept);
    let okta = read
        .map(move |event| stamped(Cow::Borrowed(&event.value), &world.variants.connector_type, time(event.published)));
    let now = time(world.here());
    let then = now.clone();
    let taken =
        world.webhook.iter().map(move |event| stamped(Cow::Borrowed(event), "custom_events_webhook", then.clone()));
    let risk = |n| Cow::Owned(json!({"riskEventType": "unfamiliarFeatures", "id": n}));
    okta.chain(taken).chain((0..12).map(move |n| stamped(risk(n), "ms365_identity_risk", now.clone())))
}

/// The largest buckets of one field, as Quickwit answers a terms aggregation.
fn buckets(found: &[(Option<DateTime<Utc>>, Document<'_>)], field: &str, size: usize) -> Value {
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

/// A query, read once.
enum Filter {
    All,
    Both(Vec<Filter>),
    Text(Query),
    Range { field: String, limits: Vec<(Bound, DateTime<Utc>)> },
}

/// One end of a range.
#[derive(Clone, Copy)]
enum Bound {
    From,
    After,
    To,
    Before,
}

impl Bound {
    fn holds(self, at: DateTime<Utc>, limit: DateTime<Utc>) -> bool {
        match self {
            Self::From => at >= limit,
            Self::After => at > limit,
            Self::To => at <= limit,
            Self::Before => at < limit,
        }
    }
}

impl Filter {
    fn read(world: &World, query: &Value) -> Result<Self, (u16, String)> {
        let Some((kind, body)) = query.as_object().and_then(|query| query.iter().next()) else { return Ok(Self::All) };
        match kind.as_str() {
            "match_all" => Ok(Self::All),
            "bool" => {
                let filters = body.get("filter").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                filters.iter().map(|filter| Self::read(world, filter)).collect::<Result<_, _>>().map(Self::Both)
            }
            "query_string" => {
                let text = body.get("query").and_then(Value::as_str).unwrap_or_default();
                if text.contains("uuid:") && !world.variants.uuid_searchable {
                    return Err((400, "field does not exist: `uuid`".to_owned()));
                }
                Query::read(text).map(Self::Text).ok_or_else(|| (400, format!("cannot parse `{text}`")))
            }
            "range" => Self::range(world, body),
            other => Err((400, format!("unknown query `{other}`"))),
        }
    }

    fn range(world: &World, body: &Value) -> Result<Self, (u16, String)> {
        let Some((field, bounds)) = body.as_object().and_then(|body| body.iter().next()) else {
            return Err((400, "empty range".to_owned()));
        };
        if *field != world.variants.timestamp_field && field != "published" {
            return Err((400, format!("range on field `{field}`: field does not exist")));
        }
        let mut limits = Vec::new();
        for (bound, value) in bounds.as_object().into_iter().flatten() {
            let bound = match bound.as_str() {
                "gte" => Bound::From,
                "gt" => Bound::After,
                "lte" => Bound::To,
                "lt" => Bound::Before,
                other => return Err((400, format!("range: unknown bound `{other}`"))),
            };
            // Quickwit wants RFC 3339 texts for date fields.
            let Some(limit) = instant(Some(value)) else {
                return Err((400, format!("range on field `{field}`: `{value}` is no date")));
            };
            limits.push((bound, limit));
        }
        Ok(Self::Range { field: field.clone(), limits })
    }

    /// Before when nothing matches by this field, if that can be told.
    fn since(&self, timestamp: &str) -> Option<DateTime<Utc>> {
        match self {
            Self::All | Self::Text(_) => None,
            Self::Both(filters) => filters.iter().filter_map(|one| one.since(timestamp)).max(),
            Self::Range { field, .. } if field != timestamp => None,
            Self::Range { limits, .. } => {
                limits.iter().filter(|(bound, _)| matches!(bound, Bound::From | Bound::After)).map(|(_, at)| *at).max()
            }
        }
    }

    fn holds(&self, document: &Document<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Both(filters) => filters.iter().all(|filter| filter.holds(document)),
            Self::Text(query) => query.matches(document).unwrap_or(false),
            Self::Range { field, limits } => instant(document.get(field))
                .is_some_and(|at| limits.iter().all(|(bound, limit)| bound.holds(at, *limit))),
        }
    }
}

fn instant(value: Option<&Value>) -> Option<DateTime<Utc>> {
    value?.as_str()?.parse().ok()
}

fn docs(world: &World, asked: &Asked) -> Response<Body> {
    let Some(question) = asked.query.get("ask") else {
        return text(StatusCode::OK, "text/markdown", "# Okta\n\nThis is the practice organisation's copy of nothing.");
    };
    let answer = format!(
        "You asked: {question}\n\nThis is a practice answer. A read-only administrator is sufficient only if you do not plan to enable response actions."
    );
    let path = "/radiant-connectors/data-connectors/okta";
    if world.variants.docs_in_json {
        let body = json!({"answer": answer, "sources": [{"title": "Okta", "url": path}]});
        return text(StatusCode::OK, "application/json", &body.to_string());
    }
    text(
        StatusCode::OK,
        "text/markdown",
        &format!("{answer}\n\n[Okta]({path}) [Elsewhere](https://elsewhere.example/)"),
    )
}

fn events(world: &mut World, asked: &Asked) -> Response<Body> {
    let expected = world.events_token.as_str();
    let given = asked.authorization.as_deref().or(asked.rs_token.as_deref());
    match (given == Some(expected), serde_json::from_str::<Value>(&asked.body)) {
        (false, _) => status(401, "unauthorized"),
        (true, Err(_)) => status(400, "events must be valid JSON"),
        (true, Ok(event)) if event.is_object() => {
            world.accept(event);
            status(200, "accepted")
        }
        // Whether several may be sent at once is not published.
        (true, Ok(_)) => status(400, "an event must be a JSON object"),
    }
}

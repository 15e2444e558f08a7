//! The Radiant tenant: Search Query API, documentation page, custom events webhook.
//!
//! Documented: address, bearer, NDJSON of two lines with a final newline, per-entry status. The rest follows Quickwit, which
//! the API names itself compatible with, or is a variant.

use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::fault::text;
use crate::query::Query;
use crate::serve::Asked;
use crate::variants::WrongIndex;
use crate::world::{World, time};

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
        return match world.variants.wrong_index {
            WrongIndex::NotFound => Err((404, format!("index `{index}` not found"))),
            WrongIndex::NoHits => Ok(empty),
        };
    }
    let sort = query.pointer("/sort/0").and_then(Value::as_object).and_then(|sort| sort.keys().next());
    if let Some(field) = sort.filter(|field| **field != world.variants.timestamp_field) {
        return Err((400, format!("sort by field `{field}`: field does not exist")));
    }
    let filter = Filter::read(world, query.get("query").unwrap_or(&Value::Null))?;
    let mut found: Vec<Value> = documents(world).filter(|document| filter.holds(document)).collect();
    let field = format!("/{}", world.variants.timestamp_field);
    found
        .sort_by_key(|document| std::cmp::Reverse(document.pointer(&field).and_then(Value::as_str).map(str::to_owned)));
    let size = query.get("size").and_then(Value::as_u64).unwrap_or(10);
    let hits: Vec<Value> =
        found.iter().take(usize::try_from(size).unwrap_or(10)).map(|one| json!({"_source": one})).collect();
    let mut entry = empty;
    entry["hits"] = json!({"total": {"value": found.len(), "relation": "eq"}, "hits": hits});
    if let Some(aggregated) = query.pointer("/aggs/types/terms/field").and_then(Value::as_str) {
        if !world.variants.aggregation {
            return Err((400, format!("field `{aggregated}` is not a fast field")));
        }
        entry["aggregations"] = json!({"types": {"buckets": buckets(&found, aggregated)}});
    }
    Ok(entry)
}

/// What the tenant holds: the Okta events that were read, and some of another connector.
fn documents(world: &World) -> impl Iterator<Item = Value> {
    let stamped = |mut document: Value, kind: &str, at: Value| {
        document["rs_connectorType"] = json!(kind);
        document[world.variants.timestamp_field.as_str()] = at;
        document
    };
    let read = world.log.iter().take(world.radiant_has);
    let okta =
        read.map(move |event| stamped(event.value.clone(), &world.variants.connector_type, time(event.published)));
    let now = time(world.now());
    let risk = |n| json!({"riskEventType": "unfamiliarFeatures", "id": n});
    okta.chain((0..12).map(move |n| stamped(risk(n), "ms365_identity_risk", now.clone())))
}

fn buckets(found: &[Value], field: &str) -> Vec<Value> {
    let mut counts: Map<String, Value> = Map::new();
    for document in found {
        if let Some(key) = document.get(field).and_then(Value::as_str) {
            let count = counts.get(key).and_then(Value::as_u64).unwrap_or(0) + 1;
            counts.insert(key.to_owned(), json!(count));
        }
    }
    counts.into_iter().map(|(key, count)| json!({"key": key, "doc_count": count})).collect()
}

/// A query, read once.
enum Filter {
    All,
    Both(Vec<Filter>),
    Text(Query),
    Range { field: String, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>> },
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
        Ok(Self::Range { field: field.clone(), from: instant(bounds.get("gte")), to: instant(bounds.get("lte")) })
    }

    fn holds(&self, document: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Both(filters) => filters.iter().all(|filter| filter.holds(document)),
            Self::Text(query) => query.matches(document).unwrap_or(false),
            Self::Range { field, from, to } => instant(document.get(field))
                .is_some_and(|at| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to)),
        }
    }
}

fn instant(value: Option<&Value>) -> Option<DateTime<Utc>> {
    value.and_then(Value::as_str).and_then(|at| at.parse().ok())
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

fn events(world: &World, asked: &Asked) -> Response<Body> {
    let expected = &world.events_token;
    let given = asked.authorization.as_deref().or(asked.rs_token.as_deref());
    match (given == Some(expected), serde_json::from_str::<Value>(&asked.body)) {
        (false, _) => status(401, "unauthorized"),
        (true, Err(_)) => status(400, "events must be valid JSON"),
        (true, Ok(_)) => status(200, "accepted"),
    }
}

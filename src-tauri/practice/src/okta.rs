//! The Okta org: who may ask what, and the answer.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use chrono::TimeDelta;
use serde_json::Value;

use crate::fault::{FaultKind, error_body, text};
use crate::limits::{Told, bucket};
use crate::serve::Asked;
use crate::world::World;
use crate::{logs, okta_answers};

type Refusal = (u16, &'static str, String);

/// Answers one request.
pub(crate) fn answer(world: &mut World, asked: &Asked, change: Option<&FaultKind>) -> Response<Body> {
    let told = counted(world, asked);
    let mut answer = match judged(world, asked, told) {
        Ok((body, next)) => {
            let mut answer = json_answer(200, &body);
            if asked.path == "/api/v1/logs" {
                links(&mut answer, asked, next.as_deref(), change);
            }
            answer
        }
        Err((204, _, _)) => text(StatusCode::NO_CONTENT, "application/json", ""),
        Err((status, code, summary)) => json_answer(status, &error_body(code, &summary)),
    };
    headers(world, &mut answer, told, change);
    answer
}

fn counted(world: &mut World, asked: &Asked) -> Option<Told> {
    // No rate-limit headers on the well-known page in any recording.
    if !asked.path.starts_with("/api/") {
        return None;
    }
    let now = world.now().timestamp();
    let bucket = bucket(&asked.path);
    let (org_limit, others) = match bucket {
        "logs" => (world.options.rate_limit, world.other_consumers),
        _ => (1200, 0),
    };
    let token = asked.authorization.clone().unwrap_or_default();
    Some(world.limits.count(&token, bucket, org_limit, others, now))
}

fn judged(world: &mut World, asked: &Asked, told: Option<Told>) -> Result<(Value, Option<String>), Refusal> {
    if asked.path == "/.well-known/okta-organization" {
        return Ok((okta_answers::organization(world, &asked.origin), None));
    }
    if !asked.path.starts_with("/api/v1/") {
        return Err((404, "E0000008", "The requested path was not found".to_owned()));
    }
    let who = caller(world, asked)?;
    if told.is_some_and(|told| told.over) {
        return Err((429, "E0000047", "API call exceeded rate limit due to too many requests.".to_owned()));
    }
    if world.read_only_mode {
        return Err((503, "E0000010", "Service is in read only mode".to_owned()));
    }
    routed(world, asked, who)
}

/// Whose token is it? A scheme other than SSWS is an invalid session (DOCS error codes); a token that expired, was revoked or
/// whose owner left is E0000011 (DOCS create-an-api-token).
fn caller(world: &mut World, asked: &Asked) -> Result<usize, Refusal> {
    let Some(token) = asked.authorization.as_deref().and_then(|value| value.strip_prefix("SSWS ")) else {
        return Err((403, "E0000005", "Invalid session".to_owned()));
    };
    let invalid = || (401, "E0000011", "Invalid token provided".to_owned());
    let now = world.now();
    let restricted_is_403 = world.variants.restricted_is_403;
    let at = world.principals.iter().position(|one| one.token == token).ok_or_else(invalid)?;
    let one = &mut world.principals[at];
    if !one.alive || one.status != "ACTIVE" {
        return Err(invalid());
    }
    if one.restricted {
        return Err(if restricted_is_403 { forbidden() } else { invalid() });
    }
    // REAL: renewal is throttled, two calls a second apart show the same values.
    if now - one.renewed > TimeDelta::minutes(1) {
        one.renewed = now;
    }
    Ok(at)
}

fn forbidden() -> Refusal {
    (403, "E0000006", "You do not have permission to perform the requested action".to_owned())
}

fn routed(world: &mut World, asked: &Asked, who: usize) -> Result<(Value, Option<String>), Refusal> {
    let one = &world.principals[who];
    let everything = one.has(&["SUPER_ADMIN", "ORG_ADMIN"]);
    let read_only = one.has(&["READ_ONLY_ADMIN"]);
    let segments: Vec<&str> = asked.path.trim_start_matches("/api/v1/").trim_end_matches('/').split('/').collect();
    match (&asked.method, segments.as_slice()) {
        (&Method::GET, ["users", "me"]) => Ok((okta_answers::user(one), None)),
        // REAL: refused below super administrator.
        (&Method::GET, ["users", id, "roles"]) if one.has(&["SUPER_ADMIN"]) => {
            let found = world.principals.iter().find(|user| user.id == *id || user.login == *id);
            found.map(|user| (okta_answers::roles(user), None)).ok_or_else(|| missing(id))
        }
        (&Method::GET, ["users"]) if everything || read_only => Ok((users(world, asked), None)),
        (&Method::GET, ["users", id]) if everything || read_only => found(world, id),
        (&Method::GET, ["api-tokens"]) if everything || (read_only && world.variants.read_only_sees_tokens) => {
            let list =
                world.principals.iter().filter(|one| one.alive).map(|one| okta_answers::token(one, &asked.origin));
            Ok((Value::Array(list.collect()), None))
        }
        (&Method::DELETE, ["api-tokens", "current"]) => {
            world.principals[who].alive = false;
            Err((204, "", String::new()))
        }
        (&Method::GET, ["zones"]) if everything || (read_only && world.variants.read_only_sees_zones) => {
            Ok((okta_answers::zones(world), None))
        }
        (&Method::GET, ["logs"]) if one.reads_logs() => {
            let now = world.now();
            logs::page(&world.log, &asked.query, now).map(|(events, next)| (Value::Array(events), next))
        }
        (&Method::GET, ["users" | "api-tokens" | "zones" | "logs", ..]) => Err(forbidden()),
        (_, ["users" | "api-tokens" | "zones" | "logs", ..]) => {
            Err((405, "E0000022", "The endpoint does not support the provided HTTP method".to_owned()))
        }
        _ => Err((404, "E0000008", "The requested path was not found".to_owned())),
    }
}

fn users(world: &World, asked: &Asked) -> Value {
    let limit = asked.query.get("limit").and_then(|limit| limit.parse::<usize>().ok()).unwrap_or(200).min(200);
    let q = asked.query.get("q").map(|q| q.to_lowercase()).unwrap_or_default();
    let all = world.principals.iter().map(okta_answers::user).chain(world.users.iter().cloned());
    let named = all.filter(|user| q.is_empty() || user["profile"].to_string().to_lowercase().contains(&q));
    Value::Array(named.take(limit).collect())
}

fn found(world: &World, id: &str) -> Result<(Value, Option<String>), Refusal> {
    let is = |user: &Value| user["id"] == id || user["profile"]["login"] == id;
    let mut all = world.principals.iter().map(okta_answers::user).chain(world.users.iter().cloned());
    all.find(is).map(|user| (user, None)).ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Refusal {
    (404, "E0000007", format!("Not found: Resource not found: {id} (User)"))
}

/// Two separate `Link` headers (REAL).
fn links(answer: &mut Response<Body>, asked: &Asked, next: Option<&str>, change: Option<&FaultKind>) {
    let mut add = |link: String| {
        if let Ok(value) = HeaderValue::from_str(&link) {
            answer.headers_mut().append("link", value);
        }
    };
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&asked.query).finish();
    add(format!("<{}{}?{query}>; rel=\"self\"", asked.origin, asked.path));
    let origin = match change {
        Some(FaultKind::ForeignNext { to }) => to.as_str(),
        _ => asked.origin.as_str(),
    };
    let forced = matches!(change, Some(FaultKind::ForeignNext { .. })).then_some("after=1");
    if let Some(next) = next.or(forced) {
        add(format!("<{origin}{}?{next}>; rel=\"next\"", asked.path));
    }
}

fn headers(world: &mut World, answer: &mut Response<Body>, told: Option<Told>, change: Option<&FaultKind>) {
    world.number += 1;
    let mut put = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(name, value);
        }
    };
    put("x-okta-request-id", format!("practice{:016}", world.number));
    put("date", (chrono::Utc::now() + world.skew).format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    if let Some(told) = told {
        let garbage = matches!(change, Some(FaultKind::GarbageRateHeaders));
        let number = |n: i64| if garbage { "soon".to_owned() } else { n.to_string() };
        put("x-rate-limit-limit", number(told.limit.into()));
        put("x-rate-limit-remaining", number(told.remaining.into()));
        put("x-rate-limit-reset", number(told.reset));
    }
}

fn json_answer(status: u16, body: &Value) -> Response<Body> {
    text(
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        "application/json",
        &body.to_string(),
    )
}

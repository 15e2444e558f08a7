//! The Okta org: who may ask what, and the answer.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use serde_json::Value;

use crate::events::TokenEvent;
use crate::fault::{FaultKind, error_body, text};
use crate::filter::Filter;
use crate::limits::{Told, bucket};
use crate::serve::Asked;
use crate::world::World;
use crate::{logs, okta_answers};

/// Status, code and summary.
type Refusal = (u16, &'static str, String);

/// What is answered with success.
enum Answered {
    One(Value),
    /// A page, and the query of its `next` link.
    List(Vec<Value>, Option<String>),
    /// 204.
    Nothing,
}

/// Answers one request.
pub(crate) fn answer(world: &mut World, asked: &Asked, change: Option<&FaultKind>) -> Response<Body> {
    let told = counted(world, asked);
    let mut answer = match judged(world, asked, told) {
        Ok(Answered::One(body)) => json_answer(200, &body),
        Ok(Answered::List(page, next)) => {
            let mut answer = json_answer(200, &Value::Array(page));
            links(&mut answer, asked, next.as_deref(), change);
            answer
        }
        Ok(Answered::Nothing) => text(StatusCode::NO_CONTENT, "application/json", ""),
        Err((status, code, summary)) => json_answer(status, &error_body(code, &summary)),
    };
    stamp(world, &mut answer);
    if matches!(change, Some(FaultKind::GarbageDate)) {
        put(&mut answer, "date", "yesterday");
    }
    if let Some(told) = told {
        rates(&mut answer, told, matches!(change, Some(FaultKind::GarbageRateHeaders)));
    }
    answer
}

fn counted(world: &mut World, asked: &Asked) -> Option<Told> {
    // REAL: no rate-limit headers on the well-known page in any recording.
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

fn judged(world: &mut World, asked: &Asked, told: Option<Told>) -> Result<Answered, Refusal> {
    if asked.path == "/.well-known/okta-organization" {
        return Ok(Answered::One(okta_answers::organization(world, &asked.origin)));
    }
    if !asked.path.starts_with("/api/v1/") {
        return Err(no_path());
    }
    let who = caller(world, asked)?;
    if told.is_some_and(|told| told.over) {
        return Err((429, "E0000047", "API call exceeded rate limit due to too many requests.".to_owned()));
    }
    if world.read_only_mode && (world.variants.read_only_mode_refuses_reads || asked.method != Method::GET) {
        return Err((503, "E0000010", "Service is in read only mode".to_owned()));
    }
    routed(world, asked, who)
}

/// Whose token is it? A missing or other scheme than SSWS is an invalid session (DOCS error codes); a token that expired, was
/// revoked or whose owner left is E0000011 (DOCS create-an-api-token).
fn caller(world: &mut World, asked: &Asked) -> Result<usize, Refusal> {
    let Some(token) = asked.authorization.as_deref().and_then(|value| value.strip_prefix("SSWS ")) else {
        return Err(if world.variants.no_scheme_is_401 {
            (401, "E0000004", "Authentication failed".to_owned())
        } else {
            (403, "E0000005", "Invalid session".to_owned())
        });
    };
    let invalid = || (401, "E0000011", "Invalid token provided".to_owned());
    let now = world.now();
    let at = world.principals.iter().position(|one| one.token == token).ok_or_else(invalid)?;
    let Some(one) = world.principals.get_mut(at).filter(|one| one.accepted()) else { return Err(invalid()) };
    if one.restricted {
        world.token_event(TokenEvent::Outside, at, now);
        return Err(if world.variants.restricted_is_403 { forbidden() } else { invalid() });
    }
    one.renew(now);
    Ok(at)
}

fn forbidden() -> Refusal {
    (403, "E0000006", "You do not have permission to perform the requested action".to_owned())
}

fn no_path() -> Refusal {
    (404, "E0000008", "The requested path was not found".to_owned())
}

fn missing(id: &str, kind: &str) -> Refusal {
    (404, "E0000007", format!("Not found: Resource not found: {id} ({kind})"))
}

fn routed(world: &mut World, asked: &Asked, who: usize) -> Result<Answered, Refusal> {
    let one = &world.principals[who];
    let everything = one.has(&["SUPER_ADMIN", "ORG_ADMIN"]);
    let read_only = one.has(&["READ_ONLY_ADMIN"]);
    let sees_tokens = everything || (read_only && world.variants.read_only_sees_tokens);
    let sees_zones = everything || (read_only && world.variants.read_only_sees_zones);
    let path = asked.path.trim_start_matches("/api/v1/").trim_end_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    match (&asked.method, segments.as_slice()) {
        (&Method::GET, ["users", "me"]) => Ok(Answered::One(okta_answers::user(one, &asked.origin))),
        // Refused below super administrator (HELP "View administrators"; as recorded by Okta's Terraform provider).
        (&Method::GET, ["users", id, "roles"]) if one.has(&["SUPER_ADMIN"]) => roles(world, asked, id),
        (&Method::GET, ["users"]) if everything || read_only => users(world, asked),
        (&Method::GET, ["users", id]) if everything || read_only => found(world, asked, id),
        // SPEC: no paging here.
        (&Method::GET, ["api-tokens"]) if sees_tokens => {
            let alive = world.principals.iter().filter(|one| one.alive);
            Ok(Answered::List(alive.map(|one| okta_answers::token(one, &asked.origin)).collect(), None))
        }
        (&Method::GET, ["api-tokens", id]) if sees_tokens => {
            let token = world.principals.iter().find(|one| one.alive && one.token_id == *id);
            token.map(|one| Answered::One(okta_answers::token(one, &asked.origin))).ok_or_else(|| missing(id, "Token"))
        }
        (&Method::DELETE, ["api-tokens", "current"]) if !everything && world.variants.only_admins_revoke_themselves => {
            Err(forbidden())
        }
        (&Method::DELETE, ["api-tokens", "current"]) => {
            let now = world.now();
            world.principals[who].alive = false;
            world.token_event(TokenEvent::RevokeItself, who, now);
            Ok(Answered::Nothing)
        }
        (&Method::GET, ["zones"]) if sees_zones => zones(world, asked),
        (&Method::GET, ["logs"]) if one.reads_logs() => {
            let now = world.now();
            let (events, next) = logs::page(&world.log, &asked.query, now, &world.variants)?;
            Ok(Answered::List(events, next))
        }
        (&Method::GET, ["users" | "api-tokens" | "zones" | "logs"]) => Err(forbidden()),
        (&Method::GET, ["users" | "api-tokens", _] | ["users", _, "roles"]) => Err(forbidden()),
        (_, ["users" | "api-tokens" | "zones" | "logs", ..]) if asked.method != Method::GET => {
            Err((405, "E0000022", "The endpoint does not support the provided HTTP method".to_owned()))
        }
        _ => Err(no_path()),
    }
}

fn everybody(world: &World) -> impl Iterator<Item = Value> + '_ {
    world.principals.iter().filter(|one| !one.second).map(okta_answers::account).chain(world.users.iter().cloned())
}

fn is_called(user: &Value, id: &str) -> bool {
    user["id"] == id || user["profile"]["login"] == id
}

fn roles(world: &World, asked: &Asked, id: &str) -> Result<Answered, Refusal> {
    let user = everybody(world).find(|user| is_called(user, id)).ok_or_else(|| missing(id, "User"))?;
    let principal = world.principals.iter().find(|one| user["id"] == one.id.as_str());
    Ok(Answered::List(principal.map(|one| okta_answers::roles(one, &asked.origin)).unwrap_or_default(), None))
}

fn found(world: &World, asked: &Asked, id: &str) -> Result<Answered, Refusal> {
    let user = everybody(world).find(|user| is_called(user, id)).ok_or_else(|| missing(id, "User"))?;
    Ok(Answered::One(okta_answers::with_verbs(user, &asked.origin)))
}

/// `search` and `filter` are SCIM filters, `q` is the beginning of a name or address and leaves out those who were deactivated
/// (SPEC listUsers). REAL: entries of a list link to themselves alone.
fn users(world: &World, asked: &Asked) -> Result<Answered, Refusal> {
    let expression = asked.query.get("search").or_else(|| asked.query.get("filter"));
    let filter = match expression {
        None => None,
        Some(text) => Some(Filter::read(text).ok_or((400, "E0000031", "Invalid search criteria.".to_owned()))?),
    };
    let q = asked.query.get("q").map(|q| q.to_lowercase());
    let begins = |user: &Value| {
        let starts = |key: &str| {
            let text = user["profile"][key].as_str().unwrap_or_default().to_lowercase();
            q.as_ref().is_none_or(|q| text.starts_with(q.as_str()))
        };
        starts("firstName") || starts("lastName") || starts("email")
    };
    let living = |user: &Value| (q.is_none() && expression.is_some()) || user["status"] != "DEPROVISIONED";
    let all = everybody(world)
        .filter(|user| filter.as_ref().is_none_or(|filter| filter.holds(user)))
        .filter(|user| begins(user) && living(user))
        .map(|user| okta_answers::with_self(user, &asked.origin));
    paged(all.collect(), asked, 200)
}

fn zones(world: &World, asked: &Asked) -> Result<Answered, Refusal> {
    let filter = match asked.query.get("filter") {
        None => None,
        Some(text) => Some(Filter::read(text).ok_or((400, "E0000031", "Invalid search criteria.".to_owned()))?),
    };
    let mut all = okta_answers::zones(world, &asked.origin);
    all.retain(|zone| filter.as_ref().is_none_or(|filter| filter.holds(zone)));
    paged(all, asked, 20)
}

/// One page after the entry named by `after`.
fn paged(all: Vec<Value>, asked: &Asked, usual: usize) -> Result<Answered, Refusal> {
    let limit = match asked.query.get("limit").map(|text| text.parse::<usize>()) {
        None => usual,
        Some(Ok(limit)) => limit.clamp(1, 200),
        Some(Err(_)) => return Err((400, "E0000001", "Api validation failed: 'limit'".to_owned())),
    };
    let start = match asked.query.get("after") {
        None => 0,
        Some(after) => match all.iter().position(|one| one["id"] == after.as_str()) {
            Some(at) => at + 1,
            None => return Err((400, "E0000031", "Invalid search criteria: invalid cursor".to_owned())),
        },
    };
    let more = all.len() > start + limit;
    let page: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    let next = page.last().and_then(|last| last["id"].as_str()).filter(|_| more).map(|last| {
        let kept = asked.query.iter().filter(|(key, _)| *key != "after");
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(kept).append_pair("after", last).finish()
    });
    Ok(Answered::List(page, next))
}

/// Two separate `Link` headers (REAL).
fn links(answer: &mut Response<Body>, asked: &Asked, next: Option<&str>, change: Option<&FaultKind>) {
    let mut add = |link: String| {
        if let Ok(value) = HeaderValue::from_str(&link) {
            answer.headers_mut().append("link", value);
        }
    };
    let query = if asked.raw_query.is_empty() { String::new() } else { format!("?{}", asked.raw_query) };
    add(format!("<{}{}{query}>; rel=\"self\"", asked.origin, asked.path));
    let origin = match change {
        Some(FaultKind::ForeignNext { to }) => to.as_str(),
        _ => asked.origin.as_str(),
    };
    let forced = matches!(change, Some(FaultKind::ForeignNext { .. })).then_some("after=1");
    if let Some(next) = next.or(forced) {
        add(format!("<{origin}{}?{next}>; rel=\"next\"", asked.path));
    }
}

fn put(answer: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

/// Puts on what every answer of Okta bears: its request id (DOCS core-okta-api) and its clock.
pub(crate) fn stamp(world: &mut World, answer: &mut Response<Body>) {
    world.number += 1;
    put(answer, "x-okta-request-id", &format!("practice{:016}", world.number));
    put(answer, "date", &world.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string());
}

/// REAL: three headers, the reset in epoch seconds, never a `Retry-After`.
fn rates(answer: &mut Response<Body>, told: Told, garbage: bool) {
    let number = |n: i64| if garbage { "soon".to_owned() } else { n.to_string() };
    put(answer, "x-rate-limit-limit", &number(told.limit.into()));
    put(answer, "x-rate-limit-remaining", &number(told.remaining.into()));
    put(answer, "x-rate-limit-reset", &number(told.reset));
}

fn json_answer(status: u16, body: &Value) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    text(status, "application/json", &body.to_string())
}

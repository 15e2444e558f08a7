//! The Okta org: authentication, rights, rate limits, and the response to each request.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use serde_json::Value;

use crate::accounts::Principal;
use crate::events::TokenEvent;
use crate::fault::FaultKind;
use crate::rate_limits::{RateCount, bucket};
use crate::request::{IncomingRequest, next_query};
use crate::response::{OktaError, json_response, okta_error, set_header, set_rate_headers, text};
use crate::scim_filter::ScimFilter;
use crate::state::State;
use crate::{okta_objects, system_log};

/// The content of a successful response.
enum Content {
    One(Value),
    /// A page, and the query of its `next` link.
    List(Vec<Value>, Option<String>),
    /// 204.
    Empty,
}

/// Returns the response to one request.
pub(crate) fn respond(state: &mut State, request: &IncomingRequest, alteration: Option<&FaultKind>) -> Response<Body> {
    let rate = count(state, request);
    let mut response = match handle(state, request, rate) {
        Ok(Content::One(body)) => json_response(200, &body),
        Ok(Content::List(page, next)) => {
            let mut response = json_response(200, &Value::Array(page));
            add_links(&mut response, request, next.as_deref(), alteration);
            response
        }
        Ok(Content::Empty) => text(StatusCode::NO_CONTENT, "application/json", ""),
        Err((status, code, summary)) => okta_error(status, code, &summary),
    };
    set_common_headers(state, &mut response);
    if matches!(alteration, Some(FaultKind::GarbageDate)) {
        set_header(&mut response, "date", "yesterday");
    }
    if let Some(rate) = rate {
        let is_garbage = matches!(alteration, Some(FaultKind::GarbageRateHeaders));
        let number = |n: i64| if is_garbage { "soon".to_owned() } else { n.to_string() };
        set_rate_headers(&mut response, [rate.limit.into(), rate.remaining.into(), rate.reset].map(number));
    }
    response
}

/// Counts a request against its rate limit.
fn count(state: &mut State, request: &IncomingRequest) -> Option<RateCount> {
    // REAL: no rate-limit headers on the well-known page in any recording.
    if !request.path.starts_with("/api/") {
        return None;
    }
    let now = state.okta_now().timestamp();
    let bucket = bucket(&request.path);
    let (org_limit, others) = match bucket {
        "logs" => (state.options.rate_limit, state.other_consumers),
        _ => (1200, 0),
    };
    let token = request.authorization.as_deref().unwrap_or_default();
    Some(state.rate_limits.count(token, bucket, org_limit, others, now))
}

fn handle(state: &mut State, request: &IncomingRequest, rate: Option<RateCount>) -> Result<Content, OktaError> {
    if request.path == "/.well-known/okta-organization" {
        return Ok(Content::One(okta_objects::organization(state, &request.origin)));
    }
    if !request.path.starts_with("/api/v1/") {
        return Err(unknown_path());
    }
    let caller = authenticate(state, request)?;
    if rate.is_some_and(|rate| rate.is_over) {
        return Err((429, "E0000047", "API call exceeded rate limit due to too many requests.".to_owned()));
    }
    if state.read_only_mode && (state.variants.read_only_mode_refuses_reads || request.method != Method::GET) {
        return Err((503, "E0000010", "Service is in read only mode".to_owned()));
    }
    route(state, request, caller)
}

/// Returns the index of the principal that owns the token. A missing or other scheme than SSWS is an invalid session (DOCS
/// error codes); an expired or revoked token, or one of an inactive owner, gets E0000011 (DOCS create-an-api-token).
fn authenticate(state: &mut State, request: &IncomingRequest) -> Result<usize, OktaError> {
    let Some(token) = request.authorization.as_deref().and_then(|value| value.strip_prefix("SSWS ")) else {
        return Err(if state.variants.no_scheme_is_401 {
            (401, "E0000004", "Authentication failed".to_owned())
        } else {
            (403, "E0000005", "Invalid session".to_owned())
        });
    };
    let invalid = || (401, "E0000011", "Invalid token provided".to_owned());
    let now = state.okta_now();
    let index = state.principals.iter().position(|one| one.token == token).ok_or_else(invalid)?;
    let caller = state.principals.get_mut(index).filter(|one| one.is_accepted()).ok_or_else(invalid)?;
    if caller.is_restricted {
        state.add_token_event(TokenEvent::UsedOutsideNetwork, index, now);
        return Err(if state.variants.restricted_is_403 { forbidden() } else { invalid() });
    }
    caller.renew(now);
    Ok(index)
}

fn forbidden() -> OktaError {
    (403, "E0000006", "You do not have permission to perform the requested action".to_owned())
}

fn unknown_path() -> OktaError {
    (404, "E0000008", "The requested path was not found".to_owned())
}

fn not_found(id: &str, kind: &str) -> OktaError {
    (404, "E0000007", format!("Not found: Resource not found: {id} ({kind})"))
}

fn invalid_search() -> OktaError {
    (400, "E0000031", "Invalid search criteria.".to_owned())
}

fn route(state: &mut State, request: &IncomingRequest, caller: usize) -> Result<Content, OktaError> {
    let principal = &state.principals[caller];
    let is_full_admin = principal.has_role(&["SUPER_ADMIN", "ORG_ADMIN"]);
    let is_read_only = principal.has_role(&["READ_ONLY_ADMIN"]);
    let can_read_tokens = is_full_admin || (is_read_only && state.variants.read_only_sees_tokens);
    let can_read_zones = is_full_admin || (is_read_only && state.variants.read_only_sees_zones);
    let path = request.path.trim_start_matches("/api/v1/").trim_end_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["users", "me"]) => {
            Ok(Content::One(okta_objects::single_user(okta_objects::account(principal), &request.origin)))
        }
        // Only a super administrator may read roles (HELP "View administrators"; REAL in Okta's Terraform provider).
        (&Method::GET, ["users", id, "roles"]) if principal.has_role(&["SUPER_ADMIN"]) => roles(state, request, id),
        (&Method::GET, ["users"]) if is_full_admin || is_read_only => users(state, request),
        (&Method::GET, ["users", id]) if is_full_admin || is_read_only => {
            Ok(Content::One(okta_objects::single_user(find_user(state, id)?, &request.origin)))
        }
        (&Method::GET, ["api-tokens"]) if can_read_tokens => Ok(tokens(state, request)),
        (&Method::GET, ["api-tokens", id]) if can_read_tokens => token(state, request, id),
        (&Method::DELETE, ["api-tokens", "current"])
            if !is_full_admin && state.variants.only_admins_revoke_themselves =>
        {
            Err(forbidden())
        }
        (&Method::DELETE, ["api-tokens", "current"]) => {
            let now = state.okta_now();
            state.principals[caller].has_valid_token = false;
            state.add_token_event(TokenEvent::RevokedItself, caller, now);
            Ok(Content::Empty)
        }
        (&Method::GET, ["zones"]) if can_read_zones => zones(state, request),
        (&Method::GET, ["logs"]) if principal.can_read_logs() => {
            let (events, next) = system_log::page(&state.log, &request.query, state.okta_now(), &state.variants)?;
            Ok(Content::List(events, next))
        }
        (&Method::GET, ["users" | "api-tokens" | "zones" | "logs"]) => Err(forbidden()),
        (&Method::GET, ["users" | "api-tokens", _] | ["users", _, "roles"]) => Err(forbidden()),
        (_, ["users" | "api-tokens" | "zones" | "logs", ..]) if request.method != Method::GET => {
            Err((405, "E0000022", "The endpoint does not support the provided HTTP method".to_owned()))
        }
        _ => Err(unknown_path()),
    }
}

/// Returns all tokens (SPEC: without paging).
fn tokens(state: &State, request: &IncomingRequest) -> Content {
    let valid = state.principals.iter().filter(|one| one.has_valid_token);
    Content::List(valid.map(|one| okta_objects::api_token(one, &request.origin)).collect(), None)
}

fn token(state: &State, request: &IncomingRequest, id: &str) -> Result<Content, OktaError> {
    let token = state.principals.iter().find(|one| one.has_valid_token && one.token_id == id);
    let token = token.ok_or_else(|| not_found(id, "Token"))?;
    Ok(Content::One(okta_objects::api_token(token, &request.origin)))
}

fn all_users(state: &State) -> impl Iterator<Item = Value> + '_ {
    let owners = state.principals.iter().filter(|one| !one.is_second_token).map(okta_objects::account);
    owners.chain(state.users.iter().cloned())
}

/// Returns a user by id or login.
fn find_user(state: &State, id: &str) -> Result<Value, OktaError> {
    let is_it = |user: &Value| user["id"] == id || user["profile"]["login"] == id;
    all_users(state).find(is_it).ok_or_else(|| not_found(id, "User"))
}

fn roles(state: &State, request: &IncomingRequest, id: &str) -> Result<Content, OktaError> {
    let user = find_user(state, id)?;
    let principal: Option<&Principal> = state.principals.iter().find(|one| user["id"] == one.id.as_str());
    let roles = principal.map(|one| okta_objects::roles(one, &request.origin)).unwrap_or_default();
    Ok(Content::List(roles, None))
}

fn parse_filter(text: Option<&String>) -> Result<Option<ScimFilter>, OktaError> {
    text.map(|text| ScimFilter::parse(text).ok_or_else(invalid_search)).transpose()
}

/// Returns one page of users. `search` and `filter` are SCIM filters; `q` is the beginning of a name or address and leaves
/// out deactivated users (SPEC listUsers). REAL: a listed user links only to itself.
fn users(state: &State, request: &IncomingRequest) -> Result<Content, OktaError> {
    let expression = request.query.get("search").or_else(|| request.query.get("filter"));
    let filter = parse_filter(expression)?;
    let q = request.query.get("q").map(|q| q.to_lowercase());
    let begins_with_q = |user: &Value| {
        let begins = |key: &str| {
            let text = user["profile"][key].as_str().unwrap_or_default().to_lowercase();
            q.as_ref().is_none_or(|q| text.starts_with(q.as_str()))
        };
        begins("firstName") || begins("lastName") || begins("email")
    };
    let is_listed = |user: &Value| (q.is_none() && expression.is_some()) || user["status"] != "DEPROVISIONED";
    let all = all_users(state)
        .filter(|user| filter.as_ref().is_none_or(|filter| filter.matches(user)))
        .filter(|user| begins_with_q(user) && is_listed(user))
        .map(|user| okta_objects::listed_user(user, &request.origin));
    page(all.collect(), request, 200)
}

fn zones(state: &State, request: &IncomingRequest) -> Result<Content, OktaError> {
    let filter = parse_filter(request.query.get("filter"))?;
    let mut all = okta_objects::zones(state, &request.origin);
    all.retain(|zone| filter.as_ref().is_none_or(|filter| filter.matches(zone)));
    page(all, request, 20)
}

/// Returns the page after the object that `after` names.
fn page(all: Vec<Value>, request: &IncomingRequest, default_limit: usize) -> Result<Content, OktaError> {
    let limit = match request.query.get("limit").map(|text| text.parse::<usize>()) {
        None => default_limit,
        Some(Ok(limit)) => limit.clamp(1, 200),
        Some(Err(_)) => return Err((400, "E0000001", "Api validation failed: 'limit'".to_owned())),
    };
    let start = match request.query.get("after") {
        None => 0,
        Some(after) => match all.iter().position(|one| one["id"] == after.as_str()) {
            Some(index) => index + 1,
            None => return Err((400, "E0000031", "Invalid search criteria: invalid cursor".to_owned())),
        },
    };
    let has_more = all.len() > start + limit;
    let page: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    let last = page.last().and_then(|last| last["id"].as_str()).filter(|_| has_more);
    let next = last.map(|last| next_query(&request.query, &["after"], last));
    Ok(Content::List(page, next))
}

/// Adds the `self` and `next` links in two separate headers (REAL).
fn add_links(
    response: &mut Response<Body>,
    request: &IncomingRequest,
    next: Option<&str>,
    alteration: Option<&FaultKind>,
) {
    let mut add = |link: String| {
        if let Ok(value) = HeaderValue::from_str(&link) {
            response.headers_mut().append("link", value);
        }
    };
    let query = if request.raw_query.is_empty() { String::new() } else { format!("?{}", request.raw_query) };
    add(format!("<{}{}{query}>; rel=\"self\"", request.origin, request.path));
    let (origin, next) = match alteration {
        Some(FaultKind::ForeignNext { to }) => (to, next.or(Some("after=1"))),
        _ => (&request.origin, next),
    };
    if let Some(next) = next {
        add(format!("<{origin}{}?{next}>; rel=\"next\"", request.path));
    }
}

/// Sets the headers of every Okta response: request id (DOCS core-okta-api) and date.
pub(crate) fn set_common_headers(state: &mut State, response: &mut Response<Body>) {
    set_header(response, "x-okta-request-id", &format!("practice{:016}", state.next_request_number()));
    set_header(response, "date", &state.okta_now().format("%a, %d %b %Y %H:%M:%S GMT").to_string());
}

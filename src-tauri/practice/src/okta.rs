//! The Okta org: authentication, rights, rate limits, and the response to each request.

use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use serde_json::Value;

use crate::accounts::Principal;
use crate::events::TokenEvent;
use crate::fault::FaultKind;
use crate::links::{self, Next};
use crate::options::Variants;
use crate::rate_limits::{RateCount, bucket};
use crate::request::{IncomingRequest, next_query};
use crate::response::{OktaError, json_response, set_header, set_rate_headers, text};
use crate::scim_filter::ScimFilter;
use crate::state::State;
use crate::system_log::LogContext;
use crate::{okta_objects, system_log};

/// The content of a successful response.
enum Content {
    One(Value),
    /// A page of a list, with its links.
    Page(Vec<Value>, Next),
    /// A page as text, with its links.
    TextPage(Vec<u8>, Next),
    /// A whole list, without links (REAL: no `Link` header on tokens and roles; SPEC: neither has paging parameters).
    Whole(Vec<Value>),
    /// 204.
    Empty,
}

/// Returns the response to one request.
pub(crate) fn respond(state: &mut State, request: &IncomingRequest, alteration: Option<&FaultKind>) -> Response<Body> {
    let rate = count(state, request);
    let mut response = match handle(state, request, rate) {
        Ok(Content::One(body)) => json_response(200, &body),
        Ok(Content::Page(page, next)) => {
            let mut response = json_response(200, &Value::Array(page));
            links::add(&mut response, request, &next, alteration);
            response
        }
        Ok(Content::TextPage(page, next)) => {
            let mut response = Response::new(Body::from(page));
            set_header(&mut response, "content-type", "application/json");
            links::add(&mut response, request, &next, alteration);
            response
        }
        Ok(Content::Whole(list)) => {
            let mut response = json_response(200, &Value::Array(list));
            if matches!(alteration, Some(FaultKind::ForeignNext { .. })) {
                links::add(&mut response, request, &Next::None, alteration);
            }
            response
        }
        Ok(Content::Empty) => text(StatusCode::NO_CONTENT, "application/json", ""),
        Err(error) => error.response(),
    };
    set_common_headers(state, &mut response);
    if matches!(alteration, Some(FaultKind::GarbageDate)) {
        set_header(&mut response, "date", "yesterday");
    }
    if let Some(rate) = rate.filter(|_| !matches!(alteration, Some(FaultKind::NoRateHeaders))) {
        let is_garbage = matches!(alteration, Some(FaultKind::GarbageRateHeaders));
        let number = |n: i64| if is_garbage { "soon".to_owned() } else { n.to_string() };
        set_rate_headers(&mut response, [rate.limit.into(), rate.remaining.into(), rate.reset].map(number));
    }
    response
}

/// Counts a request against its rate limit.
fn count(state: &mut State, request: &IncomingRequest) -> Option<RateCount> {
    // REAL: no rate-limit headers on the well-known page in any recording.
    let path = path_below_api(request)?;
    let now = state.okta_now().timestamp();
    let bucket = bucket(&path);
    let (org_limit, others) = match bucket {
        "logs" => (state.options.rate_limit, state.other_consumers),
        _ => (1200, 0),
    };
    let token = ssws_token(request, &state.variants).unwrap_or_default();
    Some(state.rate_limits.count(token, bucket, org_limit, others, now))
}

/// Returns the segments below `/api/v1`; `None` for another path.
fn path_below_api(request: &IncomingRequest) -> Option<Vec<&str>> {
    let mut segments = request.segments.iter().map(String::as_str);
    (segments.next() == Some("api") && segments.next() == Some("v1")).then(|| segments.collect())
}

fn handle(state: &mut State, request: &IncomingRequest, rate: Option<RateCount>) -> Result<Content, OktaError> {
    if request.segments == [".well-known", "okta-organization"] {
        return Ok(Content::One(okta_objects::organization(state, &request.origin)));
    }
    let path = path_below_api(request).ok_or_else(unknown_path)?;
    let caller = authenticate(state, request)?;
    if rate.is_some_and(|rate| rate.is_over) {
        return Err(OktaError::new(429, "E0000047", "API call exceeded rate limit due to too many requests."));
    }
    if state.read_only_mode && (state.variants.read_only_mode_refuses_reads || request.method != Method::GET) {
        return Err(OktaError::new(503, "E0000010", "Service is in read only mode"));
    }
    route(state, request, &path, caller)
}

/// Returns the token after the scheme. Public scripts that call Okta also send `SSWS00...` without a blank (UNVERIFIED
/// that Okta accepts it).
fn ssws_token<'a>(request: &'a IncomingRequest, variants: &Variants) -> Option<&'a str> {
    let rest = request.authorization.as_deref()?.strip_prefix("SSWS")?;
    (rest.starts_with(' ') || !variants.scheme_needs_blank).then(|| rest.trim())
}

/// Returns the index of the principal that owns the token. A missing or other scheme than SSWS is an invalid session (DOCS
/// error codes); an expired or revoked token, or one of an inactive owner, gets E0000011 (DOCS create-an-api-token).
fn authenticate(state: &mut State, request: &IncomingRequest) -> Result<usize, OktaError> {
    let Some(token) = ssws_token(request, &state.variants) else {
        return Err(if state.variants.no_scheme_is_401 {
            OktaError::new(401, "E0000004", "Authentication failed")
        } else {
            OktaError::new(403, "E0000005", "Invalid session")
        });
    };
    let invalid = || OktaError::new(401, "E0000011", "Invalid token provided");
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
    OktaError::new(403, "E0000006", "You do not have permission to perform the requested action")
}

fn unknown_path() -> OktaError {
    OktaError::new(404, "E0000008", "The requested path was not found")
}

fn not_found(id: &str, kind: &str) -> OktaError {
    OktaError::new(404, "E0000007", format!("Not found: Resource not found: {id} ({kind})"))
}

fn route(state: &mut State, request: &IncomingRequest, path: &[&str], caller: usize) -> Result<Content, OktaError> {
    let principal = &state.principals[caller];
    let is_full_admin = principal.has_role(&["SUPER_ADMIN", "ORG_ADMIN"]);
    let is_read_only = principal.has_role(&["READ_ONLY_ADMIN"]);
    let can_read_tokens = is_full_admin || (is_read_only && state.variants.read_only_sees_tokens);
    let can_read_zones = is_full_admin || (is_read_only && state.variants.read_only_sees_zones);
    match (&request.method, path) {
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
        (&Method::GET, ["zones", id]) if can_read_zones => zone(state, request, id),
        (&Method::GET, ["logs"]) if principal.can_read_logs() => {
            let context =
                LogContext { now: state.okta_now(), variants: &state.variants, oldest_cursor: state.oldest_cursor };
            if let Some(log) = &state.volume_log {
                let (page, next) = system_log::volume_page(log, &request.query, context)?;
                return Ok(Content::TextPage(page, next));
            }
            let (events, next) = system_log::page(&state.log, &request.query, context)?;
            Ok(Content::Page(events, next))
        }
        (&Method::GET, ["users" | "api-tokens" | "zones" | "logs"]) => Err(forbidden()),
        (&Method::GET, ["users" | "api-tokens" | "zones", _] | ["users", _, "roles"]) => Err(forbidden()),
        (_, ["users" | "api-tokens" | "zones" | "logs", ..]) if request.method != Method::GET => {
            Err(OktaError::new(405, "E0000022", "The endpoint does not support the provided HTTP method"))
        }
        _ => Err(unknown_path()),
    }
}

/// Returns all tokens.
fn tokens(state: &State, request: &IncomingRequest) -> Content {
    let valid = state.principals.iter().filter(|one| one.has_valid_token);
    Content::Whole(valid.map(|one| okta_objects::api_token(one, &request.origin)).collect())
}

fn token(state: &State, request: &IncomingRequest, id: &str) -> Result<Content, OktaError> {
    let token = state.principals.iter().find(|one| one.has_valid_token && one.token_id == id);
    let token = token.ok_or_else(|| not_found(id, "Token"))?;
    Ok(Content::One(okta_objects::api_token(token, &request.origin)))
}

/// Returns every account, without links.
pub(crate) fn all_users(state: &State) -> impl Iterator<Item = Value> + '_ {
    let owners = state.principals.iter().filter(|one| !one.is_second_token).map(okta_objects::account);
    owners.chain(state.users.iter().cloned())
}

/// Returns a user by id, login or unambiguous short name, the part of the login before the `@` (SPEC getUser). Logins that
/// differ only in case are the same (DOCS, in okta-developer-docs#4947).
fn find_user(state: &State, id: &str) -> Result<Value, OktaError> {
    let login = |user: &Value| user["profile"]["login"].as_str().unwrap_or_default().to_lowercase();
    let wanted = id.to_lowercase();
    if let Some(user) = all_users(state).find(|user| user["id"] == id || login(user) == wanted) {
        return Ok(user);
    }
    let mut named = all_users(state).filter(|user| login(user).split('@').next() == Some(wanted.as_str()));
    named.next().filter(|_| named.next().is_none()).ok_or_else(|| not_found(id, "User"))
}

fn roles(state: &State, request: &IncomingRequest, id: &str) -> Result<Content, OktaError> {
    let user = find_user(state, id)?;
    let principal: Option<&Principal> = state.principals.iter().find(|one| user["id"] == one.id.as_str());
    let roles = principal.map(|one| okta_objects::roles(one, &request.origin)).unwrap_or_default();
    Ok(Content::Whole(roles))
}

fn parse_filter(text: Option<&String>) -> Result<Option<ScimFilter>, OktaError> {
    text.map(|text| ScimFilter::parse(text).ok_or_else(OktaError::invalid_search)).transpose()
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
    page(all.collect(), request, &state.variants, 200)
}

fn zones(state: &State, request: &IncomingRequest) -> Result<Content, OktaError> {
    let filter = parse_filter(request.query.get("filter"))?;
    let mut all = okta_objects::zones(state, &request.origin);
    all.retain(|zone| filter.as_ref().is_none_or(|filter| filter.matches(zone)));
    page(all, request, &state.variants, 20)
}

/// Returns one zone (SPEC getNetworkZone and its example of a 404).
fn zone(state: &State, request: &IncomingRequest, id: &str) -> Result<Content, OktaError> {
    let all = okta_objects::zones(state, &request.origin);
    let zone = all.into_iter().find(|zone| zone["id"] == id);
    zone.map(Content::One).ok_or_else(|| not_found(id, "NetworkZone"))
}

/// Returns the page after the object that `after` names.
fn page(
    all: Vec<Value>,
    request: &IncomingRequest,
    variants: &Variants,
    default_limit: usize,
) -> Result<Content, OktaError> {
    let limit = match request.query.get("limit").map(|text| text.parse::<usize>()) {
        None => default_limit,
        Some(Ok(limit)) => limit.clamp(1, 200),
        Some(Err(_)) => return Err(OktaError::new(400, "E0000001", "Api validation failed: 'limit'")),
    };
    let start = match request.query.get("after") {
        None => 0,
        Some(after) => match all.iter().position(|one| one["id"] == after.as_str()) {
            Some(index) => index + 1,
            None => return Err(OktaError::invalid_cursor(variants)),
        },
    };
    let has_more = all.len() > start + limit;
    let page: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    let last = page.last().and_then(|last| last["id"].as_str()).filter(|_| has_more);
    let next = last.map_or(Next::None, |last| Next::Query(next_query(&request.query, &["after"], last)));
    Ok(Content::Page(page, next))
}

/// Sets the headers of every Okta response: request id (DOCS core-okta-api) and date.
pub(crate) fn set_common_headers(state: &mut State, response: &mut Response<Body>) {
    set_header(response, "x-okta-request-id", &format!("practice{:016}", state.next_request_number()));
    set_header(response, "date", &state.okta_now().format("%a, %d %b %Y %H:%M:%S GMT").to_string());
}

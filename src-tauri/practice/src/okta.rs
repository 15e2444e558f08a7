//! The Okta org: authentication, rights, rate limits, and the response to each request.

use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use serde_json::Value;

use crate::fault::FaultKind;
use crate::links::{self, Next};
use crate::okta_call::{Content, OktaCall, forbidden, method_not_supported, not_found, unknown_path};
use crate::options::Variants;
use crate::random_events::TokenEvent;
use crate::rate_limits::{RateCount, bucket};
use crate::request::IncomingRequest;
use crate::response_builders::{OktaError, json_response, set_header, set_rate_headers, text};
use crate::state::State;
use crate::system_log::LogContext;
use crate::{okta_objects, system_log, users, zones};

/// Returns the response to one request.
pub(crate) fn respond(state: &mut State, request: &IncomingRequest, alteration: Option<&FaultKind>) -> Response<Body> {
    let rate = count(state, request);
    let request_id = state.next_request_id();
    state.calling_user_agent.clone_from(&request.user_agent);
    if let Some(response) = refuse_blocked_client(state, &request_id) {
        return response;
    }
    // DOCS core-okta-api: a request that changes something states the length of its body, also of an empty one.
    if !request.has_length && [Method::POST, Method::PUT].contains(&request.method) {
        return text(StatusCode::LENGTH_REQUIRED, "text/html", "<h1>Length Required</h1>");
    }
    let mut response = match handle(state, request, rate, &request_id) {
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
    set_common_headers(state, &mut response, &request_id);
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

/// Returns the refusal of a client whose address is in a blocklist. HELP create-ip-zone: 403 on every path of the org, also without
/// a token; the body is UNVERIFIED.
fn refuse_blocked_client(state: &mut State, request_id: &str) -> Option<Response<Body>> {
    if !state.options.blocks_clients || !state.zones.refuse(state.options.client_address) {
        return None;
    }
    zones::add_blocked_request_event(state);
    let page = "<!DOCTYPE html><html><head><title>Access forbidden</title></head><body>Access forbidden</body></html>";
    let mut response = text(StatusCode::FORBIDDEN, "text/html;charset=utf-8", page);
    set_common_headers(state, &mut response, request_id);
    Some(response)
}

/// Counts a request against its rate limit.
fn count(state: &mut State, request: &IncomingRequest) -> Option<RateCount> {
    // REAL: no rate-limit headers on the well-known page in any recording.
    let path = path_below_api(request)?;
    let now = state.okta_now().timestamp();
    let bucket = bucket(&path);
    let (org_limit, others) = match bucket {
        "logs" => (state.options.rate_limit, state.other_consumers),
        _ => (state.options.api_rate_limit, 0),
    };
    let token = ssws_token(request, &state.variants).unwrap_or_default();
    Some(state.rate_limits.count(token, bucket, org_limit, others, now))
}

/// Returns the segments below `/api/v1`; `None` for another path.
fn path_below_api(request: &IncomingRequest) -> Option<Vec<&str>> {
    let mut segments = request.segments.iter().map(String::as_str);
    (segments.next() == Some("api") && segments.next() == Some("v1")).then(|| segments.collect())
}

fn handle(
    state: &mut State,
    request: &IncomingRequest,
    rate: Option<RateCount>,
    request_id: &str,
) -> Result<Content, OktaError> {
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
    route(state, &OktaCall { request, caller, request_id }, &path)
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

fn route(state: &mut State, call: &OktaCall, path: &[&str]) -> Result<Content, OktaError> {
    let OktaCall { request, caller, .. } = *call;
    let principal = &state.principals[caller];
    let is_full_admin = principal.has_role(&["SUPER_ADMIN", "ORG_ADMIN"]);
    let is_read_only = principal.has_role(&["READ_ONLY_ADMIN"]);
    let can_read_tokens = is_full_admin || (is_read_only && state.variants.read_only_sees_tokens);
    match (&request.method, path) {
        (_, ["users", path @ ..]) => users::respond(state, call, path),
        // As with roles, only for a super administrator (HELP "View administrators").
        (&Method::GET, ["iam", "assignees", "users"]) if principal.has_role(&["SUPER_ADMIN"]) => {
            users::assignees(state, call)
        }
        (&Method::GET, ["iam", "assignees", "users"]) => Err(forbidden()),
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
        (_, ["zones", path @ ..]) => zones::respond(state, call, path),
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
        (&Method::GET, ["api-tokens" | "logs"] | ["api-tokens", _]) => Err(forbidden()),
        (_, ["api-tokens" | "logs", ..]) if request.method != Method::GET => Err(method_not_supported()),
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

/// Sets the headers of every Okta response: request id (DOCS core-okta-api) and date.
pub(crate) fn set_common_headers(state: &State, response: &mut Response<Body>, request_id: &str) {
    set_header(response, "x-okta-request-id", request_id);
    set_header(response, "date", &state.okta_now().format("%a, %d %b %Y %H:%M:%S GMT").to_string());
}

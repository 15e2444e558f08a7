//! A call of Okta's API as the handlers need it, the content of its response, and what many responses share.

use serde_json::Value;

use crate::links::Next;
use crate::options::Variants;
use crate::random_events::ActedThrough;
use crate::request::{IncomingRequest, next_query};
use crate::response_builders::OktaError;
use crate::scim_filter::ScimFilter;

/// The content of a successful response.
pub(crate) enum Content {
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

/// An authenticated request.
#[derive(Clone, Copy)]
pub(crate) struct OktaCall<'a> {
    pub(crate) request: &'a IncomingRequest,
    /// Index of the principal that owns the token.
    pub(crate) caller: usize,
    /// Value of the response's `X-Okta-Request-Id`; the transaction of an event that the call causes has the same (DOCS).
    pub(crate) request_id: &'a str,
}

impl<'a> OktaCall<'a> {
    /// Returns the call as the way in which its caller acted.
    pub(crate) fn through(&self) -> ActedThrough<'a> {
        ActedThrough::Api { request_id: self.request_id, path: &self.request.path }
    }
}

pub(crate) fn forbidden() -> OktaError {
    OktaError::new(403, "E0000006", "You do not have permission to perform the requested action")
}

pub(crate) fn unknown_path() -> OktaError {
    OktaError::new(404, "E0000008", "The requested path was not found")
}

pub(crate) fn method_not_supported() -> OktaError {
    OktaError::new(405, "E0000022", "The endpoint does not support the provided HTTP method")
}

pub(crate) fn not_found(id: &str, kind: &str) -> OktaError {
    OktaError::new(404, "E0000007", format!("Not found: Resource not found: {id} ({kind})"))
}

pub(crate) fn parse_filter(text: Option<&String>) -> Result<Option<ScimFilter>, OktaError> {
    text.map(|text| ScimFilter::parse(text).ok_or_else(OktaError::invalid_search)).transpose()
}

/// Returns the page after the object that `after` names.
pub(crate) fn page(
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

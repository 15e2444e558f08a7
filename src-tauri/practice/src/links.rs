//! The `self` and `next` links of a page.

use axum::body::Body;
use axum::http::{HeaderValue, Response};

use crate::fault::FaultKind;
use crate::request::IncomingRequest;

/// Where the `next` link of a page leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// There is none.
    None,
    /// The same path with this query.
    Query(String),
    /// The same address as `self`, byte for byte.
    Itself,
}

/// Adds the `self` and `next` links in two separate headers (REAL). `self` is the request as it was sent (DOCS "Self link
/// response header").
pub(crate) fn add(
    response: &mut Response<Body>,
    request: &IncomingRequest,
    next: &Next,
    alteration: Option<&FaultKind>,
) {
    let mut links = Vec::new();
    let own_query = if request.raw_query.is_empty() { String::new() } else { format!("?{}", request.raw_query) };
    links.push(format!("<{}{}{own_query}>; rel=\"self\"", request.origin, request.path));
    let query = match next {
        Next::None => None,
        Next::Query(query) => Some(format!("?{query}")),
        Next::Itself => Some(own_query),
    };
    let (origin, query) = match alteration {
        Some(FaultKind::ForeignNext { to }) => (to, query.or_else(|| Some("?after=1".to_owned()))),
        _ => (&request.origin, query),
    };
    if let Some(query) = query {
        links.push(format!("<{origin}{}{query}>; rel=\"next\"", request.path));
    }
    if matches!(alteration, Some(FaultKind::JoinedLinks)) {
        links = vec![links.join(", ")];
    }
    for link in links {
        if let Ok(value) = HeaderValue::from_str(&link) {
            response.headers_mut().append("link", value);
        }
    }
}

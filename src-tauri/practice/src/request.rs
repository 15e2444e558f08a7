//! Requests: an incoming one as the handlers need it, and a recorded one without headers.

use std::collections::BTreeMap;
use std::io;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{self, HeaderMap, Method};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};

/// Largest accepted request body.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// A recorded request; headers are not kept, so it contains no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// `okta`, `radiant` or `control`.
    pub side: String,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query as it was sent.
    pub query: String,
    /// The body of a request that changes something in Okta; `None` for the others, and for an empty body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// A request as the handlers need it.
pub(crate) struct IncomingRequest {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The path as Okta resolves it: decoded segments, without empty ones at the end and without `.` and `..` (REAL:
    /// `GET /users/.` returns the list, okta-sdk-dotnet#533).
    pub(crate) segments: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) raw_query: String,
    /// Origin under which the server was reached.
    pub(crate) origin: String,
    pub(crate) host: Option<String>,
    pub(crate) browser_origin: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) rs_token: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) is_byob: bool,
    /// Whether the request states the length of its body.
    pub(crate) has_length: bool,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    /// The body as text.
    pub(crate) body: String,
}

impl IncomingRequest {
    /// Reads a request to its end.
    pub(crate) async fn read(request: http::Request<Incoming>, origin: String) -> io::Result<Self> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(Body::new(body), MAX_BODY).await.map_err(io::Error::other)?;
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            segments: segments(parts.uri.path()),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            raw_query: query.to_owned(),
            origin,
            host: text("host"),
            browser_origin: text("origin"),
            authorization: text("authorization"),
            rs_token: text("x-rs-token"),
            user_agent: text("user-agent"),
            content_type: text("content-type"),
            has_length: text("content-length").is_some() || text("transfer-encoding").is_some(),
            is_byob: text("x-rs-is-byob").as_deref() == Some("true"),
            body: String::from_utf8_lossy(&body).into_owned(),
            bytes: body,
            method: parts.method,
            headers: parts.headers,
        })
    }

    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the request's record; `side` is the server that received it.
    pub(crate) fn record(&self, side: &str) -> RecordedRequest {
        RecordedRequest {
            side: side.to_owned(),
            method: self.method.to_string(),
            path: self.path.clone(),
            query: self.raw_query.clone(),
            body: (side == "okta" && self.method != Method::GET && !self.body.is_empty()).then(|| self.body.clone()),
        }
    }
}

/// Resolves a path into its segments. A login may be percent-encoded, as every client library does (`jo%40acme.com`).
fn segments(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    for segment in path.trim_matches('/').split('/').map(decode) {
        match segment.as_str() {
            "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    segments
}

/// Decodes `%40` and the like; anything that is no such code stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.filter(|_| *first == b'%').and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the query of a `next` link: the request's own without these keys, and the cursor.
pub(crate) fn next_query(query: &BTreeMap<String, String>, without: &[&str], after: &str) -> String {
    let pairs = query.iter().filter(|(key, _)| !without.contains(&key.as_str()));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).append_pair("after", after).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_after_it_is_split_and_ends_without_a_slash() {
        for (path, expected) in [
            ("/api/v1/users/jo.marsh%40practice.example", &["api", "v1", "users", "jo.marsh@practice.example"][..]),
            ("/api/v1/users/a%2Fb%c3%a9", &["api", "v1", "users", "a/bé"]),
            ("/api/v1/logs/", &["api", "v1", "logs"]),
            ("/api/v1/users/.", &["api", "v1", "users"]),
            ("/api/v1/users/%2e%2e/zones", &["api", "v1", "zones"]),
            ("/api/v1/users/100%", &["api", "v1", "users", "100%"]),
            ("/api/v1/users/%zz%4", &["api", "v1", "users", "%zz%4"]),
        ] {
            assert_eq!(segments(path), expected, "{path}");
        }
    }
}

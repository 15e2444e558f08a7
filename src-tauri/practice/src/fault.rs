//! Faults that can be switched on, and the effect of each on a response.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::response_builders::{okta_error, set_header, set_rate_headers, text};

/// The server that a fault affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The Okta org.
    Okta,
    /// The Radiant tenant.
    Radiant,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Affected server.
    pub side: Side,
    /// Prefix of the affected paths; every path when absent.
    pub path: Option<String>,
    /// Method of the affected requests, for example `POST`; every method when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Number of affected requests; unlimited when absent.
    pub times: Option<u32>,
    /// Kind of fault.
    pub kind: FaultKind,
}

/// Kind of fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// A status with Okta's error body.
    Status {
        /// HTTP status.
        status: u16,
        /// Okta's `errorCode`.
        code: String,
    },
    /// The connection is closed before Okta handles the request.
    Reset,
    /// The request is handled and the connection closed without a response.
    ResponseLost,
    /// The response breaks off in the middle: of its body, or, where it has none, of its head.
    Truncate,
    /// The request is handled late.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// The request is handled at once and the response comes late.
    SlowResponse {
        /// Milliseconds.
        ms: u64,
    },
    /// A network redirects the request, for example to its sign-in page.
    Redirect {
        /// Its target.
        to: String,
    },
    /// Okta redirects the request itself.
    OktaRedirect {
        /// Its target.
        to: String,
    },
    /// The `next` link points to another origin.
    ForeignNext {
        /// That origin.
        to: String,
    },
    /// A network's sign-in page responds instead.
    CaptivePage,
    /// The edge in front of the API refuses the request. Recorded: 400 with a page of Okta's Apache for a header that it does not
    /// accept (github.com/okta/okta-sdk-python/issues/44), 404 with a page on every path of an org that is gone
    /// (github.com/okta/okta-sdk-java/issues/509). UNVERIFIED: 403 on every path for an address in a blocked zone, with a page,
    /// JSON or nothing (github.com/cloudflare/cloudflare-docs/pull/31322 quotes only the System Log).
    Edge {
        /// HTTP status.
        status: u16,
        /// Body.
        body: EdgeBody,
        /// Whether the response has the headers of every Okta response. Both recordings lack them; over loopback, where no
        /// certificate names the host, only they tell Okta's edge from a network.
        okta_headers: bool,
    },
    /// 429 with the rate limit used up.
    RateLimited {
        /// Seconds until the window ends; negative for a reset in the past (REAL).
        reset_s: i64,
    },
    /// The rate-limit headers are not numbers.
    GarbageRateHeaders,
    /// The `Date` header is not a date.
    GarbageDate,
    /// The body is not JSON.
    Unreadable,
    /// The last entry of a list breaks off, so that the body is not JSON.
    BrokenEntry,
    /// The body is compressed and breaks off, in a response that is complete for HTTP.
    TruncatedGzip,
    /// The connection stays open and there is no response (field note F53).
    Hang,
    /// The headers come, and the body never does (F53).
    HeadersOnly,
    /// The body comes one byte at a time (F53).
    Trickle {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// There are no rate-limit headers (REAL: elastic/integrations#21027).
    NoRateHeaders,
    /// All links are in one header (REAL: SEKOIA-IO/Community#160).
    JoinedLinks,
}

/// Body of a refusal by the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeBody {
    /// No body.
    Empty,
    /// JSON without a code of the API.
    Json,
    /// JSON with the code of a missing permission, as the API would send it.
    ApiError,
    /// A web page.
    Page,
}

impl Fault {
    /// Tells whether this is a lasting fault of Okta itself, or the org is gone; the others are between this computer and Okta.
    pub(crate) fn is_outage(&self) -> bool {
        self.times.is_none()
            && self.affects(Side::Okta, "GET", "/api/v1/logs")
            && matches!(self.kind, FaultKind::Status { status: 500.., .. } | FaultKind::Edge { status: 404, .. })
    }

    /// Returns a lasting fault on every path of one server.
    #[must_use]
    pub fn on(side: Side, kind: FaultKind) -> Self {
        Self { side, path: None, method: None, times: None, kind }
    }

    /// Restricts the fault to paths with this prefix.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Restricts the fault to requests with this method.
    #[must_use]
    pub fn with_method(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// Ends the fault after this number of requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Tells whether the fault affects requests with this method to this path of this server.
    pub(crate) fn affects(&self, side: Side, method: &str, path: &str) -> bool {
        self.side == side
            && self.method.as_ref().is_none_or(|affected| affected == method)
            && self.path.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
    }

    /// Counts one request against the fault and returns the kind when the request is affected.
    pub(crate) fn strike(fault: &mut Option<Self>, side: Side, method: &str, path: &str) -> Option<FaultKind> {
        let current = fault.as_mut().filter(|fault| fault.affects(side, method, path))?;
        let kind = current.kind.clone();
        match current.times.as_mut() {
            None => {}
            Some(0 | 1) => *fault = None,
            Some(times) => *times -= 1,
        }
        Some(kind)
    }
}

/// Effect of a fault on one request.
pub(crate) enum Effect {
    /// The server sends this response instead of its own.
    Respond(Response<Body>),
    Close,
    /// The server does nothing.
    Hang,
    Delay(Duration),
    /// The server changes its own response.
    Alter(FaultKind),
}

impl FaultKind {
    /// Returns the effect at this time (epoch seconds).
    pub(crate) fn effect(&self, now: i64) -> Effect {
        match self {
            Self::Status { status, code } => Effect::Respond(okta_error(*status, code, "Practice fault")),
            Self::Reset => Effect::Close,
            Self::Slow { ms } => Effect::Delay(Duration::from_millis(*ms)),
            Self::Redirect { to } | Self::OktaRedirect { to } => Effect::Respond(redirect(to)),
            Self::CaptivePage => Effect::Respond(captive_page()),
            Self::Edge { status, body, .. } => Effect::Respond(edge_refusal(*status, *body)),
            Self::RateLimited { reset_s } => Effect::Respond(rate_limited(now + reset_s)),
            Self::Unreadable => Effect::Respond(text(StatusCode::OK, "application/json", "{\"id\": ")),
            Self::Hang => Effect::Hang,
            Self::ResponseLost
            | Self::SlowResponse { .. }
            | Self::Truncate
            | Self::ForeignNext { .. }
            | Self::GarbageRateHeaders
            | Self::GarbageDate
            | Self::BrokenEntry
            | Self::TruncatedGzip
            | Self::HeadersOnly
            | Self::Trickle { .. }
            | Self::NoRateHeaders
            | Self::JoinedLinks => Effect::Alter(self.clone()),
        }
    }

    /// Tells whether the response has none of Okta's headers, as that of a network has not.
    pub(crate) fn lacks_okta_headers(&self) -> bool {
        matches!(self, Self::CaptivePage | Self::Redirect { .. } | Self::Edge { okta_headers: false, .. })
    }
}

fn redirect(to: &str) -> Response<Body> {
    let mut response = text(StatusCode::FOUND, "text/html", "");
    set_header(&mut response, "location", to);
    response
}

fn captive_page() -> Response<Body> {
    let page = "<!doctype html><title>Guest network</title><p>Please sign in to use this network.";
    text(StatusCode::OK, "text/html", page)
}

fn edge_refusal(status: u16, body: EdgeBody) -> Response<Body> {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Refused");
    let (content_type, body) = match body {
        EdgeBody::ApiError => return okta_error(status, "E0000006", "Practice fault"),
        EdgeBody::Empty => ("text/plain", String::new()),
        EdgeBody::Json => ("application/json", json!({"error": reason}).to_string()),
        EdgeBody::Page => ("text/html;charset=utf-8", format!("<!DOCTYPE html><html><h1>{reason}</h1></html>")),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    text(status, content_type, &body)
}

/// Returns the response over the rate limit (REAL: limit 10, remaining 0).
fn rate_limited(reset: i64) -> Response<Body> {
    let mut response = okta_error(429, "E0000047", "API call exceeded rate limit due to too many requests.");
    set_rate_headers(&mut response, ["10".to_owned(), "0".to_owned(), reset.to_string()]);
    response
}

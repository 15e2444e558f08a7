//! Faults that can be switched on, each at the wire where it would happen.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Which of the two servers misbehaves.
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
    /// Where.
    pub side: Side,
    /// Only requests whose path begins so; every request when absent.
    pub path: Option<String>,
    /// How often; for good when absent.
    pub times: Option<u32>,
    /// What.
    pub kind: FaultKind,
}

/// What goes wrong.
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
    /// The connection is closed without an answer.
    Reset,
    /// The answer breaks off in the middle.
    Truncate,
    /// The answer comes late.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// A redirect.
    Redirect {
        /// Its target.
        to: String,
    },
    /// The `next` link points elsewhere.
    ForeignNext {
        /// Its origin.
        to: String,
    },
    /// A network's sign-in page answers instead.
    CaptivePage,
    /// 429 with the rate limit used up.
    RateLimited {
        /// Seconds until the window ends; negative for a reset in the past (REAL, a known trap).
        reset_s: i64,
    },
    /// The rate-limit headers are no numbers.
    GarbageRateHeaders,
    /// The time of the answer is none.
    GarbageDate,
    /// The body is no JSON.
    Unreadable,
}

impl Fault {
    /// A lasting fault on every path of one side.
    #[must_use]
    pub fn on(side: Side, kind: FaultKind) -> Self {
        Self { side, path: None, times: None, kind }
    }

    /// Restricts it to paths that begin so.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }
}

/// What the server does instead of, or before, answering.
pub(crate) enum Instead {
    Answer(Response<Body>),
    Close,
    Wait(Duration),
    Change(FaultKind),
}

impl FaultKind {
    pub(crate) fn instead(&self, now: i64) -> Instead {
        match self {
            Self::Status { status, code } => Instead::Answer(status_answer(*status, code)),
            Self::Reset => Instead::Close,
            Self::Slow { ms } => Instead::Wait(Duration::from_millis(*ms)),
            Self::Redirect { to } => Instead::Answer(redirect(to)),
            Self::CaptivePage => Instead::Answer(page()),
            Self::RateLimited { reset_s } => Instead::Answer(rate_limited(now + reset_s)),
            Self::Unreadable => Instead::Answer(text(StatusCode::OK, "application/json", "{\"id\": ")),
            Self::Truncate | Self::ForeignNext { .. } | Self::GarbageRateHeaders | Self::GarbageDate => {
                Instead::Change(self.clone())
            }
        }
    }
}

/// Okta's error body (DOCS reference/error-codes). `errorLink` is the code itself (REAL).
pub(crate) fn error_body(code: &str, summary: &str) -> serde_json::Value {
    json!({"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oaePRACTICE", "errorCauses": []})
}

fn status_answer(status: u16, code: &str) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    text(status, "application/json", &error_body(code, "Practice fault").to_string())
}

fn redirect(to: &str) -> Response<Body> {
    let mut answer = text(StatusCode::FOUND, "text/html", "");
    if let Ok(to) = HeaderValue::from_str(to) {
        answer.headers_mut().insert(header::LOCATION, to);
    }
    answer
}

fn page() -> Response<Body> {
    text(
        StatusCode::OK,
        "text/html",
        "<!doctype html><title>Guest network</title><p>Please sign in to use this network.",
    )
}

/// REAL: limit 10, remaining 0, reset in epoch seconds, no `Retry-After`.
fn rate_limited(reset: i64) -> Response<Body> {
    let body = error_body("E0000047", "API call exceeded rate limit due to too many requests.");
    let mut answer = text(StatusCode::TOO_MANY_REQUESTS, "application/json", &body.to_string());
    for (name, value) in [
        ("x-rate-limit-limit", "10".to_owned()),
        ("x-rate-limit-remaining", "0".to_owned()),
        ("x-rate-limit-reset", reset.to_string()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

pub(crate) fn text(status: StatusCode, kind: &str, body: &str) -> Response<Body> {
    let mut answer = Response::new(Body::from(Bytes::copy_from_slice(body.as_bytes())));
    *answer.status_mut() = status;
    if let Ok(kind) = HeaderValue::from_str(kind) {
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    answer
}

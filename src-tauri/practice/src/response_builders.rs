//! HTTP responses as Okta and Radiant shape them.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::options::Variants;

/// An Okta error.
pub(crate) struct OktaError {
    status: u16,
    code: &'static str,
    summary: String,
    cause: Option<String>,
}

impl OktaError {
    pub(crate) fn new(status: u16, code: &'static str, summary: impl Into<String>) -> Self {
        Self { status, code, summary: summary.into(), cause: None }
    }

    /// Adds the entry of `errorCauses`.
    pub(crate) fn because(self, cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    pub(crate) fn invalid_search() -> Self {
        Self::new(400, "E0000031", "Invalid search criteria.")
    }

    /// Returns the error for an invalid cursor. Which of the two codes the System Log sends is UNVERIFIED (other lists send
    /// either); Okta's error catalog has one summary for each and adds no detail to it.
    pub(crate) fn invalid_cursor(variants: &Variants) -> Self {
        let error = match variants.bad_cursor_is_paging {
            true => Self::new(400, "E0000029", "Invalid paging request."),
            false => Self::invalid_search(),
        };
        error.because("Invalid cursor")
    }

    /// Returns the response.
    pub(crate) fn response(&self) -> Response<Body> {
        error_response(self.status, self.code, &self.summary, self.cause.as_deref())
    }
}

/// Returns a response with this content type.
pub(crate) fn text(status: StatusCode, content_type: &str, body: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = status;
    set_header(&mut response, "content-type", content_type);
    response
}

/// Returns a JSON response.
pub(crate) fn json_response(status: u16, body: &Value) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    text(status, "application/json", &body.to_string())
}

/// Returns an Okta error response without causes.
pub(crate) fn okta_error(status: u16, code: &str, summary: &str) -> Response<Body> {
    error_response(status, code, summary, None)
}

/// Returns an Okta error response (DOCS reference/error-codes). `errorLink` is the code itself (REAL).
fn error_response(status: u16, code: &str, summary: &str, cause: Option<&str>) -> Response<Body> {
    let causes: Vec<Value> = cause.into_iter().map(|cause| json!({"errorSummary": cause})).collect();
    let body = json!({"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oaePRACTICE", "errorCauses": causes});
    json_response(status, &body)
}

/// Sets a header; a value that no header can carry is left out.
pub(crate) fn set_header(response: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Sets the three rate-limit headers (REAL: the reset in epoch seconds, never a `Retry-After`).
pub(crate) fn set_rate_headers(response: &mut Response<Body>, [limit, remaining, reset]: [String; 3]) {
    set_header(response, "x-rate-limit-limit", &limit);
    set_header(response, "x-rate-limit-remaining", &remaining);
    set_header(response, "x-rate-limit-reset", &reset);
}

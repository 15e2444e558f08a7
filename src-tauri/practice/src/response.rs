//! HTTP responses as Okta and Radiant shape them.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

/// Status, code and summary of an Okta error.
pub(crate) type OktaError = (u16, &'static str, String);

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

/// Returns an Okta error response (DOCS reference/error-codes). `errorLink` is the code itself (REAL).
pub(crate) fn okta_error(status: u16, code: &str, summary: &str) -> Response<Body> {
    let body = json!({"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oaePRACTICE", "errorCauses": []});
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

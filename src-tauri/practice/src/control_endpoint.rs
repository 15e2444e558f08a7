//! The control of a practice organization for other processes: JSON over loopback. The endpoint requires the secret of this run and
//! its own `Host`, and refuses requests with a browser's `Origin`.

use axum::body::Body;
use axum::http::{Method, Response};
use serde::Deserialize;
use serde_json::json;

use crate::control::Control;
use crate::request::IncomingRequest;
use crate::response_builders::json_response;
use crate::state::SharedState;

#[derive(Deserialize)]
struct Credential {
    token: Option<String>,
}

#[derive(Deserialize)]
struct Emit {
    count: u32,
}

/// Returns the response to one request to the control endpoint.
pub(crate) fn respond(state: &SharedState, request: &IncomingRequest) -> Response<Body> {
    let error = |status: u16, reason: &str| json_response(status, &json!({"error": reason}));
    let own_host = request.origin.split("://").nth(1);
    if request.browser_origin.is_some() || request.host.as_deref() != own_host {
        return error(403, "host");
    }
    let secret = format!("Bearer {}", state.lock().control_secret);
    if request.authorization.as_deref() != Some(secret.as_str()) {
        return error(401, "secret");
    }
    let control = Control(state.clone());
    let body = request.body.as_str();
    let done = match (&request.method, request.path.as_str()) {
        (&Method::GET, "/counters") => return json_response(200, &json!(control.counters())),
        (&Method::GET, "/webhook") => return json_response(200, &json!(control.webhook())),
        (&Method::GET, "/webhook_uuids") => return json_response(200, &json!(control.webhook_uuids())),
        (&Method::GET, "/requests") => return json_response(200, &json!(control.requests())),
        (&Method::GET, "/users") => return json_response(200, &json!(control.users())),
        (&Method::GET, "/zones") => return json_response(200, &json!(control.zones())),
        (&Method::GET, "/card") => return json_response(200, &json!(state.lock().card)),
        (&Method::POST, "/set") => serde_json::from_str(body).map(|change| control.set(change)),
        (&Method::POST, "/fault") => serde_json::from_str(body).map(|fault| control.fault(fault)),
        (&Method::POST, "/credential") => {
            serde_json::from_str(body).map(|Credential { token }| control.credential(token))
        }
        (&Method::POST, "/emit") => serde_json::from_str(body).map(|Emit { count }| control.emit(count.min(10_000))),
        _ => return error(404, "path"),
    };
    match done {
        Ok(()) => json_response(200, &json!({})),
        Err(_) => error(400, "body"),
    }
}

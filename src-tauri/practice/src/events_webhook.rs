//! Radiant's custom events webhook.
//!
//! DOCS: `POST`, the token as the value of a header, "Events must be valid JSON". UNVERIFIED and so switchable by
//! [`WebhookRules`](crate::WebhookRules): the name of the header (two pages of Radiant differ: `Authorization` and `x-rs-token`), whether one request
//! may carry several events and in which form, compression, the largest body, and every status but 401. The refusals are those
//! that other receivers are recorded with (field notes F57 and F58).

use std::borrow::Cow;
use std::io::{self, Read as _};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Response, StatusCode};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::request::IncomingRequest;
use crate::response_builders::{json_response, set_header, text};
use crate::state::{SharedState, State};
use crate::webhook_record::Batch;
use crate::webhook_rules::{RefusedEvent, WebhookFormat, WebhookReply};

/// Path of the webhook.
pub(crate) const PATH: &str = "/events";

/// Largest decompressed body.
const MAX_DECOMPRESSED: u64 = 64 * 1024 * 1024;

/// The events of one request.
struct Events {
    uuids: Vec<Option<String>>,
    texts: Vec<Box<RawValue>>,
    bytes: usize,
}

/// The part of an event that the webhook reads.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    uuid: Cow<'a, str>,
}

/// Tells whether the request is one to the webhook.
pub(crate) fn is_delivery(method: &Method, path: &str) -> bool {
    method == Method::POST && path == PATH
}

/// Tells whether the connection is closed before the body of this announced length is read.
pub(crate) fn closes_before_reading(state: &State, length: Option<usize>) -> bool {
    let rules = &state.webhook_rules;
    rules.resets_larger && rules.max_body.is_some_and(|max| length.is_some_and(|length| length > max))
}

/// Returns the response to one request.
///
/// # Errors
/// When the rules close the connection.
pub(crate) async fn respond(shared: &SharedState, request: &IncomingRequest) -> io::Result<Response<Body>> {
    let reply = {
        let mut state = shared.lock();
        match decide(&mut state, request) {
            Ok(reply) => reply,
            Err(response) => {
                state.webhook_record.refuse();
                return response.ok_or_else(|| io::Error::other("practice fault"));
            }
        }
    };
    match reply {
        WebhookReply::AcceptWith { status } => Ok(accepted(status)),
        WebhookReply::AcceptLate { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Ok(accepted(200))
        }
        WebhookReply::Hang => std::future::pending().await,
        WebhookReply::Reset | WebhookReply::AcceptThenDrop => Err(io::Error::other("practice fault")),
        WebhookReply::Accept => Ok(accepted(200)),
        WebhookReply::ErrorInside => {
            Ok(json_response(200, &json!({"status": "error", "error": "events were not stored"})))
        }
        WebhookReply::Page => Ok(text(StatusCode::OK, "text/html", "<!doctype html><title>Sign in</title>")),
        WebhookReply::Redirect { to } => {
            let mut response = text(StatusCode::TEMPORARY_REDIRECT, "text/html", "");
            set_header(&mut response, "location", &to);
            Ok(response)
        }
        WebhookReply::Refuse { status, retry_after_s } => {
            let mut response = message(status, "refused");
            if let Some(seconds) = retry_after_s {
                set_header(&mut response, "retry-after", &seconds.to_string());
            }
            Ok(response)
        }
    }
}

fn accepted(status: u16) -> Response<Body> {
    if status == 204 { text(StatusCode::NO_CONTENT, "text/plain", "") } else { message(status, "accepted") }
}

fn message(status: u16, message: &str) -> Response<Body> {
    json_response(status, &json!({"message": message}))
}

/// Returns the reply, and records the events when they are accepted; the error is the response of a refusal, or `None` when the
/// connection is closed.
fn decide(state: &mut State, request: &IncomingRequest) -> Result<WebhookReply, Option<Response<Body>>> {
    let refuse = |status: u16, why: &str| Err(Some(message(status, why)));
    let rules = &state.webhook_rules;
    if !has_token(state, request) {
        return refuse(401, "unauthorized");
    }
    if rules.max_body.is_some_and(|max| request.bytes.len() > max) {
        return if rules.resets_larger { Err(None) } else { refuse(413, "payload too large") };
    }
    let is_compressed = request.header("content-encoding").is_some_and(|encoding| encoding == "gzip");
    if is_compressed && rules.refuses_gzip {
        return refuse(415, "unsupported content encoding");
    }
    let Some(events) = read(&request.bytes, is_compressed, rules.format) else {
        return refuse(400, "events must be valid JSON");
    };
    if rules.max_events.is_some_and(|max| events.uuids.len() > max) {
        return refuse(413, "too many events");
    }
    let is_inside = |refused: &&RefusedEvent| events.uuids.iter().flatten().any(|uuid| *uuid == refused.uuid);
    if let Some(refused) = rules.refused_events.iter().find(is_inside) {
        return refuse(refused.status, "an event was refused");
    }
    let reply = next_reply(state, events.uuids.len());
    if reply == WebhookReply::AcceptThenDrop {
        state.webhook_record.drop_response();
    }
    match reply {
        WebhookReply::Accept
        | WebhookReply::AcceptWith { .. }
        | WebhookReply::AcceptLate { .. }
        | WebhookReply::AcceptThenDrop => accept(state, request, &events, is_compressed),
        WebhookReply::ErrorInside
        | WebhookReply::Page
        | WebhookReply::Redirect { .. }
        | WebhookReply::Refuse { .. }
        | WebhookReply::Reset
        | WebhookReply::Hang => state.webhook_record.refuse(),
    }
    Ok(reply)
}

fn has_token(state: &State, request: &IncomingRequest) -> bool {
    let token = match &state.webhook_rules.header {
        Some(name) => request.header(name),
        None => request.authorization.as_deref().or(request.rs_token.as_deref()),
    };
    token == Some(state.events_token.as_str())
}

/// Returns the reply of a random fault or of the rules, and counts it.
fn next_reply(state: &mut State, events: usize) -> WebhookReply {
    if let Some(reply) = state.random_faults.as_mut().and_then(|faults| faults.webhook(events)) {
        return reply;
    }
    let rules = &mut state.webhook_rules;
    let reply = rules.reply.clone();
    match rules.times.as_mut() {
        None => {}
        Some(0 | 1) => (rules.reply, rules.times) = (WebhookReply::Accept, None),
        Some(times) => *times -= 1,
    }
    reply
}

fn accept(state: &mut State, request: &IncomingRequest, events: &Events, is_compressed: bool) {
    let batch = Batch {
        uuids: &events.uuids,
        key: request.header("idempotency-key"),
        bytes: events.bytes,
        is_compressed,
        now: state.okta_now(),
    };
    state.webhook_record.accept(&batch, state.volume_log.as_ref());
    for (uuid, text) in events.uuids.iter().zip(&events.texts) {
        let of_volume =
            state.volume_log.as_ref().zip(uuid.as_ref()).is_some_and(|(log, uuid)| log.number(uuid).is_some());
        // Events of a volume log are too many to be searched.
        if !of_volume && let Ok(event) = serde_json::from_str::<Value>(text.get()) {
            state.record_webhook_event(event);
        }
    }
}

/// Reads the events of a body; `None` when it is not JSON, is empty, or has another form.
fn read(body: &Bytes, is_compressed: bool, format: WebhookFormat) -> Option<Events> {
    let mut decompressed = Vec::new();
    if is_compressed {
        GzDecoder::new(body.as_ref()).take(MAX_DECOMPRESSED).read_to_end(&mut decompressed).ok()?;
    }
    let body: &[u8] = if is_compressed { &decompressed } else { body };
    let values: Vec<Box<RawValue>> =
        serde_json::Deserializer::from_slice(body).into_iter().collect::<Result<_, _>>().ok()?;
    let is_array = values.first().is_some_and(|first| first.get().starts_with('['));
    let is_accepted = match format {
        WebhookFormat::Any => true,
        WebhookFormat::Single => !is_array && values.len() == 1,
        WebhookFormat::Array => is_array && values.len() == 1,
        WebhookFormat::Lines => {
            !is_array && body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() == values.len()
        }
    };
    let texts = if is_array { serde_json::from_str(values.first()?.get()).ok()? } else { values };
    let uuid = |text: &RawValue| serde_json::from_str::<Head<'_>>(text.get()).ok().map(|head| head.uuid.into_owned());
    let uuids: Vec<Option<String>> = texts.iter().map(|text| uuid(text)).collect();
    (is_accepted && !texts.is_empty()).then_some(Events { uuids, texts, bytes: body.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuids(body: &str, format: WebhookFormat) -> Option<Vec<Option<String>>> {
        read(&Bytes::from(body.to_owned()), false, format).map(|events| events.uuids)
    }

    #[test]
    fn each_form_is_recognized() {
        let some = |uuid: &str| Some(uuid.to_owned());
        let (one, two) = (r#"{"uuid":"a"}"#, r#"{"uuid":"b","x":1}"#);
        let (array, lines) = (format!("[{one},{two}]"), format!("{one}\n{two}\n"));
        for (body, format, expected) in [
            (one, WebhookFormat::Single, Some(vec![some("a")])),
            (&array, WebhookFormat::Array, Some(vec![some("a"), some("b")])),
            (&lines, WebhookFormat::Lines, Some(vec![some("a"), some("b")])),
            (&array, WebhookFormat::Any, Some(vec![some("a"), some("b")])),
            (&lines, WebhookFormat::Array, None),
            (&array, WebhookFormat::Lines, None),
            (&lines, WebhookFormat::Single, None),
            (r#"["text",{}]"#, WebhookFormat::Any, Some(vec![None, None])),
            ("[]", WebhookFormat::Any, None),
            ("{", WebhookFormat::Any, None),
            ("", WebhookFormat::Any, None),
        ] {
            assert_eq!(uuids(body, format), expected, "{body} {format:?}");
        }
    }
}

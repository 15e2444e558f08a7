//! Events of the relay itself: the test event that a person sends, and the heartbeat that proves the way in quiet hours.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use model::code::Code;
use model::problem::Problem;
use model::relay::{RelayState, TestEvent};
use model::relay_delivery_verdict::{Attempt, Verdict, verdict};
use model::relay_settings::{EventFormat, WebhookSettings};
use radiant::{EventsWebhook, EventsWebhookAnswer, EventsWebhookRequest, compress};
use serde_json::json;
use store::RelayPosition;

use super::loop_context::{LoopContext, NextStep};

/// The type of a test event.
const TEST: &str = "okta_connector.relay.test";
/// The type of a heartbeat.
const HEARTBEAT: &str = "okta_connector.relay.heartbeat";

/// Sends a test event and returns it once the receiver accepted it.
pub(crate) async fn send_test_event(
    events_webhook: &EventsWebhook,
    webhook: &WebhookSettings,
    now: DateTime<Utc>,
) -> Result<TestEvent, Problem> {
    let uuid = uuid::Uuid::new_v4().to_string();
    let answer = send_own_event(events_webhook, webhook, TEST, &uuid, now).await?;
    let status = answer.status.unwrap_or_default();
    Ok(TestEvent { uuid, accepted: now, status })
}

async fn send_own_event(
    events_webhook: &EventsWebhook,
    webhook: &WebhookSettings,
    kind: &str,
    uuid: &str,
    now: DateTime<Utc>,
) -> Result<EventsWebhookAnswer, Problem> {
    let published = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    let event = json!({
        "uuid": uuid,
        "published": published,
        "eventType": kind,
        "displayMessage": "Okta Connector for Radiant: this event did not happen in Okta.",
        "severity": "INFO",
    });
    let text = match webhook.format {
        EventFormat::JsonArray => format!("[{event}]"),
        EventFormat::Ndjson => format!("{event}\n"),
        EventFormat::Single => event.to_string(),
    };
    let body = if webhook.gzip { compress([text.as_bytes()]).map_err(|_| Code::Internal)? } else { text.into_bytes() };
    let (idempotency_key, uuids) = (uuid.to_owned(), uuid.to_owned());
    let request =
        EventsWebhookRequest { body, is_gzip: webhook.gzip, format: webhook.format, events: 1, idempotency_key, uuids };
    let bytes = u64::try_from(request.body.len()).unwrap_or(u64::MAX);
    let answer = events_webhook.send(request).await;
    let (delivery, events) = (answer.delivery, 1);
    let attempt = Attempt { delivery, events, bytes, resets: 1, rejections: 1, set_aside_in_a_row: 0 };
    let code = match verdict(&attempt) {
        Verdict::Settle => return Ok(answer),
        Verdict::Hold(_) => Code::RelayHeld,
        Verdict::Retry(_) if answer.status.is_none() => Code::RelayUnreachable,
        Verdict::Retry(_) | Verdict::Split | Verdict::SetAside(_) => Code::RelayNotTaken,
    };
    let status = answer.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let problem = Problem::new(code).arg("status", status).arg("host", events_webhook.host());
    Err(match answer.transport {
        Some(transport) => problem.detail(transport.as_str()),
        None => problem,
    })
}

impl LoopContext {
    /// Sends a heartbeat when nothing waits and one is due.
    pub(super) async fn heartbeat_step(&self, position: &RelayPosition) -> Result<NextStep, Problem> {
        let (Some(minutes), Ok(events_webhook)) = (position.settings.heartbeat_minutes, &self.events_webhook) else {
            return Ok(NextStep::WhenWoken);
        };
        let interval = Duration::from_secs(u64::from(minutes) * 60);
        let now = self.clock.now();
        let since = position.state.delivered.map(|last| (now - last).to_std().unwrap_or_default());
        if let Some(left) = since.and_then(|since| interval.checked_sub(since)).filter(|left| !left.is_zero()) {
            return Ok(NextStep::After(left));
        }
        let uuid = uuid::Uuid::new_v4().to_string();
        let sent = send_own_event(events_webhook, &position.settings.webhook, HEARTBEAT, &uuid, now).await;
        if let Err(problem) = &sent {
            tracing::debug!(connection = %self.id, code = %problem.code, "a heartbeat was not taken");
        }
        self.update(position.relay, move |state| match sent {
            Ok(_) => RelayState { delivered: Some(now), delivery_hold: None, ..state },
            Err(problem) => RelayState {
                delivery_hold: super::loop_context::held(state.delivery_hold.clone(), problem, now),
                ..state
            },
        })
        .await?;
        Ok(NextStep::After(interval.min(Duration::from_secs(300))))
    }
}

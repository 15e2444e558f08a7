//! The deliverer: sends the oldest waiting request to Radiant and does what the verdict says.
//!
//! Requests leave in the order of Okta's pages, one at a time. A request that is split is sent from its beginning in smaller
//! parts, and what is settled of it is stored after each part: after a kill, one part at most is sent again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::code::Code;
use model::problem::Problem;
use model::relay::{RelayState, UndeliverableReason};
use model::relay_delivery_verdict::{Attempt, Delivery, HoldReason, RetryReason, Verdict, verdict};
use model::relay_settings::{EventFormat, RelaySettings, WebhookSettings};
use okta::RawEvent;
use radiant::{EventsWebhookAnswer, EventsWebhookRequest, compress, decompress};
use store::{NewUndeliverableEvent, RelayPosition, WaitingBatch};

use super::event_batches::{json_array, named_uuids, undeliverable_event};
use super::event_key::{EventKey, idempotency_key};
use super::loop_context::{LoopContext, NextStep, held};
use super::loop_memory::{DeliveryMemory, OpenBatch};

/// The part of a waiting request that is sent.
struct Part {
    events: u32,
    /// Bytes before compression.
    bytes: u64,
    request: EventsWebhookRequest,
}

/// What a verdict changes in the store.
struct Settlement {
    relay: i64,
    batch: i64,
    /// Events that are delivered or set aside.
    events: u32,
    bytes: u64,
    /// Events of the next part.
    chunk: u32,
    undeliverable: Option<NewUndeliverableEvent>,
    oldest: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl LoopContext {
    /// Sends the next request, if one waits, and does what the verdict says.
    ///
    /// # Errors
    /// The store's problem. If the receiver took the events, they are sent again then, with the same idempotency key.
    pub(crate) async fn delivery_step(&self) -> Result<NextStep, Problem> {
        let Some(position) = self.active().await? else { return Ok(NextStep::WhenWoken) };
        let mut memory = self.delivery.lock().await;
        let relay = position.relay;
        let Some(batch) = self.store.read(move |tx| tx.relay_rows().oldest_batch(relay)).await? else {
            return self.heartbeat_step(&position).await;
        };
        let events_webhook = match &self.events_webhook {
            Ok(events_webhook) => events_webhook.clone(),
            Err(problem) => return self.delivery_held(relay, &mut memory, problem.clone(), true, None).await,
        };
        let part = part(&batch, &position.settings, &mut memory)?;
        let (events, bytes, wire) =
            (part.events, part.bytes, u64::try_from(part.request.body.len()).unwrap_or(u64::MAX));
        let answer = events_webhook.send(part.request).await;
        let is_interrupted = matches!(answer.delivery, Delivery::Reset | Delivery::TimedOut);
        memory.resets = if is_interrupted { memory.resets.saturating_add(1) } else { 0 };
        // The receiver may count the bytes of either form.
        let attempt = Attempt {
            delivery: answer.delivery,
            events,
            bytes: bytes.max(wire),
            resets: memory.resets,
            rejections: memory.rejections.saturating_add(1),
            set_aside_in_a_row: memory.set_aside,
        };
        let judged = verdict(&attempt);
        tracing::debug!(connection = %self.id, status = answer.status, events, ?judged, "sent events to Radiant");
        let next = self.follow(&position, &mut memory, (&batch, events, bytes), (judged, &answer)).await;
        if position.state.backlog_bytes >= position.settings.max_backlog_bytes() {
            self.wake_poll.now();
        }
        self.publish().await;
        next
    }

    async fn follow(
        &self,
        position: &RelayPosition,
        memory: &mut DeliveryMemory,
        (batch, events, bytes): (&WaitingBatch, u32, u64),
        (judged, answer): (Verdict, &EventsWebhookAnswer),
    ) -> Result<NextStep, Problem> {
        let relay = position.relay;
        match judged {
            Verdict::Settle => {
                let chunk = if batch.settled + events < batch.batch.events { batch.chunk } else { batch.batch.events };
                let step = self.settlement(relay, batch, events, bytes, chunk);
                self.settle(step).await?;
                *memory = DeliveryMemory {
                    taken_size: memory.taken_size.map(|size| size.saturating_add(size / 8)),
                    open: memory.open.take(),
                    ..DeliveryMemory::default()
                };
                Ok(NextStep::Now)
            }
            Verdict::Split => {
                let too_large = answer.status == Some(413) || answer.status.is_none();
                memory.taken_size = if too_large { Some((bytes / 2).max(1)) } else { memory.taken_size };
                (memory.resets, memory.rejections) = (0, 0);
                self.settle(Settlement { events: 0, bytes: 0, ..self.settlement(relay, batch, 0, 0, events / 2) })
                    .await?;
                Ok(NextStep::Now)
            }
            Verdict::SetAside(reason) => {
                let event = self.undeliverable_event(batch, memory, reason, answer.status)?;
                let chunk = batch.batch.events.saturating_sub(batch.settled + 1).max(1);
                self.settle(Settlement {
                    undeliverable: Some(event),
                    ..self.settlement(relay, batch, 1, bytes, chunk)
                })
                .await?;
                (memory.set_aside, memory.rejections, memory.resets) = (memory.set_aside.saturating_add(1), 0, 0);
                Ok(NextStep::Now)
            }
            Verdict::Retry(reason) => {
                memory.rejections = memory.rejections.saturating_add(u32::from(is_rejection(reason, answer)));
                let code =
                    if reason == RetryReason::Unavailable { Code::RelayUnreachable } else { Code::RelayNotTaken };
                let problem = self.describe(code, answer);
                self.delivery_held(relay, memory, problem, false, answer.retry_after).await
            }
            Verdict::Hold(reason) => {
                let problem = self.describe(hold_code(reason, answer), answer);
                self.delivery_held(relay, memory, problem, true, answer.retry_after).await
            }
        }
    }

    fn settlement(&self, relay: i64, batch: &WaitingBatch, events: u32, bytes: u64, chunk: u32) -> Settlement {
        let (oldest, now) = (batch.batch.oldest, self.clock.now());
        Settlement { relay, batch: batch.number, events, bytes, chunk: chunk.max(1), undeliverable: None, oldest, now }
    }

    async fn settle(&self, step: Settlement) -> Result<(), Problem> {
        let state = self
            .store
            .write(move |tx| {
                tx.relay_changes().settle_batch(step.batch, step.events, step.chunk)?;
                if let Some(event) = &step.undeliverable {
                    tx.relay_changes().add_undeliverable(step.relay, event)?;
                }
                tx.relay_changes().update(step.relay, |state| settled(state, &step))
            })
            .await?;
        if state.backlog_events == 0 && state.caught_up >= state.polled {
            // Delivered events are overwritten in the database; here they leave its log of changes, too.
            self.store.fold_log().await?;
        }
        Ok(())
    }

    fn undeliverable_event(
        &self,
        batch: &WaitingBatch,
        memory: &mut DeliveryMemory,
        reason: UndeliverableReason,
        status: Option<u16>,
    ) -> Result<NewUndeliverableEvent, Problem> {
        let open = opened(batch, memory)?;
        let at = usize::try_from(batch.settled).unwrap_or(usize::MAX);
        let text = open.events.get(at).map(|range| &open.text[range.clone()]).ok_or(Code::StoreCorrupt)?;
        Ok(undeliverable_event(&RawEvent::read(text), reason, status, self.clock.now()))
    }

    fn describe(&self, code: Code, answer: &EventsWebhookAnswer) -> Problem {
        let host =
            self.events_webhook.as_ref().map(|events_webhook| events_webhook.host().to_owned()).unwrap_or_default();
        let status = answer.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let problem = Problem::new(code).arg("status", status).arg("host", host);
        match answer.transport {
            Some(transport) => problem.detail(transport.as_str()),
            None => problem,
        }
    }

    async fn delivery_held(
        &self,
        relay: i64,
        memory: &mut DeliveryMemory,
        problem: Problem,
        needs_somebody: bool,
        asked: Option<Duration>,
    ) -> Result<NextStep, Problem> {
        memory.failures = memory.failures.saturating_add(1);
        let back_off = if needs_somebody { self.timing.hold } else { self.timing.back_off };
        let (now, is_first) = (self.clock.now(), memory.failures == 1);
        if is_first {
            tracing::warn!(connection = %self.id, code = %problem.code, "events wait for Radiant");
        }
        self.update(relay, move |mut state| {
            state.delivery_hold = held(state.delivery_hold.take(), problem, now);
            state.counters.radiant_requests = state.counters.radiant_requests.saturating_add(1);
            state
        })
        .await?;
        let wait = back_off.wait(memory.failures, asked, Self::random());
        Ok(if asked.is_some() { NextStep::Asked(wait) } else { NextStep::BackOff(wait) })
    }
}

/// Returns the state after a settlement.
fn settled(mut state: RelayState, step: &Settlement) -> RelayState {
    let events = u64::from(step.events);
    if step.undeliverable.is_some() {
        state.counters.set_aside = state.counters.set_aside.saturating_add(events);
    } else if events > 0 {
        state.counters.delivered = state.counters.delivered.saturating_add(events);
        state.delivered = Some(step.now);
        let delay = step.oldest.map(|oldest| (step.now - oldest).num_milliseconds());
        state.delay_ms = delay.and_then(|ms| u64::try_from(ms).ok()).or(state.delay_ms);
        state.delivery_hold = None;
    }
    state.counters.radiant_requests = state.counters.radiant_requests.saturating_add(1);
    state.backlog_events = state.backlog_events.saturating_sub(events);
    state.backlog_bytes = if state.backlog_events == 0 { 0 } else { state.backlog_bytes.saturating_sub(step.bytes) };
    state
}

fn is_rejection(reason: RetryReason, answer: &EventsWebhookAnswer) -> bool {
    match reason {
        RetryReason::Rejected => true,
        RetryReason::NotTaken => matches!(
            answer.delivery,
            Delivery::Answered { status: 200..=299, body: model::relay_delivery_verdict::AnswerBody::Error }
        ),
        RetryReason::Unavailable => false,
    }
}

fn hold_code(reason: HoldReason, answer: &EventsWebhookAnswer) -> Code {
    match reason {
        HoldReason::Refused => Code::RelayHeld,
        HoldReason::Redirected => Code::RedirectRefused,
        HoldReason::EverythingRejected => Code::RelayEverythingRejected,
        HoldReason::Untrusted if answer.transport == Some(Code::TlsInspected) => Code::RadiantTlsInspected,
        HoldReason::Untrusted => answer.transport.unwrap_or(Code::TlsUntrusted),
    }
}

/// Returns the part of a request that is sent now: all of it, or the next events.
fn part(batch: &WaitingBatch, settings: &RelaySettings, memory: &mut DeliveryMemory) -> Result<Part, Problem> {
    let webhook = &settings.webhook;
    let events = part_size(batch, webhook.format, memory.taken_size);
    if events == batch.batch.events && webhook.format == EventFormat::JsonArray {
        let body = batch.batch.body.clone();
        let body = if webhook.gzip { body } else { text_of(batch)? };
        let (idempotency_key, uuids) = (batch.batch.idempotency_key.clone(), batch.batch.uuids.clone());
        let format = EventFormat::JsonArray;
        let request = EventsWebhookRequest { body, is_gzip: webhook.gzip, format, events, idempotency_key, uuids };
        return Ok(Part { events, bytes: batch.batch.bytes, request });
    }
    let open = opened(batch, memory)?;
    let (from, count) = (usize::try_from(batch.settled).unwrap_or(usize::MAX), usize::try_from(events).unwrap_or(1));
    let ranges = open.events.iter().skip(from).take(count);
    let events: Vec<RawEvent<'_>> = ranges.map(|range| RawEvent::read(&open.text[range.clone()])).collect();
    part_of(&events, webhook)
}

/// Returns the number of events that are sent at once.
fn part_size(batch: &WaitingBatch, format: EventFormat, taken_size: Option<u64>) -> u32 {
    let left = batch.batch.events.saturating_sub(batch.settled).max(1);
    let each = (batch.batch.bytes / u64::from(batch.batch.events.max(1))).max(1);
    let by_size = taken_size.map_or(u32::MAX, |size| u32::try_from(size / each).unwrap_or(u32::MAX).max(1));
    match format {
        EventFormat::Single => 1,
        EventFormat::JsonArray | EventFormat::Ndjson => left.min(batch.chunk.max(1)).min(by_size),
    }
}

fn part_of(events: &[RawEvent<'_>], webhook: &WebhookSettings) -> Result<Part, Problem> {
    let one_line = |event: &RawEvent<'_>| -> Vec<u8> {
        // A line break in JSON stands between values only.
        event.text.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).chain([b'\n']).collect()
    };
    let lines: Vec<Vec<u8>>;
    let parts: Vec<&[u8]> = match webhook.format {
        EventFormat::JsonArray => json_array(events).collect(),
        EventFormat::Single => events.iter().map(|event| event.text).collect(),
        EventFormat::Ndjson => {
            lines = events.iter().map(one_line).collect();
            lines.iter().map(Vec::as_slice).collect()
        }
    };
    let bytes = u64::try_from(parts.iter().map(|part| part.len()).sum::<usize>()).unwrap_or(u64::MAX);
    let body = if webhook.gzip { compress(parts).map_err(|_| Code::Internal)? } else { parts.concat() };
    let keys: Vec<EventKey> = events.iter().map(EventKey::of).collect();
    let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
    let (idempotency_key, uuids) = (idempotency_key(&keys), named_uuids(events));
    let format = webhook.format;
    let request = EventsWebhookRequest { body, is_gzip: webhook.gzip, format, events: count, idempotency_key, uuids };
    Ok(Part { events: count, bytes, request })
}

/// Returns a request in its parts, which are kept until another request is opened.
fn opened<'m>(batch: &WaitingBatch, memory: &'m mut DeliveryMemory) -> Result<&'m OpenBatch, Problem> {
    let open = match memory.open.take().filter(|open| open.number == batch.number) {
        Some(open) => open,
        None => open_batch(batch)?,
    };
    Ok(memory.open.insert(open))
}

fn open_batch(batch: &WaitingBatch) -> Result<OpenBatch, Problem> {
    let text = text_of(batch)?;
    let start = text.as_ptr() as usize;
    let events = RawEvent::read_all(&text).ok_or(Code::StoreCorrupt)?;
    let range = |event: &RawEvent<'_>| {
        let at = event.text.as_ptr() as usize - start;
        at..at + event.text.len()
    };
    let events = events.iter().map(range).collect();
    Ok(OpenBatch { number: batch.number, text, events })
}

fn text_of(batch: &WaitingBatch) -> Result<Vec<u8>, Problem> {
    decompress(&batch.batch.body, batch.batch.bytes).map_err(|_| Problem::new(Code::StoreCorrupt))
}

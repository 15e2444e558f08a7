//! The poller: reads the next page of the System Log and stores its events together with the cursor.
//!
//! The cursor is the `next` link, byte for byte (okta-facts D2). A page that is shorter than its limit ends the cycle. A page
//! that cannot be read leaves the cursor where it is; a cursor that Okta refuses leads to one bounded read from the last time
//! up to which everything is stored, with overlap.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use model::code::Code;
use model::problem::Problem;
use model::relay::{RelayState, UndeliverableReason};
use model::relay_gap::{GapReason, RelayGap};
use model::relay_settings::{MAX_BACKFILL_DAYS, RelaySettings};
use okta::{Answer, Failure, LoggedRequest, NextPage, OktaError, RawPage};
use store::{NewBatch, NewUndeliverableEvent, RelayPosition, WriteTx};

use super::event_batches::{batches, published, undeliverable_event};
use super::event_key::EventKey;
use super::loop_context::{LoopContext, NextStep, held};
use super::loop_memory::{PollMemory, RefusedCursor, headers};
use super::lost_period::record_lost_period;

/// The page sizes: Okta's largest, and smaller ones for a page that is too large to be read.
const LIMITS: [u32; 5] = [1_000, 200, 50, 10, 1];
/// The overlap of a read without a cursor with what is stored.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(15);
/// How far this computer's clock may be ahead of Okta's before a start at "now" is corrected.
const AHEAD: TimeDelta = TimeDelta::seconds(5);
/// The number of remembered `uuid`s whose age each step examines.
const SWEEP: u32 = 2_000;

/// A page that is ready to be stored.
struct Prepared {
    keys: Vec<EventKey>,
    /// The requests of its events, if all of them are new.
    batches: Vec<NewBatch>,
    /// The entries that are not JSON.
    undeliverable: Vec<NewUndeliverableEvent>,
    unreadable: u64,
    last: Option<DateTime<Utc>>,
}

/// How a page is stored.
struct PageContext {
    relay: i64,
    settings: RelaySettings,
    now: DateTime<Utc>,
    okta_now: DateTime<Utc>,
    is_short: bool,
    /// The cursor from now on; `None` keeps the one that is stored.
    cursor: Option<String>,
    /// Whether the stored cursor is forgotten.
    drops_cursor: bool,
    problem: Option<Problem>,
    /// Requests in the current window of Okta's limit.
    recent_requests: u32,
}

impl LoopContext {
    /// Reads and stores one page, if it is time to.
    ///
    /// # Errors
    /// The store's problem; nothing is stored then, and the next step reads the same page.
    pub(crate) async fn poll_step(&self) -> Result<NextStep, Problem> {
        let Some(position) = self.active().await? else { return Ok(NextStep::WhenWoken) };
        let mut memory = self.poll.lock().await;
        if position.state.backlog_bytes >= position.settings.max_backlog_bytes() {
            return Ok(NextStep::After(self.poll_interval(&position.settings)));
        }
        let wait = memory.pacer.wait(self.now_ms(), position.settings.rate_share);
        if wait > 0 {
            return Ok(NextStep::After(Duration::from_millis(wait)));
        }
        let answer = match &self.okta {
            Ok(okta) => self.request_page(okta, &position, &memory).await,
            Err(problem) => return self.poll_failed(&position, &mut memory, problem.clone(), None).await,
        };
        let sent = self.requests.take();
        memory.pacer.record(self.now_ms(), sent.last().and_then(headers));
        self.used_percent.store(memory.pacer.used_percent(), Ordering::Relaxed);
        let next = match answer {
            Ok(answer) => self.store_page(position, &mut memory, answer, sent).await,
            Err(failure) => self.page_failed(&position, &mut memory, &failure).await,
        };
        self.publish().await;
        next
    }

    /// Returns the part of Okta's limit that was used in the current window, in percent.
    pub(crate) fn used_rate_percent(&self) -> u32 {
        self.used_percent.load(Ordering::Relaxed)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.clock.now().timestamp_millis()).unwrap_or_default()
    }

    fn poll_interval(&self, settings: &RelaySettings) -> Duration {
        self.timing.poll.unwrap_or_else(|| Duration::from_secs(u64::from(settings.poll_seconds)))
    }

    async fn request_page(
        &self,
        okta: &okta::Okta,
        position: &RelayPosition,
        memory: &PollMemory,
    ) -> Result<Answer<RawPage>, Failure> {
        match &position.cursor {
            Some(cursor) => okta.raw_log_api().after(&page_of(cursor, memory)).await,
            None => {
                let start = start_of(position, self.clock.now() - memory.ahead, memory);
                okta.raw_log_api().since(start, LIMITS[memory.limit]).await
            }
        }
    }

    async fn store_page(
        &self,
        position: RelayPosition,
        memory: &mut PollMemory,
        answer: Answer<RawPage>,
        sent: Vec<LoggedRequest>,
    ) -> Result<NextStep, Problem> {
        let now = self.clock.now();
        let okta_now = answer.server_time.map_or(now, |time| time.okta);
        let (ahead, start) = (memory.ahead, start_of(&position, now - memory.ahead, memory));
        memory.learn_ahead(position.state.started, answer.server_time);
        let is_corrected = (memory.ahead - ahead).abs() > AHEAD;
        let is_off = (start - start_of(&position, okta_now, memory)).abs() > AHEAD;
        if position.cursor.is_none() && is_corrected && is_off {
            // This computer's clock is wrong: from `start` on, events would be missed, or too many be read.
            return Ok(NextStep::Now);
        }
        let asked = position.cursor.as_deref().and_then(|cursor| page_of(cursor, memory).limit());
        let is_short =
            answer.value.len() < usize::try_from(asked.unwrap_or(LIMITS[memory.limit])).unwrap_or(usize::MAX);
        let owns = |next: &NextPage| self.okta.as_ref().is_ok_and(|okta| okta.raw_log_api().owns(next));
        let foreign = answer.value.next.as_ref().is_some_and(|next| !owns(next));
        let cursor = answer.value.next.as_ref().filter(|_| !foreign).map(|next| next.as_str().to_owned());
        // A page without a cursor says nothing about the next cursor, so that the back-off and its reason go on.
        let is_unsure =
            |last: &&RefusedCursor| position.cursor.is_none() && last.checkpoint == position.state.checkpoint;
        let refused = memory.refused.as_ref().filter(is_unsure).and_then(|last| last.repeated.clone());
        let failures = if refused.is_some() { memory.failures } else { 0 };
        let problem = foreign.then(|| Problem::new(Code::NextLinkForeign)).or(refused);
        // Okta always names a next page (okta-facts D2). Without one, the log is read again from the checkpoint, with overlap.
        let drops_cursor = answer.value.next.is_none() && !answer.value.is_empty();
        let is_same = cursor.is_some() && cursor == position.cursor;
        let (relay, settings) = (position.relay, position.settings.clone());
        let poll_interval = self.poll_interval(&settings);
        let recent_requests = memory.pacer.used();
        let context =
            PageContext { relay, settings, now, okta_now, is_short, cursor, drops_cursor, problem, recent_requests };
        let stored = self.write_page(context, answer.value, sent).await?;
        if stored > 0 {
            self.wake_delivery.now();
        }
        if foreign {
            memory.failures = memory.failures.saturating_add(1);
            return Ok(NextStep::BackOff(self.timing.hold.wait(memory.failures, None, Self::random())));
        }
        *memory = PollMemory { failures, limit: 0, has_read: true, ..std::mem::take(memory) };
        // A full page that leads nowhere is not asked for again at once.
        let leads_nowhere = stored == 0 && (is_same || drops_cursor);
        Ok(if is_short || leads_nowhere { NextStep::After(poll_interval) } else { NextStep::Now })
    }

    /// Stores the events and the cursor in one transaction. Returns the number of new events.
    async fn write_page(&self, context: PageContext, page: RawPage, sent: Vec<LoggedRequest>) -> Result<u64, Problem> {
        let (settings, now) = (context.settings.clone(), context.now);
        let prepare = tokio::task::spawn_blocking(move || {
            let prepared = prepare(&page, &settings, now);
            (page, prepared)
        });
        let (page, prepared) = prepare.await.map_err(|_| Code::Internal)?;
        let (prepared, requests) = (prepared?, u64::try_from(sent.len()).unwrap_or_default());
        self.store.write(move |tx| write_page(tx, &context, &page, prepared, requests)).await
    }

    async fn page_failed(
        &self,
        position: &RelayPosition,
        memory: &mut PollMemory,
        failure: &Failure,
    ) -> Result<NextStep, Problem> {
        let ahead = memory.ahead;
        memory.learn_ahead(position.state.started, failure.server_time);
        let is_refused = matches!(failure.error, OktaError::Refused { status: 400, .. });
        if is_refused && position.cursor.is_none() && (memory.ahead - ahead).abs() > AHEAD {
            // Okta refuses a start that this computer's clock made too old.
            return Ok(NextStep::Now);
        }
        if is_refused && let Some(cursor) = &position.cursor {
            if memory.limit == 0 && page_of(cursor, memory).as_str() != cursor {
                // The cursor may be valid with its own page size alone.
                memory.keeps_limit = true;
                return Ok(NextStep::Now);
            }
            return self.cursor_refused(position, memory, failure).await;
        }
        if failure.code() == Code::AnswerTooLarge && memory.limit + 1 < LIMITS.len() {
            memory.limit += 1;
            return Ok(NextStep::Now);
        }
        let asked = failure.wait().and_then(|wait| wait.to_std().ok());
        let asked = asked.filter(|_| failure.code() == Code::OktaRateLimited);
        self.poll_failed(position, memory, failure.problem(), asked).await
    }

    /// Forgets a cursor that Okta refuses, so that the next step reads from the last time up to which everything is stored, and
    /// records the gap. When nothing new was stored since the last refusal, the next step waits.
    async fn cursor_refused(
        &self,
        position: &RelayPosition,
        memory: &mut PollMemory,
        failure: &Failure,
    ) -> Result<NextStep, Problem> {
        let now = self.clock.now();
        let until = failure.server_time.map_or(now, |time| time.okta);
        let gap = RelayGap {
            found: now,
            from: start_of(position, until, memory),
            until,
            reason: GapReason::CursorRefused,
            missing: None,
        };
        let relay = position.relay;
        let refused = move |tx: &mut WriteTx<'_>| {
            let is_known =
                tx.relay_rows().gaps(relay, 1)?.iter().any(|last| last.from == gap.from && last.reason == gap.reason);
            if !is_known {
                tx.relay_changes().add_gap(relay, &gap)?;
            }
            tx.relay_changes().put_cursor(relay, None)
        };
        self.store.write(refused).await?;
        tracing::warn!(connection = %self.id, "Okta refused the cursor; the log is read again with overlap");
        let checkpoint = position.state.checkpoint;
        let is_repeated = memory.refused.as_ref().is_some_and(|last| last.checkpoint == checkpoint);
        let repeated = is_repeated.then(|| failure.problem());
        memory.refused = Some(RefusedCursor { checkpoint, repeated: repeated.clone() });
        match repeated {
            Some(problem) => self.poll_failed(position, memory, problem, None).await,
            None => Ok(NextStep::Now),
        }
    }

    async fn poll_failed(
        &self,
        position: &RelayPosition,
        memory: &mut PollMemory,
        problem: Problem,
        asked: Option<Duration>,
    ) -> Result<NextStep, Problem> {
        memory.failures = memory.failures.saturating_add(1);
        let is_refusal = problem.code.is_refusal()
            || [Code::TokenRefused, Code::TokenNotAccepted, Code::TokenMissing, Code::NextLinkForeign]
                .contains(&problem.code);
        let back_off = if is_refusal { self.timing.hold } else { self.timing.back_off };
        tracing::debug!(connection = %self.id, code = %problem.code, failures = memory.failures, "a read failed");
        let now = self.clock.now();
        self.update(position.relay, move |state| {
            let poll_hold = held(state.poll_hold.clone(), problem, now);
            let mut counters = state.counters;
            counters.okta_requests = counters.okta_requests.saturating_add(1);
            RelayState { poll_hold, counters, ..state }
        })
        .await?;
        // Okta named the end of the window by its own clock: nothing is gained by a longer wait.
        Ok(match asked {
            Some(wait) => NextStep::Asked(wait),
            None => NextStep::BackOff(back_off.wait(memory.failures, None, Self::random())),
        })
    }
}

/// Returns the page of a stored cursor, with the page size in use. Usually that is the page byte for byte.
fn page_of(cursor: &str, memory: &PollMemory) -> NextPage {
    let page = NextPage::stored(cursor);
    // A smaller size that was used before stands in the address that Okta returned.
    let is_as_wanted = memory.keeps_limit || page.limit().is_none_or(|stored| stored == LIMITS[memory.limit]);
    if memory.limit == 0 && is_as_wanted { page } else { page.with_limit(LIMITS[memory.limit]) }
}

/// Returns the time from which the log is read without a cursor. `now` is Okta's time as far as it is known.
fn start_of(position: &RelayPosition, now: DateTime<Utc>, memory: &PollMemory) -> DateTime<Utc> {
    let RelayPosition { settings, state, .. } = position;
    let oldest = now - TimeDelta::days(MAX_BACKFILL_DAYS);
    match state.checkpoint {
        // A time of Okta's own clock, which holds although this computer's was set back.
        Some(checkpoint) => (checkpoint - OVERLAP).max(oldest),
        // The relay was switched on by this computer's clock, whereas a time in the settings is a person's.
        None => settings
            .since
            .or(state.started.map(|at| at - memory.ahead_at(at) - AHEAD))
            .unwrap_or(now)
            .clamp(oldest, now),
    }
}

fn prepare(page: &RawPage, settings: &RelaySettings, now: DateTime<Utc>) -> Result<Prepared, Problem> {
    let mut prepared = Prepared {
        keys: Vec::with_capacity(page.len()),
        batches: Vec::new(),
        undeliverable: Vec::new(),
        unreadable: 0,
        last: None,
    };
    let mut events = Vec::with_capacity(page.len());
    for event in page.events() {
        let key = EventKey::of(&event);
        prepared.keys.push(key);
        prepared.unreadable += u64::from(event.uuid.is_none());
        if event.is_json {
            events.push((key, event));
        } else {
            prepared.undeliverable.push(undeliverable_event(&event, UndeliverableReason::NotJson, None, now));
        }
    }
    prepared.last = events.iter().rev().find_map(|(_, event)| published(event));
    prepared.batches = batches(&events, settings)?;
    Ok(prepared)
}

fn write_page(
    tx: &mut WriteTx<'_>,
    context: &PageContext,
    page: &RawPage,
    prepared: Prepared,
    requests: u64,
) -> Result<u64, Problem> {
    let PageContext { relay, settings, now, okta_now, is_short, .. } = context;
    let day = okta_now.timestamp().div_euclid(86_400);
    let are_new = tx.relay_changes().remember(*relay, prepared.keys.iter().map(EventKey::as_bytes), day)?;
    let (mut batches, mut undeliverable) = (prepared.batches, prepared.undeliverable);
    let duplicates = are_new.iter().filter(|is_new| !**is_new).count();
    if duplicates > 0 {
        (batches, undeliverable) = only_new(page, &prepared.keys, &are_new, settings, *now)?;
    }
    tx.relay_changes().add_batches(*relay, &batches)?;
    for event in &undeliverable {
        tx.relay_changes().add_undeliverable(*relay, event)?;
    }
    if context.drops_cursor {
        tx.relay_changes().put_cursor(*relay, None)?;
    } else if let Some(cursor) = &context.cursor {
        tx.relay_changes().put_cursor(*relay, Some(cursor))?;
    }
    let added: u64 = batches.iter().map(|batch| u64::from(batch.events)).sum();
    let bytes: u64 = batches.iter().map(|batch| batch.bytes).sum();
    // A full page without any time says nothing about how far the log is read.
    let reached = if *is_short { Some(*okta_now) } else { prepared.last.map(|last| last.min(*okta_now)) };
    let before = tx.relay_changes().update(*relay, |state| state)?;
    record_lost_period(tx, *relay, before.checkpoint, *okta_now, *now)?;
    // A read without a cursor begins at the checkpoint, so no event from there on is forgotten, however long ago it was.
    let oldest = before.checkpoint.map_or(day, |at| at.timestamp().div_euclid(86_400).min(day));
    tx.relay_changes().sweep_uuids(*relay, oldest - i64::from(settings.dedup_days.max(1)), SWEEP)?;
    if *is_short {
        tx.relay_changes()
            .expire_undeliverable(*relay, *okta_now - TimeDelta::days(i64::from(settings.undeliverable_days)))?;
    }
    let (is_short, now, problem, set_aside) = (*is_short, *now, context.problem.clone(), undeliverable.len());
    let recent_requests = context.recent_requests;
    tx.relay_changes().update(*relay, move |mut state| {
        state.recent_requests = recent_requests;
        let counters = &mut state.counters;
        counters.received += added + u64::try_from(set_aside).unwrap_or_default();
        counters.duplicates += u64::try_from(duplicates).unwrap_or_default();
        counters.unreadable += prepared.unreadable;
        counters.set_aside += u64::try_from(set_aside).unwrap_or_default();
        counters.okta_requests += requests;
        state.backlog_events += added;
        state.backlog_bytes += bytes;
        state.polled = Some(now);
        state.caught_up = if is_short { Some(now) } else { state.caught_up };
        state.checkpoint = state.checkpoint.max(reached);
        state.poll_hold = problem.and_then(|problem| held(state.poll_hold.take(), problem, now));
        state
    })?;
    Ok(added)
}

/// Returns the requests and the undeliverable events of the events that are not stored yet.
fn only_new(
    page: &RawPage,
    keys: &[EventKey],
    are_new: &[bool],
    settings: &RelaySettings,
    now: DateTime<Utc>,
) -> Result<(Vec<NewBatch>, Vec<NewUndeliverableEvent>), Problem> {
    let new =
        page.events().zip(keys).zip(are_new).filter(|(_, is_new)| **is_new).map(|((event, key), _)| (*key, event));
    let (events, others): (Vec<_>, Vec<_>) = new.partition(|(_, event)| event.is_json);
    let undeliverable =
        others.iter().map(|(_, event)| undeliverable_event(event, UndeliverableReason::NotJson, None, now)).collect();
    Ok((batches(&events, settings)?, undeliverable))
}

//! Compares a period with Okta, event by event, and fetches what is missing.
//!
//! A bounded query is ordered by time and ends (okta-facts D2); unlike polling it may leave out delayed events, so it can only
//! add to what polling found.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use model::connection::ConnectionId;
use model::problem::Problem;
use model::relay::{AuditedHour, GapAudit};
use model::relay_gap::{GapReason, RelayGap};
use okta::{Okta, RawEvent, RawPage};
use store::{RelayPosition, StoreError, WriteTx};

use super::event_batches::{batches, published};
use super::event_key::EventKey;
use super::polling::OVERLAP;
use crate::connection_repository::ConnectionRepository;

/// The longest period that is compared at once.
const MAX_PERIOD: TimeDelta = TimeDelta::hours(24);
/// Most pages of a comparison: somebody waits for it, and it uses the same limit as everything else.
const MAX_PAGES: u32 = 100;
/// The newest gaps among which those that a comparison settles are looked for.
const MAX_GAPS: u32 = 100;
/// Less than the limit divided by this is little.
const LITTLE_LEFT_DIVISOR: u32 = 5;

/// Compares a period and adds missing events to the backlog.
pub(crate) async fn audit(
    records: &ConnectionRepository,
    okta: &Okta,
    id: &ConnectionId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<GapAudit, Problem> {
    let (read, now) = (id.clone(), records.clock.now());
    let position = records.read(move |tx| tx.relay(&read)).await?;
    let rate_share = position.as_ref().map_or(0, |position| position.settings.rate_share);
    let Some((from, until)) = position.and_then(|position| comparable(&position, from, until, now)) else {
        return Ok(GapAudit { hours: Vec::new(), repaired: 0, is_complete: true });
    };
    let mut hours: BTreeMap<DateTime<Utc>, (u32, u32)> = BTreeMap::new();
    let (mut repaired, mut next, mut is_complete) = (0, None, false);
    for requests in 1..=MAX_PAGES {
        let answer = match &next {
            None => okta.raw_log_api().between(from, until).await,
            Some(page) => okta.raw_log_api().after(page).await,
        };
        let answer = answer.map_err(|failure| failure.problem())?;
        let has_room = answer.rate.as_ref().is_none_or(|rate| {
            let share = u64::from(rate.limit) * u64::from(rate_share) / 100;
            rate.remaining.saturating_mul(LITTLE_LEFT_DIVISOR) >= rate.limit && u64::from(requests) < share
        });
        // Some clients follow a link that such a query should not have, for ever.
        let is_last = answer.value.is_empty() || answer.value.next.is_none();
        next = answer.value.next.clone();
        let page = compare_page(records, id, answer.value).await?;
        repaired += page.repaired;
        for (hour, (theirs, ours)) in page.hours {
            let counts = hours.entry(hour).or_default();
            *counts = (counts.0 + theirs, counts.1 + ours);
        }
        is_complete = is_last;
        if is_last || !has_room {
            break;
        }
    }
    // The last hour of a comparison that ended early was compared in part.
    let last = if is_complete { None } else { hours.pop_last() };
    let until = last.map_or(until, |(hour, _)| hour.max(from));
    let missing = Some(u64::from(repaired));
    let gap = RelayGap { found: records.clock.now(), from, until, reason: GapReason::Audit, missing };
    let id = id.clone();
    records.write(move |tx| record(tx, &id, &gap)).await?;
    let hours = hours.into_iter().map(|(from, (okta, relayed))| AuditedHour { from, okta, relayed }).collect();
    Ok(GapAudit { hours, repaired, is_complete })
}

/// Returns the part of a period that can be compared: the relay was to send its events and has read them, and their `uuid`s
/// are still remembered.
fn comparable(
    position: &RelayPosition,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let RelayPosition { settings, state, .. } = position;
    let until = until.min(state.checkpoint? - OVERLAP);
    let remembered = now - TimeDelta::days(i64::from(settings.dedup_days.max(1)));
    let start = settings.since.or(state.started)?.max(remembered);
    let from = from.max(until - MAX_PERIOD).max(start);
    (from < until).then_some((from, until))
}

/// Records a comparison that found missing events, or that settles a gap.
fn record(tx: &mut WriteTx<'_>, id: &ConnectionId, compared: &RelayGap) -> Result<(), Problem> {
    let relay = position(tx, id)?.relay;
    let settles = tx.relay_rows().gaps(relay, MAX_GAPS)?.iter().any(|gap| gap.is_settled_by(compared));
    if settles || compared.missing.is_some_and(|missing| missing > 0) {
        tx.relay_changes().add_gap(relay, compared)?;
    }
    Ok(())
}

/// What one page of a comparison found.
#[derive(Default)]
struct ComparedPage {
    /// By hour: events that Okta has, and those of them that the relay has.
    hours: BTreeMap<DateTime<Utc>, (u32, u32)>,
    repaired: u32,
}

async fn compare_page(
    records: &ConnectionRepository,
    id: &ConnectionId,
    page: RawPage,
) -> Result<ComparedPage, Problem> {
    let (id, now) = (id.clone(), records.clock.now());
    records.write(move |tx| compare(tx, &id, &page, now)).await
}

fn compare(
    tx: &mut WriteTx<'_>,
    id: &ConnectionId,
    page: &RawPage,
    now: DateTime<Utc>,
) -> Result<ComparedPage, Problem> {
    let position = position(tx, id)?;
    let events: Vec<(EventKey, RawEvent<'_>)> =
        page.events().filter(|event| event.uuid.is_some()).map(|event| (EventKey::of(&event), event)).collect();
    let day = now.timestamp().div_euclid(86_400);
    let are_new = tx.relay_changes().remember(position.relay, events.iter().map(|(key, _)| key.as_bytes()), day)?;
    let mut compared = ComparedPage::default();
    for ((_, event), is_new) in events.iter().zip(&are_new) {
        let hour = published(event).and_then(|at| at.duration_trunc(TimeDelta::hours(1)).ok());
        let counts = compared.hours.entry(hour.unwrap_or_default()).or_default();
        *counts = (counts.0 + 1, counts.1 + u32::from(!is_new));
    }
    let missing = events.into_iter().zip(are_new).filter(|(_, is_new)| *is_new).map(|(event, _)| event);
    let added = batches(&missing.collect::<Vec<_>>(), &position.settings)?;
    tx.relay_changes().add_batches(position.relay, &added)?;
    compared.repaired = added.iter().map(|batch| batch.events).sum();
    let (count, bytes) = (u64::from(compared.repaired), added.iter().map(|batch| batch.bytes).sum::<u64>());
    tx.relay_changes().update(position.relay, move |mut state| {
        state.counters.received += count;
        state.backlog_events += count;
        state.backlog_bytes += bytes;
        state
    })?;
    Ok(compared)
}

fn position(tx: &WriteTx<'_>, id: &ConnectionId) -> Result<RelayPosition, StoreError> {
    tx.relay(id)?.ok_or(StoreError::Missing)
}

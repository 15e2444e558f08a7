//! The watch for the first Okta event that is found again in Radiant.
//!
//! Each look reads one page of Okta's newest events and searches Radiant for their `uuid`s. It ends with the first match or
//! when it is cancelled; a look that fails is told and followed by another.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use model::arrival::{Arrival, ArrivalTick};
use model::code::Code;
use model::log_event::LogEvent;
use model::problem::Problem;
use okta::{LogQuery, Okta};
use radiant::{RadiantFailure, Search};
use runtime::Clock;

/// How far back the newest Okta events are looked for.
const WINDOW: TimeDelta = TimeDelta::hours(24);
/// Events looked for at once.
const SAMPLE: u32 = 100;
/// Pauses between looks, in seconds; the last one repeats. Gentle, since a free org's token may ask ten times a minute.
const PAUSES: [u64; 6] = [3, 5, 8, 12, 20, 30];

/// Both sides of the watch.
pub struct Watch {
    /// Okta, with the token.
    pub okta: Okta,
    /// Radiant's search.
    pub search: Search,
    /// The clock.
    pub clock: Clock,
    /// Only events after this count, by this computer's clock; all of the window when absent.
    pub after: Option<DateTime<Utc>>,
}

/// Watches until the first match, or until cancelled (`None`).
pub async fn watch(
    sides: &Watch,
    cancel: &CancellationToken,
    tell: &(dyn Fn(ArrivalTick) + Send + Sync),
) -> Option<Arrival> {
    for attempt in 0_u32.. {
        let pause = PAUSES[usize::try_from(attempt).unwrap_or(usize::MAX).min(PAUSES.len() - 1)];
        tokio::select! {
            biased;
            () = cancel.cancelled() => return None,
            tick = look(sides, attempt) => {
                let found = tick.found.clone();
                tell(tick);
                if found.is_some() {
                    return found;
                }
            }
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => return None,
            () = sides.clock.sleep(Duration::from_secs(pause)) => {}
        }
    }
    None
}

async fn look(sides: &Watch, attempt: u32) -> ArrivalTick {
    let now = sides.clock.now();
    let mut tick = ArrivalTick {
        at: now,
        attempt,
        in_okta: 0,
        in_radiant: 0,
        newest_in_okta: None,
        newest_in_radiant: None,
        found: None,
        problem: None,
    };
    let query = LogQuery {
        since: Some(sides.after.map_or(now - WINDOW, |after| after.max(now - WINDOW))),
        until: Some(now + TimeDelta::minutes(15)),
        limit: SAMPLE,
        descending: true,
        ..LogQuery::default()
    };
    let events = match sides.okta.logs(&query).await {
        Ok(answer) => answer.value.entries,
        Err(failure) => {
            tick.problem = Some(failure.problem());
            return tick;
        }
    };
    tick.in_okta = u32::try_from(events.len()).unwrap_or(u32::MAX);
    tick.newest_in_okta = events.iter().map(|event| event.published).max();
    let Some(oldest) = events.iter().map(|event| event.published).min() else {
        tick.problem = Some(Problem::new(Code::RadiantNothingToFind));
        return tick;
    };
    search(sides, &events, oldest - TimeDelta::hours(1), &mut tick).await;
    tick
}

async fn search(sides: &Watch, events: &[LogEvent], since: DateTime<Utc>, tick: &mut ArrivalTick) {
    let uuids: Vec<String> = events.iter().map(|event| event.uuid.clone()).collect();
    let (found, newest) = tokio::join!(sides.search.find(&uuids, since), sides.search.newest(since));
    let untold = newest.as_ref().err().map(RadiantFailure::problem);
    tick.newest_in_radiant = newest.ok().and_then(|answer| answer.value);
    let found = match found {
        Ok(answer) => answer.value,
        Err(failure) => {
            tick.problem = Some(failure.problem());
            return;
        }
    };
    let hits = || events.iter().filter(|event| found.contains(&event.uuid));
    tick.in_radiant = u32::try_from(hits().count()).unwrap_or(u32::MAX);
    tick.found = hits().max_by_key(|event| event.published).map(|event| Arrival {
        uuid: event.uuid.clone(),
        event_type: event.event_type.clone(),
        published: event.published,
        found_at: sides.clock.now(),
    });
    if tick.found.is_none() {
        let code = if tick.newest_in_radiant.is_some() { Code::RadiantNoMatch } else { Code::RadiantNoEvents };
        tick.problem = untold.or_else(|| Some(Problem::new(code)));
    }
}

//! Watches for the first Okta event that is found in Radiant.
//!
//! Each attempt reads one page of Okta's newest events and searches Radiant for their `uuid`s. The watch ends at the first
//! match or when it is cancelled; a failed attempt is reported and followed by another.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use model::arrival::{Arrival, ArrivalTick};
use model::code::Code;
use model::log_event::LogEvent;
use model::problem::Problem;
use okta::{Failure, LogQuery, Okta};
use radiant::{RadiantFailure, Search, is_searchable};
use runtime::Clock;

/// The age of the oldest Okta events that are searched for.
const WINDOW: TimeDelta = TimeDelta::hours(24);
/// The number of events in one search.
const SAMPLE: u32 = 100;
/// Pauses between attempts, in seconds; the last one repeats. A free org allows ten requests per minute.
const PAUSES: [u64; 6] = [3, 5, 8, 12, 20, 30];

/// The clients of both sides.
pub(crate) struct ArrivalWatch {
    /// Okta, with the token.
    pub(crate) okta: Okta,
    /// Radiant's search.
    pub(crate) search: Search,
    /// The clock.
    pub(crate) clock: Clock,
    /// The time after which events count.
    pub(crate) after: After,
}

/// The time after which events count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The whole window.
    Window,
    /// A time by Okta's clock, which dates the events.
    Okta(DateTime<Utc>),
    /// A time by this computer's clock, converted as the clocks differ now.
    Local(DateTime<Utc>),
}

/// The largest error of the assumed time of Okta that does not matter: less than a query reaches into the future.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// Watches until the first match, or until cancelled (`None`).
pub(crate) async fn watch(
    sides: &ArrivalWatch,
    cancel: &CancellationToken,
    on_tick: &(dyn Fn(ArrivalTick) + Send + Sync),
) -> Option<Arrival> {
    let mut ahead = TimeDelta::zero();
    for attempt in 0_u32.. {
        let pause = PAUSES[usize::try_from(attempt).unwrap_or(usize::MAX).min(PAUSES.len() - 1)];
        tokio::select! {
            biased;
            () = cancel.cancelled() => return None,
            tick = attempt_once(sides, attempt, &mut ahead) => {
                let found = tick.found.clone();
                on_tick(tick);
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

/// Makes one attempt. `ahead` is by how much this computer's clock is ahead of Okta's, as far as it is known.
async fn attempt_once(sides: &ArrivalWatch, attempt: u32, ahead: &mut TimeDelta) -> ArrivalTick {
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
    let (events, unreadable) = match newest_events(sides, now, ahead).await {
        Ok(events) => events,
        Err(failure) => {
            tick.problem = Some(failure.problem());
            return tick;
        }
    };
    tick.in_okta = u32::try_from(events.len()).unwrap_or(u32::MAX);
    tick.newest_in_okta = events.iter().map(|event| event.published).max();
    // An event that cannot be searched for would seem to be missing.
    let events: Vec<LogEvent> = events.into_iter().filter(|event| is_searchable(&event.uuid)).collect();
    let Some(oldest) = events.iter().map(|event| event.published).min() else {
        let code = if unreadable > 0 { Code::AnswerUnreadable } else { Code::RadiantNothingToFind };
        tick.problem = Some(Problem::new(code));
        return tick;
    };
    search(sides, &events, oldest - TimeDelta::hours(1), &mut tick).await;
    tick
}

/// Reads the newest events that count, and the number of those that could not be read. If the response shows that the assumed time was wrong, they are read again.
async fn newest_events(
    sides: &ArrivalWatch,
    now: DateTime<Utc>,
    ahead: &mut TimeDelta,
) -> Result<(Vec<LogEvent>, u32), Failure> {
    let assumed = *ahead;
    let mut answer = sides.okta.logs(&query(sides.after, now, assumed)).await?;
    *ahead = answer.server_time.map_or(assumed, |time| time.difference());
    if (*ahead - assumed).abs() > CLOCK_TOLERANCE {
        answer = sides.okta.logs(&query(sides.after, now, *ahead)).await?;
    }
    let since = sides.after.by_okta(*ahead);
    answer.value.entries.retain(|event| since.is_none_or(|since| event.published >= since));
    Ok((answer.value.entries, answer.value.unreadable))
}

fn query(after: After, now: DateTime<Utc>, ahead: TimeDelta) -> LogQuery {
    let okta_now = now - ahead;
    let window = okta_now - WINDOW;
    LogQuery {
        since: Some(after.by_okta(ahead).map_or(window, |after| after.max(window))),
        until: Some(okta_now + TimeDelta::minutes(15)),
        limit: SAMPLE,
        descending: true,
        ..LogQuery::default()
    }
}

impl After {
    /// Returns the time by Okta's clock; `None` for the whole window. `ahead` is by how much this computer's clock is ahead.
    fn by_okta(self, ahead: TimeDelta) -> Option<DateTime<Utc>> {
        match self {
            Self::Window => None,
            Self::Okta(at) => Some(at),
            Self::Local(at) => Some(at - ahead),
        }
    }
}

async fn search(sides: &ArrivalWatch, events: &[LogEvent], since: DateTime<Utc>, tick: &mut ArrivalTick) {
    let uuids: Vec<String> = events.iter().map(|event| event.uuid.clone()).collect();
    let (found, newest) = tokio::join!(sides.search.find(&uuids, since), sides.search.newest(since));
    let newest_problem = newest.as_ref().err().map(RadiantFailure::problem);
    tick.newest_in_radiant = newest.ok().and_then(|answer| answer.value);
    let (found, missing) = match found {
        Ok(answer) => (answer.value, answer.partial.map(|missing| sides.search.partial(missing, answer.evidence))),
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
        let missing = missing.as_ref().map(RadiantFailure::problem);
        tick.problem = missing.or(newest_problem).or_else(|| Some(Problem::new(code)));
    }
}

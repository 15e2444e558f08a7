//! Looks for changes of a zone by somebody else between our read and our write.

use chrono::{DateTime, TimeDelta, Utc};
use model::blocklist::{Interference, OtherChange};
use model::log_event::LogEvent;
use okta::{LogQuery, ZoneId};

use super::Blocklist;
use super::writer::ReplacedZone;

/// Times that the System Log is asked before our own change is found in it.
const ATTEMPTS: u32 = 3;
/// Most events that are read. One block takes seconds.
const MAX_EVENTS: u32 = 1_000;
/// The precision of the `Date` header, by which the read is timed.
const PRECISION: TimeDelta = TimeDelta::seconds(1);

/// Returns whether changes of others may have been overwritten by these replacements.
pub(super) async fn find(blocklist: &Blocklist<'_>, replaced: &[ReplacedZone]) -> Interference {
    let Some(first) = replaced.first() else { return Interference::None };
    let starts: Option<Vec<DateTime<Utc>>> = replaced.iter().map(|one| one.read_at).collect();
    let Some(start) = starts.and_then(|starts| starts.into_iter().min()) else { return Interference::Unknown };
    for attempt in 1..=ATTEMPTS {
        let Some(events) = zone_events(blocklist, &first.zone, start - PRECISION).await else {
            return Interference::Unknown;
        };
        if let Some(changes) = overwritten(&events, replaced) {
            return if changes.is_empty() { Interference::None } else { Interference::Possible { changes } };
        }
        if attempt < ATTEMPTS {
            blocklist.clock.sleep(blocklist.pace.settle).await;
        }
    }
    Interference::Unknown
}

/// Reads the events of a zone since a time, in the order of their persistence; `None` if there are too many or no answer.
async fn zone_events(blocklist: &Blocklist<'_>, zone: &ZoneId, since: DateTime<Utc>) -> Option<Vec<LogEvent>> {
    let filter = format!("eventType sw \"zone.\" and target.id eq \"{zone}\"");
    let query = LogQuery { since: Some(since), limit: MAX_EVENTS, filter: Some(filter), ..LogQuery::default() };
    let page = blocklist.okta.logs(&query).await.ok()?.value;
    (page.unreadable == 0 && page.entries.len() < MAX_EVENTS as usize).then_some(page.entries)
}

/// Returns the changes of others between each read and its replacement; `None` while an own replacement is not in the log.
fn overwritten(events: &[LogEvent], replaced: &[ReplacedZone]) -> Option<Vec<OtherChange>> {
    let is_of = |event: &LogEvent, one: &ReplacedZone| {
        let id = one.request_id.as_deref();
        id.is_some() && request_ids(event).iter().flatten().any(|own| Some(own.as_str()) == id)
    };
    let own = |event: &LogEvent| replaced.iter().any(|one| is_of(event, one));
    let mut changes: Vec<OtherChange> = Vec::new();
    for one in replaced {
        let written = events.iter().find(|event| is_of(event, one))?.published;
        let read = one.read_at? - PRECISION;
        let meanwhile = events.iter().filter(|event| (read..=written).contains(&event.published) && !own(event));
        changes.extend(meanwhile.map(other_change));
    }
    changes.sort_by(|a, b| (a.at, &a.event).cmp(&(b.at, &b.event)));
    changes.dedup();
    Some(changes)
}

/// Returns the IDs of the request behind an event. REAL: both members have the value of `X-Okta-Request-Id`.
fn request_ids(event: &LogEvent) -> [Option<String>; 2] {
    ["/debugContext/debugData/requestId", "/transaction/id"].map(|pointer| event.text(pointer))
}

fn other_change(event: &LogEvent) -> OtherChange {
    OtherChange {
        event: event.uuid.clone(),
        event_type: event.event_type.clone(),
        at: event.published,
        actor: event.text("/actor/alternateId").or_else(|| event.text("/actor/displayName")),
    }
}

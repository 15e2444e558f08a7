//! Looks for changes of a zone by somebody else between our read and our write.

use chrono::{DateTime, TimeDelta, Utc};
use model::blocklist::{Interference, OtherChange};
use model::log_event::LogEvent;
use okta::{LogQuery, ZoneId};

use super::writer::ReplacedZone;
use super::zone_context::ZoneContext;

/// Times that the System Log is asked before our own change is found in it.
const ATTEMPTS: u32 = 3;
/// Most events that are read. One block takes seconds.
const MAX_EVENTS: u32 = 1_000;
/// The precision of the `Date` header, by which the read is timed.
const PRECISION: TimeDelta = TimeDelta::seconds(1);

/// Returns whether changes of others may have been overwritten by these replacements.
pub(super) async fn find(access: &ZoneContext<'_>, replaced: &[ReplacedZone]) -> Interference {
    let Some(first) = replaced.first() else { return Interference::None };
    let starts: Option<Vec<DateTime<Utc>>> = replaced.iter().map(|one| one.read_at).collect();
    let Some(start) = starts.and_then(|starts| starts.into_iter().min()) else { return Interference::Unknown };
    for attempt in 1..=ATTEMPTS {
        let Some(events) = zone_events(access, &first.zone, start - PRECISION).await else {
            return Interference::Unknown;
        };
        if let Some(changes) = overwritten(&events, replaced, &access.okta.sent_changes()) {
            return if changes.is_empty() { Interference::None } else { Interference::Possible { changes } };
        }
        if attempt < ATTEMPTS {
            access.clock.sleep(access.pace.settle).await;
        }
    }
    Interference::Unknown
}

/// Reads the events of a zone since a time, in the order of their persistence; `None` if there are too many or no answer.
async fn zone_events(access: &ZoneContext<'_>, zone: &ZoneId, since: DateTime<Utc>) -> Option<Vec<LogEvent>> {
    let filter = format!("eventType sw \"zone.\" and target.id eq \"{zone}\"");
    let query = LogQuery { since: Some(since), limit: MAX_EVENTS, filter: Some(filter), ..LogQuery::default() };
    let page = access.okta.logs(&query).await.ok()?.value;
    (page.unreadable == 0 && page.entries.len() < MAX_EVENTS as usize).then_some(page.entries)
}

/// Returns the changes of others between each read and its replacement; `None` while an own replacement is not in the log.
fn overwritten(events: &[LogEvent], replaced: &[ReplacedZone], sent: &[String]) -> Option<Vec<OtherChange>> {
    let is_of = |event: &LogEvent, one: &ReplacedZone| {
        let id = one.request_id.as_deref();
        id.is_some() && request_ids(event).iter().flatten().any(|own| Some(own.as_str()) == id)
    };
    let own = |event: &LogEvent| request_ids(event).iter().flatten().any(|id| sent.contains(id));
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::RawValue;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    /// Returns an event of a request; an event of the Admin Console has a transaction that is none of ours.
    fn event(uuid: &str, seconds: i64, request: &str) -> LogEvent {
        let event = json!({"uuid": uuid, "published": at(seconds).to_rfc3339(), "eventType": "zone.update",
            "actor": {"alternateId": "jo@example.com"}, "transaction": {"id": request}, "debugContext": {"debugData": {}}});
        LogEvent::parse(RawValue::from_string(event.to_string()).unwrap()).unwrap()
    }

    fn replaced(read: i64, request: Option<&str>) -> ReplacedZone {
        let zone = ZoneId::parse("nzo1").unwrap();
        ReplacedZone { zone, read_at: Some(at(read)), request_id: request.map(str::to_owned) }
    }

    fn found(events: &[LogEvent], replaced: &[ReplacedZone]) -> Option<Vec<String>> {
        let sent = ["mine-0", "mine-1", "mine-2"].map(str::to_owned);
        let changes = overwritten(events, replaced, &sent)?;
        Some(changes.into_iter().map(|change| change.event).collect())
    }

    #[test]
    fn a_change_between_the_read_and_the_write_is_found_and_one_outside_is_not() {
        let events = [
            event("before", 5, "x1"),
            event("same second as the read", 10, "x2"),
            event("ours of another target", 11, "mine-0"),
            event("between", 12, "x3"),
            event("ours", 14, "mine-1"),
            event("after", 15, "x4"),
        ];
        let expected = vec!["same second as the read".to_owned(), "between".to_owned()];
        assert_eq!(found(&events, &[replaced(10, Some("mine-1"))]), Some(expected));
        assert_eq!(found(&events, &[replaced(14, Some("mine-1"))]), Some(Vec::new()));
    }

    #[test]
    fn nothing_is_said_while_our_own_change_is_not_in_the_log() {
        let events = [event("between", 12, "x3"), event("ours", 14, "mine-1")];
        assert_eq!(found(&events, &[replaced(10, Some("mine-2"))]), None);
        assert_eq!(found(&events, &[replaced(10, Some("mine-1")), replaced(13, Some("mine-2"))]), None);
        assert_eq!(found(&events, &[replaced(10, None)]), None, "a lost answer has no ID");
        assert_eq!(found(&[], &[replaced(10, Some("mine-1"))]), None);
    }

    #[test]
    fn a_change_in_two_windows_is_named_once() {
        let events = [event("between", 11, "x1"), event("first", 12, "mine-1"), event("second", 13, "mine-2")];
        let windows = [replaced(10, Some("mine-1")), replaced(11, Some("mine-2"))];
        assert_eq!(found(&events, &windows), Some(vec!["between".to_owned()]));
    }
}

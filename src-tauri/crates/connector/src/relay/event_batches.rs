//! Puts the events of a page into the requests that deliver them, each within the limits of the settings.

use chrono::{DateTime, Utc};
use model::external_time;
use model::problem::Problem;
use model::relay::UndeliverableReason;
use model::relay_settings::RelaySettings;
use okta::RawEvent;
use radiant::compress;
use store::{NewBatch, NewUndeliverableEvent};

use super::event_key::{EventKey, idempotency_key};

/// Most `uuid`s that a header of a request names; of more events it names the first and the last.
const MAX_NAMED: usize = 50;

/// Returns the `uuid`s of events for a header: all of them, or the first and the last.
pub(crate) fn named_uuids(events: &[RawEvent<'_>]) -> String {
    let is_plain = |uuid: &&str| radiant::is_searchable(uuid);
    let name = |event: &RawEvent<'_>| event.uuid.as_deref().filter(is_plain).unwrap_or("-").to_owned();
    let named: Vec<String> = match events {
        [first, .., last] if events.len() > MAX_NAMED => vec![name(first), name(last)],
        _ => events.iter().map(name).collect(),
    };
    named.join(",")
}

/// Returns a request's body before compression, as parts: a JSON array.
pub(crate) fn json_array<'e>(events: &'e [RawEvent<'_>]) -> impl Iterator<Item = &'e [u8]> {
    let parts = events.iter().enumerate().flat_map(|(at, event)| [if at == 0 { &b"["[..] } else { b"," }, event.text]);
    parts.chain([if events.is_empty() { &b"[]"[..] } else { b"]" }])
}

/// Puts events into requests: in their order, each within the limits of the settings or with one event.
pub(crate) fn batches(events: &[(EventKey, RawEvent<'_>)], settings: &RelaySettings) -> Result<Vec<NewBatch>, Problem> {
    let (most, limit) = (usize::try_from(settings.batch_events).unwrap_or(usize::MAX), settings.batch_bytes());
    let (mut made, mut start, mut bytes) = (Vec::new(), 0, 0_usize);
    for (at, (_, event)) in events.iter().enumerate() {
        let is_full = at > start && (at - start >= most || bytes + event.text.len() > limit);
        if is_full {
            made.push(batch(&events[start..at])?);
            (start, bytes) = (at, 0);
        }
        bytes += event.text.len() + 1;
    }
    if start < events.len() {
        made.push(batch(&events[start..])?);
    }
    Ok(made)
}

fn batch(events: &[(EventKey, RawEvent<'_>)]) -> Result<NewBatch, Problem> {
    let texts: Vec<RawEvent<'_>> = events.iter().map(|(_, event)| event.clone()).collect();
    let body = compress(json_array(&texts)).map_err(|_| model::code::Code::Internal)?;
    let bytes: usize = texts.iter().map(|event| event.text.len() + 1).sum();
    Ok(NewBatch {
        events: u32::try_from(texts.len()).unwrap_or(u32::MAX),
        bytes: u64::try_from(bytes + 1).unwrap_or(u64::MAX),
        oldest: texts.first().and_then(published),
        idempotency_key: idempotency_key(events.iter().map(|(key, _)| key)),
        uuids: named_uuids(&texts),
        body,
    })
}

/// Returns the time of an event.
pub(crate) fn published(event: &RawEvent<'_>) -> Option<DateTime<Utc>> {
    external_time::parse(event.published.as_deref()?)
}

/// Returns an event as one that is set aside.
pub(crate) fn undeliverable_event(
    event: &RawEvent<'_>,
    reason: UndeliverableReason,
    status: Option<u16>,
    at: DateTime<Utc>,
) -> NewUndeliverableEvent {
    let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
    let (uuid, published) = (text(&event.uuid), text(&event.published));
    NewUndeliverableEvent { uuid, published, at, reason, status, body: event.text.to_vec() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use radiant::decompress;

    use super::*;

    fn event(text: &str) -> (EventKey, RawEvent<'_>) {
        let event = RawEvent::read(text.as_bytes());
        (EventKey::of(&event), event)
    }

    #[test]
    fn a_header_names_all_events_or_the_first_and_the_last() {
        let texts: Vec<String> = (0..60).map(|number| format!(r#"{{"uuid":"u-{number}"}}"#)).collect();
        let events: Vec<_> = texts.iter().map(|text| RawEvent::read(text.as_bytes())).collect();
        assert_eq!(named_uuids(&events), "u-0,u-59");
        assert_eq!(named_uuids(&events[..2]), "u-0,u-1");
        assert_eq!(named_uuids(&[RawEvent::read(b"{\"uuid\":\"a\\r\\nb\"}"), RawEvent::read(b"7")]), "-,-");
    }

    proptest! {
        #[test]
        fn requests_keep_every_event_in_order_and_their_limits(
            sizes in proptest::collection::vec(1..40_000_usize, 0..40), most in 1..9_u32, kilobytes in 16..64_u32,
        ) {
            let texts: Vec<String> = sizes.iter().map(|size| format!("\"{}\"", "x".repeat(*size))).collect();
            let events: Vec<_> = texts.iter().map(|text| event(text)).collect();
            let settings = RelaySettings { batch_events: most, batch_kilobytes: kilobytes, ..RelaySettings::default() };
            let made = batches(&events, &settings).unwrap();
            let mut all = Vec::new();
            for one in &made {
                let body = decompress(&one.body, 10_000_000).unwrap();
                let list: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
                prop_assert!(one.events <= most && list.len() == usize::try_from(one.events).unwrap());
                prop_assert!(one.events == 1 || body.len() <= settings.batch_bytes() + list.len() + 1);
                prop_assert_eq!(u64::try_from(body.len()).unwrap(), one.bytes);
                all.extend(list.into_iter().map(|value| value.to_string()));
            }
            prop_assert_eq!(all, texts);
        }
    }
}

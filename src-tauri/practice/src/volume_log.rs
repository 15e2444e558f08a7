//! A System Log of any length, made from templates on request instead of kept in memory.
//!
//! Every event has a number, its position in persistence order, and the number decides the event: its uuid (from which the number
//! can be computed), its times and its text. A page is therefore one copy of prepared text into which the uuid and `published` of
//! each event are written. The shape of the events is that of [`crate::random_events`]; a uuid is of version 1 and has the time of
//! publishing (REAL: nearly all recorded events).

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::random_events;

/// Number of different texts.
const TEMPLATES: usize = 1000;
const UUID_LENGTH: usize = 36;
const TIME_LENGTH: usize = 24;
/// Bits of an event's number in its uuid.
const NUMBER_BITS: u32 = 48;
/// Numbers are below this, so that times can be computed from them.
const MAX_NUMBER: u64 = 1 << 32;
/// 1970 in the time of a uuid of version 1 (RFC 9562), in units of 100 ns.
const UUID_EPOCH: u64 = 0x01b2_1dd2_1381_4000;

/// A System Log of numbered events, which replaces the events of the organization in `/api/v1/logs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeLog {
    /// Decides uuids, texts and which events are late.
    pub seed: u64,
    /// Number of events that are there from the start.
    pub events: u64,
    /// The time over which they were persisted, in seconds up to the start.
    pub seconds: u32,
    /// Rate of events that are persisted after the start.
    pub per_second: f64,
    /// How many of a thousand events were published long before they were persisted (DOCS: a polling query is ordered by
    /// persistence, `published` may go backwards).
    pub late_per_mille: u16,
    /// The longest time between publishing and persisting, in seconds.
    pub max_late_s: u32,
}

impl Default for VolumeLog {
    fn default() -> Self {
        Self { seed: 1, events: 0, seconds: 86_000, per_second: 0.0, late_per_mille: 140, max_late_s: 3_600 }
    }
}

/// A running volume log.
pub(crate) struct RunningVolumeLog {
    log: VolumeLog,
    start: DateTime<Utc>,
    /// The texts one after another, each with a comma at its end.
    text: Vec<u8>,
    templates: Vec<Template>,
}

/// Where a text stands, and the places inside that differ from event to event; all from the beginning of all texts.
struct Template {
    begin: usize,
    uuid: usize,
    published: usize,
}

impl RunningVolumeLog {
    /// Prepares the texts; `start` is the present time by Okta's clock.
    pub(crate) fn new(log: VolumeLog, start: DateTime<Utc>) -> Self {
        let mut rng = StdRng::seed_from_u64(log.seed);
        let users: Vec<Value> = (0..40).map(|number| random_events::random_user(&mut rng, number, start)).collect();
        let (mut text, mut templates) = (Vec::new(), Vec::new());
        for _ in 0..TEMPLATES {
            let event = random_events::random_event(&mut rng, &users, start);
            let one = event.to_string();
            let place = |key: &str| {
                let value = event[key].as_str().unwrap_or_default();
                text.len() + one.find(value).unwrap_or_default()
            };
            templates.push(Template { begin: text.len(), uuid: place("uuid"), published: place("published") });
            text.extend_from_slice(one.as_bytes());
            text.push(b',');
        }
        Self { log, start, text, templates }
    }

    /// Returns the number of events that are persisted at this time.
    pub(crate) fn len(&self, now: DateTime<Utc>) -> u64 {
        let seconds = (now - self.start).as_seconds_f64().max(0.0);
        self.log.events.saturating_add(whole(seconds * self.log.per_second))
    }

    /// Returns the number of the first event that was persisted at or after this time.
    pub(crate) fn first_since(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
        let (mut low, mut high) = (0, self.len(now));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.persisted(middle) < since {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Returns when the event was persisted.
    pub(crate) fn persisted(&self, number: u64) -> DateTime<Utc> {
        let ms = if number < self.log.events {
            let before = u128::from(self.log.events - number) * u128::from(self.log.seconds) * 1000;
            -i64::try_from(before / u128::from(self.log.events)).unwrap_or_default()
        } else {
            let after = number - self.log.events;
            let per_ms = self.log.per_second.max(0.001) / 1000.0;
            i64::try_from(whole(number_as_f64(after) / per_ms)).unwrap_or_default()
        };
        self.start + TimeDelta::milliseconds(ms)
    }

    /// Tells whether the event is one that was persisted after the start.
    pub(crate) fn is_live(&self, number: u64) -> bool {
        number >= self.log.events
    }

    /// Returns when the event was published.
    pub(crate) fn published(&self, number: u64) -> DateTime<Utc> {
        let random = mixed(number ^ self.log.seed.rotate_left(17));
        let is_late = random % 1000 < u64::from(self.log.late_per_mille);
        let late_ms = if is_late { 1 + (random >> 20) % (u64::from(self.log.max_late_s) * 1000).max(1) } else { 0 };
        self.persisted(number) - TimeDelta::milliseconds(i64::try_from(late_ms).unwrap_or_default())
    }

    /// Returns the numbers of the events that were published in this range, in the order of `published`.
    pub(crate) fn published_between(&self, since: DateTime<Utc>, until: DateTime<Utc>, length: u64) -> Vec<u64> {
        let latest = until + TimeDelta::seconds(i64::from(self.log.max_late_s) + 1);
        let first = self.first_since(since, self.start.max(until)).min(length);
        let mut found: Vec<(DateTime<Utc>, u64)> = (first..length)
            .take_while(|number| self.persisted(*number) <= latest)
            .map(|number| (self.published(number), number))
            .filter(|(published, _)| *published >= since && *published <= until)
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, number)| number).collect()
    }

    /// Returns the JSON array of consecutive events.
    pub(crate) fn page(&self, first: u64, count: usize) -> Vec<u8> {
        let mut page = Vec::with_capacity(2 + count * (self.text.len() / TEMPLATES + 1));
        page.push(b'[');
        let mut number = first;
        let mut left = count;
        while left > 0 {
            let begin = template_of(number);
            let run = left.min(TEMPLATES - begin);
            self.copy(&mut page, begin, run, number);
            number += u64::try_from(run).unwrap_or_default();
            left -= run;
        }
        if count > 0 {
            page.pop();
        }
        page.push(b']');
        page
    }

    /// Returns the JSON array of these events.
    pub(crate) fn page_of(&self, numbers: &[u64]) -> Vec<u8> {
        let mut page = vec![b'['];
        for number in numbers {
            self.copy(&mut page, template_of(*number), 1, *number);
        }
        if !numbers.is_empty() {
            page.pop();
        }
        page.push(b']');
        page
    }

    /// Adds a run of texts, each with its comma, and writes into them what belongs to the events from this number on.
    fn copy(&self, page: &mut Vec<u8>, begin: usize, run: usize, number: u64) {
        let from = self.templates[begin].begin;
        let to = self.templates.get(begin + run).map_or(self.text.len(), |template| template.begin);
        let shift = page.len();
        page.extend_from_slice(&self.text[from..to]);
        for (template, number) in self.templates[begin..begin + run].iter().zip(number..) {
            let mut write = |place: usize, text: &str, length: usize| {
                let place = place - from + shift;
                page[place..place + length].copy_from_slice(text.as_bytes());
            };
            let published = self.published(number);
            write(template.uuid, &self.uuid_at(number, published), UUID_LENGTH);
            write(template.published, &published.to_rfc3339_opts(SecondsFormat::Millis, true), TIME_LENGTH);
        }
    }

    /// Returns the uuid of the event with this number.
    pub(crate) fn uuid(&self, number: u64) -> String {
        self.uuid_at(number, self.published(number))
    }

    fn uuid_at(&self, number: u64, published: DateTime<Utc>) -> String {
        let ms = u64::try_from(published.timestamp_millis()).unwrap_or_default();
        let time = ms * 10_000 + UUID_EPOCH + number % 10_000;
        format!(
            "{:08x}-{:04x}-1{:03x}-{:04x}-{:012x}",
            time & 0xffff_ffff,
            time >> 32 & 0xffff,
            time >> 48 & 0xfff,
            0x8000 | mixed(self.log.seed) & 0x3fff,
            scrambled(number, self.log.seed)
        )
    }

    /// Returns the number of the event with this uuid; `None` when it is none of this log.
    pub(crate) fn number(&self, uuid: &str) -> Option<u64> {
        let number = unscrambled(u64::from_str_radix(uuid.get(24..)?, 16).ok()?, self.log.seed);
        let is_possible = number < MAX_NUMBER;
        (is_possible && self.uuid(number) == uuid).then_some(number)
    }
}

fn template_of(number: u64) -> usize {
    usize::try_from(number % 1000).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of events are small and positive")]
fn whole(number: f64) -> u64 {
    number as u64
}

#[expect(clippy::cast_precision_loss, reason = "counts of events are far below 2^52")]
fn number_as_f64(number: u64) -> f64 {
    number as f64
}

/// Mixes the bits of a number (the finalizer of SplitMix64).
pub(crate) fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Maps the numbers of 48 bits onto themselves in an order that looks random: four rounds of a Feistel network.
fn scrambled(number: u64, seed: u64) -> u64 {
    let (mut left, mut right) = halves(number);
    for round in 0..4 {
        (left, right) = (right, left ^ round_value(right, seed, round));
    }
    left << (NUMBER_BITS / 2) | right
}

/// The inverse of [`scrambled`].
fn unscrambled(hidden: u64, seed: u64) -> u64 {
    let (mut left, mut right) = halves(hidden);
    for round in (0..4).rev() {
        (left, right) = (right ^ round_value(left, seed, round), left);
    }
    left << (NUMBER_BITS / 2) | right
}

fn halves(number: u64) -> (u64, u64) {
    let mask = (1 << (NUMBER_BITS / 2)) - 1;
    ((number >> (NUMBER_BITS / 2)) & mask, number & mask)
}

fn round_value(half: u64, seed: u64, round: u64) -> u64 {
    mixed(half ^ seed.rotate_left(8) ^ (round << 60)) & ((1 << (NUMBER_BITS / 2)) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(log: VolumeLog) -> RunningVolumeLog {
        RunningVolumeLog::new(log, "2026-03-10T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_uuid_leads_back_to_its_number_and_a_foreign_one_to_none() {
        let log = running(VolumeLog { seed: 7, events: 10, per_second: 50.0, ..VolumeLog::default() });
        for number in [0, 1, 9, 999, 1_000, 123_456_789] {
            let uuid = log.uuid(number);
            assert!(uuid::Uuid::parse_str(&uuid).is_ok_and(|uuid| uuid.get_version_num() == 1), "{uuid}");
            assert_eq!(log.number(&uuid), Some(number));
        }
        assert_eq!(log.number("0f1e0000-0000-4000-8000-000000000036"), None);
        assert_eq!(log.number("short"), None);
    }

    #[test]
    fn an_event_is_the_same_on_every_page() {
        let log = running(VolumeLog { events: 5_000, ..VolumeLog::default() });
        let events = |page: Vec<u8>| serde_json::from_slice::<Vec<Value>>(&page).unwrap();
        let whole = events(log.page(900, 1_300));
        assert_eq!(whole.len(), 1_300);
        assert_eq!(events(log.page(1_950, 3))[..], whole[1_050..1_053]);
        assert_eq!(events(log.page_of(&[950, 901]))[..], [whole[50].clone(), whole[1].clone()]);
        assert_eq!(whole[100]["uuid"], log.uuid(1_000));
        assert_eq!(events(log.page(0, 0)), Vec::<Value>::new());
    }

    #[test]
    fn events_are_persisted_in_order_and_some_are_published_late() {
        let log = running(VolumeLog { events: 2_000, per_second: 10.0, ..VolumeLog::default() });
        let now = "2026-03-10T12:00:10Z".parse().unwrap();
        assert_eq!(log.len(now), 2_100);
        let persisted: Vec<_> = (0..2_100).map(|number| log.persisted(number)).collect();
        assert!(persisted.is_sorted());
        let late = (0..2_100).filter(|number| log.published(*number) < log.persisted(*number)).count();
        assert!((200..400).contains(&late), "{late}");
        assert_eq!(log.first_since(log.persisted(1_234), now), 1_234);
        assert_eq!(log.first_since(now + TimeDelta::days(1), now), 2_100);
        let all = log.published_between(now - TimeDelta::days(2), now, 2_100);
        assert_eq!(all.len(), 2_100);
        assert!(all.iter().map(|number| log.published(*number)).is_sorted());
    }
}

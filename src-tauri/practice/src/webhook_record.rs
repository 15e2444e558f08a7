//! What the custom events webhook accepted: which events, in which order, which of them again.
//!
//! Its size is bounded: an event of a volume log is one bit, and of other events the first [`MAX_OTHERS`] are kept.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::volume_log::RunningVolumeLog;

/// Largest number of events that are kept and are none of a volume log.
const MAX_OTHERS: usize = 100_000;
/// Largest number of idempotency keys that are kept.
const MAX_KEYS: usize = 10_000;
/// Buckets of the delays, each 5 % wider than the one before, from one millisecond to about 14 hours.
const DELAY_BUCKETS: usize = 360;

/// Figures about what the webhook accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookRecord {
    /// Different events that were accepted.
    pub events: u64,
    /// Of these, events of the volume log.
    pub volume_events: u64,
    /// The first number of the volume log that was not accepted; all before it were.
    pub first_missing: u64,
    /// Events that were accepted once more.
    pub repeated: u64,
    /// Of these, events that were not part of the latest batch with new events: no crash and no lost response explains them.
    pub repeated_outside_last_batch: u64,
    /// Accepted requests with an event that was accepted before.
    pub repeated_batches: u64,
    /// Events of the volume log that were accepted for the first time after a later one.
    pub order_breaks: u64,
    /// Accepted events without a uuid.
    pub without_uuid: u64,
    /// Accepted requests.
    pub batches: u64,
    /// Of these, requests whose connection was closed without a response.
    pub dropped_responses: u64,
    /// Requests that were not accepted, for whatever reason.
    pub refused: u64,
    /// Accepted requests without an `Idempotency-Key` header.
    pub without_key: u64,
    /// Accepted requests whose key was used before for other events.
    pub key_conflicts: u64,
    /// Most events in an accepted request.
    pub largest_batch: u64,
    /// Size of the largest accepted request, decompressed.
    pub largest_bytes: u64,
    /// Requests that were compressed.
    pub compressed: u64,
    /// Median time from persistence to acceptance, of events that were persisted after the start of the volume log.
    pub delay_p50_ms: u64,
    /// The same for 99 % of the events.
    pub delay_p99_ms: u64,
}

/// The record of a running webhook.
pub(crate) struct WebhookRecorder {
    figures: WebhookRecord,
    /// A bit for each number of the volume log.
    numbers: Vec<u64>,
    next_number: u64,
    others: BTreeSet<String>,
    /// The others in the order in which they were accepted first.
    order: Vec<String>,
    last_batch: BTreeSet<String>,
    keys: BTreeMap<String, u64>,
    key_order: VecDeque<String>,
    delays: Vec<u64>,
}

/// One accepted request.
pub(crate) struct Batch<'a> {
    pub(crate) uuids: &'a [Option<String>],
    pub(crate) key: Option<&'a str>,
    pub(crate) bytes: usize,
    pub(crate) is_compressed: bool,
    /// The present time by Okta's clock.
    pub(crate) now: DateTime<Utc>,
}

impl Default for WebhookRecorder {
    fn default() -> Self {
        Self {
            figures: WebhookRecord::default(),
            numbers: Vec::new(),
            next_number: 0,
            others: BTreeSet::new(),
            order: Vec::new(),
            last_batch: BTreeSet::new(),
            keys: BTreeMap::new(),
            key_order: VecDeque::new(),
            delays: vec![0; DELAY_BUCKETS],
        }
    }
}

impl WebhookRecorder {
    /// Records a request that was accepted.
    pub(crate) fn accept(&mut self, batch: &Batch<'_>, log: Option<&RunningVolumeLog>) {
        let mut repeated = 0;
        let mut is_new = false;
        for uuid in batch.uuids {
            let Some(uuid) = uuid else {
                self.figures.without_uuid += 1;
                continue;
            };
            if self.is_first(uuid, batch.now, log) {
                is_new = true;
                self.figures.events += 1;
            } else {
                repeated += 1;
                self.figures.repeated_outside_last_batch += u64::from(!self.last_batch.contains(uuid));
            }
        }
        let count = u64::try_from(batch.uuids.len()).unwrap_or_default();
        self.figures.repeated += repeated;
        self.figures.repeated_batches += u64::from(repeated > 0);
        self.figures.batches += 1;
        self.figures.compressed += u64::from(batch.is_compressed);
        self.figures.largest_batch = self.figures.largest_batch.max(count);
        self.figures.largest_bytes = self.figures.largest_bytes.max(u64::try_from(batch.bytes).unwrap_or_default());
        if is_new {
            self.last_batch = batch.uuids.iter().flatten().cloned().collect();
        }
        self.record_key(batch);
    }

    /// Records that an accepted request gets no response.
    pub(crate) fn drop_response(&mut self) {
        self.figures.dropped_responses += 1;
    }

    /// Records a request that was not accepted.
    pub(crate) fn refuse(&mut self) {
        self.figures.refused += 1;
    }

    /// Returns the figures so far.
    pub(crate) fn figures(&self) -> WebhookRecord {
        let first_missing = self.numbers.iter().position(|bits| *bits != u64::MAX).map_or_else(
            || u64::try_from(self.numbers.len()).unwrap_or_default() * 64,
            |word| u64::try_from(word).unwrap_or_default() * 64 + u64::from(self.numbers[word].trailing_ones()),
        );
        let (delay_p50_ms, delay_p99_ms) = (self.delay_at(50), self.delay_at(99));
        WebhookRecord { first_missing, delay_p50_ms, delay_p99_ms, ..self.figures.clone() }
    }

    /// Returns the uuids of the events that are none of a volume log, in the order in which they were accepted first.
    pub(crate) fn uuids(&self) -> Vec<String> {
        self.order.clone()
    }

    /// Tells whether the event is accepted for the first time, and remembers it.
    fn is_first(&mut self, uuid: &str, now: DateTime<Utc>, log: Option<&RunningVolumeLog>) -> bool {
        let Some((log, number)) = log.and_then(|log| log.number(uuid).map(|number| (log, number))) else {
            let is_first = self.others.len() < MAX_OTHERS && self.others.insert(uuid.to_owned());
            if is_first {
                self.order.push(uuid.to_owned());
            }
            return is_first;
        };
        let word = usize::try_from(number / 64).unwrap_or(usize::MAX);
        if word >= self.numbers.len() {
            self.numbers.resize(word + 1, 0);
        }
        let bit = 1 << (number % 64);
        if self.numbers[word] & bit != 0 {
            return false;
        }
        self.numbers[word] |= bit;
        self.figures.volume_events += 1;
        self.figures.order_breaks += u64::from(number < self.next_number);
        self.next_number = self.next_number.max(number + 1);
        if log.is_live(number) {
            let ms = (now - log.persisted(number)).num_milliseconds();
            self.delays[delay_bucket(ms)] += 1;
        }
        true
    }

    fn record_key(&mut self, batch: &Batch<'_>) {
        let Some(key) = batch.key else {
            self.figures.without_key += 1;
            return;
        };
        let mut hasher = DefaultHasher::new();
        batch.uuids.hash(&mut hasher);
        let hash = hasher.finish();
        match self.keys.insert(key.to_owned(), hash) {
            Some(before) => self.figures.key_conflicts += u64::from(before != hash),
            None => self.key_order.push_back(key.to_owned()),
        }
        if self.key_order.len() > MAX_KEYS
            && let Some(oldest) = self.key_order.pop_front()
        {
            self.keys.remove(&oldest);
        }
    }

    /// Returns the upper bound of the bucket in which this percentage of all delays is reached.
    fn delay_at(&self, percent: u64) -> u64 {
        let total: u64 = self.delays.iter().sum();
        let mut left = (total * percent).div_ceil(100);
        for (bucket, count) in self.delays.iter().enumerate() {
            if left <= *count {
                return if total == 0 { 0 } else { bucket_end(bucket) };
            }
            left -= count;
        }
        0
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a delay below a month in milliseconds, and its bucket"
)]
fn delay_bucket(ms: i64) -> usize {
    (((ms.max(1) as f64).ln() / 1.05_f64.ln()) as usize).min(DELAY_BUCKETS - 1)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the buckets are few and their bounds positive"
)]
fn bucket_end(bucket: usize) -> u64 {
    1.05_f64.powi(i32::try_from(bucket + 1).unwrap_or(i32::MAX)).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume_log::VolumeLog;

    fn now() -> DateTime<Utc> {
        "2026-03-10T12:00:00Z".parse().unwrap()
    }

    fn accept(recorder: &mut WebhookRecorder, log: &RunningVolumeLog, numbers: std::ops::Range<u64>, key: &str) {
        let uuids: Vec<_> = numbers.map(|number| Some(log.uuid(number))).collect();
        let batch = Batch {
            uuids: &uuids,
            key: Some(key),
            bytes: 1,
            is_compressed: false,
            now: now() + chrono::TimeDelta::seconds(2),
        };
        recorder.accept(&batch, Some(log));
    }

    #[test]
    fn an_event_is_repeated_within_or_outside_the_latest_batch() {
        let log = RunningVolumeLog::new(VolumeLog { events: 500, per_second: 100.0, ..VolumeLog::default() }, now());
        let mut recorder = WebhookRecorder::default();
        accept(&mut recorder, &log, 0..100, "a");
        accept(&mut recorder, &log, 100..200, "b");
        assert_eq!(recorder.figures().repeated, 0);
        accept(&mut recorder, &log, 100..150, "b");
        accept(&mut recorder, &log, 150..250, "c");
        let figures = recorder.figures();
        assert_eq!((figures.repeated, figures.repeated_outside_last_batch, figures.repeated_batches), (100, 0, 2));
        assert_eq!((figures.first_missing, figures.order_breaks, figures.key_conflicts), (250, 0, 1));
        accept(&mut recorder, &log, 0..1, "d");
        accept(&mut recorder, &log, 300..301, "e");
        accept(&mut recorder, &log, 250..252, "f");
        let figures = recorder.figures();
        assert_eq!((figures.repeated_outside_last_batch, figures.order_breaks, figures.first_missing), (1, 2, 252));
        assert_eq!(figures.events, 253);
    }

    #[test]
    fn a_delay_is_measured_for_events_after_the_start() {
        let log = RunningVolumeLog::new(VolumeLog { events: 10, per_second: 1.0, ..VolumeLog::default() }, now());
        let mut recorder = WebhookRecorder::default();
        accept(&mut recorder, &log, 0..10, "a");
        assert_eq!(recorder.figures().delay_p99_ms, 0);
        accept(&mut recorder, &log, 10..11, "b");
        let delay = recorder.figures().delay_p50_ms;
        assert!((2_000..2_200).contains(&delay), "{delay}");
    }
}

//! What a process remembers of probes that failed or could not be stored: how long to wait before the next one, and the requests
//! that the rate budget must count although the database does not have them.
//!
//! It is kept in memory, because the database is what fails when a disk is full.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::rate_budget;
use model::connection::ConnectionId;
use model::okta_origin::Origin;
use model::problem::Problem;
use model::rate_usage::RateUsage;
use okta::RateLimitLog;
use runtime::Clock;

/// The wait after the first failure. It doubles with each further one, up to the interval of the heartbeats.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
/// The number of failures after which the wait no longer doubles, so that it cannot overflow.
const MAX_DOUBLINGS: u32 = 10;

/// The probes of one connection that failed one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFailure {
    /// The number of failures.
    pub count: u32,
    /// When the last one failed.
    pub at: DateTime<Utc>,
    /// Why it failed.
    pub problem: Problem,
}

/// The failed probes of this process; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct ProbeBackoff(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    failures: BTreeMap<ConnectionId, ProbeFailure>,
    /// The requests of probes that are not stored.
    unstored: Vec<Unstored>,
    /// The number of the newest of them.
    newest: u64,
}

/// The requests of one probe.
#[derive(Debug, Clone)]
struct Unstored {
    number: u64,
    org: Origin,
    usage: RateUsage,
}

impl Memory {
    fn push(&mut self, org: Origin, usage: RateUsage) {
        self.newest += 1;
        self.unstored.push(Unstored { number: self.newest, org, usage });
    }
}

impl ProbeBackoff {
    /// Counts a probe that failed, panicked or could not be stored.
    pub(super) fn add(&self, id: &ConnectionId, problem: Problem, at: DateTime<Utc>) {
        let mut memory = self.memory();
        let count = memory.failures.get(id).map_or(0, |before| before.count).saturating_add(1);
        memory.failures.insert(id.clone(), ProbeFailure { count, at, problem });
    }

    /// Forgets the failures of a connection: a probe was stored.
    pub(super) fn clear(&self, id: &ConnectionId) {
        self.memory().failures.remove(id);
    }

    /// Forgets the failures of the connections that are no longer monitored: nothing is to be probed there.
    pub(super) fn retain(&self, is_monitored: impl Fn(&ConnectionId) -> bool) {
        self.memory().failures.retain(|id, _| is_monitored(id));
    }

    /// Returns the failures of every connection whose last probe failed.
    pub(super) fn all(&self) -> BTreeMap<ConnectionId, ProbeFailure> {
        self.memory().failures.clone()
    }

    /// Returns until when a connection is not probed after its failures. `interval` is the time between heartbeats.
    pub(super) fn not_before(
        &self,
        id: &ConnectionId,
        interval: TimeDelta,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let memory = self.memory();
        // After the clock was set back it is unknown how long ago the failure was.
        let failure = memory.failures.get(id).filter(|failure| failure.at <= now)?;
        let until = failure.at + wait(failure.count, interval);
        (until > now).then_some(until)
    }

    /// Returns the usage of an org together with the requests that are not stored.
    pub(super) fn with_unstored(&self, org: &Origin, stored: RateUsage) -> RateUsage {
        let memory = self.memory();
        let unstored = memory.unstored.iter().filter(|one| one.org == *org);
        unstored.fold(stored, |usage, more| rate_budget::with_unstored(&usage, &more.usage))
    }

    /// Begins to record the requests of a probe. They are remembered here unless they are stored, even if the probe panics.
    pub(super) fn record(&self, org: Origin, log: RateLimitLog, clock: Clock) -> UnstoredRequests {
        let earlier: Vec<_> = self.memory().unstored.iter().filter(|one| one.org == org).cloned().collect();
        UnstoredRequests { failed: self.clone(), org, earlier, log, clock }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The requests of a probe in progress, and those of earlier ones that are not stored.
#[derive(Debug)]
pub(super) struct UnstoredRequests {
    failed: ProbeBackoff,
    org: Origin,
    earlier: Vec<Unstored>,
    log: RateLimitLog,
    clock: Clock,
}

impl UnstoredRequests {
    /// Returns the requests of earlier probes that no other probe stored meanwhile.
    pub(super) fn earlier(&self) -> RateUsage {
        let memory = self.failed.memory();
        let is_unstored = |one: &&Unstored| memory.unstored.iter().any(|left| left.number == one.number);
        self.earlier
            .iter()
            .filter(is_unstored)
            .fold(RateUsage::default(), |all, one| rate_budget::with_unstored(&all, &one.usage))
    }

    /// Forgets the requests and those of earlier probes: they are stored. Until then the earlier ones count, whichever probe of
    /// the org runs meanwhile.
    pub(super) fn stored(mut self) {
        self.log = RateLimitLog::default();
        let is_stored = |one: &Unstored| self.earlier.iter().any(|earlier| earlier.number == one.number);
        self.failed.memory().unstored.retain(|one| !is_stored(one));
    }
}

impl Drop for UnstoredRequests {
    fn drop(&mut self) {
        let usage = rate_budget::record_requests(&RateUsage::default(), &self.log.entries(), self.clock.now());
        if usage != RateUsage::default() {
            self.failed.memory().push(self.org.clone(), usage);
        }
    }
}

/// Returns the wait after a number of failures.
fn wait(count: u32, interval: TimeDelta) -> TimeDelta {
    let doublings = count.saturating_sub(1).min(MAX_DOUBLINGS);
    (FIRST_WAIT * 2_i32.pow(doublings)).min(interval.max(FIRST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::code::Code;
    use model::okta_origin::OktaDomain;
    use model::rate_usage::{Bucket, RequestRecord};

    const INTERVAL: TimeDelta = TimeDelta::minutes(10);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_wait_doubles_up_to_the_interval_and_a_stored_probe_ends_it() {
        let (failed, id) = (ProbeBackoff::default(), ConnectionId("a".to_owned()));
        let waits = [(); 7].map(|()| {
            failed.add(&id, Problem::new(Code::DiskFull), at(0));
            (failed.not_before(&id, INTERVAL, at(0)).unwrap() - at(0)).num_seconds()
        });
        assert_eq!(waits, [30, 60, 120, 240, 480, 600, 600]);
        assert_eq!(failed.all().get(&id).map(|one| one.count), Some(7));
        assert_eq!(failed.not_before(&id, INTERVAL, at(600)), None, "it is over");
        assert_eq!(failed.not_before(&id, INTERVAL, at(-86_400)), None, "the clock was set back");
        failed.clear(&id);
        assert_eq!((failed.not_before(&id, INTERVAL, at(0)), failed.all().len()), (None, 0));
    }

    #[test]
    fn requests_that_are_not_stored_count_until_they_are() {
        let acme = Origin::Okta(OktaDomain::from_host("acme.okta.com").unwrap());
        let failed = ProbeBackoff::default();
        let one = RequestRecord { at: at(0), bucket: Bucket::Logs, requests: 3 };
        let usage = RateUsage { requests: vec![one], ..RateUsage::default() };
        failed.memory().push(acme.clone(), usage.clone());
        let begin = || failed.record(acme.clone(), RateLimitLog::default(), Clock::manual(at(0)));
        let count = || failed.with_unstored(&acme, RateUsage::default()).requests.len();
        drop(begin());
        assert_eq!(count(), 1, "a probe that was not stored leaves them");
        let probe = begin();
        assert_eq!((probe.earlier(), count()), (usage, 1), "they count while the probe runs");
        probe.stored();
        assert_eq!(count(), 0);
    }

    #[test]
    fn the_failures_of_a_connection_that_is_not_monitored_any_more_are_forgotten() {
        let (failed, [kept, paused]) = (ProbeBackoff::default(), ["a", "b"].map(|id| ConnectionId(id.to_owned())));
        for id in [&kept, &paused] {
            failed.add(id, Problem::new(Code::DiskFull), at(0));
        }
        failed.retain(|id| *id == kept);
        assert_eq!(failed.all().into_keys().collect::<Vec<_>>(), [kept]);
    }
}

//! The connections that this process watches: it holds the monitoring lock of each, between probes too, so that no other
//! process watches them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use model::connection::ConnectionId;
use model::problem::Problem;
use store::{StoreError, lock_monitoring, monitoring_process};

use crate::monitor::MonitoringLocks;

/// The wait before a connection that another process watches is tried again: at first that process is probably letting go.
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(5);
/// The wait before it is tried again later.
const RETRY: TimeDelta = TimeDelta::seconds(30);
/// How long a refusal counts as the first.
const FIRST_REFUSAL: TimeDelta = TimeDelta::minutes(1);

/// Takes and releases the monitoring locks of this process, and remembers the connections that it was refused.
#[derive(Debug)]
pub(super) struct HostedConnections {
    data_dir: PathBuf,
    locks: MonitoringLocks,
    /// When each connection was refused for the first time.
    refused: BTreeMap<ConnectionId, DateTime<Utc>>,
}

impl HostedConnections {
    /// Returns no connections of a data folder. The locks that it takes are added to `locks`.
    pub(super) fn new(data_dir: PathBuf, locks: MonitoringLocks) -> Self {
        Self { data_dir, locks, refused: BTreeMap::new() }
    }

    /// Releases the locks of all other connections and takes those of `wanted` that are not held yet.
    ///
    /// # Errors
    /// The first problem of the file system. A lock that another process holds is none.
    pub(super) fn update(&mut self, wanted: &BTreeSet<ConnectionId>, now: DateTime<Utc>) -> Result<(), Problem> {
        self.locks.retain(|id| wanted.contains(id));
        self.refused.retain(|id, _| wanted.contains(id));
        let (mut first, held) = (Ok(()), self.locks.held());
        for id in wanted.difference(&held) {
            match lock_monitoring(&self.data_dir, id) {
                Ok(lock) => {
                    tracing::info!(connection = %id, "this process watches the connection from now on");
                    self.refused.remove(id);
                    self.locks.insert(id.clone(), lock);
                }
                Err(error) => {
                    self.refused.entry(id.clone()).or_insert_with(|| {
                        let pid = monitoring_process(&self.data_dir, id);
                        tracing::info!(connection = %id, pid, %error, "another process watches the connection");
                        now
                    });
                    let problem = if matches!(error, StoreError::Busy) { Ok(()) } else { Err(error.into()) };
                    first = first.and(problem);
                }
            }
        }
        first
    }

    /// Returns when a refused connection is to be tried again; `None` when there is none.
    pub(super) fn next_attempt(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.refused.values().map(|first| now + retry_delay(*first, now)).min()
    }
}

/// Returns the wait before the next attempt to take a lock that was refused first at `first`.
fn retry_delay(first: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    // After the clock was set back, the first refusal is in the future; its age is unknown then.
    let is_recent = (TimeDelta::zero()..FIRST_REFUSAL).contains(&(now - first));
    if is_recent { FIRST_RETRY } else { RETRY }
}

#[cfg(test)]
mod tests {
    use model::code::Code;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn ids<const N: usize>(ids: [&str; N]) -> BTreeSet<ConnectionId> {
        ids.map(|id| ConnectionId(id.to_owned())).into()
    }

    /// Two processes over one folder.
    fn two() -> (tempfile::TempDir, HostedConnections, HostedConnections) {
        let folder = tempfile::tempdir().unwrap();
        let of = || HostedConnections::new(folder.path().to_owned(), MonitoringLocks::default());
        let (one, other) = (of(), of());
        (folder, one, other)
    }

    #[test]
    fn a_connection_belongs_to_one_process_until_that_process_releases_it_or_ends() {
        let (_folder, mut one, mut other) = two();
        one.update(&ids(["a", "b", "c"]), at(0)).unwrap();
        other.update(&ids(["a", "b", "d"]), at(0)).unwrap();
        assert_eq!((one.locks.held(), other.locks.held()), (ids(["a", "b", "c"]), ids(["d"])));
        for _ in 0..3 {
            one.update(&ids(["a", "b", "c"]), at(10)).unwrap();
            other.update(&ids(["a", "b", "d"]), at(10)).unwrap();
        }
        assert_eq!(other.locks.held(), ids(["d"]), "it is kept between passes");
        one.update(&ids(["b"]), at(20)).unwrap();
        other.update(&ids(["a", "b", "c", "d"]), at(20)).unwrap();
        assert_eq!((one.locks.held(), other.locks.held()), (ids(["b"]), ids(["a", "c", "d"])));
        drop(one);
        other.update(&ids(["a", "b"]), at(30)).unwrap();
        assert_eq!(other.locks.held(), ids(["a", "b"]));
    }

    #[test]
    fn the_file_of_a_lock_that_is_held_is_not_opened_again() {
        let (folder, mut one, mut other) = two();
        one.update(&ids(["a"]), at(0)).unwrap();
        let file = folder.path().join("monitoring-a.lock");
        std::fs::remove_file(&file).unwrap();
        one.update(&ids(["a"]), at(1)).unwrap();
        assert!(!file.exists(), "opening it would have created it");
        other.update(&ids(["b_1"]), at(1)).unwrap();
        assert!(folder.path().join("monitoring-b_5f1.lock").exists(), "the id is encoded as for every lock");
    }

    #[test]
    fn a_refused_connection_is_tried_again_soon_and_after_a_minute_less_often() {
        let (_folder, mut one, mut other) = two();
        one.update(&ids(["a", "b"]), at(0)).unwrap();
        let mut next = |wanted: &[&str], seconds| {
            let wanted = wanted.iter().map(|id| ConnectionId((*id).to_owned())).collect();
            other.update(&wanted, at(seconds)).unwrap();
            other.next_attempt(at(seconds))
        };
        assert_eq!([0, 5, 59].map(|now| next(&["a"], now)), [0, 5, 59].map(|now| Some(at(now + 5))));
        assert_eq!([60, 90, 3_600].map(|now| next(&["a"], now)), [60, 90, 3_600].map(|now| Some(at(now + 30))));
        assert_eq!(next(&["a", "b"], 3_610), Some(at(3_615)), "another one is refused for the first time");
        assert_eq!(next(&["a"], -600), Some(at(-570)), "the clock was set back");
        assert_eq!(next(&[], 3_620), None);
        assert_eq!(next(&["a"], 3_630), Some(at(3_635)), "it was not wanted in between");
        drop(one);
        assert_eq!(next(&["a"], 3_640), None, "it is held now");
    }

    #[test]
    fn a_lock_file_that_cannot_be_made_is_a_problem_and_the_other_connections_are_taken() {
        let (folder, mut one, _) = two();
        std::fs::create_dir(folder.path().join("monitoring-a.lock")).unwrap();
        let problem = one.update(&ids(["a", "b"]), at(0)).unwrap_err();
        // Windows denies access to a folder that is opened as a file.
        assert!([Code::StoreFailed, Code::StoreReadOnly].contains(&problem.code), "{problem:?}");
        assert_eq!((one.locks.held(), one.next_attempt(at(0))), (ids(["b"]), Some(at(5))));
    }
}

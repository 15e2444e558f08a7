//! The connections that a pass of monitoring considers, and the locks of those that this process watches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::connection::ConnectionId;
use store::ConnectionLock;

/// The connections that a pass of monitoring considers. For the others nothing is probed, written or notified.
#[derive(Debug, Clone)]
pub enum PassScope {
    /// Every connection.
    Every,
    /// The connections that this process watches. They can become fewer during the pass.
    Hosted(MonitoringLocks),
}

/// A connection that is being probed. Its monitoring lock, if the scope has one, is released after this is dropped.
#[derive(Debug)]
pub(super) struct ProbeClaim {
    _lock: Option<Arc<ConnectionLock>>,
}

impl PassScope {
    /// Tells whether a connection is considered now.
    #[must_use]
    pub fn contains(&self, id: &ConnectionId) -> bool {
        self.claim(id).is_some()
    }

    /// Keeps the lock of a connection until the claim is dropped. Returns `None` when the connection is not considered any
    /// more.
    pub(super) fn claim(&self, id: &ConnectionId) -> Option<ProbeClaim> {
        match self {
            Self::Every => Some(ProbeClaim { _lock: None }),
            Self::Hosted(locks) => locks.locks().get(id).map(|lock| ProbeClaim { _lock: Some(Arc::clone(lock)) }),
        }
    }
}

/// The monitoring locks that this process holds; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MonitoringLocks(Arc<Mutex<BTreeMap<ConnectionId, Arc<ConnectionLock>>>>);

impl MonitoringLocks {
    /// Returns the connections whose locks are held.
    pub(crate) fn held(&self) -> BTreeSet<ConnectionId> {
        self.locks().keys().cloned().collect()
    }

    /// Adds a lock.
    pub(crate) fn insert(&self, id: ConnectionId, lock: ConnectionLock) {
        self.locks().insert(id, Arc::new(lock));
    }

    /// Releases the locks of all connections but those to keep. The lock of one that is being probed is released after the
    /// probe.
    pub(crate) fn retain(&self, keeps: impl Fn(&ConnectionId) -> bool) {
        // Asked before the locks are borrowed, because the answer may take a lock of its own.
        for id in self.held().into_iter().filter(|id| !keeps(id)) {
            tracing::info!(connection = %id, "this process no longer watches the connection");
            self.locks().remove(&id);
        }
    }

    fn locks(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Arc<ConnectionLock>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use store::lock_monitoring;

    use super::*;

    #[test]
    fn a_lock_is_released_at_once_or_after_the_probe_in_progress_and_is_not_claimed_again() {
        let (folder, locks) = (tempfile::tempdir().unwrap(), MonitoringLocks::default());
        let [probed, idle] = ["a", "b"].map(|id| ConnectionId(id.to_owned()));
        for id in [&probed, &idle] {
            locks.insert(id.clone(), lock_monitoring(folder.path(), id).unwrap());
        }
        let is_free = |id| lock_monitoring(folder.path(), id).is_ok();
        let scope = PassScope::Hosted(locks.clone());
        let claim = scope.claim(&probed).unwrap();
        locks.retain(|_| true);
        assert_eq!((locks.held().len(), is_free(&probed), is_free(&idle)), (2, false, false));
        locks.retain(|_| false);
        assert_eq!([&probed, &idle].map(|id| scope.contains(id)), [false; 2]);
        assert_eq!((is_free(&probed), is_free(&idle)), (false, true), "the probe is in progress");
        drop(claim);
        assert!(is_free(&probed));
    }

    #[test]
    fn a_scope_of_every_connection_needs_no_lock() {
        assert!(PassScope::Every.claim(&ConnectionId("a".to_owned())).is_some());
    }
}

//! The runs in progress of each connection, so that a change of its tokens or its org ends them at once.
//!
//! A run of another process is not ended; what it finds is discarded when it is stored ([`crate::run_inputs`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::connection::ConnectionId;
use tokio_util::sync::CancellationToken;

/// One registered run.
#[derive(Debug)]
struct Registered {
    number: u64,
    /// Ends the run.
    cancel: CancellationToken,
    /// Says that its tokens were replaced.
    replaced: CancellationToken,
    has_lock: bool,
}

type Runs = HashMap<ConnectionId, Vec<Registered>>;

/// The runs of this process. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct ActiveRuns(Arc<Mutex<(u64, Runs)>>);

impl ActiveRuns {
    /// Registers a run that also ends when `outer` is cancelled.
    pub(crate) fn begin(&self, id: &ConnectionId, outer: &CancellationToken) -> ActiveRun {
        self.register(id, outer, false)
    }

    /// Registers a run that holds the connection's lock until its end.
    pub(crate) fn begin_with_lock(&self, id: &ConnectionId, outer: &CancellationToken) -> ActiveRun {
        self.register(id, outer, true)
    }

    fn register(&self, id: &ConnectionId, outer: &CancellationToken, has_lock: bool) -> ActiveRun {
        let (cancel, replaced) = (outer.child_token(), CancellationToken::new());
        let mut runs = self.lock();
        runs.0 = runs.0.wrapping_add(1);
        let number = runs.0;
        let registered = Registered { number, cancel: cancel.clone(), replaced: replaced.clone(), has_lock };
        runs.1.entry(id.clone()).or_default().push(registered);
        drop(runs);
        ActiveRun { runs: self.clone(), id: id.clone(), number, replaced, cancel }
    }

    /// Cancels every run of a connection, because what it works with is replaced.
    pub(crate) fn cancel(&self, id: &ConnectionId) {
        let cancelled = self.lock().1.remove(id).unwrap_or_default();
        if !cancelled.is_empty() {
            tracing::info!(runs = cancelled.len(), "runs were cancelled because a token or the org changed");
        }
        for run in cancelled {
            run.replaced.cancel();
            run.cancel.cancel();
        }
    }

    /// Cancels the run of this process that holds the connection's lock, if there is one, so that the lock becomes free.
    pub(crate) fn cancel_lock_holder(&self, id: &ConnectionId) {
        for run in self.lock().1.get(id).into_iter().flatten().filter(|run| run.has_lock) {
            run.cancel.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Runs)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One run; it is removed from the list when it is dropped.
#[derive(Debug)]
pub(crate) struct ActiveRun {
    runs: ActiveRuns,
    id: ConnectionId,
    number: u64,
    replaced: CancellationToken,
    /// Cancelled when the run must end.
    pub(crate) cancel: CancellationToken,
}

impl ActiveRun {
    /// Tells whether what the run works with is being replaced, so that nothing of it counts.
    pub(crate) fn is_replaced(&self) -> bool {
        self.replaced.is_cancelled()
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        let mut runs = self.runs.lock();
        if let Some(of_connection) = runs.1.get_mut(&self.id) {
            of_connection.retain(|run| run.number != self.number);
            if of_connection.is_empty() {
                runs.1.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_ends_the_runs_of_its_connection_and_no_other() {
        let (runs, outer) = (ActiveRuns::default(), CancellationToken::new());
        let (one, two) = (ConnectionId("one".to_owned()), ConnectionId("two".to_owned()));
        let (first, second) = (runs.begin(&one, &outer), runs.begin(&one, &outer));
        let (other, ended) = (runs.begin(&two, &outer), runs.begin(&one, &outer));
        let of_ended = ended.cancel.clone();
        drop(ended);
        runs.cancel(&one);
        assert!(first.cancel.is_cancelled() && second.cancel.is_cancelled());
        assert!(first.is_replaced() && !other.is_replaced());
        assert!(!other.cancel.is_cancelled() && !of_ended.is_cancelled() && !outer.is_cancelled());
        outer.cancel();
        assert!(other.cancel.is_cancelled() && !other.is_replaced(), "the run ends with what started it");
        drop((first, second, other));
        assert!(runs.lock().1.is_empty(), "nothing is left of a run that ended");
    }

    #[test]
    fn whoever_needs_the_lock_ends_the_run_that_holds_it_and_no_other() {
        let (runs, outer, one) = (ActiveRuns::default(), CancellationToken::new(), ConnectionId("one".to_owned()));
        let (check, probe) = (runs.begin(&one, &outer), runs.begin_with_lock(&one, &outer));
        let other = runs.begin_with_lock(&ConnectionId("two".to_owned()), &outer);
        runs.cancel_lock_holder(&one);
        assert!(probe.cancel.is_cancelled() && !probe.is_replaced());
        assert!(!check.cancel.is_cancelled() && !other.cancel.is_cancelled() && !outer.is_cancelled());
    }
}

//! The runs in progress of each connection, so that a change of its tokens or its org ends them at once.
//!
//! A run of another process is not ended; what it finds is discarded when it is stored ([`crate::tokens_in_use`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::connection::ConnectionId;
use tokio_util::sync::CancellationToken;

/// One registered run: its number, what ends it, and what says that its tokens were replaced.
type Registered = (u64, CancellationToken, CancellationToken);
type Runs = HashMap<ConnectionId, Vec<Registered>>;

/// The runs of this process. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct ActiveRuns(Arc<Mutex<(u64, Runs)>>);

impl ActiveRuns {
    /// Registers a run that also ends when `outer` is cancelled.
    pub(crate) fn begin(&self, id: &ConnectionId, outer: &CancellationToken) -> ActiveRun {
        let (cancel, replaced) = (outer.child_token(), CancellationToken::new());
        let mut runs = self.lock();
        runs.0 = runs.0.wrapping_add(1);
        let number = runs.0;
        runs.1.entry(id.clone()).or_default().push((number, cancel.clone(), replaced.clone()));
        drop(runs);
        ActiveRun { runs: self.clone(), id: id.clone(), number, replaced, cancel }
    }

    /// Cancels every run of a connection, because what it works with is replaced.
    pub(crate) fn cancel(&self, id: &ConnectionId) {
        let cancelled = self.lock().1.remove(id).unwrap_or_default();
        if !cancelled.is_empty() {
            tracing::info!(runs = cancelled.len(), "runs were cancelled because a token or the org changed");
        }
        for (_, run, replaced) in cancelled {
            replaced.cancel();
            run.cancel();
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
            of_connection.retain(|(number, ..)| *number != self.number);
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
}

//! Runs that can be canceled: one of each kind per connection. A new run cancels the older one, except that actions under way are
//! never canceled by another run.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use tokio_util::sync::CancellationToken;

/// A kind of run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RunKind {
    /// A run of the checks.
    Checks,
    /// A wait for the first event to arrive in Radiant.
    Arrival,
    /// A run of response actions, or a rehearsal.
    Actions,
}

/// The runs in progress.
#[derive(Debug, Default)]
pub(crate) struct RunRegistry(Mutex<HashMap<(ConnectionId, RunKind), CancellationToken>>);

/// A run of actions. Another one can begin once it is dropped.
#[derive(Debug)]
pub(crate) struct ActionsRun<'r> {
    registry: &'r RunRegistry,
    id: ConnectionId,
    /// Canceled when a person stops the run.
    pub(crate) cancel: CancellationToken,
}

impl Drop for ActionsRun<'_> {
    fn drop(&mut self) {
        self.registry.lock().remove(&(self.id.clone(), RunKind::Actions));
    }
}

impl RunRegistry {
    /// Begins a run of actions.
    ///
    /// # Errors
    /// [`Code::ActionRunning`] while another one of this connection is under way, also one that was stopped and has not ended.
    pub(crate) fn start_actions(&self, id: &ConnectionId) -> Result<ActionsRun<'_>, Problem> {
        match self.lock().entry((id.clone(), RunKind::Actions)) {
            Entry::Occupied(_) => Err(Problem::new(Code::ActionRunning)),
            Entry::Vacant(place) => {
                let cancel = place.insert(CancellationToken::new()).clone();
                Ok(ActionsRun { registry: self, id: id.clone(), cancel })
            }
        }
    }

    /// Cancels the older run of this kind and returns the cancellation token of the new one.
    pub(crate) fn start(&self, id: &ConnectionId, kind: RunKind) -> CancellationToken {
        let token = CancellationToken::new();
        let older = self.lock().insert((id.clone(), kind), token.clone());
        if let Some(older) = older {
            older.cancel();
        }
        token
    }

    /// Cancels the run of this kind, if there is one.
    pub(crate) fn cancel(&self, id: &ConnectionId, kind: RunKind) {
        if let Some(token) = self.lock().get(&(id.clone(), kind)) {
            token.cancel();
        }
    }

    /// Cancels every run of a connection.
    pub(crate) fn cancel_connection(&self, id: &ConnectionId) {
        self.cancel(id, RunKind::Checks);
        self.cancel(id, RunKind::Arrival);
        self.cancel(id, RunKind::Actions);
    }

    /// Cancels every run, because the app ends.
    pub(crate) fn cancel_all(&self) {
        for token in self.lock().values() {
            token.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(ConnectionId, RunKind), CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use model::code::Code;
    use model::connection::ConnectionId;

    use super::{RunKind, RunRegistry};

    #[test]
    fn a_new_run_cancels_only_the_older_one_of_its_kind() {
        let runs = RunRegistry::default();
        let id = ConnectionId("one".to_owned());
        let (checks, arrival) = (runs.start(&id, RunKind::Checks), runs.start(&id, RunKind::Arrival));
        let newer = runs.start(&id, RunKind::Checks);
        assert!(checks.is_cancelled());
        assert!(!arrival.is_cancelled());
        assert!(!newer.is_cancelled());
    }

    #[test]
    fn actions_under_way_are_not_canceled_by_others_and_a_stop_leaves_them_registered_until_they_end() {
        let runs = RunRegistry::default();
        let (id, other) = (ConnectionId("one".to_owned()), ConnectionId("two".to_owned()));
        let refused = || runs.start_actions(&id).map(drop).map_err(|problem| problem.code);
        let first = runs.start_actions(&id).unwrap();
        assert_eq!(refused(), Err(Code::ActionRunning));
        assert!(!first.cancel.is_cancelled());
        assert!(runs.start_actions(&other).is_ok());
        runs.cancel(&id, RunKind::Actions);
        assert!(first.cancel.is_cancelled());
        assert_eq!(refused(), Err(Code::ActionRunning));
        drop(first);
        assert!(!runs.start_actions(&id).unwrap().cancel.is_cancelled());
    }

    #[test]
    fn canceling_affects_only_the_given_connection() {
        let runs = RunRegistry::default();
        let (one, two) = (ConnectionId("one".to_owned()), ConnectionId("two".to_owned()));
        let (of_one, of_two) = (runs.start(&one, RunKind::Checks), runs.start(&two, RunKind::Checks));
        runs.cancel(&one, RunKind::Checks);
        assert!(of_one.is_cancelled());
        assert!(!of_two.is_cancelled());
        runs.cancel_all();
        assert!(of_two.is_cancelled());
    }
}

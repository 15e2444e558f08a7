//! What is running for a connection and can be cancelled: one run of each kind. A new run cancels the older.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::connection::ConnectionId;
use tokio_util::sync::CancellationToken;

/// A kind of run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Run {
    /// The checks.
    Checks,
    /// The watch for the first event.
    Arrival,
}

/// The runs under way.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashMap<(ConnectionId, Run), CancellationToken>>);

impl Running {
    /// Cancels the older run of this kind and returns the token of the new one.
    pub(crate) fn start(&self, id: &ConnectionId, run: Run) -> CancellationToken {
        let token = CancellationToken::new();
        let older = self.lock().insert((id.clone(), run), token.clone());
        if let Some(older) = older {
            older.cancel();
        }
        token
    }

    /// Cancels the run of this kind, if there is one.
    pub(crate) fn cancel(&self, id: &ConnectionId, run: Run) {
        if let Some(token) = self.lock().remove(&(id.clone(), run)) {
            token.cancel();
        }
    }

    /// Cancels all that runs for a connection.
    pub(crate) fn cancel_every(&self, id: &ConnectionId) {
        self.cancel(id, Run::Checks);
        self.cancel(id, Run::Arrival);
    }

    /// Cancels everything: the app ends.
    pub(crate) fn cancel_all(&self) {
        for (_, token) in self.lock().drain() {
            token.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(ConnectionId, Run), CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use model::connection::ConnectionId;

    use super::{Run, Running};

    #[test]
    fn a_new_run_cancels_the_older_of_its_kind_alone() {
        let running = Running::default();
        let id = ConnectionId("one".to_owned());
        let (checks, arrival) = (running.start(&id, Run::Checks), running.start(&id, Run::Arrival));
        let newer = running.start(&id, Run::Checks);
        assert!(checks.is_cancelled());
        assert!(!arrival.is_cancelled());
        assert!(!newer.is_cancelled());
    }

    #[test]
    fn cancelling_reaches_only_the_named_connection() {
        let running = Running::default();
        let (one, two) = (ConnectionId("one".to_owned()), ConnectionId("two".to_owned()));
        let (of_one, of_two) = (running.start(&one, Run::Checks), running.start(&two, Run::Checks));
        running.cancel(&one, Run::Checks);
        assert!(of_one.is_cancelled());
        assert!(!of_two.is_cancelled());
        running.cancel_all();
        assert!(of_two.is_cancelled());
    }
}

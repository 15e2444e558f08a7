//! Secrets kept in this process's memory, for systems without a keychain. They end with the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;

use super::entry::Kept;
use model::connection::ConnectionId;
use model::secret::SecretName;

type Held = HashMap<(ConnectionId, SecretName), Kept>;

/// The memory.
#[derive(Debug, Default)]
pub(super) struct ThisRun(Mutex<Held>);

impl ThisRun {
    pub(super) fn put(&self, id: &ConnectionId, name: SecretName, origin: &str, secret: &SecretString) {
        let kept = Kept { origin: origin.to_owned(), secret: secret.clone() };
        self.held().insert((id.clone(), name), kept);
    }

    pub(super) fn get(&self, id: &ConnectionId, name: SecretName) -> Option<Kept> {
        let held = self.held();
        let kept = held.get(&(id.clone(), name))?;
        Some(Kept { origin: kept.origin.clone(), secret: kept.secret.clone() })
    }

    /// Forgets one and tells whether it was there.
    pub(super) fn forget(&self, id: &ConnectionId, name: SecretName) -> bool {
        self.held().remove(&(id.clone(), name)).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held().is_empty()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Secrets kept in this process's memory, with their states, for systems without a keychain. They end with the process.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::keychain_entry_value::KeychainEntry;
use model::connection::ConnectionId;
use model::secret_name::{SecretName, SecretState};

type Entries = HashMap<(ConnectionId, SecretName), (KeychainEntry, DateTime<Utc>)>;

/// The memory.
#[derive(Debug, Default)]
pub(super) struct ThisRun {
    entries: Mutex<Entries>,
    /// The connections with a secret that was provided from a file.
    provided: Mutex<HashSet<ConnectionId>>,
}

impl ThisRun {
    pub(super) fn put(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
        secret: &SecretString,
        since: DateTime<Utc>,
    ) {
        let entry = KeychainEntry { origin: origin.to_owned(), secret: secret.clone() };
        self.entries().insert((id.clone(), name), (entry, since));
    }

    pub(super) fn get(&self, id: &ConnectionId, name: SecretName) -> Option<KeychainEntry> {
        let entries = self.entries();
        let (entry, _) = entries.get(&(id.clone(), name))?;
        Some(KeychainEntry { origin: entry.origin.clone(), secret: entry.secret.clone() })
    }

    pub(super) fn states(&self, id: &ConnectionId) -> Vec<SecretState> {
        let entries = self.entries();
        let of_connection = entries.iter().filter(|((of, _), _)| of == id);
        of_connection
            .map(|((_, name), (entry, since))| SecretState {
                name: *name,
                since: Some(*since),
                bound_to: Some(entry.origin.clone()),
                this_run_only: true,
            })
            .collect()
    }

    /// Forgets a secret and returns whether it was there.
    pub(super) fn forget(&self, id: &ConnectionId, name: SecretName) -> bool {
        self.entries().remove(&(id.clone(), name)).is_some()
    }

    /// Remembers that a secret of a connection was provided from a file.
    pub(super) fn mark_provided(&self, id: &ConnectionId) {
        self.provided.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
    }

    pub(super) fn is_provided(&self, id: &ConnectionId) -> bool {
        self.provided.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    pub(super) fn holds_any_of(&self, id: &ConnectionId) -> bool {
        self.entries().keys().any(|(of, _)| of == id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

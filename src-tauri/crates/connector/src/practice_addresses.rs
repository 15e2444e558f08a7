//! The addresses of the practice organization of this run.

use std::sync::{Arc, Mutex, PoisonError};

/// The addresses at which a practice organization answers.
#[derive(Debug, Clone)]
pub struct PracticeAddresses {
    /// Okta.
    pub okta: String,
    /// Radiant's search.
    pub radiant_search: String,
    /// Radiant's documentation page.
    pub radiant_docs: String,
}

/// The practice organization that was started for this connector, if one was. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Practice(Arc<Mutex<Option<PracticeAddresses>>>);

impl Practice {
    /// Sets the addresses of the practice organization.
    pub(crate) fn join(&self, at: PracticeAddresses) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Returns the address of the practice organization's documentation page.
    pub(crate) fn docs_address(&self) -> Option<String> {
        let addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.as_ref().map(|addresses| addresses.radiant_docs.clone())
    }

    /// Tells whether this connector belongs to a practice organization.
    pub(crate) fn is_joined(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

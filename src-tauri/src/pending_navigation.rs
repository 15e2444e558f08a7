//! The place in the window that a clicked notification leads to, until the page has read it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use model::navigation_target::NavigationTarget;

/// The target of the last click.
#[derive(Default)]
pub(crate) struct PendingNavigation(Mutex<Option<NavigationTarget>>);

impl PendingNavigation {
    /// Stores the target of a click.
    pub(crate) fn set(&self, target: NavigationTarget) {
        *self.lock() = Some(target);
    }

    /// Returns the target once.
    pub(crate) fn take(&self) -> Option<NavigationTarget> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<NavigationTarget>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clicked_target_is_read_once() {
        let navigation = PendingNavigation::default();
        navigation.set(NavigationTarget { id: None, row: None });
        assert_eq!(navigation.take(), Some(NavigationTarget { id: None, row: None }));
        assert_eq!(navigation.take(), None);
    }
}

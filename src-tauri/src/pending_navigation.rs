//! The place in the window that a clicked notification points to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use model::check::CheckId;
use model::connection::ConnectionId;
use serde::Serialize;
use specta::Type;

/// How long a notification that nobody clicks delays the app's restart. Some desktops keep one for days; the tray shows the
/// same problem all that time.
const CLICK_TIMEOUT: TimeDelta = TimeDelta::hours(1);

/// A place in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct NavigationTarget {
    /// The connection; absent for several connections, which open the overview.
    pub(crate) id: Option<ConnectionId>,
    /// The check that found the problem.
    pub(crate) row: Option<CheckId>,
}

/// The target of the last click, until the window has read it, and the notifications that still wait for a click.
#[derive(Default)]
pub(crate) struct PendingNavigation {
    target: Mutex<Option<NavigationTarget>>,
    /// When each notification was shown.
    shown: Mutex<Vec<DateTime<Utc>>>,
}

impl PendingNavigation {
    /// Stores the target of a click.
    pub(crate) fn set(&self, target: NavigationTarget) {
        *self.lock_target() = Some(target);
    }

    /// Returns the target once.
    pub(crate) fn take(&self) -> Option<NavigationTarget> {
        self.lock_target().take()
    }

    /// Tells whether a target waits for the window, or a notification shown less than an hour ago waits for a click.
    pub(crate) fn is_pending(&self, now: DateTime<Utc>) -> bool {
        self.lock_target().is_some() || self.lock_shown().iter().any(|since| now - since < CLICK_TIMEOUT)
    }

    /// Records that a notification was shown.
    pub(crate) fn add_shown(&self, since: DateTime<Utc>) {
        self.lock_shown().push(since);
    }

    /// Records that the notification shown at that time was clicked or closed.
    pub(crate) fn remove_shown(&self, since: DateTime<Utc>) {
        let mut shown = self.lock_shown();
        if let Some(at) = shown.iter().position(|one| *one == since) {
            shown.remove(at);
        }
    }

    fn lock_target(&self) -> MutexGuard<'_, Option<NavigationTarget>> {
        self.target.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_shown(&self) -> MutexGuard<'_, Vec<DateTime<Utc>>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clicked_target_is_pending_until_the_window_has_read_it() {
        let (navigation, now) = (PendingNavigation::default(), DateTime::UNIX_EPOCH);
        assert!(!navigation.is_pending(now));
        navigation.set(NavigationTarget { id: None, row: None });
        assert!(navigation.is_pending(now));
        assert_eq!(navigation.take(), Some(NavigationTarget { id: None, row: None }));
        assert!(!navigation.is_pending(now));
    }

    #[test]
    fn a_notification_is_pending_until_it_is_closed_and_for_an_hour_at_most() {
        let navigation = PendingNavigation::default();
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        navigation.add_shown(at(0));
        navigation.add_shown(at(30));
        assert!(navigation.is_pending(at(59)) && navigation.is_pending(at(89)), "the newer one");
        assert!(!navigation.is_pending(at(90)), "kept by the desktop and never clicked");
        navigation.add_shown(at(100));
        navigation.remove_shown(at(100));
        assert!(!navigation.is_pending(at(101)), "clicked or closed");
    }
}

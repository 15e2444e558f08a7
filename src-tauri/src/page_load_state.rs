//! Whether the page of the window is drawn.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// After this time without a failure, the next one counts as the first.
const RECOVERED: TimeDelta = TimeDelta::minutes(10);

/// The state of the page in the present web view.
#[derive(Default)]
pub(crate) struct PageLoadState {
    is_painted: watch::Sender<bool>,
    /// The number of the present load.
    load: AtomicU64,
    last_failure: Mutex<Option<DateTime<Utc>>>,
    /// The notifications that are being shown because the window was closed.
    notifications: TaskTracker,
}

impl PageLoadState {
    /// Records that the page is drawn.
    pub(crate) fn set_painted(&self) {
        self.is_painted.send_replace(true);
    }

    /// Waits until a page is drawn.
    pub(crate) async fn wait_for_paint(&self) {
        let mut is_painted = self.is_painted.subscribe();
        // The sender lives as long as this value.
        drop(is_painted.wait_for(|painted| *painted).await);
    }

    /// Records that the page is loaded, for the first time or again, and returns the number of this load.
    pub(crate) fn begin(&self) -> u64 {
        self.is_painted.send_replace(false);
        self.load.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Tells whether a notification about the window is being shown, which the end of the process would prevent.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux ends the process with its window"))]
    pub(crate) fn is_notifying(&self) -> bool {
        !self.notifications.is_empty()
    }

    /// Returns a task that shows a notification about the window. It counts from now on, although it has not begun.
    pub(crate) fn notify(&self, show: impl FnOnce() + Send + 'static) -> impl Future<Output = ()> + Send + 'static {
        self.notifications.track_future(async {
            if let Err(error) = tauri::async_runtime::spawn_blocking(show).await {
                tracing::warn!(%error, "the notification about the window was not shown");
            }
        })
    }

    /// Tells whether the load with this number is the present one.
    pub(crate) fn is_present(&self, number: u64) -> bool {
        number == self.load.load(Ordering::Relaxed)
    }

    /// Records a failure, and returns whether the page is worth another load: it did not fail shortly before.
    pub(crate) fn may_load_again(&self, now: DateTime<Utc>) -> bool {
        let before = self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        before.is_none_or(|before| now - before > RECOVERED || now < before)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use chrono::{DateTime, TimeDelta};

    use super::PageLoadState;

    #[tokio::test]
    async fn each_load_has_its_own_first_frame() {
        let page = PageLoadState::default();
        let first = page.begin();
        page.set_painted();
        page.wait_for_paint().await;
        assert!(page.is_present(first));
        let second = page.begin();
        assert!(!page.is_present(first) && page.is_present(second));
        assert!(!*page.is_painted.borrow(), "the new page was not drawn yet");
    }

    #[test]
    fn a_page_that_fails_again_soon_is_not_worth_another_load() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let page = PageLoadState::default();
        assert_eq!([0, 5, 14, 30].map(|minutes| page.may_load_again(at(minutes))), [true, false, false, true]);
    }

    #[test]
    fn a_notification_counts_until_it_is_shown_or_has_failed() {
        let (page, (shown, waiting)) = (PageLoadState::default(), mpsc::channel::<()>());
        assert!(!page.is_notifying());
        let notification = page.notify(move || waiting.recv().unwrap());
        assert!(page.is_notifying(), "before its task begins");
        shown.send(()).unwrap();
        tauri::async_runtime::block_on(notification);
        assert!(!page.is_notifying());
        tauri::async_runtime::block_on(page.notify(|| panic!("no notification service")));
        assert!(!page.is_notifying());
    }
}

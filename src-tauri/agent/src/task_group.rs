//! The tasks of a host, which end together.

use std::time::Duration;

use runtime::Clock;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the end waits for the tasks.
const END_TIMEOUT: Duration = Duration::from_secs(3);

/// Tasks that end together. Clones share them.
#[derive(Debug, Clone)]
pub struct TaskGroup {
    runtime: Handle,
    tracker: TaskTracker,
    end: CancellationToken,
}

impl TaskGroup {
    /// Creates an empty set of tasks that run on `runtime`.
    #[must_use]
    pub fn on(runtime: Handle) -> Self {
        Self { runtime, tracker: TaskTracker::new(), end: CancellationToken::new() }
    }

    /// Starts a task. It has to return soon after [`TaskGroup::end_token`]. After the end nothing is started.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if !self.end.is_cancelled() {
            drop(self.tracker.spawn_on(task, &self.runtime));
        }
    }

    /// Returns the token that is canceled when the tasks are to end.
    #[must_use]
    pub fn end_token(&self) -> CancellationToken {
        self.end.clone()
    }

    /// Tells the tasks to end.
    pub fn end(&self) {
        self.end.cancel();
        self.tracker.close();
    }

    /// Waits until the tasks have ended, but not for one that does not return.
    pub async fn ended(&self, clock: &Clock) {
        self.end.cancelled().await;
        if clock.within(END_TIMEOUT, self.tracker.wait()).await.is_none() {
            tracing::warn!(tasks = self.tracker.len(), "background work did not end in time");
        }
    }

    /// Returns how many tasks have not returned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tracker.len()
    }

    /// Tells whether every task returned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tracker.is_empty()
    }
}

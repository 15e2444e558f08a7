//! How long a call waits for the other part.

use std::time::Duration;

use runtime::Clock;

/// How long a call waits by default.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// The longest time that one call may take.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// Measures it.
    pub clock: Clock,
    /// The time.
    pub limit: Duration,
}

impl Deadline {
    /// Creates the deadline that every call has by default: [`ANSWER_LIMIT`].
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, limit: ANSWER_LIMIT }
    }

    /// Waits for `work`, at most for the limit; `None` if it took longer. The work is boxed, because deadlines are nested and
    /// each level would store it several times over.
    pub(super) async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let work = Box::pin(work);
        self.clock.within(self.limit, work).await
    }
}

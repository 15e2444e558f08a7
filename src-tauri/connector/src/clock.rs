//! The clock: the only place that sleeps or has deadlines. Time is a value handed down, so tests can shift it.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// This computer's clock, perhaps shifted.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset: TimeDelta,
}

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// The system's clock shifted by `offset`: a computer whose clock is off.
    #[must_use]
    pub fn offset(offset: TimeDelta) -> Self {
        Self { offset }
    }

    /// Returns the time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the clock is the place that knows the time")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.offset
    }

    /// Waits.
    #[expect(clippy::disallowed_methods, reason = "the clock is the place that sleeps")]
    pub async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Waits for `work`, at most `time`; `None` when the time is over.
    #[expect(clippy::disallowed_methods, reason = "the clock is the place that has deadlines")]
    pub async fn within<T>(&self, time: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(time, work).await.ok()
    }

    /// Starts a stopwatch.
    #[must_use]
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch(Instant::now())
    }
}

impl Stopwatch {
    /// Returns the milliseconds since it was started.
    #[must_use]
    pub fn ms(&self) -> u32 {
        u32::try_from(self.0.elapsed().as_millis()).unwrap_or(u32::MAX)
    }
}

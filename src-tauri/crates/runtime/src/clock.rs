//! The clock: the only place that sleeps or has deadlines. Time is an argument, so tests can shift or simulate it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// The system's clock, a shifted one, or a simulated one. Clones share their time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Start of simulated time; `None` for the system's time.
    start: Option<DateTime<Utc>>,
    /// Milliseconds ahead of the start or of the system's time.
    ahead: Arc<AtomicI64>,
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

    /// The system's clock shifted by `offset`, for a computer with a wrong clock.
    #[must_use]
    pub fn offset(offset: TimeDelta) -> Self {
        let clock = Self::default();
        clock.advance(offset);
        clock
    }

    /// A simulated clock that begins at `start` and advances only by [`Clock::advance`]. A sleep lets other tasks run and returns
    /// without simulated or real time passing, so that nothing waits for a caller that is itself waiting. Deadlines and
    /// stopwatches stay real, because network and disk are.
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self { start: Some(start), ..Self::default() }
    }

    /// Advances the time at once, for every clone as well. A sleep on the system's clock is not shortened by it.
    pub fn advance(&self, time: TimeDelta) {
        self.ahead.fetch_add(time.num_milliseconds(), Ordering::Relaxed);
    }

    /// Returns the time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "only the clock reads the time")]
    pub fn now(&self) -> DateTime<Utc> {
        self.start.unwrap_or_else(Utc::now) + TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Sleeps; a simulated clock returns after other tasks had their turn.
    #[expect(clippy::disallowed_methods, reason = "only the clock sleeps")]
    pub async fn sleep(&self, time: Duration) {
        match self.start {
            None => tokio::time::sleep(time).await,
            Some(_) => tokio::task::yield_now().await,
        }
    }

    /// Waits for `work`, at most `time`; `None` if it took longer.
    #[expect(clippy::disallowed_methods, reason = "only the clock has deadlines")]
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A leap day.
    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_835_438_400, 0).unwrap_or_default()
    }

    #[test]
    fn advancing_a_clock_advances_its_clones_and_no_other_clock() {
        let (clock, other) = (Clock::manual(start()), Clock::manual(start()));
        let clone = clock.clone();
        clone.advance(TimeDelta::days(7));
        assert_eq!([&clock, &clone, &other].map(|one| (one.now() - start()).num_days()), [7, 7, 0]);
    }

    #[test]
    fn a_shifted_clock_is_ahead_of_the_system_by_its_offset() {
        let ahead = Clock::offset(TimeDelta::days(1)).now() - Clock::system().now();
        assert!((23..=24).contains(&ahead.num_hours()), "{ahead}");
    }

    #[tokio::test]
    async fn simulated_time_does_not_advance_during_a_sleep_or_a_deadline() {
        let clock = Clock::manual(start());
        clock.sleep(Duration::from_secs(3_600)).await;
        let work = clock.within(Duration::from_secs(60), async { clock.now() }).await;
        assert_eq!((work, clock.now()), (Some(start()), start()));
    }
}

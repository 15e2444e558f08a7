//! The loop of every background worker: a pass, then a wait until its next time or a wake. A panic in a pass does not end it.
//!
//! A pass takes no input and is idempotent: it finds its own work. During a wait the worker only reads the clock, so that an
//! idle worker costs next to nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::Clock;

/// The interval at which a waiting worker reads the clock, because the clock may be set, and timers stop while the computer
/// sleeps.
pub const TICK: Duration = Duration::from_secs(30);
/// The shortest wait until a next time, so that work that stays due, or that another process has locked, does not cause a busy
/// loop.
const MIN_WAIT: TimeDelta = TimeDelta::seconds(2);
/// The wait after the first panic. It doubles with each further one, up to the worker's longest wait, and no wake shortens it.
const WAIT_AFTER_PANIC: Duration = Duration::from_secs(10);
/// The number of panics after which the wait no longer doubles.
const MAX_DOUBLINGS: u32 = 10;

/// Wakes workers: every worker that was given a clone. A worker that is woken during a pass begins another one after it.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<watch::Sender<()>>);

impl Wake {
    /// Requests a pass now.
    pub fn now(&self) {
        self.0.send_replace(());
    }

    /// Waits for a pass that is requested after this call.
    pub fn woken(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut wakes, sender) = (self.0.subscribe(), Arc::clone(&self.0));
        async move {
            // Never an error, because the sender is kept meanwhile.
            wakes.changed().await.unwrap_or_default();
            drop(sender);
        }
    }
}

/// One pass of a worker. It returns the time of the next pass; `None` waits for a wake.
pub type Pass = Pin<Box<dyn Future<Output = Option<DateTime<Utc>>> + Send>>;

/// A background worker.
pub struct Worker {
    /// The name in the log.
    pub name: &'static str,
    /// Wakes it before its time.
    pub wake: Wake,
    /// The longest wait between two passes, because another process may add work.
    pub max_wait: Duration,
    /// Called at each tick of a wait; `true` ends the wait.
    pub is_interrupted: Box<dyn Fn() -> bool + Send + Sync>,
    /// Starts a pass.
    pub run_once: Box<dyn Fn() -> Pass + Send + Sync>,
}

impl Worker {
    /// Creates a worker with its own wake.
    pub fn new<F>(name: &'static str, max_wait: Duration, run_once: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<DateTime<Utc>>> + Send + 'static,
    {
        let run_once = Box::new(move || Box::pin(run_once()) as Pass);
        Self { name, wake: Wake::default(), max_wait, is_interrupted: Box::new(|| false), run_once }
    }

    /// Replaces the wake.
    #[must_use]
    pub fn woken_by(self, wake: Wake) -> Self {
        Self { wake, ..self }
    }
}

/// Runs a worker until `end`.
#[expect(clippy::disallowed_methods, reason = "this is the one worker loop: the task is awaited at once")]
pub async fn supervise(worker: Worker, clock: Clock, end: CancellationToken) {
    let (mut wakes, mut panics) = (worker.wake.0.subscribe(), 0_u32);
    loop {
        wakes.mark_unchanged();
        let next = tokio::select! {
            biased;
            () = end.cancelled() => return,
            done = tokio::task::spawn((worker.run_once)()) => match done {
                Ok(next) => next.map(|next| next.max(clock.now() + MIN_WAIT)),
                Err(error) => {
                    panics = panics.saturating_add(1);
                    tracing::error!(worker = worker.name, panicked = error.is_panic(), panics, "a pass failed");
                    tokio::select! {
                        biased;
                        () = end.cancelled() => return,
                        () = clock.sleep(wait_after_panics(panics, worker.max_wait)) => continue,
                    }
                }
            },
        };
        panics = 0;
        let max_wait = worker.max_wait;
        tokio::select! {
            biased;
            () = end.cancelled() => return,
            // Never an error: the worker itself holds the sender.
            _ = wakes.changed() => {}
            () = wait(&clock, next, max_wait, TICK, &worker.is_interrupted) => {}
        }
    }
}

/// Returns the wait after a number of panics in a row.
fn wait_after_panics(panics: u32, max_wait: Duration) -> Duration {
    let doublings = panics.saturating_sub(1).min(MAX_DOUBLINGS);
    WAIT_AFTER_PANIC.saturating_mul(2_u32.saturating_pow(doublings)).min(max_wait.max(WAIT_AFTER_PANIC))
}

/// Waits until `next`, at most for `max_wait`, or until a tick at which the wait is interrupted or the clock was set back.
async fn wait(
    clock: &Clock,
    next: Option<DateTime<Utc>>,
    max_wait: Duration,
    tick: Duration,
    is_interrupted: &impl Fn() -> bool,
) {
    let (mut left, mut before) = (max_wait, clock.now());
    loop {
        let now = clock.now();
        let sleep = time_left(next, now, left).min(until_tick(now, tick));
        // After the clock was set back, `next` is too far away.
        if sleep.is_zero() || now < before {
            return;
        }
        before = now;
        clock.sleep(sleep).await;
        if is_interrupted() {
            return;
        }
        left -= sleep;
    }
}

/// Returns the time until the next full tick. The ticks of all workers fall together, so that they wake the processor once.
fn until_tick(now: DateTime<Utc>, tick: Duration) -> Duration {
    let since_epoch = (now - DateTime::UNIX_EPOCH).to_std().unwrap_or_default();
    let since_tick = since_epoch.as_nanos().checked_rem(tick.as_nanos()).and_then(|nanos| u64::try_from(nanos).ok());
    tick.saturating_sub(Duration::from_nanos(since_tick.unwrap_or_default()))
}

/// Returns the time until `next`, at most `left`; zero if it has passed.
fn time_left(next: Option<DateTime<Utc>>, now: DateTime<Utc>, left: Duration) -> Duration {
    let until = next.and_then(|next| (next - now).max(TimeDelta::zero()).to_std().ok());
    until.unwrap_or(left).min(left)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_panic_does_not_end_the_loop_and_a_wake_ends_the_wait() {
        let passes = Arc::new(AtomicU32::new(0));
        let end = CancellationToken::new();
        let counted = Arc::clone(&passes);
        let pass = move || {
            let count = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(count != 0, "the first pass panics");
                None
            }
        };
        let worker = Worker::new("test", TICK, pass);
        let (wake, ended) = (worker.wake.clone(), end.clone());
        let waker = async {
            while passes.load(Ordering::SeqCst) < 2 {
                wake.now();
                tokio::task::yield_now().await;
            }
            end.cancel();
        };
        tokio::join!(supervise(worker, Clock::manual(DateTime::UNIX_EPOCH), ended), waker);
        assert!(passes.load(Ordering::SeqCst) >= 2);
    }

    #[test]
    fn the_wait_after_panics_doubles_up_to_the_longest_wait() {
        let longest = Duration::from_secs(300);
        let waits = [1, 2, 3, 5, 6, 7, u32::MAX].map(|panics| wait_after_panics(panics, longest).as_secs());
        assert_eq!(waits, [10, 20, 40, 160, 300, 300, 300]);
    }

    #[tokio::test]
    async fn no_wake_shortens_the_wait_after_a_panic() {
        let (passes, end) = (Arc::new(AtomicU32::new(0)), CancellationToken::new());
        let counted = Arc::clone(&passes);
        let worker = Worker::new("test", TICK, move || {
            let count = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(count == u32::MAX, "every pass panics");
                None
            }
        });
        let (wake, ended, clock) = (worker.wake.clone(), end.clone(), Clock::system());
        let waker = async {
            for _ in 0..20 {
                wake.now();
                clock.sleep(Duration::from_millis(10)).await;
            }
            end.cancel();
        };
        tokio::join!(supervise(worker, Clock::system(), ended), waker);
        assert_eq!(passes.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_wake_after_the_call_is_not_missed_and_one_before_it_does_not_count() {
        let (wake, clock) = (Wake::default(), Clock::system());
        wake.now();
        assert_eq!(clock.within(Duration::from_millis(1), wake.woken()).await, None);
        let woken = wake.woken();
        wake.now();
        drop(wake);
        woken.await;
    }

    #[test]
    fn a_wait_ends_at_its_time_or_at_its_longest() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |seconds| Some(now + TimeDelta::seconds(seconds));
        let longest = Duration::from_secs(300);
        assert_eq!(time_left(None, now, longest), longest);
        assert_eq!(time_left(at(3_600), now, longest), longest);
        assert_eq!(
            time_left(at(3_600), now, Duration::from_secs(7)),
            Duration::from_secs(7),
            "at most the remaining time"
        );
        assert_eq!(time_left(at(5), now, longest), Duration::from_secs(5));
        assert_eq!(time_left(at(-5), now, longest), Duration::ZERO);
        assert_eq!(time_left(at(5), now, Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn the_ticks_of_all_workers_fall_together() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for since_start in [0, 1, 12_345, 29_999, 30_000, 47_000] {
            let now = start + TimeDelta::milliseconds(since_start);
            let next = now + TimeDelta::from_std(until_tick(now, TICK)).unwrap();
            assert!(next > now, "a wait is never empty");
            assert_eq!(next.timestamp_millis() % 30_000, 0, "{since_start} ms");
        }
        let before_1970 = DateTime::UNIX_EPOCH - TimeDelta::days(1);
        assert_eq!(until_tick(before_1970, TICK), TICK);
    }

    #[tokio::test]
    async fn the_longest_wait_ends_although_nothing_is_due() {
        let clock = Clock::system();
        let far = clock.now() + TimeDelta::hours(1);
        wait(&clock, Some(far), Duration::from_millis(5), TICK, &|| false).await;
        assert!(clock.now() < far);
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_ends_the_wait_at_the_next_tick() {
        let (clock, ticks) = (Clock::manual(DateTime::UNIX_EPOCH), AtomicU32::new(0));
        let set_back = || {
            if ticks.fetch_add(1, Ordering::SeqCst) == 2 {
                clock.advance(-TimeDelta::hours(5));
            }
            false
        };
        wait(&clock, Some(clock.now() + TimeDelta::hours(1)), Duration::from_secs(3_600), TICK, &set_back).await;
        assert_eq!(ticks.load(Ordering::SeqCst), 3, "the wait would have been an hour");
    }

    #[tokio::test]
    async fn an_interruption_at_a_tick_ends_the_wait() {
        let (clock, ticks) = (Clock::system(), AtomicU32::new(0));
        let is_interrupted = || ticks.fetch_add(1, Ordering::SeqCst) == 2;
        wait(&clock, None, Duration::from_secs(3_600), Duration::from_millis(1), &is_interrupted).await;
        assert_eq!(ticks.load(Ordering::SeqCst), 3, "the wait would have been an hour");
    }
}

//! The one supervised loop: a pass, then a wait until its next time or a wake; a panic is caught and the loop goes on.
//!
//! A pass takes no input and is idempotent: it finds out by itself what there is to do. While it waits only the clock is looked
//! at, so that a loop with nothing to do costs next to nothing.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Clock;

/// How often the clock is looked at. It may be set, and a sleeping computer's timers stand still.
pub const TICK: Duration = Duration::from_secs(30);
/// Shortest wait for a next time: what stays due although it was done, or is in another process's hands, must not keep the
/// computer, or Okta, busy.
const SOONEST: TimeDelta = TimeDelta::seconds(2);
/// The wait after a panic.
const AFTER_PANIC: Duration = Duration::from_secs(10);

/// Wakes a worker; clones wake the same one.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Asks for a pass now.
    pub fn now(&self) {
        self.0.notify_one();
    }
}

/// Runs `pass` until `end`. A pass returns when it wants to run next (`None`: when it is woken); it runs after `rest` whatever
/// it wanted, because another process may have changed what there is to do, and when `stirs`, asked at each look at the clock,
/// says so.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one supervised loop: the task is awaited in the same breath"
)]
pub async fn supervise<F>(
    name: &'static str,
    clock: Clock,
    rest: Duration,
    wake: Wake,
    end: CancellationToken,
    stirs: impl Fn() -> bool,
    pass: impl Fn() -> F,
) where
    F: Future<Output = Option<DateTime<Utc>>> + Send + 'static,
{
    loop {
        let (next, rest) = tokio::select! {
            biased;
            () = end.cancelled() => return,
            done = tokio::task::spawn(pass()) => match done {
                Ok(next) => (next.map(|next| next.max(clock.now() + SOONEST)), rest),
                Err(error) => {
                    tracing::error!(worker = name, panicked = error.is_panic(), "a pass did not end well");
                    (None, AFTER_PANIC)
                }
            },
        };
        tokio::select! {
            biased;
            () = end.cancelled() => return,
            () = wake.0.notified() => {}
            () = wait(&clock, next, rest, TICK, &stirs) => {}
        }
    }
}

/// Waits until a time of the clock, at most for as long as `rest`, or until it stirs at a look at the clock.
async fn wait(clock: &Clock, next: Option<DateTime<Utc>>, rest: Duration, tick: Duration, stirs: &impl Fn() -> bool) {
    let mut left = rest;
    loop {
        let nap = nap(next, clock.now(), left).min(tick);
        if nap.is_zero() {
            return;
        }
        clock.sleep(nap).await;
        if stirs() {
            return;
        }
        left -= nap;
    }
}

/// How long to wait at most; not at all when the time has come or no rest is left.
fn nap(next: Option<DateTime<Utc>>, now: DateTime<Utc>, left: Duration) -> Duration {
    let until = next.and_then(|next| (next - now).max(TimeDelta::zero()).to_std().ok());
    until.unwrap_or(left).min(left)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_panic_does_not_end_the_loop_and_a_wake_comes_before_the_time() {
        let passes = Arc::new(AtomicU32::new(0));
        let (wake, end) = (Wake::default(), CancellationToken::new());
        let counted = Arc::clone(&passes);
        let pass = move || {
            let count = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(count != 0, "the first pass panics");
                None
            }
        };
        let (clock, woken, ended) = (Clock::system(), wake.clone(), end.clone());
        let waker = async {
            while passes.load(Ordering::SeqCst) < 2 {
                wake.now();
                tokio::task::yield_now().await;
            }
            end.cancel();
        };
        tokio::join!(supervise("test", clock, TICK, woken, ended, || false, pass), waker);
        assert!(passes.load(Ordering::SeqCst) >= 2);
    }

    #[test]
    fn a_wait_is_no_longer_than_to_the_time_or_the_end_of_the_rest() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |seconds| Some(now + TimeDelta::seconds(seconds));
        let rest = Duration::from_secs(300);
        assert_eq!(nap(None, now, rest), rest);
        assert_eq!(nap(at(3_600), now, rest), rest);
        assert_eq!(
            nap(at(3_600), now, Duration::from_secs(7)),
            Duration::from_secs(7),
            "no more than is left of the rest"
        );
        assert_eq!(nap(at(5), now, rest), Duration::from_secs(5));
        assert_eq!(nap(at(-5), now, rest), Duration::ZERO);
        assert_eq!(nap(at(5), now, Duration::ZERO), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_rest_ends_although_nothing_is_due() {
        let clock = Clock::system();
        let far = clock.now() + TimeDelta::hours(1);
        wait(&clock, Some(far), Duration::from_millis(5), TICK, &|| false).await;
        assert!(clock.now() < far);
    }

    #[tokio::test]
    async fn what_stirs_at_a_look_at_the_clock_ends_the_rest() {
        let (clock, looks) = (Clock::system(), AtomicU32::new(0));
        let stirs = || looks.fetch_add(1, Ordering::SeqCst) == 2;
        wait(&clock, None, Duration::from_secs(3_600), Duration::from_millis(1), &stirs).await;
        assert_eq!(looks.load(Ordering::SeqCst), 3, "the rest would have been an hour");
    }
}

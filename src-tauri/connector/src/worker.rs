//! The one supervised loop: a pass, then a wait until its next time or a wake; a panic is caught and the loop goes on.
//!
//! A pass takes no input and is idempotent: it finds out by itself what there is to do.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// Longest wait between passes. The wall clock may be set, and a sleeping computer's timers stand still.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);
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

/// Runs `pass` until `end`. A pass returns when it wants to run next (`None`: when it is woken).
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one supervised loop: the task is awaited in the same breath"
)]
pub async fn supervise<F>(name: &'static str, clock: Clock, wake: Wake, end: CancellationToken, pass: impl Fn() -> F)
where
    F: Future<Output = Option<DateTime<Utc>>> + Send + 'static,
{
    loop {
        let wait = tokio::select! {
            biased;
            () = end.cancelled() => return,
            done = tokio::task::spawn(pass()) => match done {
                Ok(next) => until(next, clock.now()),
                Err(error) => {
                    tracing::error!(worker = name, panicked = error.is_panic(), "a pass did not end well");
                    AFTER_PANIC
                }
            },
        };
        tokio::select! {
            biased;
            () = end.cancelled() => return,
            () = wake.0.notified() => {}
            () = clock.sleep(wait) => {}
        }
    }
}

fn until(next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let wait = next.and_then(|next| (next - now).max(chrono::TimeDelta::zero()).to_std().ok());
    wait.unwrap_or(LONGEST).min(LONGEST)
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
        tokio::join!(supervise("test", clock, woken, ended, pass), waker);
        assert!(passes.load(Ordering::SeqCst) >= 2);
    }

    #[test]
    fn a_wait_is_never_longer_than_a_sleeping_computers_timers_may_be_trusted() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(until(None, now), LONGEST);
        assert_eq!(until(Some(now + chrono::TimeDelta::hours(1)), now), LONGEST);
        assert_eq!(until(Some(now + chrono::TimeDelta::seconds(5)), now), Duration::from_secs(5));
        assert_eq!(until(Some(now - chrono::TimeDelta::seconds(5)), now), Duration::ZERO);
    }
}

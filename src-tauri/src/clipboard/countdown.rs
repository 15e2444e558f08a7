//! The countdown of a secret on the clipboard, as a pure function of the time and the clipboard's content.

use std::time::{Duration, Instant};

use super::system_clipboard::{ClipboardContent, Digest};
use crate::events::{ClipboardCountdown, ClipboardState};

/// The countdown of one secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Countdown {
    /// Recognizes the secret.
    pub(crate) secret: Digest,
    /// When the secret is to be cleared.
    pub(crate) ends: Instant,
}

/// The next step of the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Report, and compare again in a second.
    Wait(ClipboardCountdown),
    /// Clear, compare again, and report [`after_clearing`].
    Clear,
    /// Report; the countdown is over.
    Over(ClipboardCountdown),
}

impl Countdown {
    /// Starts a countdown.
    pub(crate) fn new(secret: Digest, now: Instant, lifetime: Duration) -> Self {
        Self { secret, ends: now + lifetime }
    }

    /// Returns the next step. A clipboard that cannot be read is never cleared, because it might hold another text by now.
    pub(crate) fn step(&self, now: Instant, content: ClipboardContent) -> Step {
        let left = self.ends.saturating_duration_since(now);
        match content {
            ClipboardContent::Other => Step::Over(over(ClipboardState::Changed)),
            ClipboardContent::Ours if left.is_zero() => Step::Clear,
            ClipboardContent::Unreadable if left.is_zero() => Step::Over(over(ClipboardState::NotClearable)),
            ClipboardContent::Ours | ClipboardContent::Unreadable => {
                Step::Wait(ClipboardCountdown { state: ClipboardState::Counting, seconds_left: whole_seconds(left) })
            }
        }
    }
}

/// Returns the report after clearing: only a secret that is gone was cleared.
pub(crate) fn after_clearing(content: ClipboardContent) -> ClipboardCountdown {
    match content {
        ClipboardContent::Ours | ClipboardContent::Unreadable => over(ClipboardState::NotClearable),
        ClipboardContent::Other => over(ClipboardState::Cleared),
    }
}

/// Returns the report of a countdown that is over.
pub(crate) fn over(state: ClipboardState) -> ClipboardCountdown {
    ClipboardCountdown { state, seconds_left: 0 }
}

/// Rounds up, so that a second that has begun is shown.
fn whole_seconds(left: Duration) -> u32 {
    u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Countdown, Step, after_clearing, over};
    use crate::clipboard::system_clipboard::{ClipboardContent, Digest};
    use crate::events::{ClipboardCountdown, ClipboardState};

    fn countdown() -> (Countdown, Instant) {
        let now = Instant::now();
        (Countdown::new(Digest::of("secret"), now, Duration::from_secs(30)), now)
    }

    #[test]
    fn it_counts_while_the_secret_is_there_and_clears_it_at_the_end() {
        let (countdown, now) = countdown();
        let counting = |seconds_left| Step::Wait(ClipboardCountdown { state: ClipboardState::Counting, seconds_left });
        assert_eq!(countdown.step(now, ClipboardContent::Ours), counting(30));
        assert_eq!(countdown.step(now + Duration::from_millis(28_500), ClipboardContent::Ours), counting(2));
        assert_eq!(countdown.step(now + Duration::from_secs(30), ClipboardContent::Ours), Step::Clear);
    }

    #[test]
    fn another_text_on_the_clipboard_is_never_cleared() {
        let (countdown, now) = countdown();
        let changed = Step::Over(over(ClipboardState::Changed));
        assert_eq!(countdown.step(now + Duration::from_secs(5), ClipboardContent::Other), changed);
        assert_eq!(countdown.step(now + Duration::from_secs(31), ClipboardContent::Other), changed);
    }

    #[test]
    fn a_clipboard_that_cannot_be_read_is_not_cleared() {
        let (countdown, now) = countdown();
        let ended = Step::Over(over(ClipboardState::NotClearable));
        assert_eq!(countdown.step(now + Duration::from_secs(30), ClipboardContent::Unreadable), ended);
        assert!(matches!(countdown.step(now, ClipboardContent::Unreadable), Step::Wait(_)));
    }

    #[test]
    fn cleared_is_reported_only_when_the_secret_is_gone() {
        assert_eq!(after_clearing(ClipboardContent::Other).state, ClipboardState::Cleared);
        assert_eq!(after_clearing(ClipboardContent::Ours).state, ClipboardState::NotClearable);
        assert_eq!(after_clearing(ClipboardContent::Unreadable).state, ClipboardState::NotClearable);
    }
}

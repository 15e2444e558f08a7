//! The countdown of a secret on the clipboard, as a pure function of the time and of what is there.

use std::time::{Duration, Instant};

use super::board::{Digest, Held};
use crate::events::{ClipboardNews, ClipboardState};

/// A secret that counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Countdown {
    /// Finds it again.
    pub(crate) secret: Digest,
    /// When it is to be cleared.
    pub(crate) ends: Instant,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Tell, and look again in a second.
    Wait(ClipboardNews),
    /// Clear, look again, and tell [`after_clearing`].
    Clear,
    /// Tell; it is over.
    Over(ClipboardNews),
}

impl Countdown {
    /// Begins one.
    pub(crate) fn new(secret: Digest, now: Instant, stays: Duration) -> Self {
        Self { secret, ends: now + stays }
    }

    /// Decides. What cannot be looked at is never cleared blindly: it might be something else by now.
    pub(crate) fn step(&self, now: Instant, held: Held) -> Step {
        let left = self.ends.saturating_duration_since(now);
        match held {
            Held::Other => Step::Over(news(ClipboardState::Changed)),
            Held::Ours if left.is_zero() => Step::Clear,
            Held::Unreadable if left.is_zero() => Step::Over(news(ClipboardState::NotClearable)),
            Held::Ours | Held::Unreadable => {
                Step::Wait(ClipboardNews { state: ClipboardState::Counting, seconds_left: whole_seconds(left) })
            }
        }
    }
}

/// Says what came of clearing: only what is gone was cleared.
pub(crate) fn after_clearing(held: Held) -> ClipboardNews {
    match held {
        Held::Ours | Held::Unreadable => news(ClipboardState::NotClearable),
        Held::Other => news(ClipboardState::Cleared),
    }
}

/// News of a countdown that is over.
pub(crate) fn news(state: ClipboardState) -> ClipboardNews {
    ClipboardNews { state, seconds_left: 0 }
}

/// Rounds up: a second that has begun is shown.
fn whole_seconds(left: Duration) -> u32 {
    u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Countdown, Step, after_clearing, news};
    use crate::clipboard::board::{Digest, Held};
    use crate::events::{ClipboardNews, ClipboardState};

    fn countdown() -> (Countdown, Instant) {
        let now = Instant::now();
        (Countdown::new(Digest::of("secret"), now, Duration::from_secs(30)), now)
    }

    #[test]
    fn it_counts_while_the_secret_is_there_and_clears_at_the_end() {
        let (countdown, now) = countdown();
        let counting = |seconds_left| Step::Wait(ClipboardNews { state: ClipboardState::Counting, seconds_left });
        assert_eq!(countdown.step(now, Held::Ours), counting(30));
        assert_eq!(countdown.step(now + Duration::from_millis(28_500), Held::Ours), counting(2));
        assert_eq!(countdown.step(now + Duration::from_secs(30), Held::Ours), Step::Clear);
    }

    #[test]
    fn something_else_on_the_clipboard_is_never_cleared() {
        let (countdown, now) = countdown();
        let changed = Step::Over(news(ClipboardState::Changed));
        assert_eq!(countdown.step(now + Duration::from_secs(5), Held::Other), changed);
        assert_eq!(countdown.step(now + Duration::from_secs(31), Held::Other), changed);
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_cleared_blindly() {
        let (countdown, now) = countdown();
        let over = Step::Over(news(ClipboardState::NotClearable));
        assert_eq!(countdown.step(now + Duration::from_secs(30), Held::Unreadable), over);
        assert!(matches!(countdown.step(now, Held::Unreadable), Step::Wait(_)));
    }

    #[test]
    fn cleared_is_said_only_when_it_is_gone() {
        assert_eq!(after_clearing(Held::Other).state, ClipboardState::Cleared);
        assert_eq!(after_clearing(Held::Ours).state, ClipboardState::NotClearable);
        assert_eq!(after_clearing(Held::Unreadable).state, ClipboardState::NotClearable);
    }
}

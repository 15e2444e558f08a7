//! Combines power events that are close together: a computer that wakes reports several, and a bad network comes and goes.

use chrono::{DateTime, TimeDelta, Utc};

/// The time that a laptop's network needs after a wake.
const SETTLE_TIME: TimeDelta = TimeDelta::seconds(5);
/// The longest burst, however many events follow.
const MAX_LENGTH: TimeDelta = TimeDelta::seconds(60);

/// Power events between which the network did not settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WakeBurst {
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl WakeBurst {
    /// Returns a burst of one event.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self { first: at, last: at }
    }

    /// Adds an event to this burst, or begins a new one if this burst has settled or the clock was set back since.
    #[must_use]
    pub fn with_event(self, at: DateTime<Utc>) -> Self {
        if (self.first..self.settles_at()).contains(&at) {
            Self { last: self.last.max(at), ..self }
        } else {
            Self::new(at)
        }
    }

    /// Returns the time of the newest event.
    #[must_use]
    pub fn last(&self) -> DateTime<Utc> {
        self.last
    }

    /// Returns when the network is expected to work again.
    #[must_use]
    pub fn settles_at(&self) -> DateTime<Utc> {
        (self.last + SETTLE_TIME).min(self.first + MAX_LENGTH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_wake_and_the_network_after_it_are_one_burst() {
        let burst = WakeBurst::new(at(0)).with_event(at(3));
        assert_eq!((burst.last(), burst.settles_at()), (at(3), at(8)));
        assert_eq!(burst.with_event(at(8)), WakeBurst::new(at(8)), "a later event begins another");
    }

    #[test]
    fn a_network_that_comes_and_goes_does_not_postpone_a_probe_forever() {
        let burst = (0..40).step_by(2).fold(WakeBurst::new(at(0)), |burst, second| burst.with_event(at(second)));
        assert_eq!(burst.settles_at(), at(43));
        let longer = (0..59).step_by(2).fold(WakeBurst::new(at(0)), |burst, second| burst.with_event(at(second)));
        assert_eq!(longer.settles_at(), at(60));
    }
}

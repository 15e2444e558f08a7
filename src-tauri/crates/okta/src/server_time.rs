//! Okta's clock, as the `Date` header of an answer tells it, beside this computer's.
//!
//! The header was written between the sending of the request and the coming of the answer, and it has whole seconds. Only the
//! difference that is left after both is certain: a slow answer, or a computer that slept while it waited for one, is no
//! clock that is off.

use chrono::{DateTime, TimeDelta, Utc};

/// `Date` counts whole seconds; what is beyond is cut off.
const WHOLE: TimeDelta = TimeDelta::seconds(1);

/// Okta's time, with this computer's before and after it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTime {
    /// The time Okta told.
    pub okta: DateTime<Utc>,
    /// When the request was sent, by this computer's clock.
    pub sent: DateTime<Utc>,
    /// When the answer had come, by this computer's clock.
    pub received: DateTime<Utc>,
}

impl ServerTime {
    /// Returns how far this computer's clock is ahead of Okta's at the least; negative where it is behind.
    #[must_use]
    pub fn difference(&self) -> TimeDelta {
        // A clock that was set back meanwhile has the later time first.
        let (first, last) = (self.sent.min(self.received), self.sent.max(self.received));
        let (least, most) = (first - (self.okta + WHOLE), last - self.okta);
        TimeDelta::zero().clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(okta: i64, sent: i64, received: i64) -> i64 {
        let at = |seconds| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        ServerTime { okta: at(okta), sent: at(sent), received: at(received) }.difference().num_seconds()
    }

    #[test]
    fn what_the_way_there_and_back_may_explain_is_no_difference() {
        assert_eq!(difference(0, 0, 0), 0);
        assert_eq!(difference(5, 0, 30), 0, "a slow answer");
        assert_eq!(difference(1, 0, 7_200), 0, "a computer that slept meanwhile");
        assert_eq!(difference(0, 1, 1), 0, "the part of a second that the header leaves out");
    }

    #[test]
    fn what_is_left_of_the_difference_is_certain() {
        assert_eq!(difference(0, 600, 601), 599, "ahead");
        assert_eq!(difference(600, 0, 20), -580, "behind");
        assert_eq!(difference(0, 600, 300), 299, "set back while the answer came");
    }
}

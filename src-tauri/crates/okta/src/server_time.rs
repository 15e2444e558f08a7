//! Compares Okta's clock, by the `Date` header of a response, with this computer's.
//!
//! Okta writes the header at some time between the request and its response, in whole seconds. Only a difference that neither
//! explains is certain: a slow response, or a computer that slept while it waited for one, does not mean a wrong clock.

use chrono::{DateTime, TimeDelta, Utc};

/// The resolution of `Date`, which is rounded down.
const RESOLUTION: TimeDelta = TimeDelta::seconds(1);

/// Okta's time, with this computer's before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTime {
    /// The time by Okta's clock.
    pub okta: DateTime<Utc>,
    /// When the request was sent, by this computer's clock.
    pub sent: DateTime<Utc>,
    /// When the response arrived, by this computer's clock.
    pub received: DateTime<Utc>,
}

impl ServerTime {
    /// Returns by how much this computer's clock is certainly ahead of Okta's; negative where it is behind.
    #[must_use]
    pub fn difference(&self) -> TimeDelta {
        // If the clock was set back meanwhile, the later time comes first.
        let (first, last) = (self.sent.min(self.received), self.sent.max(self.received));
        let (least, most) = (first - (self.okta + RESOLUTION), last - self.okta);
        TimeDelta::zero().clamp(least, most)
    }

    /// Converts a time of this computer's clock to Okta's, as far as the difference is certain.
    #[must_use]
    pub fn to_okta(&self, local: DateTime<Utc>) -> DateTime<Utc> {
        local - self.difference()
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
    fn a_difference_that_the_request_time_explains_counts_as_none() {
        assert_eq!(difference(0, 0, 0), 0);
        assert_eq!(difference(5, 0, 30), 0, "a slow response");
        assert_eq!(difference(1, 0, 7_200), 0, "the computer slept meanwhile");
        assert_eq!(difference(0, 1, 1), 0, "the fraction of a second that the header omits");
    }

    #[test]
    fn a_time_is_converted_to_oktas_clock() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let ahead = ServerTime { okta: at(0), sent: at(600), received: at(600) };
        assert_eq!(ahead.to_okta(at(700)), at(101), "the fraction of a second is not certain");
        assert_eq!(ServerTime { okta: at(0), sent: at(0), received: at(0) }.to_okta(at(700)), at(700));
    }

    #[test]
    fn the_rest_of_the_difference_is_certain() {
        assert_eq!(difference(0, 600, 601), 599, "ahead");
        assert_eq!(difference(600, 0, 20), -580, "behind");
        assert_eq!(difference(0, 600, 300), 299, "set back during the request");
    }
}

//! Records the requests to Okta by rate limit bucket, with the limits that the responses named.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::rate_limit::RateLimit;
use super::server_time::ServerTime;
use model::rate_usage::{Bucket, ObservedRate};

/// A request that was sent to Okta, whether it got a response or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The rate limit it counts against.
    pub bucket: Bucket,
    /// When the response arrived, or the wait for it ended.
    pub at: DateTime<Utc>,
    /// The limit by the headers; `None` where they are missing or unusable.
    pub rate: Option<ObservedRate>,
}

/// The requests of a run; clones share the same log.
#[derive(Debug, Clone, Default)]
pub struct RateLimitLog(Arc<Mutex<Vec<LoggedRequest>>>);

impl RateLimitLog {
    /// Returns the requests so far, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<LoggedRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the requests so far and forgets them, for a client that lives for weeks.
    #[must_use]
    pub fn take(&self) -> Vec<LoggedRequest> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records a request, with the limit and Okta's clock if there was a response that named them.
    pub(crate) fn record(
        &self,
        bucket: Option<Bucket>,
        at: DateTime<Utc>,
        rate: Option<&RateLimit>,
        server_time: Option<ServerTime>,
    ) {
        let Some(bucket) = bucket else { return };
        let rate = rate.and_then(|rate| observed(rate, server_time.map(|time| time.okta), at));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(LoggedRequest { bucket, at, rate });
    }
}

/// Converts the end of the window from Okta's clock to this computer's; one in the past is ignored.
fn observed(rate: &RateLimit, server_time: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Option<ObservedRate> {
    let passed = rate.reset.zip(server_time).is_some_and(|(reset, now)| reset < now);
    let until = rate.wait(server_time).filter(|_| !passed).map(|wait| at + wait);
    (rate.limit > 0).then_some(ObservedRate { at, limit: rate.limit, remaining: rate.remaining.min(rate.limit), until })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn rate(limit: u32, reset: Option<i64>) -> RateLimit {
        RateLimit { limit, remaining: 7, reset: reset.map(at) }
    }

    #[test]
    fn the_end_of_the_window_is_converted_to_this_computers_clock() {
        // Okta's clock is an hour ahead of this computer's.
        let ahead = at(3_600);
        let rate = observed(&rate(60, Some(3_630)), Some(ahead), at(0)).unwrap();
        assert_eq!((rate.limit, rate.remaining, rate.until), (60, 7, Some(at(0) + TimeDelta::seconds(31))));
    }

    #[test]
    fn unusable_headers_are_ignored() {
        assert_eq!(observed(&rate(60, Some(-30)), Some(at(0)), at(0)).unwrap().until, None, "a reset in the past");
        assert_eq!(observed(&rate(60, None), Some(at(0)), at(0)).unwrap().until, None);
        assert_eq!(observed(&rate(60, Some(30)), None, at(0)).unwrap().until, None, "no server time");
        let far = observed(&rate(60, Some(9_000_000)), Some(at(0)), at(0)).unwrap();
        assert_eq!(far.until, Some(at(120)), "no window is that long");
        assert_eq!(observed(&rate(0, Some(30)), Some(at(0)), at(0)), None, "no limit at all");
        let log = RateLimitLog::default();
        let time = ServerTime { okta: at(0), sent: at(0), received: at(0) };
        log.record(Some(Bucket::Logs), at(0), None, Some(time));
        log.record(Some(Bucket::Logs), at(1), None, None);
        let rates: Vec<_> = log.entries().into_iter().map(|request| request.rate).collect();
        assert_eq!(rates, [None, None], "recorded nevertheless");
    }
}

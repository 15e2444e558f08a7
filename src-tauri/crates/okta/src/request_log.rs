//! Counts what is asked of Okta, by the kinds of address Okta counts together, with what Okta said of its rate limits.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::error::RateLimit;
use model::budget::{Bucket, ObservedRate};

/// A request that was sent to Okta, answered or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// What it counts against.
    pub bucket: Bucket,
    /// When the answer came, or the wait for it ended.
    pub at: DateTime<Utc>,
    /// What Okta said of the limit. Missing, garbled and empty headers are `None`.
    pub rate: Option<ObservedRate>,
}

/// Counts requests; clones count on the same meter.
#[derive(Debug, Clone, Default)]
pub struct RequestLog(Arc<Mutex<Vec<LoggedRequest>>>);

impl RequestLog {
    /// Returns what was counted so far, in order.
    #[must_use]
    pub fn read(&self) -> Vec<LoggedRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a request and, when it was answered, the limit and Okta's clock as the answer told them.
    pub(super) fn note(&self, path: &str, at: DateTime<Utc>, told: Option<(Option<RateLimit>, Option<DateTime<Utc>>)>) {
        let Some(bucket) = bucket(path) else { return };
        let rate = told.and_then(|(rate, server_time)| seen(&rate?, server_time, at));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(LoggedRequest { bucket, at, rate });
    }
}

/// The end of the window is told by Okta's clock and kept by this computer's; one that has passed says nothing.
fn seen(rate: &RateLimit, server_time: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Option<ObservedRate> {
    let passed = rate.reset.zip(server_time).is_some_and(|(reset, now)| reset < now);
    let until = rate.wait(server_time).filter(|_| !passed).map(|wait| at + wait);
    (rate.limit > 0).then_some(ObservedRate { at, limit: rate.limit, remaining: rate.remaining.min(rate.limit), until })
}

/// The bucket of a path, after the table of Okta's "API rate limits" page; `None` for a page that has no limit.
fn bucket(path: &str) -> Option<Bucket> {
    let api = path.strip_prefix("/api/v1/")?;
    let parts: Vec<&str> = api.split('/').filter(|part| !part.is_empty()).collect();
    Some(match parts.as_slice() {
        ["logs"] => Bucket::Logs,
        ["users", _] => Bucket::User,
        ["users", ..] => Bucket::Users,
        _ => Bucket::Api,
    })
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
    fn each_address_counts_where_okta_counts_it() {
        let of = |path: &str| bucket(path);
        assert_eq!(of("/api/v1/logs"), Some(Bucket::Logs));
        assert_eq!(of("/api/v1/users/me"), Some(Bucket::User));
        assert_eq!(of("/api/v1/users"), Some(Bucket::Users));
        assert_eq!(of("/api/v1/users/00u1/roles"), Some(Bucket::Users));
        assert_eq!(of("/api/v1/zones"), Some(Bucket::Api));
        assert_eq!(of("/.well-known/okta-organization"), None);
    }

    #[test]
    fn the_end_of_the_window_is_told_by_oktas_clock_and_kept_by_this_computers() {
        // Okta's clock is an hour ahead of this computer's.
        let ahead = at(3_600);
        let told = seen(&rate(60, Some(3_630)), Some(ahead), at(0)).unwrap();
        assert_eq!((told.limit, told.remaining, told.until), (60, 7, Some(at(0) + TimeDelta::seconds(31))));
    }

    #[test]
    fn headers_that_say_nothing_are_taken_for_nothing() {
        assert_eq!(seen(&rate(60, Some(-30)), Some(at(0)), at(0)).unwrap().until, None, "a reset in the past");
        assert_eq!(seen(&rate(60, None), Some(at(0)), at(0)).unwrap().until, None);
        assert_eq!(seen(&rate(60, Some(30)), None, at(0)).unwrap().until, None, "no clock of Okta's");
        let far = seen(&rate(60, Some(9_000_000)), Some(at(0)), at(0)).unwrap();
        assert_eq!(far.until, Some(at(120)), "no window is that long");
        assert_eq!(seen(&rate(0, Some(30)), Some(at(0)), at(0)), None, "no limit at all");
        let meter = RequestLog::default();
        meter.note("/api/v1/logs", at(0), Some((None, Some(at(0)))));
        meter.note("/api/v1/logs", at(1), None);
        let rates: Vec<_> = meter.read().into_iter().map(|one| one.rate).collect();
        assert_eq!(rates, [None, None], "counted all the same");
    }
}

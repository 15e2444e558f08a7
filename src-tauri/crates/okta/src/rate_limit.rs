//! The rate limit that a response of Okta names, and the wait until it allows requests again.

use chrono::{DateTime, TimeDelta, Utc};

/// Less than the limit divided by this is little, as in the rate limit check.
const LITTLE_LEFT_DIVISOR: u32 = 5;

/// The rate limit of a minute, by the three `X-Rate-Limit-*` headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests per window.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// When the window ends, by Okta's clock.
    pub reset: Option<DateTime<Utc>>,
}

impl RateLimit {
    /// Returns the time until the window ends by Okta's own clock, at least one second and at most two minutes.
    #[must_use]
    pub fn wait(&self, server_time: Option<DateTime<Utc>>) -> Option<TimeDelta> {
        Some(bounded_wait(self.reset? - server_time?))
    }

    /// Returns whether enough is left for a request that could be omitted.
    pub(crate) fn has_headroom(&self) -> bool {
        self.remaining.saturating_mul(LITTLE_LEFT_DIVISOR) >= self.limit
    }
}

/// Returns a wait that certainly reaches the time that Okta named, in whole seconds, and that a person would accept.
pub(crate) fn bounded_wait(wait: TimeDelta) -> TimeDelta {
    (wait + TimeDelta::seconds(1)).clamp(TimeDelta::seconds(1), TimeDelta::seconds(120))
}

//! Rate limits: a window of one minute per token and bucket (REAL).

use std::collections::BTreeMap;

/// The current window of one token and bucket.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// Epoch seconds.
    ends: i64,
    used: u32,
}

/// All windows.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(BTreeMap<(String, &'static str), Window>);

/// Rate limit and remaining requests after one request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateCount {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Epoch seconds.
    pub(crate) reset: i64,
    pub(crate) is_over: bool,
}

/// Returns the bucket of a path below `/api/v1` (as in Okta's own client libraries).
pub(crate) fn bucket(segments: &[&str]) -> &'static str {
    match segments {
        ["logs"] => "logs",
        ["users", _] => "user",
        ["users", ..] => "users",
        _ => "api",
    }
}

impl RateLimits {
    /// Counts one request. A token may use half of the org's bucket (SPEC principal rate limits, default 50 %), and the
    /// reported limit is already the reduced one (REAL).
    pub(crate) fn count(
        &mut self,
        token: &str,
        bucket: &'static str,
        org_limit: u32,
        others: u32,
        now: i64,
    ) -> RateCount {
        let limit = (org_limit / 2).max(1);
        let window = self.0.entry((token.to_owned(), bucket)).or_insert(Window { ends: now + 60, used: 0 });
        if window.ends <= now {
            *window = Window { ends: now + 60, used: 0 };
        }
        window.used = window.used.saturating_add(1);
        let used = window.used.saturating_add(others);
        RateCount { limit, remaining: limit.saturating_sub(used), reset: window.ends, is_over: used > limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gets_half_of_the_bucket_and_a_new_window_after_a_minute() {
        let mut limits = RateLimits::default();
        let first = limits.count("t", "logs", 4, 0, 1_000);
        assert_eq!(first, RateCount { limit: 2, remaining: 1, reset: 1_060, is_over: false });
        limits.count("t", "logs", 4, 0, 1_001);
        assert!(limits.count("t", "logs", 4, 0, 1_002).is_over);
        assert!(!limits.count("t", "logs", 4, 0, 1_061).is_over);
    }

    #[test]
    fn a_single_user_and_lists_of_users_have_separate_buckets() {
        assert_eq!(bucket(&["users", "me"]), "user");
        assert_eq!(bucket(&["users"]), "users");
        assert_eq!(bucket(&["users", "00u1", "roles"]), "users");
        assert_eq!(bucket(&["zones"]), "api");
        assert_eq!(bucket(&["logs"]), "logs");
    }
}

//! Rate limits: a window of one minute per token and bucket, told in three headers, never a `Retry-After` (REAL).

use std::collections::BTreeMap;

/// A window that is being used up.
#[derive(Debug, Clone, Copy)]
struct Window {
    ends: i64,
    used: u32,
}

/// All windows.
#[derive(Debug, Default)]
pub(crate) struct Limits(BTreeMap<(String, &'static str), Window>);

/// What is told after a request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset: i64,
    pub(crate) over: bool,
}

/// The bucket of a path (as Okta's own clients sort them).
pub(crate) fn bucket(path: &str) -> &'static str {
    let users = path.strip_prefix("/api/v1/users");
    match (path, users) {
        ("/api/v1/logs", _) => "logs",
        (_, Some(rest)) if rest.trim_matches('/').is_empty() => "users",
        (_, Some(rest)) if rest.trim_matches('/').contains('/') => "users",
        (_, Some(_)) => "user",
        (_, None) => "api",
    }
}

impl Limits {
    /// Counts one request. A token may use half of the org's bucket (SPEC principal rate limits, default 50 %), and the
    /// limit that is told is already the reduced one (REAL).
    pub(crate) fn count(&mut self, token: &str, bucket: &'static str, org_limit: u32, others: u32, now: i64) -> Told {
        let limit = (org_limit / 2).max(1);
        let window = self.0.entry((token.to_owned(), bucket)).or_insert(Window { ends: now + 60, used: 0 });
        if window.ends <= now {
            *window = Window { ends: now + 60, used: 0 };
        }
        window.used = window.used.saturating_add(1);
        let used = window.used.saturating_add(others);
        Told { limit, remaining: limit.saturating_sub(used), reset: window.ends, over: used > limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_bucket_and_a_new_window_after_a_minute() {
        let mut limits = Limits::default();
        let first = limits.count("t", "logs", 4, 0, 1_000);
        assert_eq!(first, Told { limit: 2, remaining: 1, reset: 1_060, over: false });
        limits.count("t", "logs", 4, 0, 1_001);
        assert!(limits.count("t", "logs", 4, 0, 1_002).over);
        assert!(!limits.count("t", "logs", 4, 0, 1_061).over);
    }

    #[test]
    fn a_single_user_and_lists_of_users_are_counted_apart() {
        assert_eq!(bucket("/api/v1/users/me"), "user");
        assert_eq!(bucket("/api/v1/users"), "users");
        assert_eq!(bucket("/api/v1/users/00u1/roles"), "users");
        assert_eq!(bucket("/api/v1/zones"), "api");
    }
}

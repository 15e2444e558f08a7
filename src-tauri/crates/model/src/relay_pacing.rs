//! Pacing of the relay's requests to Okta: within a share of the rate limit, and never down to the last request.
//!
//! A drained limit counts as a violation (okta-facts D4), so a tenth of it is always left to others. Times are
//! milliseconds of this computer's clock, which may be set: the end of a window is a wait by Okta's own clock, and one that lies
//! too far ahead is ignored.

/// The length of Okta's window.
const WINDOW_MS: u64 = 60_000;
/// The limit that is assumed until Okta has sent one: the smallest known one, of a trial org.
const DEFAULT_LIMIT: u32 = 10;
/// One request out of this many is left to others.
const RESERVE_DIVISOR: u32 = 10;
/// The shortest wait.
const MIN_WAIT_MS: u64 = 1_000;

/// What the headers of a response said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers {
    /// Requests per window.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// Milliseconds until the window ends by Okta's clock, if the headers named a time in the future.
    pub window_ends_in: Option<u64>,
}

/// Decides when the next request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pacer {
    limit: Option<u32>,
    remaining: Option<u32>,
    /// When the window ends.
    ends: Option<u64>,
    /// Requests of the relay in the window.
    used: u32,
}

impl Pacer {
    /// Records a request and the headers of its response. Headers that are missing or unusable leave what is known.
    pub fn record(&mut self, now: u64, headers: Option<Headers>) {
        self.roll(now);
        self.used = self.used.saturating_add(1);
        if self.ends.is_none() {
            self.ends = Some(now + WINDOW_MS);
        }
        let Some(headers) = headers.filter(|headers| headers.limit > 0) else {
            // Whoever else reads is unknown, so only the share counts.
            self.remaining = None;
            return;
        };
        self.limit = Some(headers.limit);
        self.remaining = Some(headers.remaining);
        if let Some(wait) = headers.window_ends_in {
            self.ends = Some(now + wait.min(2 * WINDOW_MS));
        }
    }

    /// Returns the wait until the next request may be sent under a share in percent; zero if it may be sent now.
    #[must_use]
    pub fn wait(&self, now: u64, share: u32) -> u64 {
        // A window that ends later than any does was measured by a clock that was set back since.
        let is_current = |ends: &u64| *ends > now && *ends - now <= 2 * WINDOW_MS;
        let Some(ends) = self.ends.filter(is_current) else { return 0 };
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        let allowed = (u64::from(limit) * u64::from(share) / 100).max(1);
        let reserve = (limit / RESERVE_DIVISOR).max(1);
        let has_share = u64::from(self.used) < allowed;
        let has_rest = self.remaining.is_none_or(|remaining| remaining > reserve);
        if has_share && has_rest { 0 } else { (ends - now).max(MIN_WAIT_MS) }
    }

    /// Returns the number of the relay's requests in this window.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.used
    }

    /// Returns the part of the limit that the relay used in this window, in percent.
    #[must_use]
    pub fn used_percent(&self) -> u32 {
        self.used.saturating_mul(100) / self.limit.unwrap_or(DEFAULT_LIMIT).max(1)
    }

    /// Begins a new window when the last one ended.
    fn roll(&mut self, now: u64) {
        if self.ends.is_some_and(|ends| ends <= now || ends - now > 2 * WINDOW_MS) {
            *self = Self { limit: self.limit, ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(limit: u32, remaining: u32, ends: Option<u64>) -> Option<Headers> {
        Some(Headers { limit, remaining, window_ends_in: ends })
    }

    #[test]
    fn half_of_the_limit_is_used_and_the_rest_of_the_window_is_waited_for() {
        let mut pacer = Pacer::default();
        let mut sent = 0;
        while pacer.wait(sent, 50) == 0 {
            sent += 1;
            pacer.record(sent, headers(60, 60 - u32::try_from(sent).unwrap(), Some(50_000 - sent)));
        }
        assert_eq!((sent, pacer.wait(sent, 50), pacer.used_percent()), (30, 49_970, 50));
        assert_eq!(pacer.wait(50_001, 50), 0, "the next window");
    }

    #[test]
    fn a_tenth_is_left_whoever_used_the_rest() {
        let mut pacer = Pacer::default();
        pacer.record(0, headers(60, 6, Some(37_000)));
        assert_eq!(pacer.wait(0, 50), 37_000);
        pacer.record(0, headers(60, 7, Some(37_000)));
        assert_eq!(pacer.wait(0, 50), 0);
        let mut smallest = Pacer::default();
        smallest.record(0, headers(1, 1, Some(5_000)));
        assert_eq!(smallest.wait(0, 50), 5_000, "never to zero");
    }

    #[test]
    fn without_headers_the_smallest_known_limit_is_assumed() {
        let mut pacer = Pacer::default();
        let mut sent = 0;
        while pacer.wait(0, 50) == 0 {
            pacer.record(0, None);
            sent += 1;
        }
        assert_eq!((sent, pacer.wait(0, 50)), (5, WINDOW_MS));
        assert_eq!(pacer.wait(WINDOW_MS, 50), 0);
    }

    #[test]
    fn a_limit_of_zero_says_nothing_about_the_minute() {
        let mut pacer = Pacer::default();
        pacer.record(0, headers(60, 50, Some(30_000)));
        pacer.record(1, headers(0, 0, Some(15_000)));
        assert_eq!(pacer.wait(1, 50), 0, "a refusal of concurrent requests");
    }

    proptest! {
        #[test]
        fn no_window_uses_more_than_its_share_and_no_wait_is_longer_than_two_windows(
            limit in 1..600_u32, share in 1..=90_u32, others in 0..20_u32, steps in 1..400_usize,
        ) {
            let (mut pacer, mut now, mut window, mut left, mut used) = (Pacer::default(), 0_u64, 0_u64, limit, 0_u32);
            for _ in 0..steps {
                let wait = pacer.wait(now, share);
                prop_assert!(wait <= 2 * WINDOW_MS);
                now += wait + 7;
                if now / WINDOW_MS != window {
                    (window, left, used) = (now / WINDOW_MS, limit, 0);
                }
                used += 1;
                left = left.saturating_sub(1 + others);
                prop_assert!(used <= (limit * share / 100).max(1) + 1);
                pacer.record(now, headers(limit, left, Some(WINDOW_MS - now % WINDOW_MS)));
            }
        }
    }
}

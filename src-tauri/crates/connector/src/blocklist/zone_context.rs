//! What the changes of zones share: the client, the clock, and how long is waited between requests.

use std::time::Duration;

use okta::{Failure, Okta};
use runtime::Clock;

use super::zone_survey::ZoneSurvey;

/// How long is waited between the requests of one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The wait before the zone is read once more after its entry was found, so that a change of another tool that had read the
    /// zone before ours is noticed.
    pub settle: Duration,
    /// The longest wait before another attempt; the jitter takes a part of it.
    pub retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { settle: Duration::from_millis(1_500), retry: Duration::from_millis(1_000) }
    }
}

/// Returns a random number from 0 to 1, so that two computers that wait for each other do not do it in step.
pub type Jitter<'a> = &'a (dyn Fn() -> f64 + Send + Sync);

/// Access to the zones of one org.
#[derive(Clone, Copy)]
pub(super) struct ZoneContext<'a> {
    pub(super) okta: &'a Okta,
    pub(super) clock: &'a Clock,
    pub(super) pace: Pace,
    pub(super) jitter: Jitter<'a>,
}

impl ZoneContext<'_> {
    /// Reads every zone.
    pub(super) async fn survey(&self) -> Result<ZoneSurvey, Failure> {
        ZoneSurvey::read(self.okta).await
    }

    /// Returns the wait before another attempt.
    pub(super) fn retry_delay(&self) -> Duration {
        self.pace.retry.mul_f64(0.5 + 0.5 * (self.jitter)().clamp(0.0, 1.0))
    }
}

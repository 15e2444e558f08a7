//! Blocks addresses in a network zone, and unblocks them.
//!
//! Okta replaces a zone as a whole and compares nothing, so that each change is: read, merge, write, read back, and again if the
//! entry is not as it should be. Entries are compared as intervals. The zone is found by its stored ID; only our own entry is
//! ever removed. A change whose answer was lost is read back and not sent again.

mod add_entry;
mod interference;
mod protection_facts;
mod remove_entry;
mod writer;
mod zone_survey;

use std::time::Duration;

use model::blocklist::{BlockConsent, BlockOutcome, BlocklistZone, UnblockOutcome};
use model::ip_range::IpRange;
use model::protected_address::ProtectionFacts;
use okta::{Failure, Okta};
use runtime::Clock;

pub use protection_facts::ProtectionQuery;
pub use zone_survey::ZoneSurvey;

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

/// Blocks and unblocks addresses of one org.
#[derive(Clone, Copy)]
pub struct Blocklist<'a> {
    okta: &'a Okta,
    clock: &'a Clock,
    pace: Pace,
    jitter: Jitter<'a>,
}

impl<'a> Blocklist<'a> {
    /// Returns a blocklist that sends its requests with this client.
    #[must_use]
    pub fn new(okta: &'a Okta, clock: &'a Clock, pace: Pace, jitter: Jitter<'a>) -> Self {
        Self { okta, clock, pace, jitter }
    }

    /// Reads every zone: what is blocked, what is exempt, and which zone would be changed.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn survey(&self) -> Result<ZoneSurvey, Failure> {
        ZoneSurvey::read(self.okta).await
    }

    /// Reads the addresses that are not blocked. What cannot be read is named as unknown.
    pub async fn protection_facts(&self, survey: &ZoneSurvey, query: &ProtectionQuery) -> ProtectionFacts {
        protection_facts::read(self.okta, survey, query).await
    }

    /// Blocks a range in the stored zone, or in a new one. The caller has judged the range by `model::protected_address::judge`,
    /// and stores the zone of the outcome whatever the result.
    pub async fn block(&self, range: &IpRange, stored: Option<&BlocklistZone>, consent: BlockConsent) -> BlockOutcome {
        add_entry::block(self, range, stored, consent).await
    }

    /// Removes our entry of a range from the zone that it was added to.
    pub async fn unblock(&self, range: &IpRange, zone: &BlocklistZone) -> UnblockOutcome {
        remove_entry::unblock(self, range, zone).await
    }
}

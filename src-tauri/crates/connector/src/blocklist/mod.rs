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
mod zone_context;
mod zone_survey;

use model::blocklist::{BlockConsent, BlockOutcome, BlocklistZone, UnblockOutcome};
use model::ip_range::IpRange;
use model::protected_address::ProtectionFacts;
use okta::{Failure, Okta};
use runtime::Clock;

pub use protection_facts::ProtectionQuery;
use zone_context::ZoneContext;
pub use zone_context::{Jitter, Pace};
pub use zone_survey::ZoneSurvey;

/// Blocks and unblocks addresses of one org.
#[derive(Clone, Copy)]
pub struct Blocklist<'a>(ZoneContext<'a>);

impl<'a> Blocklist<'a> {
    /// Returns a blocklist that sends its requests with this client.
    #[must_use]
    pub fn new(okta: &'a Okta, clock: &'a Clock, pace: Pace, jitter: Jitter<'a>) -> Self {
        Self(ZoneContext { okta, clock, pace, jitter })
    }

    /// Reads every zone: what is blocked, what is exempt, and which zone would be changed.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn survey(&self) -> Result<ZoneSurvey, Failure> {
        self.0.survey().await
    }

    /// Reads the addresses that are not blocked. What cannot be read is named as unknown.
    pub async fn protection_facts(&self, survey: &ZoneSurvey, query: &ProtectionQuery) -> ProtectionFacts {
        protection_facts::read(self.0.okta, survey, query).await
    }

    /// Blocks a range in the stored zone, or in a new one. The caller has judged the range by `model::protected_address::judge`,
    /// and stores the zone of the outcome whatever the result.
    pub async fn block(&self, range: &IpRange, stored: Option<&BlocklistZone>, consent: BlockConsent) -> BlockOutcome {
        add_entry::block(&self.0, range, stored, consent).await
    }

    /// Removes our entry of a range from the zone that it was added to.
    pub async fn unblock(&self, range: &IpRange, zone: &BlocklistZone) -> UnblockOutcome {
        remove_entry::unblock(&self.0, range, zone).await
    }
}

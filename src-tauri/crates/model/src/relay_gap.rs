//! What a gap of a relay says, and what settles it.

use chrono::{DateTime, Utc};

use crate::code::Code;
use crate::problem::Problem;
use crate::relay::{GapReason, RelayGap};

impl RelayGap {
    /// Returns the problem that the gap is.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let code = match self.reason {
            GapReason::TooOld => Code::RelayEventsLost,
            GapReason::CursorRefused | GapReason::Audit => Code::RelayGapFound,
        };
        Problem::new(code).arg("from", time(self.from)).arg("until", time(self.until))
    }

    /// Returns whether a later comparison with Okta covers it, which fetched what was missing. What Okta no longer has stays
    /// missing.
    #[must_use]
    pub fn is_settled_by(&self, compared: &Self) -> bool {
        let is_later = compared.reason == GapReason::Audit && compared.found >= self.found;
        let covers = compared.from <= self.from && compared.until >= self.until;
        self.reason == GapReason::CursorRefused && is_later && covers
    }
}

//! A gap of a relay: the period, the problem that it is, and what settles it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;
use crate::problem::Problem;

/// A gap: a period in which events may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RelayGap {
    /// When it was found.
    pub found: DateTime<Utc>,
    /// Its beginning by Okta's clock.
    pub from: DateTime<Utc>,
    /// Its end by Okta's clock.
    pub until: DateTime<Utc>,
    /// The reason.
    pub reason: GapReason,
    /// Events of the period that the relay did not have; `None` where that was not compared.
    #[specta(type = Option<f64>)]
    pub missing: Option<u64>,
}

/// Why there is a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum GapReason {
    /// Okta refused the cursor. The period was read again with overlap.
    CursorRefused,
    /// The relay was off for longer than Okta keeps events.
    TooOld,
    /// A comparison with Okta found missing events, which were fetched then.
    Audit,
}

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

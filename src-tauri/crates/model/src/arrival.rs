//! Okta events that were found in Radiant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// One Okta event that was found again in Radiant Log Management, by its `uuid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Arrival {
    /// Okta's `uuid` of the event.
    pub uuid: String,
    /// Okta's `eventType`, for example `user.session.start`.
    pub event_type: String,
    /// Okta's `published`.
    pub published: DateTime<Utc>,
    /// When this app found it in Radiant. An upper bound of the arrival, not the arrival itself.
    pub found_at: DateTime<Utc>,
}

/// One comparison of both sides, sent while the window waits for the first match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ArrivalTick {
    /// When the comparison was made.
    pub at: DateTime<Utc>,
    /// Number of earlier comparisons.
    pub attempt: u32,
    /// Number of events in Okta's System Log within the compared window (at most one page).
    pub in_okta: u32,
    /// How many of them were found in Radiant by `uuid`. A trend: Radiant does not publish which events its feed leaves out.
    pub in_radiant: u32,
    /// `published` of the newest event in Okta.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// Time of the newest event of the connector type in Radiant.
    pub newest_in_radiant: Option<DateTime<Utc>>,
    /// The first event that was found on both sides.
    pub found: Option<Arrival>,
    /// The problem that prevents a match at this moment.
    pub problem: Option<crate::problem::Problem>,
}

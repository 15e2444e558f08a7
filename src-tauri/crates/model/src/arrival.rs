//! What was seen of Okta events arriving in Radiant.

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

/// One look at both sides, told while the window waits for the first match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ArrivalTick {
    /// When the look was taken.
    pub at: DateTime<Utc>,
    /// How many looks were taken before this one.
    pub attempt: u32,
    /// Events Okta's System Log holds in the window looked at (at most one page).
    pub in_okta: u32,
    /// How many of those were found in Radiant by `uuid`. A trend, never an equality: what the feed leaves out is not public.
    pub in_radiant: u32,
    /// Newest `published` in Okta, if there is any event.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// Newest event of the connector type seen in Radiant, if any.
    pub newest_in_radiant: Option<DateTime<Utc>>,
    /// The first match, once there is one.
    pub found: Option<Arrival>,
    /// What stands in the way right now, when something does.
    pub problem: Option<crate::problem::Problem>,
}

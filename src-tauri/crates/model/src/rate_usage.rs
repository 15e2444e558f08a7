//! The use of Okta's rate limits by monitoring probes, and the reason why a probe has to wait.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A group of endpoints that Okta counts against one rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// The System Log.
    Logs,
    /// One user.
    User,
    /// Lists of users, and the resources below one user.
    Users,
    /// Everything else.
    Api,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Self; 4] = [Self::Logs, Self::User, Self::Users, Self::Api];
}

/// Requests that one probe sent to one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RequestRecord {
    /// When they were sent.
    pub at: DateTime<Utc>,
    /// The bucket.
    pub bucket: Bucket,
    /// Number of requests.
    pub requests: u32,
}

/// The newest rate-limit headers of one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ObservedRate {
    /// When the response arrived.
    pub at: DateTime<Utc>,
    /// Requests per window.
    pub limit: u32,
    /// Requests left in the window.
    pub remaining: u32,
    /// When the window ends, by this computer's clock.
    pub until: Option<DateTime<Utc>>,
}

/// The use of one org's rate limits by monitoring, over all connections to that org.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct RateUsage {
    /// Sent requests, oldest first, as far back as a rate-limit window reaches.
    #[serde(alias = "asked")]
    pub requests: Vec<RequestRecord>,
    /// The newest rate-limit headers of each bucket.
    #[serde(alias = "seen")]
    pub observed: BTreeMap<Bucket, ObservedRate>,
}

/// Why a due probe does not run yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[specta(skip_attr = "serde")] // the aliases are for stored data only
pub struct BudgetHold {
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// When it will run.
    pub until: DateTime<Utc>,
    /// The reason.
    #[serde(alias = "by")]
    pub reason: HoldReason,
}

/// Why a probe waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// Monitoring has used its share of the rate limit.
    Share,
    /// Little of the rate limit is left, whichever client used it.
    HeadRoom,
}

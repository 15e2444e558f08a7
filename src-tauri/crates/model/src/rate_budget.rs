//! What the looks of monitoring have asked of Okta's rate limits, and what keeps one waiting.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Addresses that Okta counts together, each kind against a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// The System Log.
    Logs,
    /// One user.
    User,
    /// Lists of users, and what hangs on one.
    Users,
    /// Everything else.
    Api,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Self; 4] = [Self::Logs, Self::User, Self::Users, Self::Api];
}

/// Requests that one look made of one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RequestRecord {
    /// When.
    pub at: DateTime<Utc>,
    /// Of which.
    pub bucket: Bucket,
    /// How many.
    pub requests: u32,
}

/// What Okta said last of one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ObservedRate {
    /// When it was heard.
    pub at: DateTime<Utc>,
    /// Requests per window.
    pub limit: u32,
    /// Requests that were left of it.
    pub remaining: u32,
    /// When the window ends, by this computer's clock.
    pub until: Option<DateTime<Utc>>,
}

/// What monitoring used of one org's rate limits, by all connections to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct RateUsage {
    /// What was asked, the oldest first, as far back as it still weighs.
    pub asked: Vec<RequestRecord>,
    /// What Okta said of each bucket.
    pub seen: BTreeMap<Bucket, ObservedRate>,
}

/// Why a look that is due is not taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BudgetHold {
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it is taken.
    pub until: DateTime<Utc>,
    /// Why.
    pub by: HoldReason,
}

/// What a look waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The looks' own share is used up.
    Share,
    /// Little is left of the limit, whoever used it.
    HeadRoom,
}

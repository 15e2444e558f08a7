//! Monitoring as the window shows it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::active_conditions::ActiveCondition;
use crate::condition_role::RankedCondition;
use crate::guide::GuideState;
use crate::monitor::{DeliveryProof, MonitorState};
use crate::rate_usage::BudgetHold;
use crate::status::Status;

/// Monitoring as the window shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MonitorView {
    /// The newest probe.
    pub last: Option<DateTime<Utc>>,
    /// Since when this computer has no network.
    pub offline_since: Option<DateTime<Utc>>,
    /// Since when checks are paused.
    pub paused_since: Option<DateTime<Utc>>,
    /// When that pause ends by itself; `None` when a person ends it.
    pub paused_until: Option<DateTime<Utc>>,
    /// `published` of the newest event that was ever found in Okta.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// When delivery checks found this org's events in Radiant.
    pub delivery_proof: Option<DeliveryProof>,
    /// Why a due probe waits.
    pub hold: Option<BudgetHold>,
    /// When the status changed last, if that change led to the present status; of a status that says that Radiant is receiving, not
    /// before the first event was found there. Set by the store.
    pub unchanged_since: Option<DateTime<Utc>>,
    /// The active conditions with their roles, including those that are not shown.
    pub conditions: Vec<RankedCondition>,
}

impl MonitorView {
    /// Creates the view beside `status`.
    #[must_use]
    pub fn new(monitor: &MonitorState, status: &Status, setup: &GuideState) -> Self {
        let ranked = |one: &ActiveCondition| RankedCondition { condition: one.clone(), role: one.role(status, setup) };
        Self {
            last: monitor.heartbeat,
            offline_since: monitor.offline_since,
            paused_since: monitor.paused_since,
            paused_until: monitor.paused_until,
            newest_in_okta: monitor.newest_in_okta,
            delivery_proof: monitor.delivery_proof,
            hold: monitor.hold,
            unchanged_since: None,
            conditions: monitor.all_conditions().map(ranked).collect(),
        }
    }
}

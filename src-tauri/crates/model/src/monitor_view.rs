//! What the window shows of monitoring.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::active_conditions::ActiveCondition;
use crate::condition_role::RankedCondition;
use crate::guide::GuideState;
use crate::monitor::MonitorState;
use crate::rate_budget::BudgetHold;
use crate::status::Status;

/// What the window shows of monitoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MonitorView {
    /// The newest look.
    pub last: Option<DateTime<Utc>>,
    /// Since when this computer has no way to the network.
    pub offline_since: Option<DateTime<Utc>>,
    /// Since when checks are paused.
    pub paused_since: Option<DateTime<Utc>>,
    /// `published` of the newest event ever seen in Okta.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// What keeps a look that is due waiting.
    pub held: Option<BudgetHold>,
    /// What stands, shown or not, and what it weighs.
    pub standing: Vec<RankedCondition>,
}

impl MonitorView {
    /// Picks what the window shows beside `status`.
    #[must_use]
    pub fn of(watched: &MonitorState, status: &Status, setup: &GuideState) -> Self {
        let weighed =
            |one: &ActiveCondition| RankedCondition { condition: one.clone(), weighs: one.role(status, setup) };
        Self {
            last: watched.heartbeat,
            offline_since: watched.offline_since,
            paused_since: watched.paused_since,
            newest_in_okta: watched.newest_in_okta,
            held: watched.held,
            standing: watched.standing.iter().map(weighed).collect(),
        }
    }
}

//! Monitoring: what is looked at how often, what was seen over time, and what was told about it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::active_conditions::{ActiveCondition, merge};
use crate::check::CheckReport;
use crate::code::Code;
use crate::condition_registry::REQUESTED_PROBE_COUNT;
use crate::notification::NotifiedState;
use crate::rate_budget::BudgetHold;

/// What a look at a connection asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// Does Okta accept the token, is its owner active? One request.
    Heartbeat,
    /// Are Okta's newest due events in Radiant? One request of Okta, two of Radiant.
    Freshness,
    /// Every check.
    Full,
}

/// What monitoring knows of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct MonitorState {
    /// The newest look that reached Okta's door or failed at it.
    pub heartbeat: Option<DateTime<Utc>>,
    /// The newest look at both sides.
    pub freshness: Option<DateTime<Utc>>,
    /// The newest run of all checks.
    pub full: Option<DateTime<Utc>>,
    /// Since when this computer has no way to the network.
    pub offline_since: Option<DateTime<Utc>>,
    /// What stood in that way last.
    pub offline: Option<Code>,
    /// Since when checks are paused.
    pub paused_since: Option<DateTime<Utc>>,
    /// Whether all checks are wanted at the next look (new token, settings changed).
    pub wants_full: bool,
    /// What stands.
    pub standing: Vec<ActiveCondition>,
    /// What was told last.
    pub told: NotifiedState,
    /// `published` of the newest event ever seen in Okta.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// Event types that were found in Radiant. A missing event of another type is no sign of lag.
    pub carried: BTreeSet<String>,
    /// When all checks were asked last because the network had come back.
    pub came_back: Option<DateTime<Utc>>,
    /// Why the next probe waits, when one is due and the rate budget has no room for it.
    pub held: Option<BudgetHold>,
    /// How often something a look hangs on was changed by somebody else: the token, the org, the settings, a person's run of
    /// checks. A look that began before the newest change says nothing of what is there now.
    pub changed: u64,
}

impl MonitorState {
    /// Says that what is asked was changed: looks that are under way no longer count.
    #[must_use]
    pub fn with_new_revision(self) -> Self {
        Self { changed: self.changed.wrapping_add(1), ..self }
    }
}

impl MonitorState {
    /// Returns where monitoring begins: with what the newest report found while a person was looking.
    #[must_use]
    pub fn from_report(report: Option<&CheckReport>) -> Self {
        let standing = report.map(|report| merge(&[], report, DateTime::UNIX_EPOCH, PERSON)).unwrap_or_default();
        Self { standing, ..Self::default() }
    }
}

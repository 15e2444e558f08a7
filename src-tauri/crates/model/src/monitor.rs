//! The stored state of monitoring.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::active_conditions::{ActiveCondition, merge};
use crate::check::{CheckReport, Outcome};
use crate::code::Code;
use crate::condition_registry::REQUESTED_PROBE_COUNT;
use crate::notification_event::NotifiedState;
use crate::rate_usage::BudgetHold;

/// The kind of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// Does Okta accept the token, is its owner active? One request.
    Heartbeat,
    /// Are Okta's newest due events in Radiant? One request of Okta, one of Radiant, and a second if nothing was found.
    Freshness,
    /// Every check.
    Full,
}

/// When delivery checks found events of the org in Radiant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DeliveryProof {
    /// The first of them since one that found none; `None` while the newest one found none.
    pub since: Option<DateTime<Utc>>,
    /// The newest of them.
    pub last: DateTime<Utc>,
}

impl DeliveryProof {
    /// Returns the proof after a delivery check that finished at `at`. One that could not compare both sides changes nothing.
    #[must_use]
    pub fn after(earlier: Option<Self>, outcome: Outcome, at: DateTime<Utc>) -> Option<Self> {
        match outcome {
            Outcome::Passed => Some(Self { since: earlier.and_then(|proof| proof.since).or(Some(at)), last: at }),
            Outcome::Failed | Outcome::Attention => earlier.map(|proof| Self { since: None, ..proof }),
            Outcome::Unknown | Outcome::Skipped => earlier,
        }
    }
}

/// The state of monitoring for one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct MonitorState {
    /// The newest probe that reached Okta or failed to.
    pub heartbeat: Option<DateTime<Utc>>,
    /// When Okta answered last, in this or another process.
    pub answered: Option<DateTime<Utc>>,
    /// The newest delivery probe.
    #[serde(alias = "freshness")]
    pub delivery: Option<DateTime<Utc>>,
    /// The newest run of all checks.
    pub full: Option<DateTime<Utc>>,
    /// Since when this computer has no network.
    pub offline_since: Option<DateTime<Utc>>,
    /// The newest problem of this computer's network.
    pub offline: Option<Code>,
    /// Since when checks are paused.
    pub paused_since: Option<DateTime<Utc>>,
    /// When that pause ends by itself; `None` when a person ends it.
    pub paused_until: Option<DateTime<Utc>>,
    /// Whether the next probe must run all checks (new token, changed settings).
    #[serde(alias = "wants_full")]
    pub full_check_requested: bool,
    /// The active conditions.
    #[serde(alias = "standing")]
    pub conditions: Vec<ActiveCondition>,
    /// The conditions of the relay, which no probe looks for.
    pub relay_conditions: Vec<ActiveCondition>,
    /// The state of notifications.
    #[serde(alias = "told")]
    pub notified: NotifiedState,
    /// The state of notifications of the relay while the connection is not checked.
    pub relay_notified: NotifiedState,
    /// `published` of the newest event that was ever found in Okta.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// When delivery checks found this org's events in Radiant.
    pub delivery_proof: Option<DeliveryProof>,
    /// Event types that were found in Radiant. A missing event of another type is no sign of a delay.
    #[serde(alias = "carried")]
    pub delivered_types: BTreeSet<String>,
    /// When all checks ran last because the network was restored.
    #[serde(alias = "came_back")]
    pub network_restored: Option<DateTime<Utc>>,
    /// Why a due probe waits, if the rate budget does not allow it yet.
    #[serde(alias = "held")]
    pub hold: Option<BudgetHold>,
    /// Counts changes that make a running probe obsolete: of the token, the org or the settings, or a requested run of checks.
    /// The result of a probe that started before the newest change is discarded.
    #[serde(alias = "changed")]
    pub revision: u64,
}

impl MonitorState {
    /// Returns the active conditions, of probes and of the relay.
    pub fn all_conditions(&self) -> impl Iterator<Item = &ActiveCondition> {
        self.conditions.iter().chain(&self.relay_conditions)
    }

    /// Increments the revision, so that the results of running probes are discarded.
    #[must_use]
    pub fn with_new_revision(self) -> Self {
        Self { revision: self.revision.wrapping_add(1), ..self }
    }

    /// Tells whether a pause that ends by itself is over.
    #[must_use]
    pub fn pause_is_over(&self, now: DateTime<Utc>) -> bool {
        self.paused_since.is_some() && self.paused_until.is_some_and(|until| now >= until)
    }

    /// Returns the initial state, with the conditions of the newest report.
    #[must_use]
    pub fn from_report(report: Option<&CheckReport>) -> Self {
        let conditions =
            report.map(|report| merge(&[], report, DateTime::UNIX_EPOCH, REQUESTED_PROBE_COUNT)).unwrap_or_default();
        Self { conditions, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minute)
    }

    #[test]
    fn a_failed_delivery_check_ends_the_proof_and_keeps_when_it_was_newest() {
        let outcomes = [Outcome::Skipped, Outcome::Passed, Outcome::Unknown, Outcome::Passed, Outcome::Failed];
        let proofs = outcomes.into_iter().zip(0..).scan(None, |proof, (outcome, at)| {
            *proof = DeliveryProof::after(*proof, outcome, minute(at));
            Some(proof.map(|one| (one.since, one.last)))
        });
        let first = Some(minute(1));
        assert_eq!(
            proofs.collect::<Vec<_>>(),
            [
                None,
                Some((first, minute(1))),
                Some((first, minute(1))),
                Some((first, minute(3))),
                Some((None, minute(3)))
            ]
        );
    }
}

//! Checks: one question each, with its outcome, the facts found and the requests behind it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::capability::CapabilityRow;
use crate::code::Code;
pub use crate::fact::{Fact, FactKey};
use crate::link_target::LinkTarget;

/// Identifies a check. The variants are in display order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// Can the OS keychain keep a secret (write, read, delete)?
    Keychain,
    /// Is the Okta domain reachable and an Okta org?
    Domain,
    /// Who signed the certificate: a public authority, or a TLS-inspecting proxy?
    Tls,
    /// Does this computer's clock agree with Okta's?
    Clock,
    /// Does Okta accept the API token?
    Token,
    /// Who owns it, and is that account active?
    Owner,
    /// Which administrator roles does the owner have?
    Roles,
    /// Which entry of Okta's token list is it, when does it expire, and from which networks may it be used?
    TokenEntry,
    /// Is the System Log readable, and how old is its newest event?
    SystemLog,
    /// Are users readable?
    Users,
    /// Are network zones readable?
    Zones,
    /// Is enough of the rate limit left?
    RateLimit,
    /// What is this token allowed to do?
    Capabilities,
    /// Who signed the certificate of Radiant's search: a public authority, or a TLS-inspecting proxy?
    RadiantTls,
    /// Does Radiant's search accept the search token?
    RadiantSearch,
    /// Is an event of this Okta org found in Radiant?
    Arrival,
}

impl CheckId {
    /// Every check, in display order.
    pub const ALL: [Self; 16] = [
        Self::Keychain,
        Self::Domain,
        Self::Tls,
        Self::Clock,
        Self::Token,
        Self::Owner,
        Self::Roles,
        Self::TokenEntry,
        Self::SystemLog,
        Self::Users,
        Self::Zones,
        Self::RateLimit,
        Self::Capabilities,
        Self::RadiantTls,
        Self::RadiantSearch,
        Self::Arrival,
    ];

    /// Returns the checks that must be answered before this one can run.
    #[must_use]
    pub fn dependencies(self) -> &'static [Self] {
        match self {
            Self::Keychain | Self::Domain | Self::Tls | Self::RadiantTls => &[],
            Self::RadiantSearch => &[Self::RadiantTls],
            Self::Clock => &[Self::Domain],
            Self::Token => &[Self::Domain, Self::Tls],
            Self::Owner | Self::Roles | Self::TokenEntry | Self::SystemLog | Self::Users | Self::Zones => {
                &[Self::Token]
            }
            Self::RateLimit => &[Self::SystemLog],
            Self::Capabilities => &[Self::Roles, Self::SystemLog, Self::Users, Self::Zones],
            Self::Arrival => &[Self::SystemLog, Self::RadiantSearch],
        }
    }

    /// Returns whether an unknown outcome counts as a problem. A well-configured token often cannot read roles, the token list,
    /// rate-limit headers or clocks.
    #[must_use]
    pub fn is_required(self) -> bool {
        match self {
            Self::Roles | Self::TokenEntry | Self::RateLimit | Self::Clock | Self::Tls | Self::RadiantTls => false,
            Self::Keychain
            | Self::Domain
            | Self::Token
            | Self::Owner
            | Self::SystemLog
            | Self::Users
            | Self::Zones
            | Self::Capabilities
            | Self::RadiantSearch
            | Self::Arrival => true,
        }
    }
}

/// The checks of the guide's token step: every check that Okta or this computer can answer.
pub const OKTA_CHECKS: [CheckId; 13] = [
    CheckId::Keychain,
    CheckId::Domain,
    CheckId::Tls,
    CheckId::Clock,
    CheckId::Token,
    CheckId::Owner,
    CheckId::Roles,
    CheckId::TokenEntry,
    CheckId::SystemLog,
    CheckId::Users,
    CheckId::Zones,
    CheckId::RateLimit,
    CheckId::Capabilities,
];

/// The checks that send requests to Radiant.
pub const RADIANT_CHECKS: [CheckId; 3] = [CheckId::RadiantTls, CheckId::RadiantSearch, CheckId::Arrival];

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The app verified it.
    Passed,
    /// The app verified it, but something needs a decision.
    Attention,
    /// The check failed.
    Failed,
    /// The check did not run; [`CheckRow::skipped`] has the reason.
    Skipped,
    /// The response was lost or did not contain the answer.
    Unknown,
}

/// Why a check did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// A check it depends on did not pass.
    Depends,
    /// The selected profile does not need it.
    Profile,
    /// No Radiant search token is stored.
    NoSearchToken,
    /// No API token is stored.
    NoToken,
    /// The keychain did not return the token; the row of [`CheckId::Keychain`] has the reason.
    Keychain,
    /// The administrator canceled the run.
    Cancelled,
    /// It does not apply to a practice organization.
    Practice,
    /// The run stores no secret, so it needs no keychain; this computer's was not usable.
    NoSecretStored,
}

/// A request behind a check. Contains no header, body or query string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Evidence {
    /// Method and path, for example `GET /api/v1/users/me`.
    pub endpoint: String,
    /// HTTP status; absent without a response.
    pub status: Option<u16>,
    /// Okta's `errorCode`, when the body carried one.
    pub okta_code: Option<String>,
    /// Okta's request id (`X-Okta-Request-Id`).
    pub request_id: Option<String>,
    /// Time to the complete response, in milliseconds.
    pub ms: u32,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CheckRow {
    /// The check.
    pub check: CheckId,
    /// Its outcome.
    pub outcome: Outcome,
    /// Why it did not run, if it did not.
    pub skipped: Option<Skip>,
    /// The problem or the open decision; its texts are `code.<code>.*` in the message catalog.
    pub code: Option<Code>,
    /// Values for the placeholders of those texts.
    pub args: BTreeMap<String, String>,
    /// The facts found.
    pub facts: Vec<Fact>,
    /// Facts of an earlier result, if this one could not find any.
    #[serde(default)]
    pub remembered: Option<Remembered>,
    /// The requests behind it.
    pub evidence: Vec<Evidence>,
    /// The page where it can be fixed.
    pub link: Option<LinkTarget>,
    /// The check whose result prevented this one from running.
    #[serde(default)]
    pub blocked_by: Option<CheckId>,
    /// When it finished.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub ms: u32,
}

/// Facts of an earlier result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Remembered {
    /// The facts found then.
    pub facts: Vec<Fact>,
    /// When they were found.
    pub at: DateTime<Utc>,
}

impl CheckRow {
    /// Returns whether this result prevents dependent checks from running. Of the open decisions only that about a
    /// TLS-inspecting proxy does, because the token must not be sent before.
    #[must_use]
    pub fn blocks(&self) -> bool {
        let is_undecided = matches!(self.code, Some(Code::TlsInspected | Code::RadiantTlsInspected));
        matches!(self.outcome, Outcome::Failed | Outcome::Unknown) || is_undecided
    }

    /// Adds the facts that `earlier` found at or after `valid_since`, if this check could not find any itself.
    #[must_use]
    pub fn with_remembered(mut self, earlier: &Self, valid_since: Option<DateTime<Utc>>) -> Self {
        let has_own_facts = match self.outcome {
            Outcome::Passed | Outcome::Attention => true,
            Outcome::Failed | Outcome::Unknown => !self.facts.is_empty(),
            Outcome::Skipped => {
                !matches!(self.skipped, Some(Skip::Depends | Skip::NoToken | Skip::Keychain | Skip::Cancelled))
            }
        };
        let found = || Remembered { facts: earlier.facts.clone(), at: earlier.at };
        let remembered = if earlier.facts.is_empty() { earlier.remembered.clone() } else { Some(found()) };
        self.remembered = remembered.filter(|one| !has_own_facts && valid_since.is_none_or(|since| one.at >= since));
        self
    }
}

/// Progress of a run, sent row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "row", rename_all = "snake_case")]
pub enum CheckProgress {
    /// The check started.
    Running(CheckId),
    /// The check finished.
    Answered(CheckRow),
}

/// The results of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CheckReport {
    /// When the run started.
    pub started: DateTime<Utc>,
    /// When the last check finished.
    pub finished: DateTime<Utc>,
    /// One row per check, in the order of [`CheckId::ALL`].
    pub rows: Vec<CheckRow>,
    /// The capability table.
    pub capabilities: Vec<CapabilityRow>,
}

/// Returns the check whose result prevents `check` from running; `None` if there is none.
#[must_use]
pub fn blocker_of(check: CheckId, rows: &[CheckRow]) -> Option<CheckId> {
    check.dependencies().iter().find_map(|before| {
        let row = rows.iter().find(|row| row.check == *before);
        let unanswered = row.is_none_or(|row| row.outcome == Outcome::Skipped);
        let deeper = unanswered.then(|| blocker_of(*before, rows)).flatten();
        deeper.or_else(|| row.filter(|row| row.blocks()).map(|_| *before))
    })
}

impl CheckReport {
    /// Sets [`CheckRow::blocked_by`] in each row that was skipped because of another one.
    #[must_use]
    pub fn with_blockers(mut self) -> Self {
        let waiting = self.rows.iter().filter(|row| row.skipped == Some(Skip::Depends)).map(|row| row.check);
        let blockers: BTreeMap<_, _> =
            waiting.filter_map(|check| Some((check, blocker_of(check, &self.rows)?))).collect();
        for row in &mut self.rows {
            row.blocked_by = blockers.get(&row.check).copied();
        }
        self
    }

    /// Returns the row of `check`, if the run included it.
    #[must_use]
    pub fn row(&self, check: CheckId) -> Option<&CheckRow> {
        self.rows.iter().find(|row| row.check == check)
    }

    /// Returns the worst outcome: failed, then attention, then unknown, then passed. Skipped rows do not count; an unknown
    /// outcome counts only for a required check. A required check that could not run because of another one is unknown,
    /// whatever the outcome of that one.
    #[must_use]
    pub fn worst(&self) -> Outcome {
        let has = |outcome| self.rows.iter().any(|row| row.outcome == outcome);
        let is_unknown = |row: &CheckRow| row.outcome == Outcome::Unknown || row.skipped == Some(Skip::Depends);
        if has(Outcome::Failed) {
            Outcome::Failed
        } else if has(Outcome::Attention) {
            Outcome::Attention
        } else if self.rows.iter().any(|row| row.check.is_required() && is_unknown(row)) {
            Outcome::Unknown
        } else {
            Outcome::Passed
        }
    }
}

//! Checks: one question each, answered with what was asked, what came back and what it means.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::capability::CapabilityRow;
use crate::code::Code;
use crate::link_target::LinkTarget;

/// The questions, in the order a reader meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// Can the OS keychain keep a secret (write, read, delete)?
    Keychain,
    /// Is the Okta domain reachable and an Okta org?
    Domain,
    /// Who signed the certificate: a public authority, or a proxy that reads along?
    Tls,
    /// Does this computer's clock agree with Okta's?
    Clock,
    /// Does Okta accept the API token?
    Token,
    /// Who owns it, and is that account active?
    Owner,
    /// Which administrator roles does the owner have?
    Roles,
    /// Which entry of the token list is it, when does it expire, from where may it be used?
    TokenEntry,
    /// Is the System Log readable, and how fresh is it?
    SystemLog,
    /// Are users readable?
    Users,
    /// Are network zones readable?
    Zones,
    /// Is there head-room below the rate limit?
    RateLimit,
    /// What may Radiant do with this token?
    Capabilities,
    /// Does Radiant's search accept the search token?
    RadiantSearch,
    /// Is an event of this Okta org found in Radiant?
    Arrival,
}

impl CheckId {
    /// Every check, in display order.
    pub const ALL: [Self; 15] = [
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
        Self::RadiantSearch,
        Self::Arrival,
    ];

    /// Returns the checks that must be answered before this one can be asked.
    #[must_use]
    pub fn dependencies(self) -> &'static [Self] {
        match self {
            Self::Keychain | Self::Domain | Self::Tls | Self::RadiantSearch => &[],
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

    /// Tells whether not knowing the answer matters. Roles, the token list, rate-limit headers and clocks often cannot be
    /// told with a well-made token.
    #[must_use]
    pub fn is_required(self) -> bool {
        match self {
            Self::Roles | Self::TokenEntry | Self::RateLimit | Self::Clock | Self::Tls => false,
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

/// The checks of the guide's token step: all that Okta and this computer can answer.
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

/// The checks that ask Radiant.
pub const RADIANT_CHECKS: [CheckId; 2] = [CheckId::RadiantSearch, CheckId::Arrival];

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The app saw that it holds.
    Passed,
    /// It holds, but something wants a decision.
    Attention,
    /// It does not hold.
    Failed,
    /// It was not asked; [`CheckRow::skipped`] says why.
    Skipped,
    /// The answer was lost or did not tell. Never guessed.
    Unknown,
}

/// Why a check was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// A check it depends on did not pass.
    Depends,
    /// The chosen profile does not need it.
    Profile,
    /// No Radiant search token was given.
    NoSearchToken,
    /// No API token was given.
    NoToken,
    /// The keychain did not hand out the token; [`CheckId::Keychain`] says why.
    Keychain,
    /// The administrator cancelled the run.
    Cancelled,
    /// It has no meaning for a practice organisation.
    Practice,
}

/// What a [`Fact`] is about. The label is `fact.<key>` in the message catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FactKey {
    /// Name of the keychain in use.
    Keychain,
    /// Okta's id of the org.
    OrgId,
    /// `Identity Engine` or `Classic`.
    Pipeline,
    /// Certificate issuer, by its common name or organisation.
    Issuer,
    /// Proxy in use.
    Proxy,
    /// Difference between this computer's clock and Okta's, in whole seconds; positive means this computer is ahead.
    ClockOffset,
    /// The owner's login.
    Owner,
    /// The owner's display name.
    OwnerName,
    /// Okta's status of the owner.
    OwnerStatus,
    /// Something that made us think the owner is a person or a service account.
    OwnerSign,
    /// One administrator role of the owner.
    Role,
    /// Name of the token list's entry that is probably (or certainly) ours.
    TokenName,
    /// Okta's id of that entry.
    TokenId,
    /// How sure we are: `certain` or `probable`.
    TokenSureness,
    /// When that entry was made.
    CreatedAt,
    /// When the token expires unless used.
    ExpiresAt,
    /// From where the token may be used.
    Network,
    /// Newest event's `published`.
    NewestEvent,
    /// Number of events seen in the window looked at.
    EventCount,
    /// How many users the probe saw (at most one).
    UserCount,
    /// How many network zones were listed.
    ZoneCount,
    /// `X-Rate-Limit-Limit`.
    RateLimit,
    /// `X-Rate-Limit-Remaining`.
    RateRemaining,
    /// Another client seen reading the System Log.
    OtherConsumer,
    /// The Radiant index in use.
    RadiantIndex,
    /// Radiant's `rs_connectorType` in use.
    ConnectorType,
    /// Radiant's timestamp field in use.
    TimestampField,
    /// `uuid` of the event found on both sides.
    EventUuid,
    /// Seconds between `published` in Okta and the moment it was found in Radiant.
    Lag,
    /// Share of a window's events found in Radiant, as "found / looked for".
    Share,
    /// The least standard role that covers the profile.
    LeastRole,
    /// This computer's address as Okta saw it.
    EgressAddress,
}

/// One thing found out, shown beside its check. Values are Okta's or Radiant's own words; times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Fact {
    /// What it is about.
    pub key: FactKey,
    /// The value.
    pub value: String,
}

/// One request behind a check. Never a header, a body or a query string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Evidence {
    /// Method and path, for example `GET /api/v1/users/me`.
    pub endpoint: String,
    /// HTTP status; absent when no answer came.
    pub status: Option<u16>,
    /// Okta's `errorCode`, when the body carried one.
    pub okta_code: Option<String>,
    /// Okta's request id (`X-Okta-Request-Id`).
    pub request_id: Option<String>,
    /// Time to the whole answer, in milliseconds.
    pub ms: u32,
}

/// The answer to one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CheckRow {
    /// The question.
    pub check: CheckId,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was not asked, when it was not.
    pub skipped: Option<Skip>,
    /// What is wrong or wants a decision; the sentences and the remedy are `code.<code>.*` in the message catalogue.
    pub code: Option<Code>,
    /// Values for the placeholders of those sentences.
    pub args: BTreeMap<String, String>,
    /// What was found out.
    pub facts: Vec<Fact>,
    /// What had been found out before, where this time nothing could be.
    #[serde(default)]
    pub remembered: Option<Remembered>,
    /// The requests behind it.
    pub evidence: Vec<Evidence>,
    /// Where to repair it.
    pub link: Option<LinkTarget>,
    /// The check whose answer kept this one from being asked.
    #[serde(default)]
    pub blocked_by: Option<CheckId>,
    /// When it was answered.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub ms: u32,
}

/// Facts of an earlier answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Remembered {
    /// What was found out then.
    pub facts: Vec<Fact>,
    /// When that was.
    pub at: DateTime<Utc>,
}

impl CheckRow {
    /// Tells whether this answer keeps the checks that depend on it from being asked. A proxy that waits for a decision does;
    /// other decisions do not.
    #[must_use]
    pub fn blocks(&self) -> bool {
        matches!(self.outcome, Outcome::Failed | Outcome::Unknown) || self.code == Some(Code::TlsInspected)
    }

    /// Takes over what an earlier answer had found out since `known`, where this one could not be given.
    #[must_use]
    pub fn with_remembered(mut self, earlier: &Self, known: Option<DateTime<Utc>>) -> Self {
        let asked = match self.outcome {
            Outcome::Passed | Outcome::Attention => true,
            Outcome::Failed | Outcome::Unknown => !self.facts.is_empty(),
            Outcome::Skipped => {
                !matches!(self.skipped, Some(Skip::Depends | Skip::NoToken | Skip::Keychain | Skip::Cancelled))
            }
        };
        let found = || Remembered { facts: earlier.facts.clone(), at: earlier.at };
        let remembered = if earlier.facts.is_empty() { earlier.remembered.clone() } else { Some(found()) };
        self.remembered = remembered.filter(|one| !asked && known.is_none_or(|known| one.at >= known));
        self
    }
}

/// News of a running report, told row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "row", rename_all = "snake_case")]
pub enum CheckProgress {
    /// The check has been asked.
    Running(CheckId),
    /// The check has been answered.
    Answered(CheckRow),
}

/// All answers of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CheckReport {
    /// When the run began.
    pub started: DateTime<Utc>,
    /// When the last row came.
    pub finished: DateTime<Utc>,
    /// One row per check, in the order of [`CheckId::ALL`].
    pub rows: Vec<CheckRow>,
    /// The capability table.
    pub capabilities: Vec<CapabilityRow>,
}

/// Returns the check whose answer keeps `check` from being asked; `None` where none is known to.
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
    /// Notes in each row that was not asked which check kept it from being asked.
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

    /// Returns the row of `check`, if it was part of the run.
    #[must_use]
    pub fn row(&self, check: CheckId) -> Option<&CheckRow> {
        self.rows.iter().find(|row| row.check == check)
    }

    /// Returns the worst outcome: failed, then attention, then unknown, then passed. Skipped rows do not count, and what
    /// could not be told counts only where the product depends on it.
    #[must_use]
    pub fn worst(&self) -> Outcome {
        let has = |outcome| {
            self.rows
                .iter()
                .any(|row| row.outcome == outcome && (outcome != Outcome::Unknown || row.check.is_required()))
        };
        [Outcome::Failed, Outcome::Attention, Outcome::Unknown]
            .into_iter()
            .find(|outcome| has(*outcome))
            .unwrap_or(Outcome::Passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(check: CheckId, outcome: Outcome, code: Option<Code>) -> CheckRow {
        CheckRow {
            check,
            outcome,
            skipped: (outcome == Outcome::Skipped).then_some(Skip::Depends),
            code,
            args: BTreeMap::new(),
            facts: Vec::new(),
            remembered: None,
            evidence: Vec::new(),
            link: None,
            blocked_by: None,
            at: DateTime::UNIX_EPOCH,
            ms: 1,
        }
    }

    /// The rows after `check` has failed: every check after it was skipped.
    fn rows_after(check: CheckId, code: Code) -> Vec<CheckRow> {
        let after = CheckId::ALL.into_iter().filter(|other| *other > check);
        let skipped = after.map(|other| row(other, Outcome::Skipped, None));
        std::iter::once(row(check, Outcome::Failed, Some(code))).chain(skipped).collect()
    }

    #[test]
    fn the_check_that_blocks_another_is_found_through_skipped_checks() {
        let rows = rows_after(CheckId::Token, Code::TokenRefused);
        for check in [CheckId::Zones, CheckId::RateLimit, CheckId::Capabilities] {
            assert_eq!(blocker_of(check, &rows), Some(CheckId::Token), "{check:?}");
        }
        let rows = rows_after(CheckId::Domain, Code::TimedOut);
        assert_eq!(blocker_of(CheckId::Tls, &rows), None, "the certificate check depends on no other");
        assert_eq!(blocker_of(CheckId::Arrival, &rows), Some(CheckId::Domain));
    }

    #[test]
    fn a_proxy_blocks_while_it_waits_for_a_decision_and_an_answer_without_a_problem_never_does() {
        let rows = |code| [row(CheckId::Domain, Outcome::Passed, None), row(CheckId::Tls, Outcome::Attention, code)];
        assert_eq!(blocker_of(CheckId::Token, &rows(Some(Code::TlsInspected))), Some(CheckId::Tls));
        assert_eq!(blocker_of(CheckId::Token, &rows(None)), None);
        let passed = [row(CheckId::Domain, Outcome::Passed, None), row(CheckId::Tls, Outcome::Passed, None)];
        assert_eq!(blocker_of(CheckId::Token, &passed), None);
    }

    #[test]
    fn only_rows_that_were_skipped_for_another_check_name_it() {
        let rows = rows_after(CheckId::Token, Code::TokenRefused);
        let (started, finished) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        let report = CheckReport { started, finished, rows, capabilities: Vec::new() }.with_blockers();
        let blocked_by = |check| report.row(check).and_then(|row| row.blocked_by);
        assert_eq!(blocked_by(CheckId::Token), None);
        assert_eq!(blocked_by(CheckId::Zones), Some(CheckId::Token));
    }
}

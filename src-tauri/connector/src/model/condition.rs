//! The registry of standing conditions: what a code means once the guide is done, and after how many looks it is shown.
//!
//! One table for tray, window, notices, command line and diagnostics. Severity is about **ingestion**: `Stopped` says that
//! Radiant cannot be receiving, `Attention` that something wants a decision or cannot be told any longer, `Quiet` that the
//! row tells it and no face changes. A fault of this computer's network is `Quiet` too: it says nothing about Okta or
//! Radiant. The figures are ours; no source gives any.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{CheckId, CheckReport, CheckRow, Code, Outcome, Problem, Watched};

/// How much a condition weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Told by its row alone.
    Quiet,
    /// Wants a decision, or can no longer be told.
    Attention,
    /// Ingestion cannot work.
    Stopped,
}

/// One line of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// How much it weighs.
    pub severity: Severity,
    /// How many looks in a row must have seen it before it is shown; what mends itself sooner is never told.
    pub looks: u32,
}

/// Looks that a fault of the moment is given to mend itself.
const PASSING: u32 = 3;
/// What a look counts that a person asked for: it is shown at once.
pub const PERSON: u32 = PASSING;
/// Looks at Radiant before a late or missing event is believed.
const ARRIVAL: u32 = 2;

impl Code {
    /// Returns what the code means while it stands; `None` for what no check can find.
    #[must_use]
    pub fn condition(self) -> Option<Condition> {
        let (severity, looks) = match self {
            Self::TokenRefused
            | Self::TokenNotAccepted
            | Self::OwnerNotActive
            | Self::LogsRefused
            | Self::OrgUnknown
            | Self::CustomDomainMismatch => (Severity::Stopped, 1),
            Self::RadiantNoEvents | Self::RadiantNoMatch => (Severity::Stopped, ARRIVAL),
            Self::NotOkta => (Severity::Attention, PASSING),
            Self::TlsUntrusted
            | Self::TlsExpired
            | Self::TlsWrongHost
            | Self::TlsInspected
            | Self::RedirectRefused
            | Self::NextLinkForeign
            | Self::TokenEmpty
            | Self::TokenMissing
            | Self::TokenBoundElsewhere
            | Self::TokenOddShape
            | Self::TokenRestricted
            | Self::PermissionRefused
            | Self::FeatureRefused
            | Self::OwnerIsPerson
            | Self::EntryExpiresSoon
            | Self::RoleTooSmall
            | Self::UsersRefused
            | Self::ZonesRefused
            | Self::CapabilityRefused
            | Self::ClockOff
            | Self::OktaQuiet
            | Self::RadiantTokenMissing
            | Self::RadiantTokenRefused
            | Self::RadiantIndexUnset
            | Self::RadiantIndexWrong
            | Self::RadiantTypeUnset
            | Self::RadiantFieldWrong
            | Self::RadiantByobNeeded
            | Self::RadiantQueryRefused
            | Self::RadiantHostUnusual
            | Self::RadiantHostPlainHttp
            | Self::RadiantAddressInvalid
            | Self::KeychainMissing
            | Self::KeychainDenied
            | Self::KeychainEntryGone => (Severity::Attention, 1),
            Self::RadiantLagging => (Severity::Attention, ARRIVAL),
            Self::DnsNotFound
            | Self::ConnectionRefused
            | Self::ConnectionReset
            | Self::TimedOut
            | Self::TlsFailed
            | Self::ProxyFailed
            | Self::OktaUnavailable
            | Self::OktaReadOnly
            | Self::OktaRateLimited
            | Self::AnswerTruncated
            | Self::AnswerUnreadable
            | Self::AnswerUnexpected
            | Self::OwnerNotTold
            | Self::LogsSlow
            | Self::RateLow
            | Self::RateOtherConsumers
            | Self::RadiantUnreachable
            | Self::RadiantUnavailable
            | Self::RadiantAnswerUnreadable
            | Self::KeychainLocked
            | Self::KeychainFailed
            | Self::Internal => (Severity::Attention, PASSING),
            Self::NetworkDown
            | Self::DnsUnavailable
            | Self::CaptivePortal
            | Self::TlsNotTold
            | Self::ClockUnknown
            | Self::OwnerUnclear
            | Self::RolesNotTold
            | Self::RoleMoreThanNeeded
            | Self::EntryUncertain
            | Self::EntryNotTold
            | Self::EntryNetworkRestricted
            | Self::LogsEmpty
            | Self::RateNotTold
            | Self::CapabilityNotTold
            | Self::RadiantAggregationRefused
            | Self::RadiantNothingToFind
            | Self::RadiantTooSoon
            | Self::KeptForThisRunOnly => (Severity::Quiet, 1),
            Self::DomainEmpty
            | Self::DomainNotAHost
            | Self::DomainPlainHttp
            | Self::DomainLookAlike
            | Self::DomainZoneItself
            | Self::DomainPlaceholder
            | Self::DomainAddress
            | Self::DomainPort
            | Self::DomainUser
            | Self::DomainIsToken
            | Self::CustomDomainNoOrg
            | Self::TokenIsId
            | Self::TokenIsJwt
            | Self::TokenIsClientSecret
            | Self::TokenIsAddress
            | Self::TokenHasBlanks
            | Self::TokenTooShort
            | Self::TokenSameAsOld
            | Self::RevocationRefused
            | Self::RevocationUnknown
            | Self::OldTokenStillValid
            | Self::StoreCorrupt
            | Self::StoreNewer
            | Self::StoreReadOnly
            | Self::DiskFull
            | Self::StoreBusy
            | Self::StoreFailed
            | Self::PreferencesDamaged
            | Self::ClipboardUnavailable
            | Self::ClipboardNotClearable
            | Self::TrayMissing
            | Self::BrowserFailed
            | Self::LinkRefused
            | Self::FileNotWritten
            | Self::FileNotRead
            | Self::ImportForeign
            | Self::ImportNewer
            | Self::ImportGarbled
            | Self::ImportTooLarge
            | Self::PolicyUnreadable
            | Self::PolicyUntrusted
            | Self::PolicyGarbled
            | Self::PolicyNewer
            | Self::ReauthenticationFailed
            | Self::ReauthenticationDismissed
            | Self::ReauthenticationTimedOut
            | Self::ReauthenticationNoAgent
            | Self::ReauthenticationMissing
            | Self::ReauthenticationNotInstalled
            | Self::ReauthenticationNeverAsks
            | Self::QuestionEmpty
            | Self::QuestionPrivate
            | Self::DocsUnavailable
            | Self::ConnectionUnknown
            | Self::DomainUnset
            | Self::StepNotReady
            | Self::PracticeEnded
            | Self::PracticeFailed
            | Self::Cancelled => return None,
        };
        Some(Condition { severity, looks })
    }

    /// Tells whether the code is about this computer's own way to the network, which is never an alarm.
    #[must_use]
    pub fn is_offline(self) -> bool {
        matches!(self, Self::NetworkDown | Self::DnsUnavailable | Self::CaptivePortal)
    }
}

/// A condition that stands: since when, and how often it was seen in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StandingCondition {
    /// The row that found it.
    pub row: CheckId,
    /// What it is, with the values for its sentences.
    pub problem: Problem,
    /// Since when it has been seen without a break.
    pub since: DateTime<Utc>,
    /// Looks in a row that saw it.
    pub looks: u32,
}

impl StandingCondition {
    /// Returns the severity once enough looks have seen it.
    #[must_use]
    pub fn shown(&self) -> Option<Severity> {
        let condition = self.problem.code.condition()?;
        (condition.severity > Severity::Quiet && self.looks >= condition.looks).then_some(condition.severity)
    }

    /// Tells whether it will be shown if it goes on standing.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.problem.code.condition().is_some_and(|one| one.severity > Severity::Quiet && self.looks < one.looks)
    }
}

/// Carries what stood before over to what `report` says. `looks` is what this look counts for the rows that were asked at
/// or after `asked_since`: 1, or [`PERSON`] when a person asked and is looking. Rows not asked keep what stood. A row that was
/// skipped because of another leaves only the root cause.
#[must_use]
pub fn carry(
    before: &[StandingCondition],
    report: &CheckReport,
    asked_since: DateTime<Utc>,
    looks: u32,
) -> Vec<StandingCondition> {
    let rows = report.rows.iter();
    rows.filter_map(|row| standing(before, row, if row.at >= asked_since { looks } else { 0 })).collect()
}

fn standing(before: &[StandingCondition], row: &CheckRow, looks: u32) -> Option<StandingCondition> {
    let code = match row.outcome {
        Outcome::Failed | Outcome::Attention | Outcome::Unknown => row.code?,
        Outcome::Passed | Outcome::Skipped => return None,
    };
    let stood = before.iter().find(|one| one.row == row.check && one.problem.code == code);
    let problem = Problem { args: row.args.clone(), ..Problem::new(code) };
    Some(match stood {
        Some(one) => {
            StandingCondition { row: row.check, problem, since: one.since, looks: one.looks.saturating_add(looks) }
        }
        None => {
            // What was shown and is now something else has not been well in between: it stays shown.
            let shown = before.iter().any(|one| one.row == row.check && one.shown().is_some());
            let believed = code.condition().filter(|_| shown).map_or(1, |one| one.looks);
            StandingCondition { row: row.check, problem, since: row.at, looks: looks.max(believed) }
        }
    })
}

impl Watched {
    /// Returns where monitoring begins: with what the newest report found while a person was looking.
    #[must_use]
    pub fn first(report: Option<&CheckReport>) -> Self {
        let standing = report.map(|report| carry(&[], report, DateTime::UNIX_EPOCH, PERSON)).unwrap_or_default();
        Self { standing, ..Self::default() }
    }
}

/// Returns what is wrong at the root: the gravest condition that is shown, and of those the one asked first.
#[must_use]
pub fn root(standing: &[StandingCondition]) -> Option<(&StandingCondition, Severity)> {
    let shown = standing.iter().filter_map(|one| Some((one, one.shown()?)));
    shown.reduce(|worst, one| match one.1 > worst.1 {
        true => one,
        false => worst,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use strum::VariantArray as _;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn report(rows: &[(CheckId, Outcome, Option<Code>, i64)]) -> CheckReport {
        let row = |&(check, outcome, code, minute): &(CheckId, Outcome, Option<Code>, i64)| CheckRow {
            check,
            outcome,
            skipped: None,
            code,
            args: std::collections::BTreeMap::new(),
            facts: Vec::new(),
            evidence: Vec::new(),
            link: None,
            at: at(minute),
            ms: 0,
        };
        let rows = rows.iter().map(row).collect();
        CheckReport { started: at(0), finished: at(0), rows, capabilities: Vec::new() }
    }

    #[test]
    fn a_fault_of_the_moment_is_shown_only_when_it_stays() {
        let mut standing = Vec::new();
        for minute in 1..=3 {
            assert_eq!(root(&standing), None, "not after {} looks", minute - 1);
            let seen = report(&[(CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), minute)]);
            standing = carry(&standing, &seen, at(minute), 1);
        }
        let (one, severity) = root(&standing).unwrap();
        assert_eq!((one.since, one.looks, severity), (at(1), 3, Severity::Attention));
    }

    #[test]
    fn what_a_person_asked_for_is_shown_at_once() {
        let seen = report(&[(CheckId::Domain, Outcome::Failed, Some(Code::OktaUnavailable), 1)]);
        assert!(root(&carry(&[], &seen, at(0), PERSON)).is_some());
        assert!(root(&Watched::first(Some(&seen)).standing).is_some());
    }

    #[test]
    fn a_row_that_was_not_asked_keeps_what_stood_and_counts_no_look() {
        let seen = report(&[(CheckId::Arrival, Outcome::Failed, Some(Code::RadiantNoEvents), 1)]);
        let once = carry(&[], &seen, at(1), 1);
        let later = carry(&once, &seen, at(5), 1);
        assert_eq!((later[0].looks, later[0].since), (1, at(1)));
        assert!(later[0].is_pending());
    }

    #[test]
    fn the_gravest_is_the_root_and_of_equals_the_one_asked_first() {
        let seen = report(&[
            (CheckId::Clock, Outcome::Attention, Some(Code::ClockOff), 1),
            (CheckId::Token, Outcome::Failed, Some(Code::TokenRefused), 1),
            (CheckId::SystemLog, Outcome::Failed, Some(Code::LogsRefused), 1),
            (CheckId::Roles, Outcome::Unknown, Some(Code::RolesNotTold), 1),
        ]);
        let standing = carry(&[], &seen, at(1), 1);
        assert_eq!(root(&standing).unwrap().0.row, CheckId::Token);
    }

    #[test]
    fn nothing_about_this_computers_network_is_ever_an_alarm() {
        for code in Code::VARIANTS.iter().filter(|code| code.is_offline()) {
            assert_eq!(code.condition().map(|one| one.severity), Some(Severity::Quiet), "{code}");
        }
    }
}

//! The registry of conditions: the severity of each code once the guide is complete, and the number of probes that must find
//! it before it is shown.
//!
//! Tray, window, notifications, command line and diagnostics use this one table. Severity is about **ingestion**. `InDoubt` and
//! `Attention` have the same icon; the higher one determines the status. A problem of this computer's network is `Quiet`,
//! because it says nothing about Okta or Radiant. The probe counts are this app's choice; neither vendor documents any.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;

/// The severity of a condition, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown in its check row only; the status does not change.
    Quiet,
    /// Needs a decision, or can no longer be determined.
    Attention,
    /// Events may not be arriving, or the app can no longer determine whether they are.
    InDoubt,
    /// Radiant cannot receive events.
    Stopped,
}

/// One entry of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Its severity.
    pub severity: Severity,
    /// Number of consecutive probes that must find it before it is shown.
    pub probes: u32,
}

/// Probe count of transient problems, which often resolve themselves.
const TRANSIENT: u32 = 3;
/// Number of probes that a requested check counts as, so that its findings are shown immediately.
pub const REQUESTED_PROBE_COUNT: u32 = TRANSIENT;
/// Probe count of late or missing events in Radiant.
const ARRIVAL: u32 = 2;

impl Code {
    /// Returns the registry's entry for the code; `None` for a code that no check reports.
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
            Self::TokenRestricted
            | Self::MonitoringTokenRefused
            | Self::MonitoringOwnerNotActive
            | Self::MonitoringLogsRefused
            | Self::TokenMissing
            | Self::TlsUntrusted
            | Self::TlsExpired
            | Self::TlsWrongHost
            | Self::RedirectRefused
            | Self::KeychainMissing
            | Self::KeychainDenied
            | Self::KeychainEntryGone
            | Self::OktaQuiet => (Severity::InDoubt, 1),
            Self::RadiantLagging => (Severity::InDoubt, ARRIVAL),
            Self::NotOkta
            | Self::DnsNotFound
            | Self::ConnectionRefused
            | Self::ConnectionReset
            | Self::TimedOut
            | Self::TlsFailed
            | Self::ProxyFailed
            | Self::OktaUnavailable
            | Self::OktaRateLimited
            | Self::KeychainLocked
            | Self::KeychainFailed => (Severity::InDoubt, TRANSIENT),
            Self::TlsInspected
            | Self::NextLinkForeign
            | Self::TokenEmpty
            | Self::TokenBoundElsewhere
            | Self::TokenOddShape
            | Self::PermissionRefused
            | Self::FeatureRefused
            | Self::OwnerIsPerson
            | Self::EntryExpiresSoon
            | Self::RolesNoLongerTold
            | Self::RoleTooSmall
            | Self::UsersRefused
            | Self::ZonesRefused
            | Self::CapabilityRefused
            | Self::ClockOff
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
            | Self::RadiantAddressInvalid => (Severity::Attention, 1),
            Self::OktaReadOnly
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
            | Self::Internal => (Severity::Attention, TRANSIENT),
            Self::NetworkDown
            | Self::DnsUnavailable
            | Self::CaptivePortal
            | Self::TlsNotTold
            | Self::ClockUnknown
            | Self::OwnerUnclear
            | Self::RolesNotTold
            | Self::RoleMoreThanNeeded
            | Self::EntryProbable
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
            | Self::TokenSameAsNew
            | Self::TokenIsMonitoring
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
        Some(Condition { severity, probes: looks })
    }

    /// Returns whether the code is a transient problem, which neither confirms nor refutes earlier findings.
    pub(super) fn is_transient(self) -> bool {
        // Low rate limits come and go as well, but they were read from a complete response.
        let is_from_response = matches!(self, Self::RateLow | Self::RateOtherConsumers);
        !is_from_response && self.condition().is_some_and(|one| one.probes == TRANSIENT)
    }

    /// Returns whether the response lacked the answer. It does not refute an earlier finding.
    pub(super) fn is_missing_answer(self) -> bool {
        matches!(self, Self::ClockUnknown | Self::RateNotTold)
    }

    /// Returns whether something can no longer be determined. An observed loss of the same severity has precedence.
    pub(super) fn is_no_longer_known(self) -> bool {
        self == Self::RolesNoLongerTold
    }

    /// Returns whether the code is about the whole keychain, so that no secret can be read.
    #[must_use]
    pub fn is_keychain(self) -> bool {
        matches!(self, Self::KeychainMissing | Self::KeychainLocked | Self::KeychainDenied | Self::KeychainFailed)
    }

    /// Returns whether the code is about this computer's network, which is never an alarm.
    #[must_use]
    pub fn is_offline(self) -> bool {
        matches!(self, Self::NetworkDown | Self::DnsUnavailable | Self::CaptivePortal)
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn a_problem_of_this_computers_network_is_never_an_alarm() {
        for code in Code::VARIANTS.iter().filter(|code| code.is_offline()) {
            assert_eq!(code.condition().map(|one| one.severity), Some(Severity::Quiet), "{code}");
        }
    }
}

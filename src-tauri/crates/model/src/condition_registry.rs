//! The registry of standing conditions: what a code means once the guide is done, and after how many looks it is shown.
//!
//! One table for tray, window, notices, command line and diagnostics. Severity is about **ingestion**: `Stopped` says that
//! Radiant cannot be receiving, `InDoubt` that it may not be, `Attention` that something wants a decision or cannot be told
//! any longer, `Quiet` that the row tells it and no face changes. The two in the middle share a face; the graver one is told. A fault of this computer's network is `Quiet` too: it says nothing about Okta or
//! Radiant. The figures are ours; no source gives any.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;

/// How much a condition weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// NotifiedState by its row alone.
    Quiet,
    /// Wants a decision, or can no longer be told.
    Attention,
    /// Whether events arrive at this moment is in doubt, or nothing of it can be seen any longer. More than a decision that
    /// waits, less than proof.
    InDoubt,
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
            | Self::KeychainFailed => (Severity::InDoubt, PASSING),
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
            | Self::Internal => (Severity::Attention, PASSING),
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
        Some(Condition { severity, looks })
    }

    /// Tells whether the code is a fault of the moment, which says nothing about what was found before.
    pub(super) fn is_passing(self) -> bool {
        // Little head-room comes and goes as well, but it was read from an answer that was not lost.
        let read = matches!(self, Self::RateLow | Self::RateOtherConsumers);
        !read && self.condition().is_some_and(|one| one.looks == PASSING)
    }

    /// Tells whether the code says that an answer left out what was asked for: no word against what another one told.
    pub(super) fn is_silence(self) -> bool {
        matches!(self, Self::ClockUnknown | Self::RateNotTold)
    }

    /// Tells whether the code says that something can no longer be told: what was seen to be gone comes before it.
    pub(super) fn is_out_of_sight(self) -> bool {
        self == Self::RolesNoLongerTold
    }

    /// Tells whether the code is about the keychain as a whole: then no secret in it can be read.
    #[must_use]
    pub fn is_keychain(self) -> bool {
        matches!(self, Self::KeychainMissing | Self::KeychainLocked | Self::KeychainDenied | Self::KeychainFailed)
    }

    /// Tells whether the code is about this computer's own way to the network, which is never an alarm.
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
    fn nothing_about_this_computers_network_is_ever_an_alarm() {
        for code in Code::VARIANTS.iter().filter(|code| code.is_offline()) {
            assert_eq!(code.condition().map(|one| one.severity), Some(Severity::Quiet), "{code}");
        }
    }
}

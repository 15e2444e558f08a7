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

/// Every code in exactly one group. `None`: no check reports it.
const REGISTRY: [(Option<Condition>, &[Code]); 9] = [
    (
        after(Severity::Stopped, 1),
        &[
            Code::TokenRefused,
            Code::TokenNotAccepted,
            Code::OwnerNotActive,
            Code::LogsRefused,
            Code::LogsFeatureOff,
            Code::OrgUnknown,
            Code::CustomDomainMismatch,
        ],
    ),
    (after(Severity::Stopped, ARRIVAL), &[Code::RadiantNoEvents, Code::RadiantNoMatch]),
    (
        after(Severity::InDoubt, 1),
        &[
            Code::TokenRestricted,
            Code::MonitoringTokenRefused,
            Code::MonitoringOwnerNotActive,
            Code::MonitoringLogsRefused,
            Code::TokenMissing,
            Code::TlsUntrusted,
            Code::TlsChainIncomplete,
            Code::TlsExpired,
            Code::TlsWrongHost,
            Code::RedirectRefused,
            Code::AddressBlocked,
            Code::KeychainMissing,
            Code::KeychainNoSessionBus,
            Code::KeychainStopped,
            Code::KeychainNoDefaultCollection,
            Code::KeychainDenied,
            Code::KeychainEntryGone,
            Code::OktaQuiet,
            Code::EventsWebhookTokenMissing,
            Code::RelayStopped,
            Code::RelayHeld,
            Code::RelayEverythingRejected,
            Code::RelayBehind,
            Code::RelayBacklogFull,
            Code::RelayForbidden,
        ],
    ),
    (after(Severity::InDoubt, ARRIVAL), &[Code::RadiantLagging]),
    (
        after(Severity::InDoubt, TRANSIENT),
        &[
            Code::NotOkta,
            Code::ResponderUnknown,
            Code::RequestRejected,
            Code::DnsNotFound,
            Code::ConnectionRefused,
            Code::ConnectionReset,
            Code::TimedOut,
            Code::TlsFailed,
            Code::ProxyFailed,
            Code::OktaUnavailable,
            Code::OktaReadRefused,
            Code::CheckTimedOut,
            Code::OktaRateLimited,
            Code::KeychainLocked,
            Code::KeychainFailed,
        ],
    ),
    (
        after(Severity::Attention, 1),
        &[
            Code::TlsInspected,
            Code::TlsInspectionAccepted,
            Code::RadiantTlsInspected,
            Code::RadiantTlsInspectionAccepted,
            Code::NextLinkForeign,
            Code::TokenEmpty,
            Code::TokenBoundElsewhere,
            Code::TokenOddShape,
            Code::PermissionRefused,
            Code::FeatureRefused,
            Code::OwnerIsPerson,
            Code::EntryExpiresSoon,
            Code::RolesNoLongerTold,
            Code::RoleTooSmall,
            Code::UsersRefused,
            Code::ZonesRefused,
            Code::CapabilityRefused,
            Code::ClockOff,
            Code::KeychainStoredTwice,
            Code::RadiantTokenMissing,
            Code::RadiantTokenRefused,
            Code::RadiantIndexUnset,
            Code::RadiantIndexWrong,
            Code::RadiantIndexNoMatch,
            Code::RadiantTypeUnset,
            Code::RadiantFieldWrong,
            Code::RadiantFieldMissing,
            Code::RadiantNoPositions,
            Code::RadiantByobNeeded,
            Code::RadiantQueryRefused,
            Code::RadiantHostUnusual,
            Code::RadiantHostPlainHttp,
            Code::RadiantAddressInvalid,
            Code::RelayDeadLetters,
            Code::RelayGapFound,
            Code::RelayEventsLost,
        ],
    ),
    (
        after(Severity::Attention, TRANSIENT),
        &[
            Code::OktaReadOnly,
            Code::AnswerTruncated,
            Code::AnswerTooLarge,
            Code::AnswerUnreadable,
            Code::AnswerUnexpected,
            Code::EntriesUnreadable,
            Code::OwnerNotTold,
            Code::LogsSlow,
            Code::LogsQueryRefused,
            Code::RateLow,
            Code::RateOtherConsumers,
            Code::RadiantUnreachable,
            Code::RadiantUnavailable,
            Code::RadiantRequestRejected,
            Code::RadiantSearchPartial,
            Code::RadiantClustersPartial,
            Code::RadiantSearchCutShort,
            Code::RadiantAnswerUnreadable,
            Code::RelayNotTaken,
            Code::RelayUnreachable,
            Code::Internal,
        ],
    ),
    (
        after(Severity::Quiet, 1),
        &[
            Code::NetworkDown,
            Code::DnsUnavailable,
            Code::CaptivePortal,
            Code::TlsNotTold,
            Code::ClockUnknown,
            Code::OwnerUnclear,
            Code::RolesNotTold,
            Code::RoleMoreThanNeeded,
            Code::EntryProbable,
            Code::EntryUncertain,
            Code::EntryNotTold,
            Code::EntryNetworkRestricted,
            Code::LogsEmpty,
            Code::RateNotTold,
            Code::CapabilityNotTold,
            Code::RadiantAggregationRefused,
            Code::RadiantNothingToFind,
            Code::RadiantTooSoon,
            Code::KeptForThisRunOnly,
        ],
    ),
    (
        None,
        &[
            Code::RelayRunsElsewhere,
            Code::DomainEmpty,
            Code::DomainNotAHost,
            Code::DomainPlainHttp,
            Code::DomainLookAlike,
            Code::DomainZoneItself,
            Code::DomainPlaceholder,
            Code::DomainAddress,
            Code::DomainPort,
            Code::DomainUser,
            Code::DomainIsToken,
            Code::CustomDomainNoOrg,
            Code::CustomDomainUnconfirmed,
            Code::TokenIsId,
            Code::TokenIsJwt,
            Code::TokenIsClientSecret,
            Code::TokenIsAddress,
            Code::TokenHasBlanks,
            Code::TokenTooShort,
            Code::KeychainTooLong,
            Code::TokenSameAsOld,
            Code::TokenSameAsNew,
            Code::TokenIsMonitoring,
            Code::RevocationRefused,
            Code::RevocationUnknown,
            Code::OldTokenStillValid,
            Code::StoreCorrupt,
            Code::StoreNewer,
            Code::StoreReadOnly,
            Code::DiskFull,
            Code::StoreBusy,
            Code::StoreFailed,
            Code::PreferencesDamaged,
            Code::ClipboardUnavailable,
            Code::ClipboardNotClearable,
            Code::TrayMissing,
            Code::AgentNotResponding,
            Code::AgentNotStarted,
            Code::WindowNotResponding,
            Code::BrowserFailed,
            Code::LinkRefused,
            Code::FileNotWritten,
            Code::FileNotRead,
            Code::ImportForeign,
            Code::ImportNewer,
            Code::ImportGarbled,
            Code::ImportTooLarge,
            Code::PolicyUnreadable,
            Code::PolicyUntrusted,
            Code::PolicyGarbled,
            Code::PolicyNewer,
            Code::ReauthenticationFailed,
            Code::ReauthenticationDismissed,
            Code::ReauthenticationTimedOut,
            Code::ReauthenticationNoAgent,
            Code::ReauthenticationMissing,
            Code::ReauthenticationNotInstalled,
            Code::ReauthenticationNeverAsks,
            Code::QuestionEmpty,
            Code::QuestionPrivate,
            Code::DocsUnavailable,
            Code::ConnectionUnknown,
            Code::DomainUnset,
            Code::StepNotReady,
            Code::ActionsForbidden,
            Code::ActionTokenNeeded,
            Code::ActionPreviewExpired,
            Code::ActionNothingToRun,
            Code::ActionReasonMissing,
            Code::ActionNotConfirmed,
            Code::ActionRunning,
            Code::ActionAnswerLost,
            Code::ActionNotEffective,
            Code::AuditNotSealed,
            Code::BlocklistUnusable,
            Code::ZoneCreatorUnknown,
            Code::AuditEntryUnknown,
            Code::AuditUnchanged,
            Code::PracticeEnded,
            Code::PracticeNotStated,
            Code::PracticeNotHere,
            Code::PracticeFailed,
            Code::Cancelled,
            Code::NobodyChecks,
            Code::AlertAddressInvalid,
            Code::AlertAddressMissing,
            Code::AlertKeyTooShort,
            Code::AlertHostForbidden,
            Code::AlertsForbidden,
            Code::AlertRefused,
            Code::AlertUnreachable,
            Code::AlertUntrusted,
            Code::UpdateUnreachable,
            Code::UpdateTooLarge,
            Code::UpdateSignatureInvalid,
            Code::UpdateUnreadable,
            Code::UpdateOlder,
            Code::UpdateSourceInvalid,
        ],
    ),
];

const fn after(severity: Severity, probes: u32) -> Option<Condition> {
    Some(Condition { severity, probes })
}

impl Code {
    /// Returns the registry's entry for the code; `None` for a code that no check reports.
    #[must_use]
    pub fn condition(self) -> Option<Condition> {
        REGISTRY.iter().find(|(_, codes)| codes.contains(&self)).and_then(|(condition, _)| *condition)
    }

    /// Returns whether the code is a transient problem or one of this computer's network, which neither confirms nor refutes
    /// earlier findings.
    pub(super) fn is_transient(self) -> bool {
        // Low rate limits come and go as well, but they were read from a complete response.
        let is_from_response = matches!(self, Self::RateLow | Self::RateOtherConsumers);
        self.is_offline() || (!is_from_response && self.condition().is_some_and(|one| one.probes == TRANSIENT))
    }

    /// Returns whether the request was stopped before the API, so that the checks after it found out nothing.
    pub(super) fn hides_api(self) -> bool {
        let is_refused_connection = matches!(
            self,
            Self::TlsInspected
                | Self::TlsUntrusted
                | Self::TlsChainIncomplete
                | Self::TlsExpired
                | Self::TlsWrongHost
                | Self::RadiantTlsInspected
        );
        self.is_transient() || is_refused_connection || self == Self::AddressBlocked
    }

    /// Returns whether the response lacked the answer. It does not refute an earlier finding.
    pub(super) fn is_missing_answer(self) -> bool {
        matches!(self, Self::ClockUnknown | Self::RateNotTold | Self::RadiantTooSoon | Self::RadiantNothingToFind)
    }

    /// Returns whether something can no longer be determined. An observed loss of the same severity has precedence.
    pub(super) fn is_no_longer_known(self) -> bool {
        self == Self::RolesNoLongerTold
    }

    /// Returns whether the code is about the whole keychain, so that no secret can be read.
    #[must_use]
    pub fn is_keychain(self) -> bool {
        matches!(
            self,
            Self::KeychainMissing
                | Self::KeychainNoSessionBus
                | Self::KeychainStopped
                | Self::KeychainNoDefaultCollection
                | Self::KeychainLocked
                | Self::KeychainDenied
                | Self::KeychainFailed
        )
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
    fn every_code_has_exactly_one_entry() {
        for code in Code::VARIANTS {
            assert_eq!(REGISTRY.iter().flat_map(|(_, codes)| *codes).filter(|one| *one == code).count(), 1, "{code}");
        }
    }

    #[test]
    fn a_refusal_before_the_api_and_an_unknown_responder_are_conditions_and_not_the_network() {
        for code in [Code::AddressBlocked, Code::RequestRejected, Code::ResponderUnknown, Code::OrgUnknown] {
            assert!(code.condition().is_some_and(|one| one.severity > Severity::Quiet), "{code}");
            assert!(!code.is_offline(), "{code}");
        }
        assert!(Code::ResponderUnknown.is_transient(), "it keeps a known problem");
    }

    #[test]
    fn a_problem_of_this_computers_network_is_never_an_alarm() {
        for code in Code::VARIANTS.iter().filter(|code| code.is_offline()) {
            assert_eq!(code.condition().map(|one| one.severity), Some(Severity::Quiet), "{code}");
        }
    }
}

//! The repair of each condition: the one action that leads to its cure. The window shows it as the primary button of a problem.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::{CheckId, RADIANT_CHECKS};
use crate::code::Code;
use crate::connection::{Connection, Keep, Profile};
use crate::link_target::LinkTarget;
use crate::status::Status;

/// An action that leads to the cure of a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "action", content = "with", rename_all = "snake_case")]
pub enum RepairAction {
    /// Create another API token and give it to Radiant: the guide, from the creation of the token to the first event.
    ReplaceToken,
    /// Paste the stored API token again: the guide's step that pastes it.
    EnterToken,
    /// Paste another monitoring token: the guide's last step.
    ReplaceMonitoringToken,
    /// Paste another search token of Radiant: the guide's arrival step.
    ReplaceSearchToken,
    /// Correct the search settings of Radiant: the guide's arrival step.
    FixSearchSettings,
    /// Open the relay of the connection.
    OpenRelay,
    /// Enter the Okta domain again: the page that edits the connection.
    EnterDomain,
    /// Switch to the profile that needs fewer permissions: the page that edits the connection.
    SwitchProfile,
    /// Decide about the proxy before Okta: the guide's step that pastes the token.
    DecideInspection,
    /// Decide about the proxy before Radiant: the guide's arrival step.
    DecideRadiantInspection,
    /// Decide about the token's owner: the guide's step that pastes the token.
    DecideOwner,
    /// Confirm that the owner still has its roles.
    ConfirmRoles,
    /// Open the page of Okta or Radiant where the cause is.
    OpenPage(LinkTarget),
    /// Save what is needed to report the problem.
    OpenDiagnostics,
    /// Check again after a repair on this computer or its network.
    CheckAgain(LocalRepair),
    /// Wait: the problem passes by itself, and the app checks again.
    Wait(WaitReason),
}

/// A repair on this computer or its network, outside the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LocalRepair {
    /// Unlock the keychain.
    UnlockKeychain,
    /// Install, start or allow the keychain.
    Keychain,
    /// Correct the clock.
    Clock,
    /// Join a network, sign in to it, or leave one that blocks Okta.
    Network,
    /// Have the certificate or its trust corrected.
    Certificate,
    /// Start the app's background checks.
    Checks,
}

/// The reason to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// Okta is not available, or answers slowly.
    Okta,
    /// Radiant is not available, or answers in part.
    Radiant,
    /// A rate limit is used up.
    RateLimit,
    /// A single answer was unusable.
    NextAnswer,
}

const TOKENS: RepairAction = RepairAction::OpenPage(LinkTarget::OktaTokens);
const ADMINISTRATORS: RepairAction = RepairAction::OpenPage(LinkTarget::OktaAdministrators);
const RATE_LIMITS: RepairAction = RepairAction::OpenPage(LinkTarget::OktaRateLimits);
const SYSTEM_LOG: RepairAction = RepairAction::OpenPage(LinkTarget::OktaSystemLog);
const DATA_CONNECTORS: RepairAction = RepairAction::OpenPage(LinkTarget::RadiantDataConnectors);

/// Every code that determines a status. A test compares it with the registry of conditions.
const REPAIRS: &[(RepairAction, &[Code])] = &[
    (
        RepairAction::ReplaceToken,
        &[Code::TokenRefused, Code::TokenNotAccepted, Code::OwnerNotActive, Code::LogsRefused],
    ),
    (
        RepairAction::EnterToken,
        &[
            Code::TokenMissing,
            Code::TokenEmpty,
            Code::TokenBoundElsewhere,
            Code::TokenOddShape,
            Code::KeychainEntryGone,
            Code::KeychainStoredTwice,
        ],
    ),
    (
        RepairAction::ReplaceMonitoringToken,
        &[Code::MonitoringTokenRefused, Code::MonitoringOwnerNotActive, Code::MonitoringLogsRefused],
    ),
    (RepairAction::ReplaceSearchToken, &[Code::RadiantTokenMissing, Code::RadiantTokenRefused]),
    (
        RepairAction::FixSearchSettings,
        &[
            Code::RadiantIndexUnset,
            Code::RadiantIndexWrong,
            Code::RadiantIndexNoMatch,
            Code::RadiantTypeUnset,
            Code::RadiantFieldWrong,
            Code::RadiantFieldMissing,
            Code::RadiantByobNeeded,
            Code::RadiantQueryRefused,
            Code::RadiantHostUnusual,
            Code::RadiantHostPlainHttp,
            Code::RadiantAddressInvalid,
        ],
    ),
    (
        RepairAction::EnterDomain,
        &[Code::OrgUnknown, Code::CustomDomainMismatch, Code::NotOkta, Code::DnsNotFound, Code::TlsChainIncomplete],
    ),
    (
        RepairAction::OpenRelay,
        &[
            Code::EventsWebhookTokenMissing,
            Code::RelayForbidden,
            Code::RelayStopped,
            Code::RelayHeld,
            Code::RelayEverythingRejected,
            Code::RelayBehind,
            Code::RelayBacklogFull,
            Code::RelayDeadLetters,
            Code::RelayGapFound,
            Code::RelayEventsLost,
            Code::RelayNotTaken,
            Code::RelayUnreachable,
        ],
    ),
    (RepairAction::SwitchProfile, &[Code::FeatureRefused]),
    (RepairAction::DecideInspection, &[Code::TlsInspected, Code::TlsInspectionAccepted]),
    (RepairAction::DecideRadiantInspection, &[Code::RadiantTlsInspected, Code::RadiantTlsInspectionAccepted]),
    (RepairAction::DecideOwner, &[Code::OwnerIsPerson]),
    (RepairAction::ConfirmRoles, &[Code::RolesNoLongerTold]),
    (TOKENS, &[Code::TokenRestricted, Code::OwnerNotTold]),
    (
        ADMINISTRATORS,
        &[
            Code::PermissionRefused,
            Code::LogsFeatureOff,
            Code::RoleTooSmall,
            Code::UsersRefused,
            Code::ZonesRefused,
            Code::CapabilityRefused,
        ],
    ),
    (RATE_LIMITS, &[Code::RateLow, Code::RateOtherConsumers]),
    (SYSTEM_LOG, &[Code::OktaQuiet]),
    (DATA_CONNECTORS, &[Code::RadiantNoEvents, Code::RadiantNoMatch, Code::RadiantLagging, Code::EntryExpiresSoon]),
    (RepairAction::OpenPage(LinkTarget::RadiantSearchDocs), &[Code::RadiantNoPositions]),
    (RepairAction::OpenDiagnostics, &[Code::Internal]),
    (RepairAction::CheckAgain(LocalRepair::UnlockKeychain), &[Code::KeychainLocked]),
    (
        RepairAction::CheckAgain(LocalRepair::Keychain),
        &[
            Code::KeychainMissing,
            Code::KeychainNoSessionBus,
            Code::KeychainStopped,
            Code::KeychainNoDefaultCollection,
            Code::KeychainDenied,
            Code::KeychainFailed,
        ],
    ),
    (RepairAction::CheckAgain(LocalRepair::Clock), &[Code::ClockOff]),
    (
        RepairAction::CheckAgain(LocalRepair::Network),
        &[
            Code::NetworkDown,
            Code::DnsUnavailable,
            Code::CaptivePortal,
            Code::AddressBlocked,
            Code::ResponderUnknown,
            Code::RequestRejected,
            Code::RadiantRequestRejected,
            Code::RedirectRefused,
            Code::NextLinkForeign,
            Code::ConnectionRefused,
            Code::ConnectionReset,
            Code::TimedOut,
            Code::ProxyFailed,
            Code::CheckTimedOut,
            Code::RadiantUnreachable,
        ],
    ),
    (
        RepairAction::CheckAgain(LocalRepair::Certificate),
        &[Code::TlsUntrusted, Code::TlsExpired, Code::TlsWrongHost, Code::TlsFailed],
    ),
    (RepairAction::CheckAgain(LocalRepair::Checks), &[Code::NobodyChecks]),
    (
        RepairAction::Wait(WaitReason::Okta),
        &[Code::OktaUnavailable, Code::OktaReadOnly, Code::OktaReadRefused, Code::LogsSlow],
    ),
    (
        RepairAction::Wait(WaitReason::Radiant),
        &[
            Code::RadiantUnavailable,
            Code::RadiantSearchPartial,
            Code::RadiantClustersPartial,
            Code::RadiantSearchCutShort,
        ],
    ),
    (RepairAction::Wait(WaitReason::RateLimit), &[Code::OktaRateLimited]),
    (
        RepairAction::Wait(WaitReason::NextAnswer),
        &[
            Code::AnswerTruncated,
            Code::AnswerTooLarge,
            Code::AnswerUnreadable,
            Code::AnswerUnexpected,
            Code::EntriesUnreadable,
            Code::LogsQueryRefused,
            Code::RadiantAnswerUnreadable,
        ],
    ),
];

impl Code {
    /// Returns the action that leads to the cure; `None` for a code that determines no status.
    #[must_use]
    pub fn repair(self) -> Option<RepairAction> {
        REPAIRS.iter().find(|(_, codes)| codes.contains(&self)).map(|(action, _)| action.clone())
    }
}

impl RepairAction {
    /// Returns the repair of a status at its connection; `None` if the status has no problem that needs one.
    #[must_use]
    pub fn of_status(status: &Status, connection: &Connection) -> Option<Self> {
        status.severity()?;
        let action = status.problem.as_ref()?.code.repair()?;
        Some(action.at(status.row, connection))
    }

    /// Returns the action for the check that found the problem, and for the token that the connection keeps.
    fn at(self, row: Option<CheckId>, connection: &Connection) -> Self {
        let is_radiant = row.is_some_and(|row| RADIANT_CHECKS.contains(&row));
        let monitoring = connection.keep == Keep::MonitoringToken;
        match self {
            Self::EnterToken if is_radiant => Self::ReplaceSearchToken,
            Self::EnterDomain if is_radiant => Self::FixSearchSettings,
            Self::DecideInspection if is_radiant => Self::DecideRadiantInspection,
            // The stored token is the app's own; Radiant uses another one.
            Self::EnterToken | Self::ReplaceToken if monitoring => Self::ReplaceMonitoringToken,
            Self::SwitchProfile if connection.profile == Profile::Ingestion => ADMINISTRATORS,
            other @ (Self::ReplaceToken
            | Self::EnterToken
            | Self::ReplaceMonitoringToken
            | Self::ReplaceSearchToken
            | Self::FixSearchSettings
            | Self::OpenRelay
            | Self::EnterDomain
            | Self::SwitchProfile
            | Self::DecideInspection
            | Self::DecideRadiantInspection
            | Self::DecideOwner
            | Self::ConfirmRoles
            | Self::OpenPage(_)
            | Self::OpenDiagnostics
            | Self::CheckAgain(_)
            | Self::Wait(_)) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use strum::VariantArray as _;

    use super::*;
    use crate::condition_registry::Severity;
    use crate::connection::ConnectionId;
    use crate::problem::Problem;
    use crate::radiant_search_settings::RadiantSearch;
    use crate::status::State;

    fn connection(profile: Profile, keep: Keep) -> Connection {
        Connection {
            id: ConnectionId("a".to_owned()),
            name: "acme".to_owned(),
            origin: None,
            org_id: None,
            profile,
            keep,
            radiant: RadiantSearch::default(),
            created: DateTime::UNIX_EPOCH,
        }
    }

    fn repair(state: State, row: CheckId, code: Code, keep: Keep) -> Option<RepairAction> {
        let status = Status {
            state,
            problem: Some(Problem::new(code)),
            row: Some(row),
            since: None,
            arrival_verified: false,
            as_of: None,
            valid_until: None,
        };
        RepairAction::of_status(&status, &connection(Profile::Response, keep))
    }

    #[test]
    fn every_code_that_can_determine_a_status_has_exactly_one_action_and_no_other_has() {
        for code in Code::VARIANTS {
            let is_problem = code.condition().is_some_and(|one| one.severity >= Severity::Attention);
            // They determine the status once nothing could be reached, or nobody checked, for three intervals.
            let is_unknown = code.is_offline() || *code == Code::NobodyChecks;
            let count = REPAIRS.iter().flat_map(|(_, codes)| *codes).filter(|one| *one == code).count();
            assert_eq!(count, usize::from(is_problem || is_unknown), "{code}");
        }
    }

    #[test]
    fn a_problem_with_a_cure_in_the_app_or_at_a_vendor_is_never_answered_by_checking_again() {
        let passes =
            |code: &Code| code.is_offline() || code.is_keychain() || code.condition().is_some_and(|one| one.probes > 1);
        let outside = [
            Code::ClockOff,
            Code::AddressBlocked,
            Code::RedirectRefused,
            Code::NextLinkForeign,
            Code::TlsUntrusted,
            Code::TlsExpired,
            Code::TlsWrongHost,
            Code::NobodyChecks,
        ];
        for code in Code::VARIANTS.iter().filter(|code| !passes(code) && !outside.contains(code)) {
            let is_weak = matches!(code.repair(), Some(RepairAction::CheckAgain(_) | RepairAction::Wait(_)));
            assert!(!is_weak, "{code}");
        }
    }

    #[test]
    fn a_dead_token_is_replaced_where_it_is_used() {
        for code in [Code::TokenRefused, Code::OwnerNotActive, Code::LogsRefused] {
            let of = |keep| repair(State::Stopped, CheckId::Token, code, keep);
            assert_eq!(of(Keep::Token), Some(RepairAction::ReplaceToken), "{code}");
            assert_eq!(of(Keep::MonitoringToken), Some(RepairAction::ReplaceMonitoringToken), "{code}");
        }
    }

    #[test]
    fn a_problem_on_the_way_to_radiant_is_repaired_in_its_search_settings() {
        let of = |row, code| repair(State::Attention, row, code, Keep::Token);
        assert_eq!(of(CheckId::RadiantSearch, Code::DnsNotFound), Some(RepairAction::FixSearchSettings));
        assert_eq!(of(CheckId::RadiantSearch, Code::KeychainEntryGone), Some(RepairAction::ReplaceSearchToken));
        assert_eq!(of(CheckId::Domain, Code::DnsNotFound), Some(RepairAction::EnterDomain));
    }

    #[test]
    fn only_a_status_with_a_problem_has_a_repair() {
        for state in [State::Ok, State::Unwatched, State::Working, State::NeedsSetup, State::Paused] {
            assert_eq!(repair(state, CheckId::Token, Code::TokenRefused, Keep::Token), None, "{state:?}");
        }
        let unknown = repair(State::Unknown, CheckId::Domain, Code::NetworkDown, Keep::Token);
        assert_eq!(unknown, Some(RepairAction::CheckAgain(LocalRepair::Network)));
    }

    #[test]
    fn a_missing_feature_is_given_up_only_by_the_profile_that_needs_it() {
        let at = |profile| RepairAction::SwitchProfile.at(None, &connection(profile, Keep::Token));
        assert_eq!(at(Profile::Response), RepairAction::SwitchProfile);
        assert_eq!(at(Profile::Ingestion), ADMINISTRATORS);
    }
}

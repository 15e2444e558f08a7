//! Reasons that a preview of a response action gives: refusals, typed overrides and warnings. Their texts are
//! `action.refusal.<name>`, `action.override.<name>` and `action.warning.<name>` in the message catalog.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

/// A reason with the values for the placeholders of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Noted<T> {
    /// The reason.
    pub code: T,
    /// The values.
    pub args: BTreeMap<String, String>,
}

impl<T> Noted<T> {
    /// Returns a reason without values.
    #[must_use]
    pub fn new(code: T) -> Self {
        Self { code, args: BTreeMap::new() }
    }

    /// Adds a value.
    #[must_use]
    pub fn arg(mut self, key: &str, value: impl Into<String>) -> Self {
        self.args.insert(key.to_owned(), value.into());
        self
    }
}

/// Why nothing is done to a target.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActionRefusal {
    /// Nothing was typed.
    NothingTyped,
    /// Nobody was found.
    UserNotFound,
    /// Several users match (`typed`); they are the candidates of the preview.
    SeveralUsers,
    /// More users match than Okta lists at once (`typed`), so that the one who is meant may be no candidate.
    TooManyUsers,
    /// The target is listed twice.
    ListedTwice,
    /// It is the account that the API token belongs to.
    TokenOwner,
    /// It is the last active super administrator that is known.
    LastSuperAdministrator,
    /// The status does not allow the action (`status`).
    StatusForbids,
    /// The status already is what the action leads to (`status`).
    AlreadyDone,
    /// The password belongs to another directory (`directory`).
    PasswordElsewhere,
    /// It is not an address or a range.
    NotAnAddress,
    /// Blocking IPv6 addresses is switched off.
    Ipv6Off,
    /// Private, loopback, link-local, multicast or reserved.
    ReservedAddress,
    /// The range is wider than a /24 after merging.
    RangeTooWide,
    /// An address of Radiant that it publishes (`address`).
    RadiantAddress,
    /// An address from which the API token was used (`address`, `at`).
    TokenAddress,
    /// An address of a zone that the API token is bound to (`zone`).
    TokenZone,
    /// This computer's address as Okta sees it (`address`).
    OwnAddress,
    /// An address of Okta's own console (`address`).
    OktaAddress,
    /// The zone has no room for another entry (`limit`).
    ZoneFull,
    /// Okta refuses a zone of our own; the shared one has to be agreed to.
    NeedsSharedZone,
    /// An administrator signed in from the address.
    AdministratorAddress,
    /// Active entries block it already (`zone`, `entry`).
    AlreadyBlocked,
    /// The exempt zone lets every address through.
    ExemptAddress,
    /// The zone of this app is no blocklist of addresses any more.
    ZoneChanged,
    /// Another zone has the name of our zone, and it is not known to be ours (`zone`).
    ZoneNameTaken,
    /// The org has no zone that could be shared.
    NoSharedZone,
    /// The zones could not be read to their end.
    ZonesUnread,
    /// The zone is inactive, and entries of others in it would become effective again (`entries`).
    OthersEntries,
    /// The entry is not one of this app, so this app does not remove it.
    NotOurs,
    /// The audit entry cannot be undone.
    NotUndoable,
    /// It was undone already (`entry`).
    AlreadyUndone,
    /// The state is no longer the one that the action left (`status`, `actor`, `at`).
    StateChanged,
}

impl ActionRefusal {
    /// Returns the text used in JSON and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why something has to be typed before the run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActionOverride {
    /// The action cannot be undone.
    Irreversible,
    /// The user is an administrator (`roles`).
    Administrator,
    /// The roles could not be read, so the user may be an administrator.
    RolesUnread,
    /// The login that Okta returned differs from the typed text in more than case (`login`).
    OtherLogin,
    /// This app did not suspend the user, or not as the last one.
    NotSuspendedByApp,
    /// Somebody else acted on the target since (`actor`, `event`, `at`).
    ActedSince,
    /// The status changed again since the action (`at`).
    ChangedSince,
    /// An administrator signed in from the address recently (`who`, `at`).
    AdministratorAddress,
    /// This computer's address as Okta sees it is unknown.
    OwnAddressUnknown,
    /// From which addresses the token was used could not be read.
    TokenUseUnread,
    /// To which zones the token is bound could not be read.
    TokenZonesUnread,
    /// From which addresses administrators signed in could not be read.
    SignInsUnread,
    /// The shared zone is used, which others edit too (`zone`).
    SharedZone,
}

impl ActionOverride {
    /// Returns the text used in JSON and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a person should know before or after a run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActionWarning {
    /// The login differs from the typed text in case only (`login`).
    SpelledDifferently,
    /// The user was suspended before: this app cannot undo that.
    SuspendedBefore,
    /// Okta documents the action for active users only; it offers it for this status (`status`).
    StatusUncertain,
    /// Undo may leave another status than before (`status`).
    UndoMayActivate,
    /// An import from the directory may activate the account again (`directory`).
    DirectorySourced,
    /// The user is a super administrator; make sure that another person can administer the org.
    SuperAdministrator,
    /// The groups could not be read.
    GroupsUnread,
    /// The System Log could not be read, so nobody knows whether somebody else acted since.
    LogUnread,
    /// The zone is shared: others edit it too.
    SharedZone,
    /// Another active entry covers the address too (`zone`, `entry`).
    CoveredToo,
    /// The exempt zone contains the address, so a block has no effect (`zone`).
    Exempt,
    /// Changes of a zone take minutes to spread.
    TakesMinutes,
    /// Another tool's change of the shared zone may have been overwritten (`actor`, `at`).
    MayHaveOverwritten,
    /// Okta is also the sign-on to Radiant.
    SignOnToRadiant,
    /// Okta has not yet put the change into effect.
    NotYetEffective,
    /// The addresses of directory agents are not known, so that a block may reach one.
    DirectoryAgentsUnknown,
}

impl ActionWarning {
    /// Returns the text used in JSON and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

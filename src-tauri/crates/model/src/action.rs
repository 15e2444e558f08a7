//! Response actions as the window and the command line ask for them: kinds, targets, requests, previews and approvals.
//!
//! An action is previewed first. The preview names who or what was found, what will happen, what keeps running and whether it can
//! be undone. A run needs the preview's id, which is valid once and for two minutes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::action_notes::{ActionOverride, ActionRefusal, ActionWarning, Noted};
use crate::connection::ConnectionId;

/// The kinds of response actions.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Type,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActionKind {
    /// Suspend a user, then end the user's sessions.
    LockDown,
    /// Unsuspend a user.
    LiftLockdown,
    /// End a user's sessions, with OAuth tokens and remembered devices.
    EndSessions,
    /// Expire a user's password.
    ExpirePassword,
    /// Remove every factor of a user.
    ResetFactors,
    /// Block an address or range in a network zone.
    BlockAddress,
    /// Remove an entry of this app from a network zone.
    UnblockAddress,
}

impl ActionKind {
    /// Returns the text used in JSON, in the audit and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the action that undoes this one; `None` for one that cannot be undone.
    #[must_use]
    pub fn undo(self) -> Option<Self> {
        match self {
            Self::LockDown => Some(Self::LiftLockdown),
            Self::BlockAddress => Some(Self::UnblockAddress),
            Self::LiftLockdown
            | Self::EndSessions
            | Self::ExpirePassword
            | Self::ResetFactors
            | Self::UnblockAddress => None,
        }
    }

    /// Returns whether its targets are addresses; the others are users.
    #[must_use]
    pub fn is_about_addresses(self) -> bool {
        matches!(self, Self::BlockAddress | Self::UnblockAddress)
    }

    /// Returns whether every target's name must be typed before the run, because its effect cannot be undone and lasts.
    #[must_use]
    pub fn is_dangerous(self) -> bool {
        matches!(self, Self::ExpirePassword | Self::ResetFactors)
    }

    /// Returns whether it may have an end time: only one that can be undone.
    #[must_use]
    pub fn may_end(self) -> bool {
        self.undo().is_some()
    }

    /// Returns its parts in the order in which they are sent.
    #[must_use]
    pub fn parts(self) -> &'static [ActionPart] {
        match self {
            Self::LockDown => &[ActionPart::Suspend, ActionPart::EndSessions],
            Self::LiftLockdown => &[ActionPart::Unsuspend],
            Self::EndSessions => &[ActionPart::EndSessions],
            Self::ExpirePassword => &[ActionPart::ExpirePassword],
            Self::ResetFactors => &[ActionPart::ResetFactors],
            Self::BlockAddress => &[ActionPart::AddToZone],
            Self::UnblockAddress => &[ActionPart::RemoveFromZone],
        }
    }
}

/// One change in Okta that an action consists of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActionPart {
    /// Suspend the user.
    Suspend,
    /// Unsuspend the user.
    Unsuspend,
    /// End the user's sessions.
    EndSessions,
    /// Expire the password.
    ExpirePassword,
    /// Remove every factor.
    ResetFactors,
    /// Add an entry to a blocklist zone.
    AddToZone,
    /// Remove an entry from a blocklist zone.
    RemoveFromZone,
}

impl ActionPart {
    /// Returns the text used in JSON and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What an action acts on. Users are identified by Okta's id alone; login and name are for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ActionTarget {
    /// A user.
    User {
        /// Okta's id.
        id: String,
        /// The login that Okta returned.
        login: String,
        /// The name.
        name: String,
    },
    /// An address or a range of addresses.
    Address {
        /// Its shortest form, for example `198.51.100.7` or `198.51.100.0/28`.
        range: String,
    },
}

impl ActionTarget {
    /// Returns what identifies it: the user's id or the range.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::User { id, .. } => id,
            Self::Address { range } => range,
        }
    }

    /// Returns what people call it, and what is typed to confirm it: the login or the range.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::User { login, .. } => login,
            Self::Address { range } => range,
        }
    }
}

/// The statuses of a user (SPEC UserStatus). An unknown one is treated as one in which nothing is possible.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UserStatus {
    /// Created, not yet activated.
    Staged,
    /// Activated, without a password of its own yet.
    Provisioned,
    /// Active.
    Active,
    /// In password recovery.
    Recovery,
    /// The password expired.
    PasswordExpired,
    /// Locked out after failed sign-ins.
    LockedOut,
    /// Suspended.
    Suspended,
    /// Deactivated.
    Deprovisioned,
    /// A status that this version does not know.
    Unknown,
}

impl UserStatus {
    /// Parses Okta's text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "STAGED" => Self::Staged,
            "PROVISIONED" => Self::Provisioned,
            "ACTIVE" => Self::Active,
            "RECOVERY" => Self::Recovery,
            "PASSWORD_EXPIRED" => Self::PasswordExpired,
            "LOCKED_OUT" => Self::LockedOut,
            "SUSPENDED" => Self::Suspended,
            "DEPROVISIONED" => Self::Deprovisioned,
            _ => Self::Unknown,
        }
    }

    /// Returns the text used in JSON and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How the text that was typed led to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// By Okta's id.
    Id,
    /// By the login, character by character.
    Login,
    /// By a login that differs in case or accents, which Okta takes for the same.
    LoginSpelledDifferently,
    /// By the primary e-mail address.
    Email,
    /// By the part of the login before the `@`.
    ShortName,
    /// By the first or last name, or the beginning of the login or e-mail address.
    Name,
}

/// Where a user's profile comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UserSource {
    /// Okta's `credentials.provider.type`, for example `OKTA` or `ACTIVE_DIRECTORY`.
    pub provider: String,
    /// Its name.
    pub name: Option<String>,
}

/// What Okta says about a user, to be sure that it is the right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UserFacts {
    /// Okta's id.
    pub id: String,
    /// The login.
    pub login: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// First and last name.
    pub name: String,
    /// The status.
    pub status: UserStatus,
    /// When the status changed last.
    pub status_changed: Option<DateTime<Utc>>,
    /// The last sign-in.
    pub last_sign_in: Option<DateTime<Utc>>,
    /// The names of the groups; `None` if they could not be read.
    pub groups: Option<Vec<String>>,
    /// The labels of the administrator roles; `None` if they could not be read.
    pub roles: Option<Vec<String>>,
    /// The directory that the profile comes from; `None` for one of Okta's own. An import may activate the account again.
    pub directory: Option<UserSource>,
    /// Whether the API token of this run belongs to this user.
    pub is_token_owner: bool,
    /// How it was found.
    pub matched_by: MatchedBy,
}

impl UserFacts {
    /// Returns it as a target.
    #[must_use]
    pub fn target(&self) -> ActionTarget {
        ActionTarget::User { id: self.id.clone(), login: self.login.clone(), name: self.name.clone() }
    }
}

/// An entry of a zone that covers an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ZoneEntry {
    /// Okta's id of the zone.
    pub zone_id: String,
    /// The name of the zone.
    pub zone: String,
    /// The entry as Okta returned it.
    pub entry: String,
}

/// What is known about an address before it is blocked or unblocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AddressFacts {
    /// The range in its shortest form.
    pub range: String,
    /// Number of addresses, as text because it may exceed a number's range.
    pub addresses: String,
    /// The zone that is or will be changed; `None` before the app created its own.
    pub zone: Option<String>,
    /// Whether the zone is shared with others (`BlockedIpZone`).
    pub is_shared_zone: bool,
    /// Entries of that zone in use, and the limit that Okta documents for it.
    pub entries: u32,
    /// The limit.
    pub limit: u32,
    /// The entries of active blocklist zones that cover it already or will still cover it.
    pub covered_by: Vec<ZoneEntry>,
    /// The exempt entries that make a block without effect.
    pub exempt_by: Vec<ZoneEntry>,
}

/// The state of a target, as it is compared and recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TargetState {
    /// It could not be read.
    #[default]
    Unknown,
    /// A user.
    User {
        /// The status.
        status: UserStatus,
        /// When it changed last.
        status_changed: Option<DateTime<Utc>>,
    },
    /// An address.
    Address {
        /// Whether an active blocklist zone covers all of it.
        is_blocked: bool,
        /// Okta's id of the zone that this app changed or would change.
        zone_id: Option<String>,
        /// Whether that zone has the entry of this app.
        has_entry: bool,
    },
}

/// A request to preview an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActionRequest {
    /// The connection.
    pub connection: ConnectionId,
    /// The action.
    pub kind: ActionKind,
    /// The targets as they were typed, or their ids.
    pub targets: Vec<String>,
}

/// The id of a preview: random, valid once and for two minutes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct PreviewId(pub String);

/// The preview of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActionPreview {
    /// Its id, for the approval.
    pub id: PreviewId,
    /// The connection.
    pub connection: ConnectionId,
    /// The action.
    pub kind: ActionKind,
    /// When the id expires.
    pub expires_at: DateTime<Utc>,
    /// The account that the API token belongs to, which Okta will name as the actor.
    pub token_owner: String,
    /// One for each target of the request, in its order.
    pub targets: Vec<TargetPreview>,
    /// Whether and how the action can be undone.
    pub reversibility: Reversibility,
    /// What the action does not end.
    pub keeps_running: Vec<KeepsRunning>,
    /// What a person should know about the whole run.
    pub warnings: Vec<Noted<ActionWarning>>,
    /// Whether it is practice.
    pub is_practice: bool,
}

impl ActionPreview {
    /// Returns whether every target is refused, so that there is nothing to run.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.targets.iter().all(|target| !target.refusals.is_empty())
    }
}

/// The preview for one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TargetPreview {
    /// The target as it was typed.
    pub typed: String,
    /// The target that was found; `None` if none or several were.
    pub target: Option<ActionTarget>,
    /// The facts of a user.
    pub user: Option<UserFacts>,
    /// The facts of an address.
    pub address: Option<AddressFacts>,
    /// Users to choose from, where the text did not lead to one alone.
    pub candidates: Vec<UserFacts>,
    /// The audit entry that this undoes.
    pub undo_of: Option<u32>,
    /// The state before.
    pub before: TargetState,
    /// What will be sent, in order; empty if nothing is to do.
    pub parts: Vec<ActionPart>,
    /// The state that is expected afterwards.
    pub expected: TargetState,
    /// Why nothing will be done to this target.
    pub refusals: Vec<Noted<ActionRefusal>>,
    /// What must be typed before the run.
    pub overrides: Vec<RequiredOverride>,
    /// What a person should know.
    pub warnings: Vec<Noted<ActionWarning>>,
}

/// A confirmation that has to be typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RequiredOverride {
    /// Why.
    pub reason: ActionOverride,
    /// Values for the placeholders of its text.
    pub args: BTreeMap<String, String>,
    /// The text to type: the login or the range.
    pub text: String,
}

/// A typed confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TypedOverride {
    /// The index of the target in the preview.
    pub target: u32,
    /// What was typed. One text confirms every override of its target.
    pub text: String,
}

/// Whether an action can be undone.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reversibility {
    /// This app undoes all of it.
    Undoable,
    /// The suspension is undone; the sessions that ended stay ended.
    SuspensionOnly,
    /// It cannot be undone; the user signs in again.
    SignInAgain,
    /// It cannot be undone; the user sets a new password.
    NewPassword,
    /// It cannot be undone; the user enrolls every factor again, and is protected less until then.
    EnrollAgain,
    /// It is an undo itself: the action can be run again.
    RunAgain,
}

/// What keeps running after an action.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum KeepsRunning {
    /// Sessions inside web applications, until these end them.
    AppSessions,
    /// Native applications with credentials or tokens of their own.
    NativeApps,
    /// Accounts that were provisioned in applications.
    ProvisionedAccounts,
    /// Okta sessions that exist already.
    OktaSessions,
    /// Requests from the address for the minutes in which the change spreads.
    UntilItSpreads,
}

/// The approval of a preview, which starts a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActionApproval {
    /// The preview.
    pub preview: PreviewId,
    /// Why, for the audit. It must not be blank.
    pub reason: String,
    /// A ticket number.
    pub ticket: Option<String>,
    /// When the app reminds of the end.
    pub ends_at: Option<DateTime<Utc>>,
    /// The typed confirmations.
    pub typed: Vec<TypedOverride>,
}

/// The token that actions work with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TokenForActions {
    /// A policy forbids response actions.
    Forbidden,
    /// No response token is stored and none is held: one has to be pasted.
    Needed,
    /// The response token is stored.
    Stored,
    /// A pasted token is held in memory.
    Held {
        /// The login of its owner.
        owner: String,
        /// When it is forgotten if it is not used before.
        until: DateTime<Utc>,
    },
}

//! Response actions as the window and the command line ask for them: kinds, targets, requests, previews and approvals.
//!
//! An action is previewed first. The preview names who or what was found, what will happen, what keeps running and whether it can
//! be undone. A run needs the preview's id, which is valid once and for two minutes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::action_preview_reasons::{ActionOverride, ActionRefusal, ActionWarning, Noted};
pub use crate::action_target::{
    ActionTarget, AddressFacts, MatchedBy, TargetState, UserFacts, UserSource, UserStatus, ZoneEntry,
};
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

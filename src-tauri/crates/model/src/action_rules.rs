//! The rules of response actions on users: what is possible in each status, who is protected, and what a lost answer means. Pure.
//!
//! Okta documents suspension for active users only (DOCS, field case F64), but the links of a single user offer it for others
//! (REAL). An offered verb is therefore tried with a warning; one that is neither documented nor offered is refused.

use chrono::{DateTime, Utc};

use crate::action::{
    ActionKind, ActionPart, KeepsRunning, MatchedBy, RequiredOverride, Reversibility, TargetState, UserFacts,
    UserStatus,
};
use crate::action_preview_reasons::{ActionOverride, ActionRefusal, ActionWarning, Noted};
use crate::action_run::ActionOutcome;

/// Okta's type of the role that can administer everything.
pub const SUPER_ADMIN: &str = "SUPER_ADMIN";

/// Whether a part can be sent for a user in a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Possibility {
    /// Okta documents it.
    Documented,
    /// Okta offers it for this user, but does not document it for this status.
    Offered,
    /// The state that it leads to is reached.
    Reached,
    /// Okta would refuse it.
    Forbidden,
}

/// Returns whether a part can be sent. `offered` are the names in the `_links` of the user.
#[must_use]
pub fn possibility(part: ActionPart, status: UserStatus, offered: &[String]) -> Possibility {
    let if_offered = |name: &str| {
        if offered.iter().any(|one| one == name) { Possibility::Offered } else { Possibility::Forbidden }
    };
    match (part, status) {
        (_, UserStatus::Deprovisioned | UserStatus::Unknown) => Possibility::Forbidden,
        (ActionPart::Suspend, UserStatus::Suspended) => Possibility::Reached,
        (ActionPart::Suspend, UserStatus::Active) => Possibility::Documented,
        (ActionPart::Suspend, _) => if_offered("suspend"),
        (ActionPart::Unsuspend, UserStatus::Suspended) => Possibility::Documented,
        (ActionPart::Unsuspend, UserStatus::Active) => Possibility::Reached,
        (ActionPart::Unsuspend, _) => Possibility::Forbidden,
        (ActionPart::EndSessions, UserStatus::Staged) => Possibility::Reached,
        (ActionPart::EndSessions, _) => Possibility::Documented,
        (ActionPart::ExpirePassword, UserStatus::Active) => Possibility::Documented,
        (ActionPart::ExpirePassword, UserStatus::PasswordExpired) => Possibility::Reached,
        (ActionPart::ExpirePassword, _) => if_offered("expirePassword"),
        (ActionPart::ResetFactors, UserStatus::Active | UserStatus::PasswordExpired | UserStatus::LockedOut) => {
            Possibility::Documented
        }
        (ActionPart::ResetFactors, _) => if_offered("resetFactors"),
        (ActionPart::AddToZone | ActionPart::RemoveFromZone, _) => Possibility::Forbidden,
    }
}

/// What will be done to a user, or why nothing will.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPlan {
    /// The parts to send, in order.
    pub parts: Vec<ActionPart>,
    /// The state that is expected afterwards.
    pub expected: TargetState,
    /// Why nothing is done.
    pub refusals: Vec<Noted<ActionRefusal>>,
    /// What a person should know.
    pub warnings: Vec<Noted<ActionWarning>>,
}

/// Returns what an action does to a user in a status.
#[must_use]
pub fn user_plan(kind: ActionKind, status: UserStatus, offered: &[String]) -> UserPlan {
    let mut plan = UserPlan::default();
    let possible: Vec<_> = kind.parts().iter().map(|part| (*part, possibility(*part, status, offered))).collect();
    if possible.iter().any(|(_, possible)| *possible == Possibility::Forbidden) {
        plan.refusals.push(Noted::new(ActionRefusal::StatusForbids).arg("status", status.as_str()));
        return plan;
    }
    for (part, possible) in possible {
        match possible {
            Possibility::Documented => plan.parts.push(part),
            Possibility::Offered => {
                plan.parts.push(part);
                plan.warnings.push(Noted::new(ActionWarning::StatusUncertain).arg("status", status.as_str()));
            }
            Possibility::Reached | Possibility::Forbidden => {}
        }
    }
    if plan.parts.is_empty() {
        plan.refusals.push(Noted::new(ActionRefusal::AlreadyDone).arg("status", status.as_str()));
        return plan;
    }
    if kind == ActionKind::LockDown && status == UserStatus::Suspended {
        plan.warnings.push(Noted::new(ActionWarning::SuspendedBefore));
    } else if kind == ActionKind::LockDown && status != UserStatus::Active {
        plan.warnings.push(Noted::new(ActionWarning::UndoMayActivate).arg("status", status.as_str()));
    }
    plan.expected = TargetState::User { status: expected_status(kind, status), status_changed: None };
    plan
}

/// Returns the status that an action leads to.
fn expected_status(kind: ActionKind, before: UserStatus) -> UserStatus {
    match kind {
        ActionKind::LockDown => UserStatus::Suspended,
        ActionKind::LiftLockdown => UserStatus::Active,
        ActionKind::ExpirePassword => UserStatus::PasswordExpired,
        ActionKind::EndSessions | ActionKind::ResetFactors | ActionKind::BlockAddress | ActionKind::UnblockAddress => {
            before
        }
    }
}

/// What protects users, besides their status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserGuards {
    /// The types of the user's active roles; `None` if they could not be read.
    pub role_kinds: Option<Vec<String>>,
    /// Whether the owner of the API token is known to be an active super administrator.
    pub owner_is_super_admin: bool,
    /// The text that was typed.
    pub typed: String,
}

/// What the guards say about a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardVerdict {
    /// Why nothing is done.
    pub refusals: Vec<Noted<ActionRefusal>>,
    /// What must be typed.
    pub overrides: Vec<RequiredOverride>,
    /// What a person should know.
    pub warnings: Vec<Noted<ActionWarning>>,
}

/// Judges whether an action may be run on a user. An undo is never refused for the user's roles: it gives access back.
#[must_use]
pub fn user_guards(kind: ActionKind, user: &UserFacts, guards: &UserGuards) -> GuardVerdict {
    let mut verdict = GuardVerdict::default();
    let mut confirm = |reason: ActionOverride, args: &[(&str, &str)]| {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        verdict.overrides.push(RequiredOverride { reason, args, text: user.login.clone() });
    };
    if kind.is_dangerous() {
        confirm(ActionOverride::Irreversible, &[]);
    }
    match user.matched_by {
        MatchedBy::LoginSpelledDifferently if !differs_in_case_only(&guards.typed, &user.login) => {
            confirm(ActionOverride::OtherLogin, &[("login", &user.login), ("typed", guards.typed.trim())]);
        }
        MatchedBy::LoginSpelledDifferently => {
            verdict.warnings.push(Noted::new(ActionWarning::SpelledDifferently).arg("login", &user.login));
        }
        MatchedBy::Id | MatchedBy::Login | MatchedBy::Email | MatchedBy::ShortName | MatchedBy::Name => {}
    }
    if kind != ActionKind::LiftLockdown {
        guard_administrator(kind, user, guards, &mut verdict);
    }
    if kind == ActionKind::ExpirePassword && !has_password_in_okta(user) {
        let directory = user.directory.as_ref().map_or("", |source| source.provider.as_str());
        verdict.refusals.push(Noted::new(ActionRefusal::PasswordElsewhere).arg("directory", directory));
    }
    if let Some(source) = user.directory.as_ref().filter(|_| kind == ActionKind::LockDown) {
        let name = source.name.as_deref().unwrap_or(&source.provider);
        verdict.warnings.push(Noted::new(ActionWarning::DirectorySourced).arg("directory", name));
    }
    if user.groups.is_none() {
        verdict.warnings.push(Noted::new(ActionWarning::GroupsUnread));
    }
    verdict
}

/// Protects the token's owner, the last super administrator and, by a typed name, every other administrator.
fn guard_administrator(kind: ActionKind, user: &UserFacts, guards: &UserGuards, verdict: &mut GuardVerdict) {
    if user.is_token_owner {
        verdict.refusals.push(Noted::new(ActionRefusal::TokenOwner));
        return;
    }
    let mut confirm = |reason: ActionOverride, args: &[(&str, String)]| {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        verdict.overrides.push(RequiredOverride { reason, args, text: user.login.clone() });
    };
    match &guards.role_kinds {
        None => confirm(ActionOverride::RolesUnread, &[]),
        Some(kinds) if kinds.is_empty() => {}
        Some(kinds) => {
            let is_super_admin = kinds.iter().any(|kind| kind == SUPER_ADMIN);
            // Only a suspension takes the role away; ended sessions leave it.
            if is_super_admin && kind == ActionKind::LockDown && !guards.owner_is_super_admin {
                verdict.refusals.push(Noted::new(ActionRefusal::LastSuperAdministrator));
                return;
            }
            let roles = user.roles.as_ref().map(|roles| roles.join(", ")).unwrap_or_default();
            confirm(ActionOverride::Administrator, &[("roles", roles)]);
            if is_super_admin {
                verdict.warnings.push(Noted::new(ActionWarning::SuperAdministrator));
            }
        }
    }
}

/// Returns whether Okta or Active Directory, where Okta can expire it too, has the password (DOCS expire_password).
fn has_password_in_okta(user: &UserFacts) -> bool {
    user.directory.as_ref().is_none_or(|source| source.provider == "ACTIVE_DIRECTORY")
}

/// Returns how a typed text names a user.
#[must_use]
pub fn matched_by(typed: &str, id: &str, login: &str, email: Option<&str>) -> MatchedBy {
    let typed = typed.trim();
    let is_short_name = login.split_once('@').is_some_and(|(short, _)| short == typed);
    if typed == id {
        MatchedBy::Id
    } else if typed == login {
        MatchedBy::Login
    } else if email.is_some_and(|email| email == typed) {
        MatchedBy::Email
    } else if is_short_name {
        MatchedBy::ShortName
    } else if typed.contains('@') && differs_in_case_only(typed, login) {
        MatchedBy::LoginSpelledDifferently
    } else if typed.contains('@') && email.is_some_and(|email| differs_in_case_only(typed, email)) {
        MatchedBy::Email
    } else if typed.contains('@') {
        // Okta folds more than this app does; the person has to confirm the login.
        MatchedBy::LoginSpelledDifferently
    } else {
        MatchedBy::Name
    }
}

fn differs_in_case_only(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Returns whether and how an action can be undone.
#[must_use]
pub fn reversibility(kind: ActionKind) -> Reversibility {
    match kind {
        ActionKind::LockDown => Reversibility::SuspensionOnly,
        ActionKind::BlockAddress => Reversibility::Undoable,
        ActionKind::EndSessions => Reversibility::SignInAgain,
        ActionKind::ExpirePassword => Reversibility::NewPassword,
        ActionKind::ResetFactors => Reversibility::EnrollAgain,
        ActionKind::LiftLockdown | ActionKind::UnblockAddress => Reversibility::RunAgain,
    }
}

/// Returns what an action does not end (okta-facts E2, E3).
#[must_use]
pub fn keeps_running(kind: ActionKind) -> &'static [KeepsRunning] {
    match kind {
        ActionKind::LockDown | ActionKind::EndSessions => {
            &[KeepsRunning::AppSessions, KeepsRunning::NativeApps, KeepsRunning::ProvisionedAccounts]
        }
        ActionKind::ExpirePassword | ActionKind::ResetFactors => {
            &[KeepsRunning::OktaSessions, KeepsRunning::AppSessions, KeepsRunning::NativeApps]
        }
        ActionKind::BlockAddress => &[KeepsRunning::UntilItSpreads, KeepsRunning::AppSessions],
        ActionKind::UnblockAddress => &[KeepsRunning::UntilItSpreads],
        ActionKind::LiftLockdown => &[],
    }
}

/// How Okta replied to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteReply {
    /// It answered with a success.
    Accepted,
    /// It refused the request, so nothing was changed.
    Refused,
    /// The request did not reach it.
    NotSent,
    /// The answer was lost: nobody knows whether something was changed.
    Lost,
    /// The answer did not come in time: something may be changed yet.
    TimedOut,
}

/// A user's status and when it changed.
pub type StatusRead = (UserStatus, Option<DateTime<Utc>>);

/// Returns the outcome of a part from Okta's reply, from the status before and after, and from whether the System Log names the
/// change. A part that no status shows is proven by the answer or by its event alone.
#[must_use]
pub fn part_outcome(
    part: ActionPart,
    reply: WriteReply,
    before: StatusRead,
    after: Option<StatusRead>,
    is_logged: bool,
) -> ActionOutcome {
    let reached = after.and_then(|(status, _)| shows(part, status));
    let was_reached = shows(part, before.0) == Some(true);
    match (reply, reached) {
        // Somebody else was faster, or it was so before.
        (WriteReply::Refused | WriteReply::NotSent, Some(true)) => ActionOutcome::NothingToDo,
        (WriteReply::Refused | WriteReply::NotSent, _) => ActionOutcome::Failed,
        (WriteReply::Accepted, Some(true)) if was_reached => ActionOutcome::NothingToDo,
        (WriteReply::Accepted, Some(true)) => ActionOutcome::Done,
        (WriteReply::Accepted, None) if shows(part, UserStatus::Active).is_none() => ActionOutcome::Done,
        (WriteReply::Accepted, Some(false) | None) => ActionOutcome::Unknown,
        (WriteReply::Lost | WriteReply::TimedOut, Some(true)) if !was_reached => ActionOutcome::Done,
        (WriteReply::Lost | WriteReply::TimedOut, _) if is_logged => ActionOutcome::Done,
        (WriteReply::Lost, Some(false)) if after == Some(before) => ActionOutcome::Failed,
        (WriteReply::Lost | WriteReply::TimedOut, _) => ActionOutcome::Unknown,
    }
}

/// Returns whether a status shows that a part took effect; `None` for a part that no status shows.
fn shows(part: ActionPart, status: UserStatus) -> Option<bool> {
    match part {
        ActionPart::Suspend => Some(status == UserStatus::Suspended),
        ActionPart::Unsuspend => Some(!matches!(status, UserStatus::Suspended | UserStatus::Unknown)),
        ActionPart::ExpirePassword => Some(status == UserStatus::PasswordExpired),
        ActionPart::EndSessions | ActionPart::ResetFactors | ActionPart::AddToZone | ActionPart::RemoveFromZone => None,
    }
}

/// Returns the event types with which the System Log records a part (event-types.json).
#[must_use]
pub fn event_types(part: ActionPart) -> &'static [&'static str] {
    match part {
        ActionPart::Suspend => &["user.lifecycle.suspend"],
        ActionPart::Unsuspend => &["user.lifecycle.unsuspend"],
        ActionPart::EndSessions => &["user.session.clear"],
        ActionPart::ExpirePassword => &["user.account.expire_password"],
        ActionPart::ResetFactors => &["user.mfa.factor.reset_all"],
        ActionPart::AddToZone | ActionPart::RemoveFromZone => {
            &["zone.update", "zone.create", "zone.activate", "zone.deactivate"]
        }
    }
}

/// Returns whether a typed text confirms a login or a range: letter case and blanks around it do not count.
#[must_use]
pub fn is_confirmed(typed: &str, text: &str) -> bool {
    !text.is_empty() && differs_in_case_only(typed, text)
}

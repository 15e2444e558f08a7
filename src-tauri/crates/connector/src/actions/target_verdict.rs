//! The preview of one target, judged by the rules. Asks nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use model::action::{ActionKind, TargetPreview, TargetState, UserFacts, UserStatus};
use model::action_preview_reasons::{ActionRefusal, ActionWarning, Noted};
use model::action_rules;

use super::run_client::RunClient;
use super::users::FoundUser;

/// Somebody else's change.
pub(super) struct ForeignChange {
    pub(super) actor: String,
    pub(super) event: String,
    pub(super) at: DateTime<Utc>,
}

/// Returns what concerns the whole run. Whether Okta is the sign-on to Radiant is not known to this app, nor from which addresses
/// the agents of a directory (AD, LDAP) connect: no source says which events show them.
pub(super) fn run_warnings(kind: ActionKind) -> Vec<Noted<ActionWarning>> {
    let warnings: &[ActionWarning] = match kind {
        ActionKind::LockDown => &[ActionWarning::SignOnToRadiant],
        ActionKind::BlockAddress => &[ActionWarning::SignOnToRadiant, ActionWarning::DirectoryAgentsUnknown],
        ActionKind::LiftLockdown
        | ActionKind::EndSessions
        | ActionKind::ExpirePassword
        | ActionKind::ResetFactors
        | ActionKind::UnblockAddress => &[],
    };
    warnings.iter().copied().map(Noted::new).collect()
}

/// Judges an action on a user.
pub(super) fn judge_user(run_client: &RunClient, kind: ActionKind, typed: &str, user: &FoundUser) -> TargetPreview {
    let plan = action_rules::user_plan(kind, user.facts.status, &user.offered);
    let verdict = action_rules::user_guards(kind, &user.facts, &user.guards(run_client, typed));
    let mut refusals = verdict.refusals;
    refusals.extend(plan.refusals);
    let mut warnings = plan.warnings;
    warnings.extend(verdict.warnings);
    TargetPreview {
        target: Some(user.facts.target()),
        user: Some(user.facts.clone()),
        before: user.state(),
        parts: if refusals.is_empty() { plan.parts } else { Vec::new() },
        expected: plan.expected,
        refusals,
        overrides: verdict.overrides,
        warnings,
        ..blank(typed)
    }
}

/// Refuses every target that an earlier one names already.
pub(super) fn refuse_repeated(targets: &mut [TargetPreview]) {
    let mut keys = BTreeSet::new();
    for target in targets {
        let Some(found) = &target.target else { continue };
        if !keys.insert(found.key().to_owned()) {
            target.refusals.push(Noted::new(ActionRefusal::ListedTwice));
            target.parts.clear();
        }
    }
}

pub(super) fn several(typed: &str, candidates: Vec<UserFacts>, is_complete: bool) -> TargetPreview {
    let code = if is_complete { ActionRefusal::SeveralUsers } else { ActionRefusal::TooManyUsers };
    let refusal = Noted::new(code).arg("typed", typed.trim());
    TargetPreview { candidates, ..refused(typed, refusal) }
}

pub(super) fn refused(typed: &str, refusal: Noted<ActionRefusal>) -> TargetPreview {
    TargetPreview { refusals: vec![refusal], ..blank(typed) }
}

pub(super) fn blank(typed: &str) -> TargetPreview {
    TargetPreview {
        typed: typed.to_owned(),
        target: None,
        user: None,
        address: None,
        candidates: Vec::new(),
        undo_of: None,
        before: TargetState::Unknown,
        parts: Vec::new(),
        expected: TargetState::Unknown,
        refusals: Vec::new(),
        overrides: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Returns the status of a user's state.
pub(super) fn status_of(state: &TargetState) -> UserStatus {
    match state {
        TargetState::User { status, .. } => *status,
        TargetState::Address { .. } | TargetState::Unknown => UserStatus::Unknown,
    }
}

/// Returns the refusal for a state that somebody else changed.
pub(super) fn state_changed(user: &FoundUser, foreign: Option<&ForeignChange>) -> Noted<ActionRefusal> {
    let at = foreign.map(|change| change.at).or(user.facts.status_changed);
    Noted::new(ActionRefusal::StateChanged)
        .arg("status", user.facts.status.as_str())
        .arg("actor", foreign.map(|change| change.actor.clone()).unwrap_or_else(|| "?".to_owned()))
        .arg("at", at.map(time_arg).unwrap_or_else(|| "?".to_owned()))
}

/// Returns a time as a value of a text, which window and command line show in their own form.
pub(super) fn time_arg(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

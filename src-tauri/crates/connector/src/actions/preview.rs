//! Builds previews: finds each target, judges it and states what will happen. Changes nothing.

use std::collections::BTreeSet;

use model::action::{
    ActionKind, ActionPreview, ActionRequest, PreviewId, TargetPreview, TargetState, UserFacts, UserStatus,
};
use model::action_audit::AuditEntry;
use model::action_notes::{ActionOverride, ActionRefusal, Noted};
use model::action_rules;
use model::problem::Problem;
use uuid::Uuid;

use super::Actions;
use super::acting::Acting;
use super::previews::VALID_FOR;
use super::users::{FoundUser, Lookup};

impl Actions {
    /// Builds the preview of a request.
    pub(super) async fn build(&self, acting: &Acting, request: &ActionRequest) -> Result<ActionPreview, Problem> {
        let mut targets = Vec::with_capacity(request.targets.len());
        if request.kind.is_about_addresses() {
            targets = self.preview_addresses(acting, request.kind, &request.targets).await?;
        } else {
            for typed in &request.targets {
                targets.push(self.preview_user(acting, request.kind, typed).await?);
            }
        }
        refuse_repeated(&mut targets);
        Ok(self.preview_of(acting, request.kind, targets))
    }

    /// Returns a preview that can be approved.
    pub(super) fn preview_of(&self, acting: &Acting, kind: ActionKind, targets: Vec<TargetPreview>) -> ActionPreview {
        let now = self.now();
        let preview = ActionPreview {
            id: PreviewId(Uuid::new_v4().to_string()),
            connection: acting.connection.id.clone(),
            kind,
            expires_at: now + VALID_FOR,
            token_owner: acting.owner.login.clone(),
            targets,
            reversibility: action_rules::reversibility(kind),
            keeps_running: action_rules::keeps_running(kind).to_vec(),
            warnings: Vec::new(),
            is_practice: acting.connection.is_practice(),
        };
        self.previews.put(preview.clone(), now);
        preview
    }

    async fn preview_user(&self, acting: &Acting, kind: ActionKind, typed: &str) -> Result<TargetPreview, Problem> {
        if typed.trim().is_empty() {
            return Ok(refused(typed, Noted::new(ActionRefusal::NothingTyped)));
        }
        let user = match acting.look_up(typed).await? {
            Lookup::One(user) => user,
            Lookup::Nobody => {
                return Ok(refused(typed, Noted::new(ActionRefusal::UserNotFound).arg("typed", typed.trim())));
            }
            Lookup::Several(candidates) => return Ok(several(typed, candidates)),
        };
        let mut preview = judge_user(acting, kind, typed, &user);
        if kind == ActionKind::LiftLockdown && preview.refusals.is_empty() {
            let undo = self.in_effect(&acting.connection.id, kind, &user.facts.id).await?;
            match undo {
                Some(entry) => self.compare_with_entry(acting, &entry, &user, &mut preview).await,
                None => preview.overrides.push(model::action::RequiredOverride {
                    reason: ActionOverride::NotSuspendedByApp,
                    args: std::collections::BTreeMap::new(),
                    text: user.facts.login.clone(),
                }),
            }
        }
        Ok(preview)
    }

    /// Returns the newest entry that `undo` would undo for a target.
    pub(super) async fn in_effect(
        &self,
        id: &model::connection::ConnectionId,
        undo: ActionKind,
        key: &str,
    ) -> Result<Option<AuditEntry>, Problem> {
        let id = id.clone();
        let entries = self.records.read(move |tx| tx.audit_in_effect(&id)).await?;
        let is_wanted =
            |entry: &AuditEntry| entry.opening.kind.undo() == Some(undo) && entry.opening.target.key() == key;
        Ok(entries.into_iter().rev().find(is_wanted))
    }
}

/// Judges an action on a user.
pub(super) fn judge_user(acting: &Acting, kind: ActionKind, typed: &str, user: &FoundUser) -> TargetPreview {
    let plan = action_rules::user_plan(kind, user.facts.status, &user.offered);
    let verdict = action_rules::user_guards(kind, &user.facts, &user.guards(acting, typed));
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
fn refuse_repeated(targets: &mut [TargetPreview]) {
    let mut keys = BTreeSet::new();
    for target in targets {
        let Some(found) = &target.target else { continue };
        if !keys.insert(found.key().to_owned()) {
            target.refusals.push(Noted::new(ActionRefusal::ListedTwice));
            target.parts.clear();
        }
    }
}

fn several(typed: &str, candidates: Vec<UserFacts>) -> TargetPreview {
    let refusal = Noted::new(ActionRefusal::SeveralUsers).arg("typed", typed.trim());
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

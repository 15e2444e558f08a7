//! Undo: whether the state is still the one that an entry left, and who acted since.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use model::action::{MatchedBy, RequiredOverride, TargetPreview, TargetState, UserStatus};
use model::action_audit::AuditEntry;
use model::action_preview_reasons::{ActionOverride, ActionWarning, Noted};
use model::log_event::LogEvent;
use model::problem::Problem;

use super::run_client::RunClient;
use super::target_verdict::{ForeignChange, judge_user, state_changed, status_of, time_arg};
use super::user_preview::UserActions;
use super::users::FoundUser;

/// The events by which somebody changes what a lockdown left.
const STATUS_EVENTS: [&str; 6] = [
    "user.lifecycle.suspend",
    "user.lifecycle.unsuspend",
    "user.lifecycle.activate",
    "user.lifecycle.reactivate",
    "user.lifecycle.deactivate",
    "user.lifecycle.delete.initiated",
];

impl UserActions {
    pub(super) async fn undo_user(
        &self,
        run_client: &RunClient,
        entry: &AuditEntry,
        id: &str,
    ) -> Result<TargetPreview, Problem> {
        let undo = entry.opening.kind.undo().unwrap_or(entry.opening.kind);
        let user = run_client.read_user(id, MatchedBy::Id).await?;
        let mut preview = judge_user(run_client, undo, &user.facts.login, &user);
        self.compare_with_entry(run_client, entry, &user, &mut preview).await;
        Ok(preview)
    }

    /// Compares a suspended user with what an entry left, and says who acted since.
    pub(super) async fn compare_with_entry(
        &self,
        run_client: &RunClient,
        entry: &AuditEntry,
        user: &FoundUser,
        preview: &mut TargetPreview,
    ) {
        preview.undo_of = Some(entry.number);
        let since = entry.closing.as_ref().map_or(entry.opening.at, |closing| closing.at);
        let foreign = self.foreign_change(run_client, entry, &user.facts.id, since).await;
        if foreign.is_err() {
            preview.warnings.push(Noted::new(ActionWarning::LogUnread));
        }
        let foreign = foreign.ok().flatten();
        if user.facts.status != UserStatus::Suspended {
            preview.refusals = vec![state_changed(user, foreign.as_ref())];
            preview.parts.clear();
            return;
        }
        let left = entry.closing.as_ref().map(|closing| &closing.after);
        let changed_since = match left {
            Some(TargetState::User { status_changed: Some(left), .. }) => {
                user.facts.status_changed.filter(|now| now != left)
            }
            Some(TargetState::User { .. } | TargetState::Address { .. } | TargetState::Unknown) | None => None,
        };
        let confirm = |reason, args: &[(&str, String)]| RequiredOverride {
            reason,
            args: args.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect::<BTreeMap<_, _>>(),
            text: user.facts.login.clone(),
        };
        if let Some(change) = foreign {
            let args = [("actor", change.actor), ("event", change.event), ("at", time_arg(change.at))];
            preview.overrides.push(confirm(ActionOverride::ActedSince, &args));
        } else if let Some(at) = changed_since {
            preview.overrides.push(confirm(ActionOverride::ChangedSince, &[("at", time_arg(at))]));
        }
        let before = status_of(&entry.opening.before);
        if before != UserStatus::Active {
            preview.warnings.push(Noted::new(ActionWarning::UndoMayActivate).arg("status", before.as_str()));
        }
    }

    /// Returns the newest change of a user's status by somebody else since a time. This app's own requests are known by the ids
    /// in the audit, because another tool may use the same account.
    async fn foreign_change(
        &self,
        run_client: &RunClient,
        entry: &AuditEntry,
        user: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<ForeignChange>, Problem> {
        let types = STATUS_EVENTS.map(|one| format!("eventType eq \"{one}\"")).join(" or ");
        let filter = format!("target.id eq \"{user}\" and ({types})");
        let events = run_client.events_since(since, filter).await?;
        let ours = entry.closing.as_ref().map(|closing| closing.parts.as_slice()).unwrap_or_default();
        let is_ours = |event: &LogEvent| {
            let request = event.text("/debugContext/debugData/requestId");
            let is_request = ours.iter().any(|part| part.request_id.is_some() && part.request_id == request);
            is_request || entry.events.iter().any(|known| known.uuid == event.uuid)
        };
        // The event of this entry may be published just after its answer.
        let is_own_lost = |event: &LogEvent| {
            event.published <= since && event.text("/actor/id").as_deref() == Some(&entry.opening.token_owner_id)
        };
        let foreign = events.iter().filter(|event| !is_ours(event) && !is_own_lost(event));
        let newest = foreign.max_by_key(|event| event.published);
        Ok(newest.map(|event| ForeignChange {
            actor: event.text("/actor/alternateId").or_else(|| event.text("/actor/displayName")).unwrap_or_default(),
            event: event.event_type.clone(),
            at: event.published,
        }))
    }
}

//! Reminders: snoozed, dismissed, confirmed, and notified when they are due.

use super::{Monitor, PassScope, record_status_change, renewed_status};
use crate::connection_repository::remember_first_owner;
use crate::probe_pass::{Audience, AudienceSource, ProbeOutcome, reminder_notification};
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::monitor::MonitorState;
use model::problem::Problem;
use model::reminder::{Reminder, ReminderKind, ReminderState};
use model::reminder_rules::ReminderInput;
use model::rotation::Attestation;

impl Monitor {
    /// Snoozes a reminder for a number of days.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn snooze_reminder(
        &self,
        id: &ConnectionId,
        kind: ReminderKind,
        days: u32,
    ) -> Result<ConnectionView, Problem> {
        let now = self.records.clock.now();
        self.update_due_reminder(id, kind, move |state, due| state.snooze(due, days, now)).await
    }

    /// Dismisses a reminder for the token, the pause or the like that it is about.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn dismiss_reminder(&self, id: &ConnectionId, kind: ReminderKind) -> Result<ConnectionView, Problem> {
        self.update_due_reminder(id, kind, ReminderState::dismiss).await
    }

    /// Confirms the token's owner and its roles as they were observed last.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn confirm_owner(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.records.views().await?, id.clone());
        let confirmation = Attestation { at: views.now, by: self.operator.clone() };
        self.records
            .write(move |tx| {
                let (before, status) = (views.of(tx, &id)?, renewed_status(tx, &views, &id)?);
                let seen = ReminderInput { view: &before, settings: &views.settings }.observed_owner();
                tx.update(&id, |reminders: ReminderState| reminders.confirm(seen, confirmation))?;
                if before.monitor.conditions.iter().all(|one| one.condition.problem.code != Code::RolesNoLongerTold) {
                    return Ok(views.of(tx, &id)?);
                }
                // The unreadable roles are confirmed, so they are no longer a problem: every check runs again without it.
                tx.update(&id, |mut state: MonitorState| {
                    state.conditions.retain(|one| one.problem.code != Code::RolesNoLongerTold);
                    MonitorState { full_check_requested: true, ..state.with_new_revision() }
                })?;
                Ok(record_status_change(tx, &views, &id, &status)?)
            })
            .await
    }

    /// Returns the reminders in `scope` to notify, each once. Nothing is read or remembered for an audience of nobody.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn due_reminders(
        &self,
        scope: &PassScope,
        audience: impl Into<AudienceSource>,
    ) -> Result<Vec<ProbeOutcome>, Problem> {
        let audience = audience.into();
        if audience.now() == Audience::Nobody {
            return Ok(Vec::new());
        }
        let (views, scope) = (self.records.views().await?, scope.clone());
        let Some(context) = audience.now().context(&views.settings, views.now) else {
            return Ok(Vec::new());
        };
        self.records
            .write(move |tx| {
                let mut outcomes = Vec::new();
                for view in views.all(tx)?.into_iter().filter(|view| scope.contains(&view.connection.id)) {
                    remember_first_owner(tx, &view, &views.settings)?;
                    let (id, name) = (view.connection.id, view.connection.name);
                    let mut notification = None;
                    tx.update(&id, |reminders: ReminderState| {
                        let (found, notified) = reminder_notification(&reminders, &view.reminders, context);
                        notification = found;
                        notified
                    })?;
                    let (before, after) = (view.status.clone(), view.status);
                    if notification.is_some() {
                        outcomes.push(ProbeOutcome { id, name, before, after, notification });
                    }
                }
                Ok(outcomes)
            })
            .await
    }

    /// Changes what is remembered for a reminder that is due; for one about the whole app, at every connection.
    async fn update_due_reminder(
        &self,
        id: &ConnectionId,
        kind: ReminderKind,
        change: impl Fn(ReminderState, &Reminder) -> ReminderState + Send + 'static,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                let is_for_all = kind == ReminderKind::NoticesOff;
                let marked = if is_for_all { views.all(tx)? } else { vec![views.of(tx, &id)?] };
                for view in marked {
                    if let Some(due) = view.reminders.iter().find(|one| one.kind == kind) {
                        tx.update(&view.connection.id, |reminders| change(reminders, due))?;
                    }
                }
                Ok(views.of(tx, &id)?)
            })
            .await
    }
}

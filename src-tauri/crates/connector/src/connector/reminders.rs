//! Reminders: put off, put away, the owner confirmed again, and what is to be told.

use super::monitor::record_change;
use super::{Connector, ProbeOutcome};
use crate::monitor::{self, NotifyContext};
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::monitor::MonitorState;
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use model::reminder::{Reminder, ReminderKind, ReminderState};
use model::reminder_rules::ReminderInput;
use model::rotation::Attestation;
use store::{StoreError, WriteTx};

impl Connector {
    /// Puts a reminder off for so many days.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn put_off_reminder(
        &self,
        id: &ConnectionId,
        kind: ReminderKind,
        days: u32,
    ) -> Result<ConnectionView, Problem> {
        let now = self.0.clock.now();
        self.mark(id, kind, move |care, one| care.snooze(one, days, now)).await
    }

    /// Puts a reminder away for the token, the pause or the like that it is about.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn dismiss_reminder(&self, id: &ConnectionId, kind: ReminderKind) -> Result<ConnectionView, Problem> {
        self.mark(id, kind, ReminderState::dismiss).await
    }

    /// Notes that the token's owner and its roles, as they were seen last, are right.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn confirm_owner(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let (views, kept, id) = (self.views().await?, self.history_kept().await?, id.clone());
        let word = Attestation { at: views.now, by: self.0.operator.clone() };
        self.write(move |tx| {
            let before = views.of(tx, &id)?;
            let seen = ReminderInput { view: &before, settings: &views.settings }.observed_owner();
            tx.update(&id, |reminders: ReminderState| reminders.confirm(seen, word))?;
            if before.watch.standing.iter().all(|one| one.condition.problem.code != Code::RolesNoLongerTold) {
                return Ok(views.of(tx, &id)?);
            }
            // That the roles can no longer be read was told as a loss, and is none: every check is asked again, without a loss.
            tx.update(&id, |mut watched: MonitorState| {
                watched.standing.retain(|one| one.problem.code != Code::RolesNoLongerTold);
                MonitorState { wants_full: true, ..watched.with_new_revision() }
            })?;
            Ok(record_change(tx, &views, &id, &before.status, kept)?)
        })
        .await
    }

    /// Returns the reminders that are to be told, each once. `in_front` tells whether the window is being looked at.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn remind(&self, in_front: bool) -> Result<Vec<ProbeOutcome>, Problem> {
        let views = self.views().await?;
        let around = NotifyContext { now: views.now, quiet: views.settings.is_quiet(views.now), in_front };
        self.write(move |tx| {
            let mut tended = Vec::new();
            for view in views.all(tx)? {
                note_owner(tx, &view, &views.settings)?;
                let (id, name) = (view.connection.id, view.connection.name);
                let mut notice = None;
                tx.update(&id, |reminders: ReminderState| {
                    let (found, told) = monitor::remind(&reminders, &view.reminders, around);
                    notice = found;
                    told
                })?;
                let (before, after) = (view.status.clone(), view.status);
                tended.extend(notice.map(|notice| ProbeOutcome { id, name, before, after, notice: Some(notice) }));
            }
            Ok(tended)
        })
        .await
    }

    /// Changes what is remembered of a reminder that is due; of one about the whole app, at every connection.
    async fn mark(
        &self,
        id: &ConnectionId,
        kind: ReminderKind,
        change: impl Fn(ReminderState, &Reminder) -> ReminderState + Send + 'static,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            let everywhere = kind == ReminderKind::NoticesOff;
            let marked = if everywhere { views.all(tx)? } else { vec![views.of(tx, &id)?] };
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

/// Remembers what is seen of the owner first with the token in use.
pub(super) fn note_owner(
    tx: &mut WriteTx<'_>,
    view: &ConnectionView,
    settings: &MonitorSettings,
) -> Result<(), StoreError> {
    let first_seen =
        |reminders: ReminderState| match (ReminderInput { view, settings }).first_observed_owner(&reminders) {
            Some(owner) => ReminderState { owner: Some(owner), ..reminders },
            None => reminders,
        };
    tx.update(&view.connection.id, first_seen).map(drop)
}

//! Reminders: put off, put away, the owner confirmed again, and what is to be told.

use super::{Connector, ProbeOutcome};
use crate::monitor::{self, NotifyContext};
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::monitor::MonitorState;
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use model::reminder::{Reminder, ReminderKind, ReminderState};
use model::reminder_rules::Known;
use model::rotation::Attestation;

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
        self.mark(id, kind, move |care, one| care.put_off(one, days, now)).await
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
        let settings = self.monitor_settings().await?;
        let view = self.connection_by(id, &settings).await?;
        let seen = Known { view: &view, settings: &settings }.owner_seen();
        let word = Attestation { at: self.0.clock.now(), by: self.0.operator.clone() };
        self.change_care(id, move |care| care.confirm(seen, word)).await?;
        if view.watch.standing.iter().all(|one| one.condition.problem.code != Code::RolesNoLongerTold) {
            return self.connection(id).await;
        }
        // That the roles can no longer be read was told as a loss, and is none: every check is asked again, without a loss.
        self.change_watched(id, |mut watched| {
            watched.standing.retain(|one| one.problem.code != Code::RolesNoLongerTold);
            MonitorState { wants_full: true, ..watched.change() }
        })
        .await?;
        self.record_change(id, &view.status).await
    }

    /// Returns the reminders that are to be told, each once. `in_front` tells whether the window is being looked at.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn remind(&self, in_front: bool) -> Result<Vec<ProbeOutcome>, Problem> {
        let (settings, now) = (self.monitor_settings().await?, self.0.clock.now());
        let around = NotifyContext { now, quiet: settings.is_quiet(now), in_front };
        let mut tended = Vec::new();
        for view in self.connections_by(settings.clone()).await? {
            self.note_owner(&view, &settings).await?;
            let id = view.connection.id.clone();
            let care = self.care(&id).await?;
            let (notice, told) = monitor::remind(&care, &view.reminders, around);
            if told != care {
                self.change_care(&id, move |_| told).await?;
            }
            let (before, after, name) = (view.status.clone(), view.status, view.connection.name);
            tended.extend(notice.map(|notice| ProbeOutcome { id, name, before, after, notice: Some(notice) }));
        }
        Ok(tended)
    }

    /// Remembers what is seen of the owner first with the token in use.
    pub(super) async fn note_owner(&self, view: &ConnectionView, settings: &MonitorSettings) -> Result<(), Problem> {
        let (id, known) = (&view.connection.id, Known { view, settings });
        match known.first_seen(&self.care(id).await?) {
            Some(owner) => self.change_care(id, move |care| ReminderState { owner: Some(owner), ..care }).await,
            None => Ok(()),
        }
    }

    /// Changes what is remembered of a reminder that is due; of one about the whole app, at every connection.
    async fn mark(
        &self,
        id: &ConnectionId,
        kind: ReminderKind,
        change: impl Fn(ReminderState, &Reminder) -> ReminderState + Send + Clone + 'static,
    ) -> Result<ConnectionView, Problem> {
        let everywhere = kind == ReminderKind::NoticesOff;
        let views = if everywhere { self.connections().await? } else { vec![self.connection(id).await?] };
        for view in views {
            let due = view.reminders.into_iter().find(|one| one.kind == kind);
            let (Some(one), change) = (due, change.clone()) else { continue };
            self.change_care(&view.connection.id, move |care| change(care, &one)).await?;
        }
        self.connection(id).await
    }

    async fn care(&self, id: &ConnectionId) -> Result<ReminderState, Problem> {
        let id = id.clone();
        self.stored(move |store| store.care(&id)).await
    }

    pub(super) async fn change_care(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(ReminderState) -> ReminderState + Send + 'static,
    ) -> Result<(), Problem> {
        let id = id.clone();
        self.stored(move |store| {
            let care = store.care(&id)?;
            store.put_care(&id, &change(care))
        })
        .await
    }
}

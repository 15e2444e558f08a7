//! Watching: one look, what was seen over time, pause and settings. Which looks are taken is in `tending`.

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::Connector;
use crate::model::{
    CheckReport, Connection, ConnectionId, ConnectionView, FLOOR_S, History, Hour, Keep, MonitorChange,
    MonitorSettings, Notice, PERSON, Problem, SetupState, Span, State, Status, StatusChange, Tier, Watched, carry,
};
use crate::monitor::{self, After, Around, Before};
use crate::reports;
use crate::store::{self, Look, Store, StoreError};

/// Shortest time between looks at the practice organisation, in seconds.
const PRACTICE_FLOOR_S: u32 = 5;
/// Changes of status returned at most.
const CHANGES: u32 = 200;
pub(super) const SETTINGS: &str = "monitor";

/// What one look changed.
#[derive(Debug, Clone)]
pub struct Tended {
    /// The connection.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// Its status before the look.
    pub before: Status,
    /// Its status now.
    pub after: Status,
    /// What is worth a notice.
    pub notice: Option<Notice>,
}

impl Connector {
    /// Returns how connections are watched: as the organisation's policy fixes it, else as it was chosen here.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn monitor_settings(&self) -> Result<MonitorSettings, Problem> {
        Ok(self.fixed().await?.over(self.own_monitor_settings().await?))
    }

    /// Changes how connections are watched and returns it; whatever is not said stays as it is kept at that moment.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn change_monitor_settings(&self, change: MonitorChange) -> Result<MonitorSettings, Problem> {
        self.keep_settings(move |kept| change.made_to(kept)).await
    }

    /// Pauses notices until then, or lets them be shown again.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn pause_notices(&self, until: Option<DateTime<Utc>>) -> Result<MonitorSettings, Problem> {
        self.keep_settings(move |kept| MonitorSettings { quiet_until: until, ..kept }).await
    }

    /// Puts settings in the place of all that is kept.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_monitor_settings(&self, settings: MonitorSettings) -> Result<MonitorSettings, Problem> {
        self.keep_settings(move |_| settings).await
    }

    /// Keeps what becomes of the settings; figures out of bounds are brought into them, what the policy fixes stays fixed.
    async fn keep_settings(
        &self,
        change: impl FnOnce(MonitorSettings) -> MonitorSettings + Send + 'static,
    ) -> Result<MonitorSettings, Problem> {
        let floor = if self.practice().is_some() { PRACTICE_FLOOR_S } else { FLOOR_S };
        let (fixed, blank, now) = (self.fixed().await?, self.blank_monitor_settings(), self.0.clock.now());
        let beneath = fixed.clone();
        let put = move |kept: Option<MonitorSettings>| {
            let own = kept.unwrap_or(blank);
            beneath.beneath(change(own.clone()).bounded(floor), &own).dated(&own, now)
        };
        Ok(fixed.over(self.stored(move |store| store.change_setting(SETTINGS, put)).await?))
    }

    /// Returns what was chosen here, whatever a policy fixes.
    pub(super) async fn own_monitor_settings(&self) -> Result<MonitorSettings, Problem> {
        let kept = self.stored(|store| store.setting::<MonitorSettings>(SETTINGS)).await?;
        Ok(kept.unwrap_or_else(|| self.blank_monitor_settings()))
    }

    fn blank_monitor_settings(&self) -> MonitorSettings {
        if self.practice().is_some() { MonitorSettings::practice() } else { MonitorSettings::default() }
    }

    /// Takes one look at a connection now, due or not. `None` when another process is looking at it, or it is not watched.
    ///
    /// # Errors
    /// [`crate::model::Code::ConnectionUnknown`], or the store's problem.
    pub async fn look_now(
        &self,
        id: &ConnectionId,
        tier: Tier,
        in_front: bool,
        cancel: &CancellationToken,
    ) -> Result<Option<Tended>, Problem> {
        let view = self.connection(id).await?;
        if is_watched(&view.connection, &view.setup) { self.look(view, tier, in_front, cancel).await } else { Ok(None) }
    }

    /// Returns the look at a connection that is due now, if one is.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn due(&self, id: &ConnectionId) -> Result<Option<Tier>, Problem> {
        let (settings, watched) = (self.monitor_settings().await?, self.watched(id).await?);
        Ok(monitor::due(&watched, &settings, None, self.0.clock.now()))
    }

    /// Takes one look and keeps what it saw. `None` when another process is looking at this connection.
    pub(super) async fn look(
        &self,
        view: ConnectionView,
        tier: Tier,
        in_front: bool,
        cancel: &CancellationToken,
    ) -> Result<Option<Tended>, Problem> {
        let id = view.connection.id.clone();
        let Ok(_alone) = store::lock(&self.0.data_dir, &id) else { return Ok(None) };
        let (settings, watched) = (self.monitor_settings().await?, self.watched(&id).await?);
        let since = self.0.clock.now() - monitor::REMEMBERED;
        let of = id.clone();
        let hours = self.stored(move |store| store.hours(&of, since)).await?;
        let questions = self.questions(&view.connection, &view.setup).await?;
        let before = Before { report: view.report.as_ref(), watched: &watched, settings: &settings, hours: &hours };
        let After { report, mut watched, hour } = monitor::look(&questions, tier, before, cancel).await;
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let newest = report.as_ref().or(view.report.as_ref());
        let after = Status::of(&view.setup, newest, &watched, view.connection.keep);
        let now = self.0.clock.now();
        watched.spent = monitor::spent(&watched.spent, &questions.meter.read(), now);
        let around = Around { now, quiet: settings.is_quiet(now), in_front };
        let (notice, told) = monitor::notice(&watched.told, &after, around);
        let watched = Watched { told, ..watched };
        self.keep(&id, report, watched, hour, &view.status, &after).await?;
        Ok(Some(Tended { id, name: view.connection.name, before: view.status, after, notice }))
    }

    /// Keeps a run of checks that a person asked for: what it found is shown at once.
    pub(super) async fn keep_run(
        &self,
        view: &ConnectionView,
        since: DateTime<Utc>,
        all: bool,
        report: &CheckReport,
    ) -> Result<(), Problem> {
        let id = &view.connection.id;
        let mut watched = self.watched(id).await?;
        match monitor::offline(report, since) {
            Some(code) => watched = monitor::went_offline(watched, code, report.finished),
            None => {
                watched.standing = carry(&watched.standing, report, since, PERSON);
                watched.offline_since = None;
            }
        }
        watched.heartbeat = Some(report.finished);
        if all {
            watched.full = Some(report.finished);
            watched.freshness = Some(report.finished);
            watched.wants_full = false;
        }
        let after = Status::of(&view.setup, Some(report), &watched, view.connection.keep);
        self.keep(id, Some(report.clone()), watched, Hour::default(), &view.status, &after).await
    }

    async fn keep(
        &self,
        id: &ConnectionId,
        report: Option<CheckReport>,
        watched: Watched,
        hour: Hour,
        before: &Status,
        after: &Status,
    ) -> Result<(), Problem> {
        let (at, kept) = (self.0.clock.now(), self.history_kept().await?);
        let change = differs(before, after).then(|| StatusChange {
            at,
            state: after.state,
            problem: after.problem.clone(),
            row: after.row,
        });
        let (id, hour) = (id.clone(), monitor::counted(hour, after.state));
        self.stored(move |store| {
            if let Some(report) = report {
                store.put_report(&id, &report)?;
            }
            store.put_look(&id, &Look { at, watched: &watched, hour: &hour, change: change.as_ref(), kept })
        })
        .await
    }

    /// Asks for every check at the next look: the token, the org or the settings changed, or the network came back.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn want_full_look(&self, id: &ConnectionId) -> Result<(), Problem> {
        self.change_watched(id, |watched| Watched { wants_full: true, ..watched }).await
    }

    /// Pauses or resumes the checks of a connection. Radiant goes on as it does.
    ///
    /// # Errors
    /// [`crate::model::Code::ConnectionUnknown`], or the store's problem.
    pub async fn pause(&self, id: &ConnectionId, pause: bool) -> Result<ConnectionView, Problem> {
        let now = self.0.clock.now();
        let before = self.connection(id).await?.status;
        self.change_watched(id, move |watched| Watched {
            paused_since: pause.then(|| watched.paused_since.unwrap_or(now)),
            wants_full: true,
            ..watched
        })
        .await?;
        let view = self.connection(id).await?;
        if differs(&before, &view.status) {
            let watched = self.watched(id).await?;
            self.keep(id, None, watched, Hour::default(), &before, &view.status).await?;
        }
        Ok(view)
    }

    /// Returns what was seen of a connection over a span.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn history(&self, id: &ConnectionId, span: Span) -> Result<History, Problem> {
        let until = self.0.clock.now();
        let from = until - span.length();
        let id = id.clone();
        let (hours, changes) =
            self.stored(move |store| Ok((store.hours(&id, from)?, store.changes(&id, from, CHANGES)?))).await?;
        Ok(History::of(from, until, hours, changes))
    }

    /// Writes a connection's history as CSV, one line an hour, safe to open in a spreadsheet.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn history_csv(&self, id: &ConnectionId, span: Span) -> Result<String, Problem> {
        Ok(reports::history_csv(&self.history(id, span).await?))
    }

    pub(super) async fn watched(&self, id: &ConnectionId) -> Result<Watched, Problem> {
        let id = id.clone();
        self.stored(move |store| known(store, &id)).await
    }

    pub(super) async fn change_watched(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(Watched) -> Watched + Send + 'static,
    ) -> Result<(), Problem> {
        self.plain(id).await?;
        let id = id.clone();
        self.stored(move |store| -> Result<(), StoreError> {
            let watched = known(store, &id)?;
            store.put_watched(&id, &change(watched))
        })
        .await
    }
}

/// Where monitoring stands; before the first look, what the newest report says.
pub(super) fn known(store: &Store, id: &ConnectionId) -> Result<Watched, StoreError> {
    match store.watched(id)? {
        Some(watched) => Ok(watched),
        None => Ok(Watched::first(store.report(id)?.as_ref())),
    }
}

/// Tells whether a connection is watched: its guide is done and something was kept to ask with.
pub(super) fn is_watched(connection: &Connection, setup: &SetupState) -> bool {
    setup.finished.is_some() && connection.keep != Keep::Nothing && connection.origin.is_some()
}

/// Tells whether a status says something else than before.
fn differs(before: &Status, after: &Status) -> bool {
    let said = |status: &Status| (status.state, status.problem.as_ref().map(|problem| problem.code));
    said(before) != said(after) && after.state != State::NeedsSetup
}

//! Watching: one look, what was seen over time, pause and settings. Which looks are taken is in `tending`.

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::Connector;
use crate::checks::RunResult;
use crate::monitor::{self, After, Before, NotifyContext};
use crate::reports;
use messages::Messages;
use model::budget::RateUsage;
use model::check::CheckId;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::history::History;
use model::history::{HourPoint, HourStats, Span};
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettingsPatch;
use model::monitor_settings::{FLOOR_S, MonitorSettings};
use model::notification::NotificationEvent;
use model::policy::Policy;
use model::problem::Problem;
use model::status::Status;
use model::status::StatusChange;
use okta::LoggedRequest;
use store::{self, MonitorUpdate};

/// Shortest time between looks at the practice organisation, in seconds.
const PRACTICE_FLOOR_S: u32 = 5;
/// Changes of status returned at most; all of them are in the file.
const CHANGES: u32 = 200;
pub(super) const SETTINGS: &str = "monitor";

/// What one look changed.
#[derive(Debug, Clone)]
pub struct ProbeOutcome {
    /// The connection.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// Its status before the look.
    pub before: Status,
    /// Its status now.
    pub after: Status,
    /// What is worth a notice.
    pub notice: Option<NotificationEvent>,
}

/// Who is there to be told by a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Nobody: this process shows no notices, and what it sees is told by the one that does.
    Nobody,
    /// The desktop.
    Desktop {
        /// Whether the window is being looked at, which is notice enough.
        in_front: bool,
    },
}

impl Audience {
    /// The desktop, while the window is not being looked at.
    pub const AWAY: Self = Self::Desktop { in_front: false };

    pub(super) fn around(self, now: DateTime<Utc>, quiet: bool) -> Option<NotifyContext> {
        match self {
            Self::Nobody => None,
            Self::Desktop { in_front } => Some(NotifyContext { now, quiet, in_front }),
        }
    }
}

impl Connector {
    /// Returns how connections are watched: as the organisation's policy fixes it, else as it was chosen here.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn monitor_settings(&self) -> Result<MonitorSettings, Problem> {
        self.settings_under(&self.fixed().await?).await
    }

    /// Returns how connections are watched under a policy that was read before: the file is read once for each pass.
    pub(super) async fn settings_under(&self, fixed: &Policy) -> Result<MonitorSettings, Problem> {
        Ok(fixed.over(self.own_monitor_settings().await?))
    }

    /// Changes how connections are watched and returns it; whatever is not said stays as it is kept at that moment.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn change_monitor_settings(&self, change: MonitorSettingsPatch) -> Result<MonitorSettings, Problem> {
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
        tracing::trace!("settings are read");
        let kept = self.stored(|store| store.setting::<MonitorSettings>(SETTINGS)).await?;
        Ok(kept.unwrap_or_else(|| self.blank_monitor_settings()))
    }

    fn blank_monitor_settings(&self) -> MonitorSettings {
        if self.practice().is_some() { MonitorSettings::practice() } else { MonitorSettings::default() }
    }

    /// Takes one look at a connection now, due or not, and every check with it where that look finds a reason. `None` when
    /// another process is looking at it, or it is not watched, or what it hangs on was changed meanwhile.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn look_now(
        &self,
        id: &ConnectionId,
        tier: ProbeKind,
        audience: Audience,
        cancel: &CancellationToken,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        self.look(id, tier, (audience, &self.fixed().await?), cancel, async |_| Ok(true)).await
    }

    /// Returns the look at a connection that is due now, if one is.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn due(&self, id: &ConnectionId) -> Result<Option<ProbeKind>, Problem> {
        let (settings, watched) = (self.monitor_settings().await?, self.watched(id).await?);
        Ok(monitor::due(&watched, &settings, None, self.0.clock.now()))
    }

    /// Takes one look and keeps what it saw; every check with it where that look finds a reason and there is `room` for them
    /// now, else they are wanted at the next one.
    pub(super) async fn look(
        &self,
        id: &ConnectionId,
        tier: ProbeKind,
        (audience, fixed): (Audience, &Policy),
        cancel: &CancellationToken,
        room: impl AsyncFnOnce(RateUsage) -> Result<bool, Problem>,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let settings = self.settings_under(fixed).await?;
        let view = self.connection_by(id, &settings).await?;
        if !view.connection.is_monitored(view.setup.finished.is_some()) {
            return Ok(None);
        }
        let Ok(_alone) = store::lock(&self.0.data_dir, id) else { return Ok(None) };
        let (watched, hours) = (self.watched(id).await?, self.remembered(id).await?);
        let questions = self.questions(&view.connection, &view.setup, &settings).await?;
        let before = Before { report: view.report.as_ref(), watched: &watched, settings: &settings, hours: &hours };
        let mut after = monitor::look(&questions, tier, &before, cancel).await;
        if after.wants_all {
            let spent = monitor::spent(&watched.spent, &questions.meter.read(), self.0.clock.now());
            if room(spent).await? {
                after = monitor::all(&questions, after, &before, cancel).await;
            } else {
                after.watched.wants_full = true;
            }
        }
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let metered = questions.meter.read();
        // Notices may have been paused while it was asked.
        let settings = self.settings_under(fixed).await?;
        self.keep(&view, &settings, Seen { began: watched, after, metered, audience: Some(audience) }).await
    }

    /// Keeps a run of checks that a person asked for: what it found is shown at once.
    pub(super) async fn keep_run(
        &self,
        view: &ConnectionView,
        settings: &MonitorSettings,
        (since, all): (DateTime<Utc>, bool),
        ran: RunResult,
        metered: Vec<LoggedRequest>,
    ) -> Result<(), Problem> {
        let id = &view.connection.id;
        let (watched, hours) = (self.watched(id).await?, self.remembered(id).await?);
        let before = Before { report: view.report.as_ref(), watched: &watched, settings, hours: &hours };
        let report = Some(ran.report.clone());
        let after = monitor::asked_for(&before, ran, all, since);
        // What it measured is part of the hour; what it asked is no cost of watching.
        let after = After { hour: HourStats { requests: 0, offline: 0, ..after.hour }, report, ..after };
        self.keep(view, settings, Seen { began: watched, after, metered, audience: None }).await.map(drop)
    }

    async fn remembered(&self, id: &ConnectionId) -> Result<Vec<HourPoint>, Problem> {
        let (id, since) = (id.clone(), self.0.clock.now() - monitor::REMEMBERED);
        self.stored(move |store| store.hours(&id, since)).await
    }

    /// Keeps what was seen, together with what others changed meanwhile. A look whose questions were changed under it leaves
    /// nothing but what it asked: it returns `None`.
    async fn keep(
        &self,
        view: &ConnectionView,
        settings: &MonitorSettings,
        seen: Seen,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let (at, kept) = (self.0.clock.now(), self.history_kept().await?);
        let (of, quiet) = (view.clone(), settings.is_quiet(at));
        let id = view.connection.id.clone();
        self.stored(move |store| store.put_look(&id, at, kept, |now| seen.look(of, now, at, quiet))).await
    }

    /// Asks for every check at the next look: the token, the org or the settings changed, or the network came back.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn want_full_look(&self, id: &ConnectionId) -> Result<(), Problem> {
        self.change_watched(id, |watched| MonitorState { wants_full: true, ..watched.change() }).await
    }

    /// Pauses or resumes the checks of a connection. Radiant goes on as it does.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn pause(&self, id: &ConnectionId, pause: bool) -> Result<ConnectionView, Problem> {
        let (at, kept) = (self.0.clock.now(), self.history_kept().await?);
        let (of, view) = (id.clone(), self.connection(id).await?);
        self.stored(move |store| {
            store.put_look(&of, at, kept, |now| {
                let paused_since = pause.then(|| now.paused_since.unwrap_or(at));
                let watched = MonitorState { paused_since, wants_full: true, ..now };
                let after = view.status_with(None, &watched);
                let change = changed(&view.status, &after, at);
                (MonitorUpdate { watched, report: None, hour: HourStats::default(), change }, ())
            })
        })
        .await?;
        self.connection(id).await
    }

    /// Keeps that a person's word changed the status, if it did, and returns the connection.
    pub(super) async fn record_change(&self, id: &ConnectionId, before: &Status) -> Result<ConnectionView, Problem> {
        let (at, kept) = (self.0.clock.now(), self.history_kept().await?);
        let (of, view) = (id.clone(), self.connection(id).await?);
        let change = changed(before, &view.status, at);
        let look = |watched| (MonitorUpdate { watched, report: None, hour: HourStats::default(), change }, ());
        self.stored(move |store| store.put_look(&of, at, kept, look)).await?;
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
        self.stored(move |store| {
            let (hours, changes) = (store.hours(&id, from)?, store.changes(&id, from, CHANGES)?);
            let (report, changes_all) = (store.report(&id)?, store.changes_count(&id, from)?);
            let arrival = report.as_ref().and_then(|report| report.row(CheckId::Arrival));
            Ok(History { changes_all, ..History::of(from, until, hours, changes).compared_by(arrival) })
        })
        .await
    }

    /// Writes a connection's hours as CSV, one line each, safe to open in a spreadsheet.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn history_csv(&self, id: &ConnectionId, span: Span) -> Result<String, Problem> {
        Ok(reports::history_csv(&self.history(id, span).await?))
    }

    /// Writes all changes of a connection's status as CSV, one line each, safe to open in a spreadsheet.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn changes_csv(&self, id: &ConnectionId, span: Span, messages: &Messages) -> Result<String, Problem> {
        let (name, from) = (self.plain(id).await?.name, self.0.clock.now() - span.length());
        let id = id.clone();
        let changes = self.stored(move |store| store.changes(&id, from, u32::MAX)).await?;
        Ok(reports::changes_csv(&name, &changes, messages))
    }

    pub(super) async fn watched(&self, id: &ConnectionId) -> Result<MonitorState, Problem> {
        let id = id.clone();
        self.stored(move |store| store.watched(&id)).await
    }

    pub(super) async fn change_watched(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(MonitorState) -> MonitorState + Send + 'static,
    ) -> Result<(), Problem> {
        self.plain(id).await?;
        let id = id.clone();
        self.stored(move |store| store.change_watched(&id, change)).await
    }
}

/// What a look saw, to be kept together with what others changed while it was under way.
struct Seen {
    /// Where monitoring stood when it began.
    began: MonitorState,
    after: After,
    metered: Vec<LoggedRequest>,
    /// Who is to be told; nobody where a person asked and is looking.
    audience: Option<Audience>,
}

impl Seen {
    fn look(
        self,
        view: ConnectionView,
        now: MonitorState,
        at: DateTime<Utc>,
        quiet: bool,
    ) -> (MonitorUpdate, Option<ProbeOutcome>) {
        let Self { began, after, metered, audience } = self;
        let asked_for = audience.is_none();
        if now.changed != began.changed && !asked_for {
            let watched = MonitorState { spent: monitor::spent(&now.spent, &metered, at), ..now };
            let hour = HourStats { requests: after.hour.requests, ..HourStats::default() };
            return (MonitorUpdate { watched, report: None, hour, change: None }, None);
        }
        let spent =
            if asked_for { monitor::heard(&now.spent, &metered) } else { monitor::spent(&now.spent, &metered, at) };
        let watched = monitor::merged(&began, after.watched, now);
        let mut watched = MonitorState { spent, ..if asked_for { watched.change() } else { watched } };
        let status = view.status_with(after.report.as_ref(), &watched);
        let notice = audience.and_then(|audience| audience.around(at, quiet)).and_then(|around| {
            let (notice, told) = monitor::notice(&watched.told, &status, around);
            watched.told = told;
            notice
        });
        let change = changed(&view.status, &status, at);
        let hour = monitor::counted(after.hour, status.state);
        let ConnectionView { connection, status: before, .. } = view;
        let tended = ProbeOutcome { id: connection.id, name: connection.name, before, after: status, notice };
        (MonitorUpdate { watched, report: after.report, hour, change }, Some(tended))
    }
}

/// The change of status to be kept, when it says something else than before.
fn changed(before: &Status, after: &Status, at: DateTime<Utc>) -> Option<StatusChange> {
    let change = || StatusChange { at, state: after.state, problem: after.problem.clone(), row: after.row };
    after.is_news_after(before).then(change)
}

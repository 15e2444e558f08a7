//! Watching: one look, what was seen over time, pause and settings. Which looks are taken is in `tending`.

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::Connector;
use super::connections::Views;
use crate::monitor::{self, After, Before, NotifyContext};
use crate::probes::RunResult;
use crate::reports;
use messages::Messages;
use model::check::CheckId;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::history::History;
use model::history::{HourPoint, HourStats, Span};
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::notification::NotificationEvent;
use model::policy::Policy;
use model::problem::Problem;
use model::rate_budget::RateUsage;
use model::status::Status;
use model::status::StatusChange;
use okta::LoggedRequest;
use store::{self, MonitorUpdate, StoreError, WriteTx};

/// Changes of status returned at most; all of them are in the file.
const CHANGES: u32 = 200;

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
        room: impl AsyncFnOnce(Vec<LoggedRequest>) -> Result<bool, Problem>,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let settings = self.settings_under(fixed).await?;
        let view = self.connection_by(id, &settings).await?;
        if !view.connection.is_monitored(view.setup.finished.is_some()) {
            return Ok(None);
        }
        let Ok(_alone) = store::lock(&self.0.data_dir, id) else { return Ok(None) };
        let (watched, hours) = self.remembered(id).await?;
        let input = self.probe_input(&view.connection, &view.setup, &settings).await?;
        let before = Before { report: view.report.as_ref(), watched: &watched, settings: &settings, hours: &hours };
        let mut after = monitor::look(&input, tier, &before, cancel).await;
        if after.wants_all {
            if room(input.handles.log.entries()).await? {
                after = monitor::all(&input, after, &before, cancel).await;
            } else {
                after.watched.wants_full = true;
            }
        }
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let metered = input.handles.log.entries();
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
        let (watched, hours) = self.remembered(id).await?;
        let before = Before { report: view.report.as_ref(), watched: &watched, settings, hours: &hours };
        let report = Some(ran.report.clone());
        let after = monitor::asked_for(&before, ran, all, since);
        // What it measured is part of the hour; what it asked is no cost of watching.
        let after = After { hour: HourStats { requests: 0, offline: 0, ..after.hour }, report, ..after };
        self.keep(view, settings, Seen { began: watched, after, metered, audience: None }).await.map(drop)
    }

    async fn remembered(&self, id: &ConnectionId) -> Result<(MonitorState, Vec<HourPoint>), Problem> {
        let (id, since) = (id.clone(), self.0.clock.now() - monitor::REMEMBERED);
        self.read(move |tx| Ok((tx.monitor_state(&id)?, tx.hours(&id, since)?))).await
    }

    /// Keeps what was seen, together with what others changed meanwhile. A look whose questions were changed under it leaves
    /// nothing but what it asked: it returns `None`.
    async fn keep(
        &self,
        asked: &ConnectionView,
        settings: &MonitorSettings,
        seen: Seen,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let (views, kept) = (self.views_by(settings.clone()), self.history_kept().await?);
        let (id, org) = (asked.connection.id.clone(), asked.connection.origin.clone());
        self.write(move |tx| {
            let (at, quiet) = (views.now, views.settings.is_quiet(views.now));
            if let Some(org) = &org {
                tx.update_rate_usage(org, |usage| seen.used(&usage, at))?;
            }
            let (update, outcome) = seen.look(views.of(tx, &id)?, tx.monitor_state(&id)?, at, quiet);
            tx.record_probe(&id, at, kept, &update)?;
            Ok(outcome)
        })
        .await
    }

    /// Asks for every check at the next look: the token, the org or the settings changed, or the network came back.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn want_full_look(&self, id: &ConnectionId) -> Result<(), Problem> {
        let id = id.clone();
        self.write(move |tx| Ok(want_full(tx, &id)?)).await
    }

    /// Pauses or resumes the checks of a connection. Radiant goes on as it does.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn pause(&self, id: &ConnectionId, pause: bool) -> Result<ConnectionView, Problem> {
        let (views, kept, id) = (self.views().await?, self.history_kept().await?, id.clone());
        self.write(move |tx| {
            let before = views.of(tx, &id)?.status;
            tx.update::<MonitorState>(&id, |now| {
                let paused_since = pause.then(|| now.paused_since.unwrap_or(views.now));
                MonitorState { paused_since, wants_full: true, ..now }
            })?;
            Ok(record_change(tx, &views, &id, &before, kept)?)
        })
        .await
    }

    /// Returns what was seen of a connection over a span.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn history(&self, id: &ConnectionId, span: Span) -> Result<History, Problem> {
        let until = self.0.clock.now();
        let from = until - span.length();
        let id = id.clone();
        self.read(move |tx| {
            let (hours, changes) = (tx.hours(&id, from)?, tx.status_changes(&id, from, CHANGES)?);
            let (report, changes_all) = (tx.report(&id)?, tx.count_status_changes(&id, from)?);
            let arrival = report.as_ref().and_then(|report| report.row(CheckId::Arrival));
            Ok(History { changes_all, ..History::summarize(from, until, hours, changes).with_comparison(arrival) })
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
        let (id, from) = (id.clone(), self.0.clock.now() - span.length());
        let read = self.read(move |tx| Ok((tx.connection(&id)?.name, tx.status_changes(&id, from, u32::MAX)?)));
        let (name, changes) = read.await?;
        Ok(reports::changes_csv(&name, &changes, messages))
    }

    async fn watched(&self, id: &ConnectionId) -> Result<MonitorState, Problem> {
        let id = id.clone();
        self.read(move |tx| tx.monitor_state(&id)).await
    }
}

/// Asks for every check at the next look.
pub(super) fn want_full(tx: &mut WriteTx<'_>, id: &ConnectionId) -> Result<(), StoreError> {
    tx.update::<MonitorState>(id, |watched| MonitorState { wants_full: true, ..watched.with_new_revision() }).map(drop)
}

/// Keeps that the status is no longer what it was `before`, if it is not, and returns the connection.
pub(super) fn record_change(
    tx: &mut WriteTx<'_>,
    views: &Views,
    id: &ConnectionId,
    before: &Status,
    kept: TimeDelta,
) -> Result<ConnectionView, StoreError> {
    let (state, view) = (tx.monitor_state(id)?, views.of(tx, id)?);
    let change = changed(before, &view.status, views.now);
    let update = MonitorUpdate { state, report: None, hour: HourStats::default(), change };
    tx.record_probe(id, views.now, kept, &update)?;
    Ok(view)
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
    /// What was used of the org's rate limits by now; what a person asked for waits for nothing and is no cost of watching.
    fn used(&self, before: &RateUsage, at: DateTime<Utc>) -> RateUsage {
        match self.audience {
            Some(_) => monitor::spent(before, &self.metered, at),
            None => monitor::heard(before, &self.metered),
        }
    }

    fn look(
        self,
        view: ConnectionView,
        now: MonitorState,
        at: DateTime<Utc>,
        quiet: bool,
    ) -> (MonitorUpdate, Option<ProbeOutcome>) {
        let Self { began, after, audience, .. } = self;
        let asked_for = audience.is_none();
        let held = now.held.filter(|held| asked_for || held.until > at);
        if now.changed != began.changed && !asked_for {
            let hour = HourStats { requests: after.hour.requests, ..HourStats::default() };
            return (MonitorUpdate { state: MonitorState { held, ..now }, report: None, hour, change: None }, None);
        }
        let watched = MonitorState { held, ..monitor::merged(&began, after.watched, now) };
        let mut watched = if asked_for { watched.with_new_revision() } else { watched };
        let status = view.status_with(after.report.as_ref(), &watched);
        let notice = audience.and_then(|audience| audience.around(at, quiet)).and_then(|around| {
            let (notice, told) = monitor::notice(&watched.told, &status, around);
            watched.told = told;
            notice
        });
        let change = changed(&view.status, &status, at);
        let hour = monitor::counted(after.hour, status.state);
        let ConnectionView { connection, status: before, .. } = view;
        let outcome = ProbeOutcome { id: connection.id, name: connection.name, before, after: status, notice };
        (MonitorUpdate { state: watched, report: after.report, hour, change }, Some(outcome))
    }
}

/// The change of status to be kept, when it says something else than before.
fn changed(before: &Status, after: &Status, at: DateTime<Utc>) -> Option<StatusChange> {
    let change = || StatusChange { at, state: after.state, problem: after.problem.clone(), row: after.row };
    after.is_change_from(before).then(change)
}

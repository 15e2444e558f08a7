//! Monitoring of connections after the guide: scheduled probes, pause, history and reminders.

mod monitoring_locks;
mod pending_notifications;
mod plan;
mod probe_backoff;
mod probe_round;
mod reminders;
mod schedule;
mod status_for_notifications;
mod team_alerts;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::alert_channels_in_force::AnnouncedAlertChannels;
use crate::connection_clients::Access;
use crate::connection_repository::{ConnectionRepository, Views, history_kept, request_full_check};
use crate::probe_pass::{
    Audience, AudienceSource, ProbeContext, ProbeOutcome, ProbeRecord, ProbeRecorder, changed, run_every_check,
    run_probe,
};
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::history::{History, HourStats, Span};
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::policy::Policy;
use model::problem::Problem;
use model::status::Status;
use okta::LoggedRequest;
use store::{MonitorUpdate, ReadTx, StoreError, WriteTx, lock_monitoring};

use probe_backoff::ProbeBackoff;
use schedule::Schedule;

pub use monitoring_locks::{MonitoringLocks, PassScope};
pub use probe_backoff::ProbeFailure;
pub use probe_round::{MonitoredConnection, RoundSummary};
pub(crate) use team_alerts::{KeyedAlert, alert_context};

/// What monitoring shares with other capabilities.
pub(crate) struct MonitorHandles {
    pub(crate) records: ConnectionRepository,
    pub(crate) access: Access,
    pub(crate) recorder: ProbeRecorder,
    pub(crate) alerts: AnnouncedAlertChannels,
}

/// Monitoring of each connection.
#[derive(Clone)]
pub struct Monitor {
    records: ConnectionRepository,
    access: Access,
    recorder: ProbeRecorder,
    alerts: AnnouncedAlertChannels,
    operator: String,
    data_dir: PathBuf,
    /// The last probe of each connection when it was read last, to notice those of other processes.
    last_probes: Arc<Mutex<BTreeMap<ConnectionId, Option<DateTime<Utc>>>>>,
    failed: ProbeBackoff,
}

impl Monitor {
    pub(crate) fn new(handles: MonitorHandles, operator: String, data_dir: PathBuf) -> Self {
        let MonitorHandles { records, access, recorder, alerts } = handles;
        let (last_probes, failed) = (Arc::default(), ProbeBackoff::default());
        Self { records, access, recorder, alerts, operator, data_dir, last_probes, failed }
    }

    /// Runs the probe of a connection that is due, or a heartbeat when none is, and notifies nobody. Returns `None` when another
    /// process watches the connection: that one may have secrets which this one lacks, and its status is the right one.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn probe_unless_watched(
        &self,
        id: &ConnectionId,
        cancel: &CancellationToken,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let _lock = match lock_monitoring(&self.data_dir, id) {
            Ok(lock) => lock,
            Err(StoreError::Busy) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let kind = self.due(id).await?.unwrap_or(ProbeKind::Heartbeat);
        self.probe_now(id, kind, Audience::Nobody, cancel).await
    }

    /// Probes a connection now, due or not, and runs every check if the probe finds a reason. Returns `None` when another
    /// process probes it, when it is not monitored, or when its token, org or settings were changed meanwhile.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn probe_now(
        &self,
        id: &ConnectionId,
        kind: ProbeKind,
        audience: impl Into<AudienceSource>,
        cancel: &CancellationToken,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let fixed = self.records.settings.policy.fixed().await?;
        self.probe(id, kind, (audience.into(), &fixed), cancel, async |_, _| Ok(true)).await
    }

    /// Returns the probe of a connection that is due now, if any.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn due(&self, id: &ConnectionId) -> Result<Option<ProbeKind>, Problem> {
        let (settings, id) = (self.records.settings.get().await?, id.clone());
        let state = self.records.read(move |tx| tx.monitor_state(&id)).await?;
        let schedule = Schedule { state: &state, settings: &settings, resumed: None, now: self.records.clock.now() };
        Ok(schedule.due().next())
    }

    /// Requests every check at the next probe: the token, the org or the settings changed, or the network returned.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn request_full_check(&self, id: &ConnectionId) -> Result<(), Problem> {
        let id = id.clone();
        self.records.write(move |tx| Ok(request_full_check(tx, &id)?)).await
    }

    /// Pauses or resumes the checks of a connection. Radiant is not affected.
    ///
    /// # Errors
    /// [`model::code::Code::ConnectionUnknown`], or the store's problem.
    pub async fn pause(&self, id: &ConnectionId, pause: bool) -> Result<ConnectionView, Problem> {
        self.pause_until(id, pause, None).await
    }

    /// Pauses the checks of a connection until a time, or until a person resumes them; or resumes them.
    ///
    /// # Errors
    /// As [`Monitor::pause`].
    pub async fn pause_until(
        &self,
        id: &ConnectionId,
        pause: bool,
        until: Option<DateTime<Utc>>,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                let before = renewed_status(tx, &views, &id)?;
                tx.update::<MonitorState>(&id, |now| {
                    let paused_since = pause.then(|| now.paused_since.unwrap_or(views.now));
                    let paused_until = until.filter(|_| pause);
                    MonitorState { paused_since, paused_until, full_check_requested: true, ..now }
                })?;
                Ok(record_status_change(tx, &views, &id, &before)?)
            })
            .await
    }

    /// Resumes the checks of every connection whose pause is over.
    async fn end_pauses(&self, ids: Vec<ConnectionId>) -> Result<(), Problem> {
        for id in ids {
            match self.pause(&id, false).await {
                // It was removed meanwhile.
                Err(problem) if problem.code == Code::ConnectionUnknown => {}
                ended => drop(ended?),
            }
        }
        Ok(())
    }

    /// Returns the history of a connection over a span.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn history(&self, id: &ConnectionId, span: Span) -> Result<History, Problem> {
        self.records.history(id, span).await
    }

    /// Runs one probe and stores what it found. If the probe wants every check, they run now if `has_room` agrees, and at the
    /// next probe otherwise.
    async fn probe(
        &self,
        id: &ConnectionId,
        kind: ProbeKind,
        (audience, fixed): (AudienceSource, &Policy),
        cancel: &CancellationToken,
        has_room: impl AsyncFnOnce(&MonitorSettings, Vec<LoggedRequest>) -> Result<bool, Problem>,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let settings = self.records.settings.under(fixed).await?;
        let view = self.records.view_with(id, &settings).await?;
        if !view.connection.is_monitored(view.setup.finished.is_some()) {
            return Ok(None);
        }
        let Ok(_lock) = self.access.tokens.try_lock(id) else { return Ok(None) };
        let (began, hours) = self.recorder.remembered(id).await?;
        let mut input = self.access.probe_input(&view.connection, &view.setup, &settings).await?;
        let org = view.connection.origin.clone().ok_or(Code::DomainUnset)?;
        let unstored = self.failed.record(org, input.handles.log.clone(), self.records.clock.clone());
        let view = self.records.view_of_tokens(view, &input.history.tokens, &settings).await?;
        let before = ProbeContext { report: view.report.as_ref(), state: &began, hours: &hours };
        let run = self.access.tokens.runs.begin_with_lock(id, cancel);
        // Read after the run is registered: a later change of it ends the run.
        input.target.accepted = self.access.accepted(id).await?;
        let cancel = &run.cancel;
        let work = async {
            // On the heap, because a worker's stack is small.
            let mut result = Box::pin(run_probe(&input, kind, before, cancel)).await;
            if result.wants_full {
                if has_room(&settings, input.handles.log.entries()).await? {
                    result = Box::pin(run_every_check(&input, result, before, cancel)).await;
                } else {
                    result.state.full_check_requested = true;
                }
            }
            Ok::<_, Problem>(result)
        };
        // A request in progress must not delay the end.
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(None),
            result = work => result?,
        };
        let requests = input.handles.log.entries();
        tracing::debug!(connection = %id, ?kind, requests = requests.len(), "a probe ended");
        // Read again, because notifications may have been paused meanwhile.
        let settings = self.records.settings.under(fixed).await?;
        let record = ProbeRecord {
            began,
            result,
            requests,
            unstored: unstored.earlier(),
            tokens: Some(input.history.tokens.clone()),
            audience: Some(audience),
        };
        let outcome = self.recorder.record(&view, &settings, record).await?;
        unstored.stored();
        Ok(outcome)
    }
}

/// Returns the status as the newest probe left it. A change is recorded between two of them, because the time alone changes what
/// is shown and not what was found.
fn renewed_status(tx: &ReadTx<'_>, views: &Views, id: &ConnectionId) -> Result<Status, StoreError> {
    let state = tx.monitor_state(id)?;
    Ok(views.of(tx, id)?.renewed_status(&state, views.status_clock()))
}

/// Stores that the status is no longer `before`, if it changed, and returns the connection.
fn record_status_change(
    tx: &mut WriteTx<'_>,
    views: &Views,
    id: &ConnectionId,
    before: &Status,
) -> Result<ConnectionView, StoreError> {
    let (state, view, kept) = (tx.monitor_state(id)?, views.of(tx, id)?, history_kept(tx)?);
    let change = changed(before, &renewed_status(tx, views, id)?, views.now);
    let update = MonitorUpdate { state, report: None, hour: HourStats::default(), change, okta_time: None };
    tx.record_probe(id, views.now, kept, &update)?;
    Ok(view)
}

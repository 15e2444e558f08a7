//! Stores what a probe found, together with what others changed while it ran.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::clock_offset::okta_time;
use super::{
    NotifyContext, PassResult, ProbeContext, count_status, evaluate_manual_run, merge_states, notify_by_checks,
    unusual_silence,
};
use crate::connection_repository::{ConnectionRepository, Views, history_kept};
use crate::probes::RunResult;
use crate::rate_budget;
use crate::run_inputs::RunInputs;
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::history::{HourPoint, HourStats};
use model::monitor::MonitorState;
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use model::problem::Problem;
use model::rate_usage::RateUsage;
use model::status::{Status, StatusChange};
use okta::LoggedRequest;
use store::MonitorUpdate;

/// What one probe changed.
#[derive(Debug, Clone)]
pub struct ProbeOutcome {
    /// The connection.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// Its status before the probe.
    pub before: Status,
    /// Its status now.
    pub after: Status,
    /// The notification to show, if any.
    pub notification: Option<NotificationEvent>,
}

/// Who receives the notifications of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Nobody: this process shows no notifications. The one that does shows them later.
    Nobody,
    /// The desktop.
    Desktop {
        /// Whether the window is in front, which makes a notification unnecessary.
        in_front: bool,
    },
}

impl Audience {
    /// The desktop, while the window is not in front.
    pub const AWAY: Self = Self::Desktop { in_front: false };

    /// Returns the context of a notification; `None` when this process shows none.
    pub(crate) fn context(self, settings: &MonitorSettings, now: DateTime<Utc>) -> Option<NotifyContext> {
        let (is_quiet, patience) = (settings.is_quiet(now), settings.status_clock(now).patience());
        match self {
            Self::Nobody => None,
            Self::Desktop { in_front } => Some(NotifyContext { now, is_quiet, in_front, patience }),
        }
    }
}

/// Answers who receives the notifications whenever it is asked: the window may close or come to the front during a pass.
#[derive(Clone)]
pub struct AudienceSource(Arc<dyn Fn() -> Audience + Send + Sync>);

impl AudienceSource {
    /// Creates a source that asks `audience` each time.
    pub fn new(audience: impl Fn() -> Audience + Send + Sync + 'static) -> Self {
        Self(Arc::new(audience))
    }

    /// Returns who receives the notifications now. Not to be called within a transaction, because the answer may come from
    /// another thread.
    pub(crate) fn now(&self) -> Audience {
        (self.0)()
    }
}

impl From<Audience> for AudienceSource {
    fn from(audience: Audience) -> Self {
        Self::new(move || audience)
    }
}

/// A run of checks that a person started.
pub(crate) struct ManualRun {
    /// When it began.
    pub(crate) since: DateTime<Utc>,
    /// Whether every check ran.
    pub(crate) is_complete: bool,
    /// What it found.
    pub(crate) result: RunResult,
    /// Its requests to Okta.
    pub(crate) requests: Vec<LoggedRequest>,
    /// The tokens that it worked with; `None` when they are known to be replaced.
    pub(crate) tokens: Option<RunInputs>,
}

/// What a probe found, before it is stored.
pub(crate) struct ProbeRecord {
    /// The state of monitoring when it began.
    pub(crate) began: MonitorState,
    /// What it leaves.
    pub(crate) result: PassResult,
    /// Its requests to Okta.
    pub(crate) requests: Vec<LoggedRequest>,
    /// Requests of earlier probes that could not be stored.
    pub(crate) unstored: RateUsage,
    /// The tokens that it worked with; `None` when they are known to be replaced.
    pub(crate) tokens: Option<RunInputs>,
    /// Who is notified; `None` when a person started the run and sees the result.
    pub(crate) audience: Option<AudienceSource>,
}

/// Stores what probes find.
#[derive(Clone)]
pub(crate) struct ProbeRecorder {
    pub(crate) records: ConnectionRepository,
}

impl ProbeRecorder {
    /// Returns the state of monitoring, and the hours that an unusual silence is compared with.
    pub(crate) async fn remembered(&self, id: &ConnectionId) -> Result<(MonitorState, Vec<HourPoint>), Problem> {
        let (id, since) = (id.clone(), self.records.clock.now() - unusual_silence::HISTORY);
        self.records.read(move |tx| Ok((tx.monitor_state(&id)?, tx.hours(&id, since)?))).await
    }

    /// Stores a run of checks that a person started. As for a probe, `None` is returned when nothing was stored.
    pub(crate) async fn record_manual_run(
        &self,
        view: &ConnectionView,
        settings: &MonitorSettings,
        run: ManualRun,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let ManualRun { since, is_complete, result, requests, tokens } = run;
        let (began, hours) = self.remembered(&view.connection.id).await?;
        let before = ProbeContext { report: view.report.as_ref(), state: &began, hours: &hours };
        let report = Some(result.report.clone());
        let result = evaluate_manual_run(before, result, is_complete, since);
        // Its measurements belong to the hour; its requests are not monitoring's.
        let hour = HourStats { requests: 0, offline: 0, ..result.hour };
        let result = PassResult { hour, report, ..result };
        let record = ProbeRecord { began, result, requests, unstored: RateUsage::default(), tokens, audience: None };
        self.record(view, settings, record).await
    }

    /// Stores what a probe found. A probe whose token, org or settings were changed while it ran leaves only its requests, and
    /// `None` is returned.
    pub(crate) async fn record(
        &self,
        view: &ConnectionView,
        settings: &MonitorSettings,
        record: ProbeRecord,
    ) -> Result<Option<ProbeOutcome>, Problem> {
        let views = self.records.views_with(settings.clone());
        let (id, org) = (view.connection.id.clone(), view.connection.origin.clone());
        let audience = record.audience.as_ref().map(AudienceSource::now);
        self.records
            .write(move |tx| {
                let (at, kept) = (views.now, history_kept(tx)?);
                if let Some(org) = &org {
                    tx.update_rate_usage(org, |usage| record.rate_usage(&usage, at))?;
                }
                let (update, outcome) = record.merge(views.of(tx, &id)?, tx.monitor_state(&id)?, audience, &views);
                tx.record_probe(&id, at, kept, &update)?;
                Ok(outcome)
            })
            .await
    }
}

impl ProbeRecord {
    /// Returns the use of the org's rate limits after the probe. A run that a person started does not count.
    fn rate_usage(&self, before: &RateUsage, at: DateTime<Utc>) -> RateUsage {
        match self.audience {
            Some(_) => {
                rate_budget::record_requests(&rate_budget::with_unstored(before, &self.unstored), &self.requests, at)
            }
            None => rate_budget::observe(before, &self.requests),
        }
    }

    /// Merges the record with the stored state `now`, for the audience of this moment.
    fn merge(
        self,
        view: ConnectionView,
        now: MonitorState,
        audience: Option<Audience>,
        views: &Views,
    ) -> (MonitorUpdate, Option<ProbeOutcome>) {
        let Self { began, result, tokens, .. } = self;
        let (at, clock, is_manual) = (views.now, views.status_clock(), audience.is_none());
        let before = view.renewed_status(&now, clock);
        let held = now.hold.filter(|held| is_manual || rate_budget::is_current(held, at));
        let is_token_replaced = tokens.is_none_or(|tokens| !tokens.is_current(&view.connection, &view.secrets));
        if is_token_replaced || (now.revision != began.revision && !is_manual) {
            let hour = HourStats { requests: result.hour.requests, ..HourStats::default() };
            return (
                MonitorUpdate {
                    state: MonitorState { hold: held, ..now },
                    report: None,
                    hour,
                    change: None,
                    okta_time: None,
                },
                None,
            );
        }
        let merged = MonitorState { hold: held, ..merge_states(&began, result.state, now) };
        let mut state = if is_manual { merged.with_new_revision() } else { merged };
        let status = view.status_with(result.report.as_ref(), &state, clock);
        // Checks that were paused while it ran decide no notification.
        let audience = audience.filter(|_| state.paused_since.is_none());
        let context = audience.and_then(|audience| audience.context(&views.settings, at));
        let notification = context.and_then(|context| notify_by_checks(&mut state, &status, context));
        let change = changed(&before, &status, at);
        let hour = count_status(result.hour, status.state);
        let Connection { id, name, .. } = view.connection;
        let outcome = ProbeOutcome { id, name, before, after: status, notification };
        let okta_time = result.report.as_ref().and_then(|report| okta_time(report, at));
        (MonitorUpdate { state, report: result.report, hour, change, okta_time }, Some(outcome))
    }
}

/// Returns the change of status to store, if the new status differs in what it says.
pub(crate) fn changed(before: &Status, after: &Status, at: DateTime<Utc>) -> Option<StatusChange> {
    let change = || StatusChange { at, state: after.state, problem: after.problem.clone(), row: after.row };
    after.is_change_from(before).then(change)
}

//! Runs the probes that are due, a few at once, within the rate budget of each org.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Monitor;
use super::pass_scope::PassScope;
use super::plan::{self, Plan, PlanInput};
use crate::budget;
use crate::power_events::WakeBurst;
use crate::probe_pass::{Audience, ProbeOutcome, may_notify, next_notification};
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::policy::Policy;
use model::problem::Problem;
use model::rate_budget::{BudgetHold, RateUsage};
use okta::LoggedRequest;
use store::{ReadTx, StoreError};

/// The number of probes that run at the same time, however many connections are due after a wake.
const MAX_PARALLEL: usize = 4;

/// The result of one round of probes.
#[derive(Debug, Clone, Default)]
pub struct RoundSummary {
    /// The outcomes of the probes.
    pub outcomes: Vec<ProbeOutcome>,
    /// Connections that another process probed since the last round.
    pub elsewhere: Vec<ConnectionId>,
    /// Connections whose probes wait for the rate budget from now on.
    pub held: Vec<ConnectionId>,
    /// When the next round is due.
    pub next: Option<DateTime<Utc>>,
    /// Why the round, or a part of it, could not run.
    pub problem: Option<Problem>,
}

/// A connection as the scheduler reads it.
struct Scheduled {
    connection: Connection,
    usage: RateUsage,
    state: MonitorState,
    /// Whether it is monitored, and in the scope of the pass.
    is_monitored: bool,
}

impl Scheduled {
    fn plan_input(&self) -> PlanInput<'_> {
        let (org, is_monitored) = (self.connection.origin.as_ref(), self.is_monitored);
        PlanInput { org, usage: &self.usage, state: &self.state, is_monitored }
    }
}

impl Monitor {
    /// Runs every probe in `scope` that is due, and returns the notifications of these probes and of those of other processes.
    /// `burst` is the newest wake of this computer. What a probe finds is a status, not an error.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn run_due_probes(
        &self,
        scope: &PassScope,
        audience: Audience,
        burst: Option<WakeBurst>,
        cancel: &CancellationToken,
    ) -> Result<RoundSummary, Problem> {
        self.access.tokens.forget_leftovers().await?;
        let fixed = Arc::new(self.records.settings.policy.fixed().await?);
        let (settings, all) = (self.records.settings.under(&fixed).await?, self.scheduled(scope).await?);
        let plan = self.plan(&all, &settings, burst);
        let mut held = Vec::new();
        for (at, hold) in plan.held {
            let id = &all[at].connection.id;
            let Some(_claim) = scope.claim(id) else { continue };
            if self.record_hold(id, hold).await? {
                held.push(id.clone());
            }
        }
        let due = plan.probes.into_iter().map(|(at, kind)| (all[at].connection.id.clone(), kind));
        let mut outcomes = self.run_probes(due.collect(), scope, (audience, &fixed), cancel).await;
        // Read again, because a person may have changed them meanwhile.
        let (settings, all) = (self.records.settings.under(&fixed).await?, self.scheduled(scope).await?);
        let elsewhere = self.probed_elsewhere(&all, &outcomes);
        // Another process shows them when this one is ending.
        if !cancel.is_cancelled() {
            outcomes.extend(self.pending_notifications(&all, &settings, audience).await?);
        }
        let next = self.plan(&all, &settings, burst).again(self.records.clock.now());
        Ok(RoundSummary { outcomes, elsewhere, held, next, problem: None })
    }

    /// Remembers the last probe of each connection, and returns the connections that another process probed since.
    fn probed_elsewhere(&self, all: &[Scheduled], own: &[ProbeOutcome]) -> Vec<ConnectionId> {
        let mut last_probes = self.last_probes.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = all.iter().filter_map(|Scheduled { connection: Connection { id, .. }, state, .. }| {
            let before = last_probes.insert(id.clone(), state.heartbeat);
            let is_elsewhere = before.is_some_and(|before| before != state.heartbeat);
            (is_elsewhere && own.iter().all(|one| one.id != *id)).then(|| id.clone())
        });
        ids.collect()
    }

    /// Returns the notifications of what was found and not notified yet: by a process that shows none, or while they were held
    /// back.
    async fn pending_notifications(
        &self,
        all: &[Scheduled],
        settings: &MonitorSettings,
        audience: Audience,
    ) -> Result<Vec<ProbeOutcome>, Problem> {
        let now = self.records.clock.now();
        let Some(context) = audience.context(now, settings.is_quiet(now)) else { return Ok(Vec::new()) };
        let candidates = all.iter().filter(|one| one.is_monitored && may_notify(&one.state));
        let candidates: Vec<ConnectionId> = candidates.map(|one| one.connection.id.clone()).collect();
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let views = self.records.views_with(settings.clone());
        self.records
            .write(move |tx| {
                let (existing, mut outcomes) = (tx.connections()?, Vec::new());
                for id in candidates.into_iter().filter(|id| existing.iter().any(|one| one.id == *id)) {
                    let (view, mut notification) = (views.of(tx, &id)?, None);
                    tx.update::<MonitorState>(&id, |state| {
                        let (found, told) =
                            next_notification(&state.notified, &view.status_with(None, &state), context);
                        notification = found;
                        MonitorState { notified: told, ..state }
                    })?;
                    let ConnectionView { connection: Connection { name, .. }, status, .. } = view;
                    let (before, after) = (status.clone(), status);
                    if notification.is_some() {
                        outcomes.push(ProbeOutcome { id, name, before, after, notification });
                    }
                }
                Ok(outcomes)
            })
            .await
    }

    /// Reads every connection without its report, so that a round without a due probe is cheap.
    async fn scheduled(&self, scope: &PassScope) -> Result<Vec<Scheduled>, Problem> {
        let scope = scope.clone();
        let read = move |tx: &ReadTx<'_>| {
            let in_scope = |one: Scheduled| {
                let is_monitored = one.is_monitored && scope.contains(&one.connection.id);
                Scheduled { is_monitored, ..one }
            };
            tx.connections()?.into_iter().map(|one| scheduled(tx, one).map(in_scope)).collect()
        };
        self.records.read(read).await
    }

    fn plan(&self, all: &[Scheduled], settings: &MonitorSettings, burst: Option<WakeBurst>) -> Plan {
        let inputs: Vec<PlanInput<'_>> = all.iter().map(Scheduled::plan_input).collect();
        plan::plan(&inputs, settings, burst, self.records.clock.now())
    }

    /// Records that a probe waits for the rate budget. Returns whether that is new.
    async fn record_hold(&self, id: &ConnectionId, hold: BudgetHold) -> Result<bool, Problem> {
        let id = id.clone();
        self.records
            .write(move |tx| {
                let mut is_new = false;
                tx.update(&id, |state: MonitorState| match budget::new_hold(state.hold, hold) {
                    Some(held) => {
                        is_new = true;
                        MonitorState { hold: Some(held), ..state }
                    }
                    None => state,
                })?;
                Ok(is_new)
            })
            .await
    }

    /// Runs probes, a few at the same time. A connection that left the scope before its turn is not probed.
    async fn run_probes(
        &self,
        due: Vec<(ConnectionId, ProbeKind)>,
        scope: &PassScope,
        (audience, fixed): (Audience, &Arc<Policy>),
        cancel: &CancellationToken,
    ) -> Vec<ProbeOutcome> {
        let (mut tasks, permits) = (JoinSet::new(), Arc::new(Semaphore::new(MAX_PARALLEL)));
        let full_checks = Arc::new(tokio::sync::Mutex::new(()));
        for (id, kind) in due {
            let (this, permits, cancel) = (self.clone(), Arc::clone(&permits), cancel.clone());
            let (full_checks, fixed, scope) = (Arc::clone(&full_checks), Arc::clone(fixed), scope.clone());
            tasks.spawn(async move {
                let _permit = permits.acquire().await;
                let Some(_claim) = scope.claim(&id) else { return Ok(None) };
                // Held until the probe is stored, so that the next probe counts its requests.
                let mut lock = None;
                let has_room = async |requests| {
                    lock = Some(full_checks.lock_owned().await);
                    this.has_room(&id, &fixed, requests).await
                };
                this.probe(&id, kind, (audience, &fixed), &cancel, has_room).await
            });
        }
        let mut outcomes = Vec::new();
        while let Some(done) = tasks.join_next().await {
            match done {
                Ok(Ok(outcome)) => outcomes.extend(outcome),
                Ok(Err(problem)) => tracing::warn!(code = %problem.code, "a probe was not stored"),
                Err(error) => tracing::error!(panicked = error.is_panic(), "a probe failed"),
            }
        }
        outcomes
    }

    /// Tells whether the rate budget has room for every check of a connection now, after the `requests` of the probe itself.
    async fn has_room(&self, id: &ConnectionId, fixed: &Policy, requests: Vec<LoggedRequest>) -> Result<bool, Problem> {
        let (settings, now) = (self.records.settings.under(fixed).await?, self.records.clock.now());
        let id = id.clone();
        let read = move |tx: &ReadTx<'_>| {
            let one = scheduled(tx, tx.connection(&id)?)?;
            let usage = budget::record_requests(&one.usage, &requests, now);
            Ok(plan::has_room(&PlanInput { usage: &usage, ..one.plan_input() }, &settings, now))
        };
        self.records.read(read).await
    }
}

fn scheduled(tx: &ReadTx<'_>, connection: Connection) -> Result<Scheduled, StoreError> {
    let is_monitored = connection.is_monitored(tx.guide(&connection.id)?.finished.is_some());
    let state = tx.monitor_state(&connection.id)?;
    let usage = connection.origin.as_ref().map(|org| tx.rate_usage(org)).transpose()?.unwrap_or_default();
    Ok(Scheduled { connection, usage, state, is_monitored })
}

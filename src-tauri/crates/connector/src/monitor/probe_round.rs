//! Runs the probes that are due, a few at once, within the rate budget of each org.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Monitor;
use super::monitoring_locks::PassScope;
use super::plan::{self, Plan, PlanInput};
use super::probe_backoff::{ProbeBackoff, ProbeFailure};
use super::status_for_notifications::NotificationBasis;
use crate::power_events::WakeBurst;
use crate::probe_pass::{AudienceSource, ProbeOutcome};
use crate::rate_budget;
use crate::relay_conditions;
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::policy::Policy;
use model::problem::Problem;
use model::rate_usage::{BudgetHold, RateUsage};
use model::status_rules::last_renewal;
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
    /// The monitored connections, whether or not they were due; `None` when they could not be read.
    pub monitored: Option<Vec<MonitoredConnection>>,
    /// The connections whose last probe failed, panicked or could not be stored.
    pub failures: BTreeMap<ConnectionId, ProbeFailure>,
    /// Why the round, or a part of it, could not run.
    pub problem: Option<Problem>,
}

/// A monitored connection, and when its status was renewed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitoredConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// When a check ended last; `None` if that never happened, or if its time is in the future.
    pub renewed: Option<DateTime<Utc>>,
}

/// A connection as the monitor reads it.
pub(super) struct ScheduledConnection {
    pub(super) connection: Connection,
    usage: RateUsage,
    pub(super) state: MonitorState,
    /// When its guide was finished.
    finished: Option<DateTime<Utc>>,
    /// Whether it is monitored, and in the scope of the pass.
    pub(super) is_monitored: bool,
    /// Whether it is in the scope of the pass.
    is_in_scope: bool,
}

impl ScheduledConnection {
    fn plan_input(&self) -> PlanInput<'_> {
        let (org, is_monitored) = (self.connection.origin.as_ref(), self.is_monitored);
        PlanInput { org, usage: &self.usage, state: &self.state, is_monitored, not_before: None }
    }

    /// Returns what its notifications are decided by; `None` outside the scope of the pass.
    pub(super) fn notified_by(&self) -> Option<NotificationBasis> {
        let is_checked = self.is_monitored && self.state.paused_since.is_none();
        self.is_in_scope.then_some(if is_checked { NotificationBasis::Checks } else { NotificationBasis::RelayAlone })
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
        audience: impl Into<AudienceSource>,
        burst: Option<WakeBurst>,
        cancel: &CancellationToken,
    ) -> Result<RoundSummary, Problem> {
        let audience = audience.into();
        // What cannot be written does not keep the probes from running.
        let mut problem = self.access.tokens.forget_leftovers().await.err();
        let fixed = Arc::new(self.records.settings.policy.fixed().await?);
        let now = self.records.clock.now();
        let all = self.scheduled(scope).await?;
        let over = all.iter().filter(|one| one.is_monitored && one.state.pause_is_over(now));
        let over: Vec<ConnectionId> = over.map(|one| one.connection.id.clone()).collect();
        let all = if over.is_empty() {
            all
        } else {
            problem = problem.or(self.end_pauses(over).await.err());
            self.scheduled(scope).await?
        };
        let settings = self.records.settings.under(&fixed).await?;
        let plan = planned(&all, &self.failed, &settings, burst, self.records.clock.now());
        let mut held = Vec::new();
        for (at, hold) in plan.held {
            let id = &all[at].connection.id;
            let Some(_claim) = scope.claim(id) else { continue };
            match self.record_hold(id, hold).await {
                Ok(true) => held.push(id.clone()),
                Ok(false) => {}
                Err(refused) => problem = problem.or(Some(refused)),
            }
        }
        let due = plan.probes.into_iter().map(|(at, kind)| (all[at].connection.id.clone(), kind));
        let mut outcomes = self.run_probes(due.collect(), scope, (&audience, &fixed), cancel).await;
        if let Err(refused) = self.refresh_relay_conditions(&all, scope, &settings).await {
            problem = problem.or(Some(refused));
        }
        // Read again, because a person may have changed them meanwhile.
        let (settings, all) = (self.records.settings.under(&fixed).await?, self.scheduled(scope).await?);
        let elsewhere = self.probed_elsewhere(&all, &outcomes);
        let is_probed = |one: &ScheduledConnection| one.is_monitored && one.state.paused_since.is_none();
        self.failed.retain(|id| all.iter().any(|one| one.connection.id == *id && is_probed(one)));
        // Another process shows them when this one is ending.
        if !cancel.is_cancelled() {
            match self.pending_notifications(&all, &settings, &audience).await {
                Ok(pending) => outcomes.extend(pending),
                Err(refused) => problem = problem.or(Some(refused)),
            }
            problem = problem.or(self.queue_alerts(&all, (&settings, &fixed)).await.err());
        }
        let now = self.records.clock.now();
        let (next, failures) = (planned(&all, &self.failed, &settings, burst, now).again(now), self.failed.all());
        let problem = problem.or_else(|| failures.values().next().map(|failure| failure.problem.clone()));
        let monitored = renewals(&all, &settings, self.records.clock.now());
        Ok(RoundSummary { outcomes, elsewhere, held, next, monitored: Some(monitored), failures, problem })
    }

    /// Remembers the last probe of each connection, and returns the connections that another process probed since.
    fn probed_elsewhere(&self, all: &[ScheduledConnection], own: &[ProbeOutcome]) -> Vec<ConnectionId> {
        let mut last_probes = self.last_probes.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = all.iter().filter_map(|ScheduledConnection { connection: Connection { id, .. }, state, .. }| {
            let before = last_probes.insert(id.clone(), state.heartbeat);
            let is_elsewhere = before.is_some_and(|before| before != state.heartbeat);
            (is_elsewhere && own.iter().all(|one| one.id != *id)).then(|| id.clone())
        });
        ids.collect()
    }

    /// Stores the conditions of the relays that changed: a relay that hangs does not store that itself.
    /// A relay may also run for a connection that is not monitored.
    async fn refresh_relay_conditions(
        &self,
        all: &[ScheduledConnection],
        scope: &PassScope,
        settings: &MonitorSettings,
    ) -> Result<(), Problem> {
        let hosted = all.iter().map(|one| &one.connection.id).filter(|id| scope.contains(id)).cloned();
        let (hosted, now): (Vec<_>, _) = (hosted.collect(), self.records.clock.now());
        let outdated = move |tx: &ReadTx<'_>| {
            let mut found = Vec::new();
            for id in hosted {
                if relay_conditions::outdated(tx, &id, now)?.is_some() {
                    found.push(id);
                }
            }
            Ok(found)
        };
        let views = self.records.views_with(settings.clone());
        let outdated = self.records.read(outdated).await?;
        if outdated.is_empty() {
            return Ok(());
        }
        self.records
            .write(move |tx| {
                for id in outdated {
                    match relay_conditions::refresh(tx, &views, &id) {
                        // The connection was removed meanwhile.
                        Ok(_) | Err(StoreError::Missing) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(())
            })
            .await
    }

    /// Reads every connection without its report, so that a round without a due probe is cheap.
    async fn scheduled(&self, scope: &PassScope) -> Result<Vec<ScheduledConnection>, Problem> {
        let scope = scope.clone();
        let failed = self.failed.clone();
        let read = move |tx: &ReadTx<'_>| {
            let in_scope = |one: ScheduledConnection| {
                let is_in_scope = scope.contains(&one.connection.id);
                ScheduledConnection { is_monitored: one.is_monitored && is_in_scope, is_in_scope, ..one }
            };
            tx.connections()?.into_iter().map(|one| scheduled(tx, one, &failed).map(in_scope)).collect()
        };
        self.records.read(read).await
    }

    /// Records that a probe waits for the rate budget. Returns whether that is new.
    async fn record_hold(&self, id: &ConnectionId, hold: BudgetHold) -> Result<bool, Problem> {
        let id = id.clone();
        self.records
            .write(move |tx| {
                let mut is_new = false;
                tx.update(&id, |state: MonitorState| match rate_budget::new_hold(state.hold, hold) {
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
        (audience, fixed): (&AudienceSource, &Arc<Policy>),
        cancel: &CancellationToken,
    ) -> Vec<ProbeOutcome> {
        let (mut tasks, mut ids) = (JoinSet::new(), HashMap::new());
        let permits = Arc::new(Semaphore::new(MAX_PARALLEL));
        let full_checks = Arc::new(tokio::sync::Mutex::new(()));
        for (id, kind) in due {
            let (this, permits, cancel, probed) = (self.clone(), Arc::clone(&permits), cancel.clone(), id.clone());
            let (full_checks, fixed, scope) = (Arc::clone(&full_checks), Arc::clone(fixed), scope.clone());
            let audience = audience.clone();
            let task = tasks.spawn(async move {
                let _permit = permits.acquire().await;
                let Some(_claim) = scope.claim(&id) else { return Ok(None) };
                // Held until the probe is stored, so that the next probe counts its requests.
                let mut lock = None;
                let has_room = async |settings: &MonitorSettings, requests| {
                    lock = Some(full_checks.lock_owned().await);
                    this.has_room(&id, settings.clone(), requests).await
                };
                this.probe(&id, kind, (audience, &fixed), &cancel, has_room).await
            });
            ids.insert(task.id(), probed);
        }
        let mut outcomes = Vec::new();
        while let Some(done) = tasks.join_next_with_id().await {
            let (task, done) = match done {
                Ok((task, done)) => (task, done),
                Err(error) => {
                    tracing::error!(panicked = error.is_panic(), "a probe failed");
                    (error.id(), Err(Problem::new(Code::Internal)))
                }
            };
            outcomes
                .extend(ids.get(&task).and_then(|id| count_probe(&self.failed, id, done, self.records.clock.now())));
        }
        outcomes
    }

    /// Tells whether the rate budget has room for every check of a connection now, after the `requests` of the probe itself.
    async fn has_room(
        &self,
        id: &ConnectionId,
        settings: MonitorSettings,
        requests: Vec<LoggedRequest>,
    ) -> Result<bool, Problem> {
        let (id, now, failed) = (id.clone(), self.records.clock.now(), self.failed.clone());
        let read = move |tx: &ReadTx<'_>| {
            let one = scheduled(tx, tx.connection(&id)?, &failed)?;
            let usage = rate_budget::record_requests(&one.usage, &requests, now);
            Ok(plan::has_room(&PlanInput { usage: &usage, ..one.plan_input() }, &settings, now))
        };
        self.records.read(read).await
    }
}

/// Returns when the status of each monitored connection was renewed last. A paused one is not checked on purpose.
fn renewals(all: &[ScheduledConnection], settings: &MonitorSettings, now: DateTime<Utc>) -> Vec<MonitoredConnection> {
    let clock = settings.status_clock(now);
    let is_checked = |one: &&ScheduledConnection| {
        one.connection.is_monitored(one.finished.is_some()) && one.state.paused_since.is_none()
    };
    let renewal = |one: &ScheduledConnection| MonitoredConnection {
        id: one.connection.id.clone(),
        name: one.connection.name.clone(),
        renewed: last_renewal(one.finished, &one.state, clock),
    };
    all.iter().filter(is_checked).map(renewal).collect()
}

/// Plans the probes that are due.
fn planned(
    all: &[ScheduledConnection],
    failed: &ProbeBackoff,
    settings: &MonitorSettings,
    burst: Option<WakeBurst>,
    now: DateTime<Utc>,
) -> Plan {
    let not_before = |one: &ScheduledConnection| failed.not_before(&one.connection.id, settings.heartbeat(), now);
    let input = |one| PlanInput { not_before: not_before(one), ..ScheduledConnection::plan_input(one) };
    let inputs: Vec<PlanInput<'_>> = all.iter().map(input).collect();
    plan::plan(&inputs, settings, burst, now)
}

/// Counts a probe that failed, or ends the count. Returns its outcome, if it has one.
fn count_probe(
    failed: &ProbeBackoff,
    id: &ConnectionId,
    done: Result<Option<ProbeOutcome>, Problem>,
    now: DateTime<Utc>,
) -> Option<ProbeOutcome> {
    match done {
        Ok(Some(outcome)) => {
            failed.clear(id);
            Some(outcome)
        }
        // Another process runs it, or the end cancelled it.
        Ok(None) => None,
        Err(problem) => {
            tracing::warn!(connection = %id, code = %problem.code, "a probe was not stored");
            failed.add(id, problem, now);
            None
        }
    }
}

/// Reads what a connection is scheduled by. Requests that could not be stored count too.
fn scheduled(
    tx: &ReadTx<'_>,
    connection: Connection,
    failed: &ProbeBackoff,
) -> Result<ScheduledConnection, StoreError> {
    let finished = tx.guide(&connection.id)?.finished;
    let is_monitored = connection.is_monitored(finished.is_some());
    let state = tx.monitor_state(&connection.id)?;
    let usage = match &connection.origin {
        Some(org) => failed.with_unstored(org, tx.rate_usage(org)?),
        None => RateUsage::default(),
    };
    Ok(ScheduledConnection { connection, usage, state, finished, is_monitored, is_in_scope: true })
}

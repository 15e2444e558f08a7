//! The pass of the monitoring worker: takes the connections that this process hosts, runs the probes and reminders that are
//! due, and publishes what other processes changed.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use model::app_change::AppChange;
use model::connection::ConnectionId;
use model::problem::Problem;
use runtime::{Wake, Worker};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::hosted_connections::HostedConnections;
use super::pass_memory::{AnnouncedSettings, NotificationPause, ReminderTimer};
use super::stale_status::StaleStatuses;
use super::stale_status_alerts::StaleStatusAlerts;
use super::worker_host::WorkerHost;
use crate::Connector;
use crate::monitor::{MonitoringLocks, PassScope, RoundSummary};
use crate::power_events::PowerEvents;
use crate::probe_pass::AudienceSource;

/// The longest time between two passes while no probe is due. A change in this process wakes the worker.
const MAX_WAIT: Duration = Duration::from_secs(300);
/// The wait before the next pass when the database could not be read.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// The monitoring of one process. Clones share what it remembers.
#[derive(Clone)]
pub(super) struct MonitoringPass {
    connector: Connector,
    host: Arc<dyn WorkerHost>,
    power_events: PowerEvents,
    wake: Wake,
    /// Wakes the sender of alerts after each pass.
    sender: Wake,
    end: CancellationToken,
    locks: MonitoringLocks,
    memory: Arc<Mutex<Memory>>,
}

/// What a process remembers between two passes.
struct Memory {
    hosted: HostedConnections,
    settings: AnnouncedSettings,
    reminders: ReminderTimer,
    pause: NotificationPause,
    stale: StaleStatuses,
    stale_status_alerts: StaleStatusAlerts,
}

impl MonitoringPass {
    pub(super) fn new(
        connector: Connector,
        host: Arc<dyn WorkerHost>,
        power_events: PowerEvents,
        (wake, sender): (Wake, Wake),
        end: CancellationToken,
    ) -> Self {
        let locks = MonitoringLocks::default();
        let memory = Memory {
            hosted: HostedConnections::new(connector.data_dir().to_owned(), locks.clone()),
            settings: AnnouncedSettings::default(),
            reminders: ReminderTimer::default(),
            pause: NotificationPause::default(),
            stale: StaleStatuses::default(),
            stale_status_alerts: StaleStatusAlerts::default(),
        };
        Self { connector, host, power_events, wake, sender, end, locks, memory: Arc::new(Mutex::new(memory)) }
    }

    /// Returns the locks of the connections that this process watches.
    pub(super) fn locks(&self) -> MonitoringLocks {
        self.locks.clone()
    }

    /// Returns the worker that runs this pass.
    pub(super) fn into_worker(self) -> Worker {
        let wake = self.wake.clone();
        let worker = Worker::new("monitoring", MAX_WAIT, move || {
            let this = self.clone();
            async move { this.run().await }
        });
        worker.woken_by(wake)
    }

    /// Waits for the pass in progress, and releases every connection.
    pub(super) async fn release(&self) {
        let _memory = self.memory.lock().await;
        self.locks.retain(|_| false);
    }

    /// Runs one pass and returns when the next one is due. A connection that the host gives up meanwhile is released after its
    /// own probe, not after those of all others.
    async fn run(&self) -> Option<DateTime<Utc>> {
        let mut memory = self.memory.lock().await;
        // What was released at the end is not taken again.
        if self.end.is_cancelled() {
            return None;
        }
        let mut pass = pin!(self.run_pass(&mut memory));
        loop {
            // Subscribed first, so that no change of the answers is missed.
            let woken = self.wake.woken();
            self.locks.retain(|id| self.host.hosts(id));
            tokio::select! {
                next = &mut pass => return next,
                () = woken => {}
            }
        }
    }

    async fn run_pass(&self, memory: &mut Memory) -> Option<DateTime<Utc>> {
        self.announce_settings(memory).await;
        let mut round = match self.take_connections(&mut memory.hosted).await {
            Ok((scope, problem)) => self.run_round(&scope, &mut memory.reminders, problem).await,
            Err(problem) => self.failed(problem),
        };
        self.notify_stale(memory, &mut round);
        self.alert_stale(memory, &round).await;
        self.sender.now();
        // What this process wrote was published by the write.
        for id in &round.elsewhere {
            self.connector.publish(AppChange::Connection(id.clone()));
        }
        let attempt = memory.hosted.next_attempt(self.connector.clock().now());
        round.next = round.next.into_iter().chain(memory.pause.end()).chain(attempt).min();
        let next = round.next;
        self.host.on_round(round);
        next
    }

    /// Publishes a change of the settings if they differ from those published last or if a pause of notifications ended.
    async fn announce_settings(&self, memory: &mut Memory) {
        // The round reads them too, and reports why it cannot.
        let Ok(settings) = self.connector.settings().monitor().await else { return };
        let has_ended = memory.pause.has_ended(settings.quiet_until, self.connector.clock().now());
        if memory.settings.is_new(&settings) || has_ended {
            self.connector.publish(AppChange::Settings);
        }
    }

    /// Adds the notifications of connections that nobody checks although this process is to watch them.
    fn notify_stale(&self, memory: &mut Memory, round: &mut RoundSummary) {
        if let Some(monitored) = &round.monitored {
            let hosted = monitored.iter().filter(|one| self.host.hosts(&one.id));
            memory.stale.update(hosted.cloned().collect());
        }
        let Some(settings) = memory.settings.known() else { return };
        let (now, woke) = (self.connector.clock().now(), self.power_events.burst().map(|burst| burst.last()));
        if let Some(context) = self.host.audience().context(settings, now) {
            memory.stale.notify(&mut round.outcomes, settings.status_clock(now), woke, context);
        }
    }

    /// Adds alerts about connections that nobody checks to the outbox. Those that cannot be added are tried at the next pass.
    async fn alert_stale(&self, memory: &mut Memory, round: &RoundSummary) {
        let Some(settings) = memory.settings.known() else { return };
        let (now, woke) = (self.connector.clock().now(), self.power_events.burst().map(|burst| burst.last()));
        let hosted =
            round.monitored.as_ref().map(|all| all.iter().filter(|one| self.host.hosts(&one.id)).cloned().collect());
        memory.stale_status_alerts.observe(hosted, settings, now, woke);
        let due = memory.stale_status_alerts.unqueued();
        if due.is_empty() {
            return;
        }
        match self.connector.monitor().queue_keyed_alerts(due).await {
            Ok(true) => memory.stale_status_alerts.queued(),
            Ok(false) => memory.stale_status_alerts.held_back(),
            Err(problem) => tracing::warn!(code = %problem.code, "an alert could not be stored"),
        }
    }

    /// Takes and releases connections as the host wants. Returns those that this process watches now, and why others could
    /// not be taken.
    async fn take_connections(&self, hosted: &mut HostedConnections) -> Result<(PassScope, Option<Problem>), Problem> {
        let mut wanted: BTreeSet<ConnectionId> = self.connector.connections().ids().await?.into_iter().collect();
        wanted.retain(|id| self.host.hosts(id));
        let problem = hosted.update(&wanted, self.connector.clock().now()).err();
        if let Some(problem) = &problem {
            tracing::warn!(code = %problem.code, "a connection could not be taken");
        }
        Ok((PassScope::Hosted(self.locks.clone()), problem))
    }

    /// Runs the due probes and reminders of the connections in scope.
    async fn run_round(
        &self,
        scope: &PassScope,
        reminders: &mut ReminderTimer,
        problem: Option<Problem>,
    ) -> RoundSummary {
        let (monitor, host) = (self.connector.monitor(), Arc::clone(&self.host));
        let audience = AudienceSource::new(move || host.audience());
        let reads_reminders = reminders.is_due(self.connector.clock().now());
        let mut round =
            match monitor.run_due_probes(scope, audience.clone(), self.power_events.burst(), &self.end).await {
                Ok(round) => RoundSummary { problem: problem.or(round.problem), ..round },
                Err(problem) => self.failed(problem),
            };
        if reads_reminders && !self.end.is_cancelled() {
            match monitor.due_reminders(scope, audience).await {
                Ok(due) => round.outcomes.extend(due),
                Err(problem) => {
                    tracing::warn!(code = %problem.code, "due reminders were not read");
                    round.problem.get_or_insert(problem);
                }
            }
        }
        round
    }

    /// Returns the summary of a round that did not run.
    fn failed(&self, problem: Problem) -> RoundSummary {
        tracing::warn!(code = %problem.code, "the due probes did not run");
        let next = Some(self.connector.clock().now() + RETRY);
        RoundSummary { problem: Some(problem), next, ..RoundSummary::default() }
    }
}

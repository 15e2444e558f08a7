//! The two loops of one relay, and the relay without a window: for `connectorctl relay run`, and for tests.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_client::AcceptedProxyIssuers;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::okta_origin::Origin;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::relay::{RelayCounters, RelayPhase, RelayState, RelayView};
use model::relay_settings::RelaySettings;
use okta::Okta;
use radiant::EventsWebhook;
use runtime::{Clock, Wake, Worker};
use secrecy::SecretString;
use store::{ConnectionLock, Store, StoreError, lock_relay};
use tokio_util::sync::CancellationToken;

use super::loop_context::{LoopContext, NextStep, RelayTiming};
use super::view::view;
use crate::ConnectorConfig;
use crate::power_events::PowerEvents;

/// The connection of a relay without a window.
pub(super) const HEADLESS: &str = "relay";
/// The wait of a loop that is only woken, because another process may have changed what is stored.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// The configuration of a relay without a window. Its secrets are in memory alone.
pub struct RelayRun {
    /// The folder of the state, the clock and the HTTP settings.
    pub config: ConnectorConfig,
    /// The org.
    pub origin: Origin,
    /// The API token, which needs to read the System Log only.
    pub okta_token: SecretString,
    /// The token of Radiant's events webhook.
    pub webhook_token: SecretString,
    /// The settings.
    pub settings: RelaySettings,
    /// The waits.
    pub timing: RelayTiming,
    /// Whether the relay ends once everything is read and delivered: not before Okta was read in this run.
    pub until_caught_up: bool,
}

/// What a relay without a window did in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelaySummary {
    /// What it does at the end.
    pub phase: RelayPhase,
    /// The numbers of this run.
    pub counters: RelayCounters,
    /// Events that wait.
    pub backlog_events: u64,
    /// Events that were set aside, in this run and before.
    pub undeliverable: u64,
}

/// A relay without a window. Clones share it.
#[derive(Clone)]
pub struct HeadlessRelay {
    context: Arc<LoopContext>,
    power_events: PowerEvents,
    before: RelayCounters,
    until_caught_up: bool,
    /// Held as long as it exists, so that no other process relays from the same folder.
    _lock: Arc<ConnectionLock>,
}

/// Runs a relay until `cancel`, or until everything is delivered.
///
/// # Errors
/// As [`HeadlessRelay::open`] and [`HeadlessRelay::run`].
pub async fn run_relay(run: RelayRun, cancel: &CancellationToken) -> Result<RelaySummary, Problem> {
    HeadlessRelay::open(run).await?.run(cancel).await
}

impl HeadlessRelay {
    /// Opens the state, switches the relay on and builds its clients. Nothing is sent.
    ///
    /// # Errors
    /// [`Code::RelayRunsElsewhere`] when another process relays from this folder, why the address of the webhook cannot be used,
    /// [`Code::DomainUnset`] when the state belongs to another org, or the store's problem.
    pub async fn open(run: RelayRun) -> Result<Self, Problem> {
        let RelayRun { config, origin, okta_token, webhook_token, settings, timing, until_caught_up } = run;
        let ConnectorConfig { data_dir, http, clock, .. } = config;
        let (id, is_practice) = (ConnectionId(HEADLESS.to_owned()), matches!(origin, Origin::Practice(_)));
        let lock = take_lock(data_dir.clone(), &id)?;
        let store = Store::open(&data_dir)?;
        let accepted = AcceptedProxyIssuers::default();
        let okta = Okta::new(&origin, Some(okta_token), &accepted, &http, &clock)?;
        let events_webhook =
            EventsWebhook::new(&settings.webhook, is_practice, &webhook_token, &accepted, &http, &clock)?;
        let before = set_up(&store, &id, origin, settings.bounded(), clock.now()).await?;
        let power_events = PowerEvents::default();
        let wake_power = power_events.wake();
        let context =
            LoopContext { wake_power, ..LoopContext::new(store, id, clock, timing, Ok(okta), Ok(events_webhook)) };
        Ok(Self { context: Arc::new(context), power_events, before, until_caught_up, _lock: Arc::new(lock) })
    }

    /// Returns the power events at which the relay reads and sends at once.
    #[must_use]
    pub fn power_events(&self) -> PowerEvents {
        self.power_events.clone()
    }

    /// Runs until `cancel`, or until everything is delivered if that was asked for.
    ///
    /// # Errors
    /// The store's problem at the end. During the run it is repeated like every other problem.
    pub async fn run(&self, cancel: &CancellationToken) -> Result<RelaySummary, Problem> {
        let end = cancel.child_token();
        let watch = async {
            if self.until_caught_up {
                self.wait_until_caught_up(&end).await;
                end.cancel();
            } else {
                end.cancelled().await;
            }
        };
        // A worker without work, which polls for power events.
        let idle = Worker::new("power events", MAX_WAIT, || async { None });
        let events = self.power_events().supervise(vec![idle], self.context.clock.clone(), end.clone());
        tokio::join!(run_loops(&self.context, &end, &end), watch, events);
        self.summary().await
    }

    /// Reads and stores one page, if it is time to. For tests that decide about time.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn poll_step(&self) -> Result<NextStep, Problem> {
        self.context.poll_step().await
    }

    /// Sends the next request, if one waits. For tests that decide about time.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn delivery_step(&self) -> Result<NextStep, Problem> {
        self.context.delivery_step().await
    }

    /// Returns what the relay shows: for metrics.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn view(&self) -> Result<RelayView, Problem> {
        let (id, now) = (self.context.id.clone(), self.context.clock.now());
        Ok(self.context.store.read(move |tx| view(tx, &id, true, now)).await?)
    }

    /// Returns the percentage of Okta's limit that the relay used in the current window: for metrics.
    #[must_use]
    pub fn used_rate_percent(&self) -> u32 {
        self.context.used_rate_percent()
    }

    /// Returns what the relay did in this run.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn summary(&self) -> Result<RelaySummary, Problem> {
        let RelayView { phase, state, undeliverable, .. } = self.view().await?;
        let counters = since(&state.counters, &self.before);
        Ok(RelaySummary { phase, counters, backlog_events: state.backlog_events, undeliverable })
    }

    async fn wait_until_caught_up(&self, end: &CancellationToken) {
        while !end.is_cancelled() {
            // What an earlier run stored may say that everything is delivered.
            let has_read = self.context.poll.lock().await.has_read;
            if has_read && self.view().await.is_ok_and(|view| view.phase == RelayPhase::CaughtUp) {
                return;
            }
            self.context.clock.sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Takes the lock of a connection's relay.
pub(crate) fn take_lock(data_dir: PathBuf, id: &ConnectionId) -> Result<ConnectionLock, Problem> {
    lock_relay(&data_dir, id).map_err(|error| {
        let is_busy = matches!(error, StoreError::Busy);
        if is_busy { Problem::new(Code::RelayRunsElsewhere) } else { error.into() }
    })
}

/// Creates the connection of a relay without a window where there is none, and switches its relay on.
async fn set_up(
    store: &Store,
    id: &ConnectionId,
    origin: Origin,
    settings: RelaySettings,
    now: DateTime<Utc>,
) -> Result<RelayCounters, Problem> {
    let id = id.clone();
    let work = move |tx: &mut store::WriteTx<'_>| -> Result<RelayCounters, Problem> {
        match tx.connection(&id) {
            Ok(known) if known.origin.as_ref() == Some(&origin) => {}
            Ok(_) => return Err(Problem::new(Code::DomainUnset).detail("the state belongs to another organization")),
            Err(StoreError::Missing) => tx.add_connection(&connection(&id, origin, now))?,
            Err(error) => return Err(error.into()),
        }
        tx.put_relay_settings(&id, &settings)?;
        let relay = tx.relay(&id)?.ok_or(StoreError::Missing)?.relay;
        let started = move |state: RelayState| RelayState {
            is_on: true,
            is_paused: false,
            started: state.started.or(Some(now)),
            ..state
        };
        Ok(tx.relay_changes().update(relay, started)?.counters)
    };
    store.write(work).await
}

fn connection(id: &ConnectionId, origin: Origin, created: DateTime<Utc>) -> Connection {
    Connection {
        id: id.clone(),
        name: HEADLESS.to_owned(),
        origin: Some(origin),
        org_id: None,
        profile: Profile::Ingestion,
        keep: Keep::Nothing,
        radiant: RadiantSearch::default(),
        created,
    }
}

fn since(now: &RelayCounters, before: &RelayCounters) -> RelayCounters {
    RelayCounters {
        received: now.received.saturating_sub(before.received),
        duplicates: now.duplicates.saturating_sub(before.duplicates),
        unreadable: now.unreadable.saturating_sub(before.unreadable),
        delivered: now.delivered.saturating_sub(before.delivered),
        set_aside: now.set_aside.saturating_sub(before.set_aside),
        okta_requests: now.okta_requests.saturating_sub(before.okta_requests),
        radiant_requests: now.radiant_requests.saturating_sub(before.radiant_requests),
    }
}

/// Runs the poller and the deliverer of one relay until `end`; the two never wait for each other. Each finishes its step, so that
/// a request in flight is not sent again; only after `abort`, when the process ends, is a long one abandoned.
pub(crate) async fn run_loops(context: &LoopContext, end: &CancellationToken, abort: &CancellationToken) {
    let ends = (end, abort);
    let (forget_poll, forget_delivery) = (|| context.forget_poll_failures(), || context.forget_delivery_failures());
    let poll = run_steps(context, ("poller", &context.wake_poll), ends, || context.poll_step(), forget_poll);
    let deliver =
        run_steps(context, ("deliverer", &context.wake_delivery), ends, || context.delivery_step(), forget_delivery);
    tokio::join!(poll, deliver);
}

/// Repeats a step until `end`. A step that fails or hangs is repeated after a back-off, which ends when the computer wakes or its
/// network returns.
async fn run_steps<F, G>(
    context: &LoopContext,
    (name, wake): (&'static str, &Wake),
    (end, abort): (&CancellationToken, &CancellationToken),
    step: impl Fn() -> F,
    forget_failures: impl Fn() -> G,
) where
    F: Future<Output = Result<NextStep, Problem>>,
    G: Future<Output = ()>,
{
    let (clock, timing, mut failures) = (&context.clock, context.timing, 0_u32);
    while !end.is_cancelled() {
        // Subscribed first, so that no change and no power event during the step is missed.
        let (woken, mut resumed) = (wake.woken(), context.wake_power.woken());
        let Some(done) = finish(clock, step(), abort, &timing).await else { return };
        let next = match done {
            Ok(next) => {
                failures = 0;
                next
            }
            Err(problem) => {
                failures = failures.saturating_add(1);
                tracing::warn!(connection = %context.id, name, code = %problem.code, failures, "a step of the relay failed");
                NextStep::BackOff(timing.back_off.wait(failures, None, LoopContext::random()))
            }
        };
        let (wait, may_wake, is_asked) = match next {
            NextStep::Now => continue,
            NextStep::After(wait) => (wait, true, false),
            // A failure is not repeated sooner because something else happened.
            NextStep::BackOff(wait) => (wait, false, false),
            NextStep::Asked(wait) => (wait, false, true),
            NextStep::WhenWoken => (MAX_WAIT, true, false),
        };
        let pause = Pause { wait, is_asked, began: clock.now() };
        let mut woken = pin!(woken);
        loop {
            tokio::select! {
                biased;
                () = end.cancelled() => return,
                () = &mut woken, if may_wake => break,
                () = resumed => {
                    failures = 0;
                    forget_failures().await;
                }
                () = clock.sleep(pause.left(clock)) => break,
            }
            if !pause.is_asked {
                break;
            }
            resumed = context.wake_power.woken();
        }
    }
}

/// A wait between two steps.
struct Pause {
    wait: Duration,
    /// Whether the other side asked for it.
    is_asked: bool,
    began: DateTime<Utc>,
}

impl Pause {
    /// Returns the rest of it. Timers stop while the computer sleeps, its clock does not.
    fn left(&self, clock: &Clock) -> Duration {
        // Nothing is known of the time that passed if the clock was set back.
        let passed = (clock.now() - self.began).to_std().unwrap_or_default();
        self.wait.saturating_sub(passed)
    }
}

/// Waits for a step: at most for its deadline and, at the end, for a moment. `None` if it was abandoned at the end.
async fn finish<T>(
    clock: &Clock,
    step: impl Future<Output = Result<T, Problem>>,
    abort: &CancellationToken,
    timing: &RelayTiming,
) -> Option<Result<T, Problem>> {
    let mut step = pin!(clock.within(timing.step_deadline, step));
    let hung = || Err(Problem::new(Code::TimedOut));
    tokio::select! {
        biased;
        done = &mut step => Some(done.unwrap_or_else(hung)),
        () = abort.cancelled() => clock.within(timing.grace, step).await.map(|done| done.unwrap_or_else(hung)),
    }
}

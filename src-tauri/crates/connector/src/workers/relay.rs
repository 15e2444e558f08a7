//! The relay worker: runs the relays of the connections that this process hosts, each with its own poller and deliverer, so
//! that none waits for another.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use model::app_change::AppChange;
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::guide::GuideState;
use model::problem::Problem;
use model::relay::{RelayHold, RelayState, RelayView};
use model::relay_settings::WebhookSettings;
use model::secret_name::{SecretName, SecretState};
use runtime::{TICK, Wake, Worker};
use store::ConnectionLock;
use tokio_util::sync::CancellationToken;

use super::worker_host::WorkerHost;
use crate::relay::{LoopContext, Relay, RelayTiming, events_webhook, held, run_loops, take_lock};

/// The longest time between two looks for a relay to run, while none runs.
const MAX_WAIT: Duration = Duration::from_secs(300);
/// The wait before a relay that another process runs is tried again.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// The relays of one process.
#[derive(Clone)]
pub(crate) struct RelayPass {
    relay: Relay,
    host: Arc<dyn WorkerHost>,
    wake: Wake,
    /// Wakes the relays when the computer woke or its network returned.
    power: Wake,
    end: CancellationToken,
}

/// What a running relay was built from. When it changes, the relay is built anew and starts from what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Basis {
    connection: Connection,
    webhook: WebhookSettings,
    is_paused: bool,
    secrets: Vec<SecretState>,
    guide: GuideState,
    is_forbidden: bool,
}

/// A running relay.
struct Running {
    basis: Basis,
    context: Arc<LoopContext>,
    end: CancellationToken,
}

impl RelayPass {
    pub(crate) fn new(
        relay: Relay,
        host: Arc<dyn WorkerHost>,
        (wake, power): (Wake, Wake),
        end: CancellationToken,
    ) -> Self {
        Self { relay, host, wake, power, end }
    }

    /// Returns the worker that runs this pass. A pass lasts as long as a relay is switched on.
    pub(crate) fn into_worker(self) -> Worker {
        let wake = self.wake.clone();
        let worker = Worker::new("relay", MAX_WAIT, move || {
            let this = self.clone();
            async move { this.run().await }
        });
        worker.woken_by(wake)
    }

    async fn run(&self) -> Option<DateTime<Utc>> {
        let mut running: BTreeMap<ConnectionId, Running> = BTreeMap::new();
        let mut ended = FuturesUnordered::new();
        loop {
            // Subscribed first, so that no change of what is wanted is missed.
            let woken = self.wake.woken();
            let wanted = if self.end.is_cancelled() { Some(BTreeMap::new()) } else { self.wanted().await };
            // While what is wanted cannot be read, everything goes on.
            let mut was_refused = wanted.is_none();
            for (id, relay) in running.iter().filter(|_| wanted.is_some()) {
                if wanted.as_ref().and_then(|wanted| wanted.get(id)) == Some(&relay.basis) {
                    // Undeliverable events may wait again. The poller is never woken: its own changes would make it read all the time.
                    relay.context.wake_delivery.now();
                } else {
                    relay.end.cancel();
                }
            }
            for (id, basis) in wanted.unwrap_or_default() {
                let Entry::Vacant(place) = running.entry(id.clone()) else { continue };
                match self.start(&id, &basis).await {
                    Ok((context, lock)) => {
                        let end = CancellationToken::new();
                        ended.push(run_one(id, context.clone(), lock, (end.clone(), self.end.clone())));
                        place.insert(Running { basis, context, end });
                    }
                    Err(problem) => {
                        was_refused = true;
                        tracing::debug!(connection = %id, code = %problem.code, "a relay was not started");
                    }
                }
            }
            if running.is_empty() {
                let retry = was_refused && !self.end.is_cancelled();
                return retry.then(|| self.relay.records.clock.now() + RETRY);
            }
            tokio::select! {
                Some(id) = ended.next() => drop(running.remove(&id)),
                () = woken => {}
                () = self.end.cancelled(), if !self.end.is_cancelled() => {}
                () = self.relay.records.clock.sleep(TICK) => {}
            }
        }
    }

    /// Returns the connections whose relay this process is to run, with what each is built from.
    async fn wanted(&self) -> Option<BTreeMap<ConnectionId, Basis>> {
        let is_forbidden = match self.relay.is_forbidden().await {
            Ok(is_forbidden) => is_forbidden,
            Err(problem) => {
                tracing::warn!(code = %problem.code, "the policy could not be read");
                return None;
            }
        };
        let secrets = self.relay.access.tokens.secrets.clone();
        let found = self.relay.records.read(move |tx| {
            let mut found = BTreeMap::new();
            for connection in tx.connections()? {
                let id = connection.id.clone();
                let Some(relay) = tx.relay(&id)?.filter(|relay| relay.state.is_on) else { continue };
                let used = |state: &SecretState| state.name != SecretName::RadiantSearchToken;
                let secrets = secrets.states_in(tx, &id)?.into_iter().filter(used).collect();
                let guide = tx.guide(&id)?;
                let accepted = GuideState { accepted_issuers: guide.accepted_issuers, ..GuideState::default() };
                let (webhook, is_paused) = (relay.settings.webhook, relay.state.is_paused);
                found.insert(id, Basis { connection, webhook, is_paused, secrets, guide: accepted, is_forbidden });
            }
            Ok(found)
        });
        match found.await {
            Ok(mut found) => {
                found.retain(|id, _| self.host.hosts(id));
                Some(found)
            }
            Err(problem) => {
                tracing::warn!(code = %problem.code, "the relays could not be read");
                None
            }
        }
    }

    async fn start(&self, id: &ConnectionId, basis: &Basis) -> Result<(Arc<LoopContext>, ConnectionLock), Problem> {
        let Relay { records, access } = &self.relay;
        let RelayView { state, settings, .. } = self.relay.state(id).await?;
        if basis.is_forbidden {
            let problem = Problem::new(Code::RelayForbidden);
            if !state.is_forbidden() {
                self.show(id, problem.clone()).await?;
                records.store.publish(AppChange::Connection(id.clone()));
            }
            return Err(problem);
        }
        let lock = take_lock(access.tokens.data_dir.clone(), id)?;
        if state.is_forbidden() {
            self.hold(id, |_| None).await?;
        }
        let okta = access.okta(&basis.connection).await;
        let events_webhook = events_webhook(access, &basis.connection, &settings).await;
        // The keychain may be unlocked any moment; until then the reason is shown.
        let passing = [okta.as_ref().err(), events_webhook.as_ref().err()]
            .map(|problem| problem.filter(|problem| is_passing(problem.code)).cloned());
        self.show_passing(id, passing.clone()).await?;
        if let Some(problem) = passing.into_iter().flatten().next() {
            return Err(problem);
        }
        let (store, clock) = (records.store.clone(), records.clock.clone());
        let context = LoopContext::new(store, id.clone(), clock, RelayTiming::default(), okta, events_webhook);
        Ok((Arc::new(LoopContext { wake_power: self.power.clone(), ..context }), lock))
    }

    async fn show(&self, id: &ConnectionId, problem: Problem) -> Result<(), Problem> {
        let now = self.relay.records.clock.now();
        self.hold(id, move |before| held(before, problem, now)).await
    }

    /// Shows why the tokens for Okta and Radiant cannot be read, or no longer shows it.
    async fn show_passing(
        &self,
        id: &ConnectionId,
        [okta, events_webhook]: [Option<Problem>; 2],
    ) -> Result<(), Problem> {
        let now = self.relay.records.clock.now();
        let change = move |before: Option<RelayHold>, problem: Option<Problem>| match problem {
            Some(problem) => held(before, problem, now),
            None => before.filter(|hold| !is_passing(hold.problem.code)),
        };
        self.update(id, move |state| RelayState {
            poll_hold: change(state.poll_hold, okta),
            delivery_hold: change(state.delivery_hold, events_webhook),
            ..state
        })
        .await
    }

    /// Changes why reading waits.
    async fn hold(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(Option<RelayHold>) -> Option<RelayHold> + Send + 'static,
    ) -> Result<(), Problem> {
        self.update(id, |state| RelayState { poll_hold: change(state.poll_hold), ..state }).await
    }

    async fn update(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(RelayState) -> RelayState + Send + 'static,
    ) -> Result<(), Problem> {
        let id = id.clone();
        self.relay
            .records
            .write(move |tx| {
                let Some(found) = tx.relay(&id)? else { return Ok(()) };
                tx.relay_changes().update(found.relay, change)?;
                Ok(())
            })
            .await
    }
}

/// Runs one relay until its end, and releases its lock.
async fn run_one(
    id: ConnectionId,
    context: Arc<LoopContext>,
    lock: ConnectionLock,
    (end, abort): (CancellationToken, CancellationToken),
) -> ConnectionId {
    run_loops(&context, &end, &abort).await;
    drop(lock);
    id
}

/// Returns whether a token that could not be read may be readable soon, without any change that this process notices.
fn is_passing(code: Code) -> bool {
    [
        Code::KeychainMissing,
        Code::KeychainNoSessionBus,
        Code::KeychainStopped,
        Code::KeychainNoDefaultCollection,
        Code::KeychainStoredTwice,
        Code::KeychainLocked,
        Code::KeychainDenied,
        Code::KeychainFailed,
        Code::StoreCorrupt,
        Code::StoreNewer,
        Code::StoreReadOnly,
        Code::DiskFull,
        Code::StoreBusy,
        Code::StoreFailed,
        Code::PracticeEnded,
    ]
    .contains(&code)
}

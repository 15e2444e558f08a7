//! What the two loops of a relay share: clients, settings, wakes, and what they remember between their steps.
//!
//! Every step begins with what is stored. Memory holds only what may be lost: back-offs, the rate of the current window, the
//! page size in use.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use chrono::{DateTime, Utc};
use model::app_change::AppChange;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::relay::{RelayHold, RelayState};
use model::relay_delivery_verdict::BackOff;
use okta::{Okta, RateLimitLog};
use radiant::EventsWebhook;
use runtime::{Clock, Wake};
use store::{RelayPosition, Store, StoreError};
use tokio::sync::Mutex;

use super::loop_memory::{DeliveryMemory, PollMemory};

/// The shortest time between two changes that are published.
const PUBLISH_INTERVAL_SECONDS: i64 = 5;

/// The waits of a relay. The default is what the product uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayTiming {
    /// The waits after failures that pass.
    pub back_off: BackOff,
    /// The waits after refusals, which somebody has to resolve.
    pub hold: BackOff,
    /// The time after which a step that hangs is given up, so that its connection raises an alarm.
    pub step_deadline: Duration,
    /// The time that a step in progress gets at the end.
    pub grace: Duration,
    /// The wait between two reads once everything is read, in place of the one in the settings.
    pub poll: Option<Duration>,
}

impl Default for RelayTiming {
    fn default() -> Self {
        Self {
            back_off: BackOff::default(),
            hold: BackOff { first: Duration::from_secs(30), longest: Duration::from_secs(300) },
            step_deadline: Duration::from_secs(180),
            grace: Duration::from_secs(5),
            poll: None,
        }
    }
}

/// When the next step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// At once: there is more to do.
    Now,
    /// After a wait, or when woken.
    After(Duration),
    /// After a wait that only a power event shortens: the other side failed.
    BackOff(Duration),
    /// After a wait that nothing shortens: the other side asked for it.
    Asked(Duration),
    /// When woken.
    WhenWoken,
}

/// The clients and the state that the two loops of one relay share.
pub(crate) struct LoopContext {
    pub(crate) store: Store,
    pub(crate) id: ConnectionId,
    pub(crate) clock: Clock,
    pub(crate) timing: RelayTiming,
    pub(crate) okta: Result<Okta, Problem>,
    pub(crate) requests: RateLimitLog,
    pub(crate) events_webhook: Result<EventsWebhook, Problem>,
    pub(crate) poll: Mutex<PollMemory>,
    /// The part of Okta's limit that was used in the current window, in percent: readable while a request hangs.
    pub(crate) used_percent: AtomicU32,
    pub(crate) delivery: Mutex<DeliveryMemory>,
    pub(crate) published: Mutex<Option<DateTime<Utc>>>,
    /// Wakes the poller.
    pub(crate) wake_poll: Wake,
    /// Wakes the deliverer.
    pub(crate) wake_delivery: Wake,
    /// Wakes both when the computer woke or its network returned.
    pub(crate) wake_power: Wake,
}

impl LoopContext {
    pub(crate) fn new(
        store: Store,
        id: ConnectionId,
        clock: Clock,
        timing: RelayTiming,
        okta: Result<Okta, Problem>,
        events_webhook: Result<EventsWebhook, Problem>,
    ) -> Self {
        let requests = RateLimitLog::default();
        let okta = okta.map(|okta| okta.logging_to(&requests));
        let (poll, delivery) = (Mutex::default(), Mutex::default());
        let (wake_poll, wake_delivery) = (Wake::default(), Wake::default());
        let (used_percent, published) = (AtomicU32::default(), Mutex::default());
        Self {
            store,
            id,
            clock,
            timing,
            okta,
            requests,
            events_webhook,
            poll,
            used_percent,
            delivery,
            published,
            wake_poll,
            wake_delivery,
            wake_power: Wake::default(),
        }
    }

    /// Forgets the failures of reading in a row: they were those of a computer without a network.
    pub(crate) async fn forget_poll_failures(&self) {
        self.poll.lock().await.failures = 0;
    }

    /// Forgets the failures of delivery in a row.
    pub(crate) async fn forget_delivery_failures(&self) {
        self.delivery.lock().await.failures = 0;
    }

    /// Returns what is stored, if the relay is switched on and not paused.
    pub(crate) async fn active(&self) -> Result<Option<RelayPosition>, Problem> {
        let id = self.id.clone();
        let found = self.store.read(move |tx| tx.relay(&id)).await?;
        Ok(found.filter(|found| found.state.is_on && !found.state.is_paused))
    }

    /// Changes the stored state.
    pub(crate) async fn update(
        &self,
        relay: i64,
        change: impl FnOnce(RelayState) -> RelayState + Send + 'static,
    ) -> Result<RelayState, Problem> {
        Ok(self
            .store
            .write(move |tx| tx.relay_changes().update(relay, change))
            .await
            .map_err(|error: StoreError| error)?)
    }

    /// Publishes that the connection changed, not more often than somebody can read it.
    pub(crate) async fn publish(&self) {
        let (mut last, now) = (self.published.lock().await, self.clock.now());
        let is_due = last.is_none_or(|last| !(0..PUBLISH_INTERVAL_SECONDS).contains(&(now - last).num_seconds()));
        if is_due {
            *last = Some(now);
            self.store.publish(AppChange::Connection(self.id.clone()));
        }
    }

    /// Returns a number that differs between computers and calls, so that waits do.
    pub(crate) fn random() -> u64 {
        uuid::Uuid::new_v4().as_u64_pair().0
    }
}

/// Returns the hold after another failure: it lasts since the first failure with the same code.
pub(crate) fn held(before: Option<RelayHold>, problem: Problem, now: DateTime<Utc>) -> Option<RelayHold> {
    let same = before.filter(|before| before.problem.code == problem.code);
    let since = same.as_ref().map_or(now, |same| same.since.min(now));
    Some(RelayHold { problem, since, attempts: same.map_or(0, |same| same.attempts).saturating_add(1) })
}

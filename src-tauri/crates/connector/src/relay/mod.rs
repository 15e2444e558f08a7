//! The relay: reads Okta's System Log and sends its events to Radiant's custom events webhook, where Radiant cannot read the
//! organization itself.
//!
//! The poller stores events and cursor in one transaction, the deliverer sends what is stored, and neither keeps anything in
//! memory that may not be lost. Delivery is at least once and de-duplicated by `uuid`: after a kill, the request in flight is
//! the only one that may arrive twice, with the same idempotency key.

mod delivery;
mod event_batches;
mod event_key;
mod gap_audit;
mod headless_undeliverable_events;
mod loop_context;
mod loop_memory;
mod lost_period;
mod polling;
mod run;
mod test_event;
mod view;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::problem::Problem;
use model::relay::{GapAudit, RelayDiskUse, RelayState, RelayView, TestEvent, UndeliverablePage};
use model::relay_settings::{EVENTS_CONNECTOR_TYPE, RelaySettings};
use model::secret_name::SecretName;
use okta::RawEvent;
use radiant::EventsWebhook;
use store::{StoreError, WriteTx};

use crate::connection_clients::Access;
use crate::connection_repository::ConnectionRepository;
use event_batches::batches;
use event_key::EventKey;

pub use headless_undeliverable_events::HeadlessUndeliverable;
pub(crate) use loop_context::{LoopContext, held};
pub use loop_context::{NextStep, RelayTiming};
pub use run::{HeadlessRelay, RelayRun, RelaySummary, run_relay};
pub(crate) use run::{run_loops, take_lock};
pub(crate) use view::view as relay_view;

/// Most undeliverable events that are returned or sent again at once.
const MAX_EVENTS_AT_ONCE: u32 = 500;
/// Bytes that a remembered `uuid` takes on the disk, with the index: measured.
const BYTES_PER_UUID: u64 = 40;

/// The relay of each connection.
#[derive(Clone)]
pub struct Relay {
    pub(crate) records: ConnectionRepository,
    pub(crate) access: Access,
}

impl Relay {
    /// Returns the settings of a connection's relay.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn settings(&self, id: &ConnectionId) -> Result<RelaySettings, Problem> {
        Ok(self.state(id).await?.settings)
    }

    /// Returns what the relay of a connection shows.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn state(&self, id: &ConnectionId) -> Result<RelayView, Problem> {
        let states = self.access.tokens.secrets.states(id).await?;
        let is_token = |name| name == SecretName::EventsWebhookToken;
        let has_token = states.iter().any(|state| is_token(state.name) && state.since.is_some());
        let (id, now) = (id.clone(), self.records.clock.now());
        self.records
            .read(move |tx| {
                tx.require_connection(&id)?;
                view::view(tx, &id, has_token, now)
            })
            .await
    }

    /// Changes the settings. A token that is bound to another address than the new one is forgotten.
    ///
    /// # Errors
    /// Why the address of the webhook cannot be used, or the store's problem.
    pub async fn configure(&self, id: &ConnectionId, settings: RelaySettings) -> Result<RelayView, Problem> {
        let connection = self.records.connection(id).await?;
        let settings = settings.bounded();
        let origin = settings.webhook.address(connection.is_practice())?.origin().ascii_serialization();
        let states = self.access.tokens.secrets.states(id).await?;
        let token = states.into_iter().find(|state| state.name == SecretName::EventsWebhookToken);
        if token.and_then(|token| token.bound_to).is_some_and(|bound| bound != origin) {
            self.access.tokens.forget(id, SecretName::EventsWebhookToken).await?;
        }
        let changed = id.clone();
        self.records.write(move |tx| Ok(tx.put_relay_settings(&changed, &settings)?)).await?;
        self.state(id).await
    }

    /// Switches the relay on. It reads from the time in the settings, from where it ended before, or from now.
    ///
    /// # Errors
    /// [`Code::RelayForbidden`] under a policy that forbids it, [`Code::StepNotReady`] until the administrator stated that nobody else reads this org into Radiant,
    /// [`Code::EventsWebhookTokenMissing`], why the address cannot be used, or why there is no token to read Okta with.
    pub async fn start(&self, id: &ConnectionId) -> Result<RelayView, Problem> {
        self.refuse_if_forbidden().await?;
        let (connection, view) = (self.records.connection(id).await?, self.state(id).await?);
        view.settings.webhook.address(connection.is_practice())?;
        if connection.origin.is_none() {
            return Err(Problem::new(Code::DomainUnset));
        }
        if !view.has_token {
            return Err(Problem::new(Code::EventsWebhookTokenMissing));
        }
        if !view.settings.is_only_reader {
            return Err(Problem::new(Code::StepNotReady));
        }
        self.access.okta(&connection).await?;
        let now = self.records.clock.now();
        let started = move |state: RelayState| RelayState {
            is_on: true,
            is_paused: false,
            started: Some(now),
            poll_hold: None,
            delivery_hold: None,
            ..state
        };
        self.change(id, started).await
    }

    /// Switches the relay off. What waits is kept, and so is the position in the log.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn stop(&self, id: &ConnectionId) -> Result<RelayView, Problem> {
        self.change(id, |state| RelayState { is_on: false, poll_hold: None, delivery_hold: None, ..state }).await
    }

    /// Pauses reading and delivery.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn pause(&self, id: &ConnectionId) -> Result<RelayView, Problem> {
        self.change(id, |state| RelayState { is_paused: true, ..state }).await
    }

    /// Resumes reading and delivery.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn resume(&self, id: &ConnectionId) -> Result<RelayView, Problem> {
        let now = self.records.clock.now();
        self.change(id, move |state| RelayState { is_paused: false, started: Some(now), ..state }).await
    }

    /// Returns undeliverable events after a number, the oldest first.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn undeliverable_events(
        &self,
        id: &ConnectionId,
        after: i64,
        limit: u32,
    ) -> Result<UndeliverablePage, Problem> {
        let id = id.clone();
        self.records
            .read(move |tx| match tx.relay(&id)? {
                Some(found) => tx.relay_rows().undeliverable_events(found.relay, after, limit.min(MAX_EVENTS_AT_ONCE)),
                None => Ok(UndeliverablePage::default()),
            })
            .await
    }

    /// Returns the text of an undeliverable event. It is personal data.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn undeliverable_event_text(&self, id: &ConnectionId, number: i64) -> Result<Option<String>, Problem> {
        let id = id.clone();
        let text = self.records.read(move |tx| match tx.relay(&id)? {
            Some(found) => tx.relay_rows().undeliverable_event_text(found.relay, number),
            None => Ok(None),
        });
        Ok(text.await?.map(|text| String::from_utf8_lossy(&text).into_owned()))
    }

    /// Sends undeliverable events again, behind the events that wait. One that is not JSON stays. Returns the number of those that wait
    /// again.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn requeue(&self, id: &ConnectionId, numbers: Vec<i64>) -> Result<u32, Problem> {
        let changed = id.clone();
        let work = move |tx: &mut WriteTx<'_>| -> Result<u32, Problem> { requeue(tx, &changed, numbers) };
        let count = self.records.write(work).await?;
        self.records.store.publish(model::app_change::AppChange::Connection(id.clone()));
        Ok(count)
    }

    /// Deletes an undeliverable event.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn discard(&self, id: &ConnectionId, number: i64) -> Result<bool, Problem> {
        let id = id.clone();
        let work = move |tx: &mut WriteTx<'_>| match tx.relay(&id)? {
            Some(found) => Ok(tx.relay_changes().remove_undeliverable(found.relay, number)?),
            None => Ok(false),
        };
        self.records.write(work).await
    }

    /// Sends a test event and returns it once Radiant accepted it. It waits for nothing that is in the queue.
    ///
    /// # Errors
    /// [`Code::RelayForbidden`], or why Radiant did not accept it.
    pub async fn send_test_event(&self, id: &ConnectionId) -> Result<TestEvent, Problem> {
        self.refuse_if_forbidden().await?;
        let (connection, settings) = (self.records.connection(id).await?, self.settings(id).await?);
        let events_webhook = events_webhook(&self.access, &connection, &settings).await?;
        test_event::send_test_event(&events_webhook, &settings.webhook, self.records.clock.now()).await
    }

    /// Returns whether Radiant's search finds a test event.
    ///
    /// # Errors
    /// Why there is no answer: the search needs its own token and settings.
    pub async fn find_test_event(&self, id: &ConnectionId, event: &TestEvent) -> Result<bool, Problem> {
        let mut connection = self.records.connection(id).await?;
        connection.radiant.connector_type = Some(EVENTS_CONNECTOR_TYPE.to_owned());
        let search = self.access.search(&connection).await?;
        let since = event.accepted - chrono::TimeDelta::hours(1);
        let found = search.find(std::slice::from_ref(&event.uuid), since).await;
        Ok(found.map_err(|failure| failure.problem())?.value.contains(&event.uuid))
    }

    /// Compares the hours of a period with Okta, at most a day, and adds missing events to the backlog.
    ///
    /// # Errors
    /// Why Okta did not answer, or the store's problem.
    pub async fn audit_gaps(
        &self,
        id: &ConnectionId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<GapAudit, Problem> {
        let connection = self.records.connection(id).await?;
        let okta = self.access.okta(&connection).await?;
        gap_audit::audit(&self.records, &okta, id, from, until).await
    }

    /// Returns the room that the relay takes on the disk, and may take.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn disk_use(&self, id: &ConnectionId) -> Result<RelayDiskUse, Problem> {
        let id = id.clone();
        self.records
            .read(move |tx| {
                let Some(found) = tx.relay(&id)? else {
                    let bound_bytes = RelaySettings::default().max_backlog_bytes();
                    return Ok(RelayDiskUse { bound_bytes, ..RelayDiskUse::default() });
                };
                let [backlog_bytes, undeliverable_bytes, remembered] = tx.relay_rows().sizes(found.relay)?;
                let remembered_bytes = remembered.saturating_mul(BYTES_PER_UUID);
                let bound_bytes = found.settings.max_backlog_bytes();
                Ok(RelayDiskUse { backlog_bytes, undeliverable_bytes, remembered, remembered_bytes, bound_bytes })
            })
            .await
    }

    /// Returns whether the policy forbids the relay.
    pub(crate) async fn is_forbidden(&self) -> Result<bool, Problem> {
        Ok(self.records.settings.policy.fixed().await?.relay == Some(false))
    }

    async fn refuse_if_forbidden(&self) -> Result<(), Problem> {
        if self.is_forbidden().await? { Err(Problem::new(Code::RelayForbidden)) } else { Ok(()) }
    }

    async fn change(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(RelayState) -> RelayState + Send + 'static,
    ) -> Result<RelayView, Problem> {
        let changed = id.clone();
        let work = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
            let found = tx.relay(&changed)?.ok_or(Code::StepNotReady)?;
            tx.relay_changes().update(found.relay, change)?;
            // Published as a change of the connection, which wakes the workers.
            Ok(tx.put_relay_settings(&changed, &found.settings)?)
        };
        self.records.write(work).await?;
        self.state(id).await
    }
}

/// Returns the client of the webhook with the token of a connection.
pub(crate) async fn events_webhook(
    access: &Access,
    connection: &Connection,
    settings: &RelaySettings,
) -> Result<EventsWebhook, Problem> {
    let token = access.tokens.get(connection, SecretName::EventsWebhookToken).await?;
    let accepted = access.accepted(&connection.id).await?;
    EventsWebhook::new(&settings.webhook, connection.is_practice(), &token, &accepted, &access.http, &access.clock)
}

fn requeue(tx: &mut WriteTx<'_>, id: &ConnectionId, numbers: Vec<i64>) -> Result<u32, Problem> {
    let found = tx.relay(id)?.ok_or(StoreError::Missing)?;
    let wanted: BTreeSet<i64> = numbers.into_iter().collect();
    let mut texts = Vec::new();
    for number in wanted {
        if let Some(text) = tx.relay_rows().undeliverable_event_text(found.relay, number)?
            && RawEvent::read(&text).is_json
        {
            tx.relay_changes().remove_undeliverable(found.relay, number)?;
            texts.push(text);
        }
    }
    let events: Vec<_> =
        texts.iter().map(|text| RawEvent::read(text)).map(|event| (EventKey::of(&event), event)).collect();
    let added = batches(&events, &found.settings)?;
    tx.relay_changes().add_batches(found.relay, &added)?;
    let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
    let bytes: u64 = added.iter().map(|batch| batch.bytes).sum();
    tx.relay_changes().update(found.relay, move |mut state| {
        state.counters.set_aside = state.counters.set_aside.saturating_sub(u64::from(count));
        state.backlog_events = state.backlog_events.saturating_add(u64::from(count));
        state.backlog_bytes = state.backlog_bytes.saturating_add(bytes);
        state
    })?;
    Ok(count)
}

//! The undeliverable events of a relay without a window: listed, and sent again once the cause is gone. The relay may be running.

use std::path::Path;

use model::connection::ConnectionId;
use model::problem::Problem;
use model::relay::UndeliverableEvent;
use store::{Store, WriteTx};

use super::run::HEADLESS;
use super::{MAX_EVENTS_AT_ONCE, requeue};

/// The database of a relay's folder.
const DATABASE: &str = "connector.db";

/// The undeliverable events of the relay of a folder.
pub struct HeadlessUndeliverable {
    store: Store,
    id: ConnectionId,
}

impl HeadlessUndeliverable {
    /// Opens the folder of a relay; `None` if it contains none. Nothing is created.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn open(folder: &Path) -> Result<Option<Self>, Problem> {
        if !folder.join(DATABASE).is_file() {
            return Ok(None);
        }
        let (store, id) = (Store::open(folder)?, ConnectionId(HEADLESS.to_owned()));
        let read = id.clone();
        let found = store.read(move |tx| tx.relay(&read)).await?;
        Ok(found.map(|_| Self { store, id }))
    }

    /// Returns all of them, the oldest first.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn list(&self) -> Result<Vec<UndeliverableEvent>, Problem> {
        let mut all: Vec<UndeliverableEvent> = Vec::new();
        loop {
            let (id, after) = (self.id.clone(), all.last().map_or(0, |event| event.number));
            let read = move |tx: &store::ReadTx<'_>| match tx.relay(&id)? {
                Some(found) => Ok(tx.relay_rows().undeliverable_events(found.relay, after, MAX_EVENTS_AT_ONCE)?.events),
                None => Ok::<_, store::StoreError>(Vec::new()),
            };
            let page = self.store.read(read).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Sends all of them again, behind the events that wait. One that is not JSON stays. Returns the number of those that wait
    /// again.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn send_again(&self) -> Result<u32, Problem> {
        let (mut sent, all) = (0_u32, self.list().await?);
        for some in all.chunks(usize::try_from(MAX_EVENTS_AT_ONCE).unwrap_or(usize::MAX)) {
            let (id, numbers) = (self.id.clone(), some.iter().map(|event| event.number).collect());
            let work = move |tx: &mut WriteTx<'_>| -> Result<u32, Problem> { requeue(tx, &id, numbers) };
            sent = sent.saturating_add(self.store.write(work).await?);
        }
        Ok(sent)
    }
}

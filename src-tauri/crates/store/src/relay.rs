//! The relay's rows: settings and state, waiting events, remembered `uuid`s, undeliverable events and gaps. Everything that the relay
//! stores passes through here and through `relay_changes`.

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{ReadTx, StoreError};
use model::connection::ConnectionId;
use model::relay::{RelayState, UndeliverableEvent, UndeliverablePage, UndeliverableReason};
use model::relay_gap::RelayGap;
use model::relay_settings::RelaySettings;

/// The relay of a connection, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayPosition {
    /// Identifies it in the other methods.
    pub relay: i64,
    /// The settings.
    pub settings: RelaySettings,
    /// The state.
    pub state: RelayState,
    /// The address of the next page, as Okta wrote it.
    pub cursor: Option<String>,
}

/// A request to Radiant that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// The number of its events.
    pub events: u32,
    /// The size of its events before compression.
    pub bytes: u64,
    /// The time of its oldest event.
    pub oldest: Option<DateTime<Utc>>,
    /// Identifies its events, whenever they are sent.
    pub idempotency_key: String,
    /// The `uuid`s of its events, or the first and the last, separated by commas.
    pub uuids: String,
    /// The events: a JSON array, compressed with gzip.
    pub body: Vec<u8>,
}

/// A request to Radiant that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingBatch {
    /// Identifies it.
    pub number: i64,
    /// The number of its first events that are delivered.
    pub settled: u32,
    /// The number of events that are sent at once.
    pub chunk: u32,
    /// The request.
    pub batch: NewBatch,
}

/// An event that is to be set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUndeliverableEvent {
    /// Its `uuid`, if it has one.
    pub uuid: Option<String>,
    /// Its time as Okta wrote it.
    pub published: Option<String>,
    /// When it is set aside.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: UndeliverableReason,
    /// The HTTP status of the last refusal.
    pub status: Option<u16>,
    /// Its text.
    pub body: Vec<u8>,
}

impl ReadTx<'_> {
    /// Returns the relay of `id`; `None` if it was never set up.
    ///
    /// # Errors
    /// As for every read.
    pub fn relay(&self, id: &ConnectionId) -> Result<Option<RelayPosition>, StoreError> {
        let mut query =
            self.db().prepare_cached("SELECT number, settings, state, cursor FROM relay WHERE connection = ?1")?;
        let row = query.query_row([&id.0], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?))
        });
        let Some((relay, settings, state, cursor)) = row.optional()? else { return Ok(None) };
        let (settings, state) = (serde_json::from_str(&settings)?, serde_json::from_str(&state)?);
        Ok(Some(RelayPosition { relay, settings, state, cursor }))
    }

    /// Returns the other rows of relays.
    #[must_use]
    pub fn relay_rows(&self) -> RelayRows<'_> {
        RelayRows(self.db())
    }
}

/// The rows of relays, in a transaction that reads them.
pub struct RelayRows<'a>(&'a Connection);

impl RelayRows<'_> {
    /// Returns the request that is next.
    ///
    /// # Errors
    /// As for every read.
    pub fn oldest_batch(&self, relay: i64) -> Result<Option<WaitingBatch>, StoreError> {
        let mut query = self.0.prepare_cached(
            "SELECT number, settled, chunk, events, bytes, oldest, idempotency_key, uuids, body
               FROM relay_batches WHERE relay = ?1 ORDER BY number LIMIT 1",
        )?;
        let found = query.query_row([relay], |row| {
            Ok(WaitingBatch {
                number: row.get(0)?,
                settled: row.get(1)?,
                chunk: row.get(2)?,
                batch: NewBatch {
                    events: row.get(3)?,
                    bytes: unsigned(row, 4)?,
                    oldest: row.get(5)?,
                    idempotency_key: row.get(6)?,
                    uuids: row.get(7)?,
                    body: row.get(8)?,
                },
            })
        });
        Ok(found.optional()?)
    }

    /// Returns the time of the oldest event of the request that is next.
    ///
    /// # Errors
    /// As for every read.
    pub fn oldest_waiting(&self, relay: i64) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT oldest FROM relay_batches WHERE relay = ?1 ORDER BY number LIMIT 1";
        let found = self.0.prepare_cached(sql)?.query_row([relay], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    /// Returns whether a `uuid` is remembered, by its bytes.
    ///
    /// # Errors
    /// As for every read.
    pub fn remembers(&self, relay: i64, uuid: &[u8]) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM relay_uuids WHERE relay = ?1 AND uuid = ?2";
        Ok(self.0.prepare_cached(sql)?.exists(params![relay, uuid])?)
    }

    /// Returns undeliverable events after a number, the oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn undeliverable_events(&self, relay: i64, after: i64, limit: u32) -> Result<UndeliverablePage, StoreError> {
        let mut query = self.0.prepare_cached(
            "SELECT number, uuid, published, at, reason, status, bytes
               FROM relay_dead_letters WHERE relay = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
        )?;
        let rows = query.query_map(params![relay, after, limit], |row| {
            Ok(UndeliverableEvent {
                number: row.get(0)?,
                uuid: row.get(1)?,
                published: row.get(2)?,
                at: row.get(3)?,
                reason: parsed(row, 4)?,
                status: row.get(5)?,
                bytes: unsigned(row, 6)?,
            })
        })?;
        Ok(UndeliverablePage { events: rows.collect::<Result<_, _>>()?, total: self.count_undeliverable(relay)? })
    }

    /// Counts the undeliverable events.
    ///
    /// # Errors
    /// As for every read.
    pub fn count_undeliverable(&self, relay: i64) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM relay_dead_letters WHERE relay = ?1";
        Ok(self.0.prepare_cached(sql)?.query_row([relay], |row| unsigned(row, 0))?)
    }

    /// Returns the text of an undeliverable event.
    ///
    /// # Errors
    /// As for every read.
    pub fn undeliverable_event_text(&self, relay: i64, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT body FROM relay_dead_letters WHERE relay = ?1 AND number = ?2";
        Ok(self.0.prepare_cached(sql)?.query_row([relay, number], |row| row.get(0)).optional()?)
    }

    /// Returns the newest gaps, the newest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn gaps(&self, relay: i64, limit: u32) -> Result<Vec<RelayGap>, StoreError> {
        let mut query = self.0.prepare_cached(
            "SELECT found, since, until, reason, missing FROM relay_gaps WHERE relay = ?1 ORDER BY number DESC LIMIT ?2",
        )?;
        let rows = query.query_map(params![relay, limit], |row| {
            let missing = row.get::<_, Option<i64>>(4)?.and_then(|count| u64::try_from(count).ok());
            Ok(RelayGap { found: row.get(0)?, from: row.get(1)?, until: row.get(2)?, reason: parsed(row, 3)?, missing })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the bytes of waiting requests and of undeliverable events, and the number of remembered `uuid`s.
    ///
    /// # Errors
    /// As for every read.
    pub fn sizes(&self, relay: i64) -> Result<[u64; 3], StoreError> {
        let sql = "SELECT (SELECT coalesce(sum(length(body)), 0) FROM relay_batches WHERE relay = ?1),
                          (SELECT coalesce(sum(bytes), 0) FROM relay_dead_letters WHERE relay = ?1),
                          (SELECT count(*) FROM relay_uuids WHERE relay = ?1)";
        let read = |row: &Row<'_>| Ok([unsigned(row, 0)?, unsigned(row, 1)?, unsigned(row, 2)?]);
        Ok(self.0.prepare_cached(sql)?.query_row([relay], read)?)
    }
}

fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

fn parsed<T>(row: &Row<'_>, column: usize) -> Result<T, rusqlite::Error>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

//! The relay's rows: settings and state, waiting events, remembered `uuid`s, dead letters and gaps. Everything that the relay
//! stores passes through here.
//!
//! Deleted rows are overwritten (`secure_delete`), because undelivered events are personal data. No method sends a change: the
//! relay writes several times a second, and publishes by itself what is shown.

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{ReadTx, StoreError, WriteTx, time};
use model::connection::ConnectionId;
use model::relay::{DeadLetter, DeadLetters, RelayGap, RelayState, SetAsideReason};
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
pub struct NewDeadLetter {
    /// Its `uuid`, if it has one.
    pub uuid: Option<String>,
    /// Its time as Okta wrote it.
    pub published: Option<String>,
    /// When it is set aside.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: SetAsideReason,
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

    /// Returns dead letters after a number, the oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn dead_letters(&self, relay: i64, after: i64, limit: u32) -> Result<DeadLetters, StoreError> {
        let mut query = self.0.prepare_cached(
            "SELECT number, uuid, published, at, reason, status, bytes
               FROM relay_dead_letters WHERE relay = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
        )?;
        let rows = query.query_map(params![relay, after, limit], |row| {
            Ok(DeadLetter {
                number: row.get(0)?,
                uuid: row.get(1)?,
                published: row.get(2)?,
                at: row.get(3)?,
                reason: parsed(row, 4)?,
                status: row.get(5)?,
                bytes: unsigned(row, 6)?,
            })
        })?;
        Ok(DeadLetters { letters: rows.collect::<Result<_, _>>()?, total: self.count_dead_letters(relay)? })
    }

    /// Counts the dead letters.
    ///
    /// # Errors
    /// As for every read.
    pub fn count_dead_letters(&self, relay: i64) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM relay_dead_letters WHERE relay = ?1";
        Ok(self.0.prepare_cached(sql)?.query_row([relay], |row| unsigned(row, 0))?)
    }

    /// Returns the text of a dead letter.
    ///
    /// # Errors
    /// As for every read.
    pub fn dead_letter_text(&self, relay: i64, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
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

    /// Returns the bytes of waiting requests and of dead letters, and the number of remembered `uuid`s.
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

impl WriteTx<'_> {
    /// Writes the settings of a relay, which is set up if it was not.
    ///
    /// # Errors
    /// As for every write.
    pub fn put_relay_settings(&mut self, id: &ConnectionId, settings: &RelaySettings) -> Result<(), StoreError> {
        self.require_connection(id)?;
        let (body, state) = (serde_json::to_string(settings)?, serde_json::to_string(&RelayState::default())?);
        self.db().execute(
            "INSERT INTO relay (connection, settings, state) VALUES (?1, ?2, ?3)
             ON CONFLICT (connection) DO UPDATE SET settings = excluded.settings",
            params![id.0, body, state],
        )?;
        self.touch(id);
        Ok(())
    }

    /// Returns the other rows of relays, to change them.
    #[must_use]
    pub fn relay_changes(&mut self) -> RelayChanges<'_> {
        RelayChanges(self.db())
    }
}

/// The rows of relays, in a transaction that changes them.
pub struct RelayChanges<'a>(&'a Connection);

impl RelayChanges<'_> {
    /// Replaces the state of a relay by what `change` makes of it.
    ///
    /// # Errors
    /// As for every write; [`StoreError::Missing`] when it was never set up.
    pub fn update(&self, relay: i64, change: impl FnOnce(RelayState) -> RelayState) -> Result<RelayState, StoreError> {
        let mut query = self.0.prepare_cached("SELECT state FROM relay WHERE number = ?1")?;
        let body: Option<String> = query.query_row([relay], |row| row.get(0)).optional()?;
        let after = change(serde_json::from_str(&body.ok_or(StoreError::Missing)?)?);
        let mut update = self.0.prepare_cached("UPDATE relay SET state = ?2 WHERE number = ?1")?;
        update.execute(params![relay, serde_json::to_string(&after)?])?;
        Ok(after)
    }

    /// Writes the address of the next page.
    ///
    /// # Errors
    /// As for every write.
    pub fn put_cursor(&self, relay: i64, cursor: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE relay SET cursor = ?2 WHERE number = ?1";
        self.0.prepare_cached(sql)?.execute(params![relay, cursor])?;
        Ok(())
    }

    /// Remembers `uuid`s, by their bytes, as of a day. Returns whether each is new.
    ///
    /// # Errors
    /// As for every write.
    pub fn remember<'u>(
        &self,
        relay: i64,
        uuids: impl IntoIterator<Item = &'u [u8]>,
        day: i64,
    ) -> Result<Vec<bool>, StoreError> {
        let sql = "INSERT INTO relay_uuids (relay, uuid, day) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let mut insert = self.0.prepare_cached(sql)?;
        uuids.into_iter().map(|uuid| Ok(insert.execute(params![relay, uuid, day])? > 0)).collect()
    }

    /// Forgets `uuid`s of before a day among the next `count` ones, and continues there at the next call.
    ///
    /// # Errors
    /// As for every write.
    pub fn sweep_uuids(&self, relay: i64, before: i64, count: u32) -> Result<(), StoreError> {
        let swept = "SELECT swept FROM relay WHERE number = ?1";
        let from: Vec<u8> = self.0.prepare_cached(swept)?.query_row([relay], |row| row.get(0))?;
        let end = "SELECT uuid FROM relay_uuids WHERE relay = ?1 AND uuid > ?2 ORDER BY uuid LIMIT 1 OFFSET ?3";
        let end = self.0.prepare_cached(end)?.query_row(params![relay, from, count], |row| row.get(0)).optional()?;
        match &end {
            Some(end) => {
                let sql = "DELETE FROM relay_uuids WHERE relay = ?1 AND uuid > ?2 AND uuid <= ?3 AND day < ?4";
                let end: &Vec<u8> = end;
                self.0.prepare_cached(sql)?.execute(params![relay, from, end, before])?;
            }
            None => {
                let sql = "DELETE FROM relay_uuids WHERE relay = ?1 AND uuid > ?2 AND day < ?3";
                self.0.prepare_cached(sql)?.execute(params![relay, from, before])?;
            }
        }
        let sql = "UPDATE relay SET swept = ?2 WHERE number = ?1";
        self.0.prepare_cached(sql)?.execute(params![relay, end.unwrap_or_default()])?;
        Ok(())
    }

    /// Adds requests behind those that wait.
    ///
    /// # Errors
    /// As for every write.
    pub fn add_batches(&self, relay: i64, batches: &[NewBatch]) -> Result<(), StoreError> {
        let mut insert = self.0.prepare_cached(
            "INSERT INTO relay_batches (relay, events, chunk, bytes, oldest, idempotency_key, uuids, body)
             VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for one in batches {
            let NewBatch { events, bytes, oldest, idempotency_key, uuids, body } = one;
            let bytes = i64::try_from(*bytes).unwrap_or(i64::MAX);
            insert.execute(params![relay, events, bytes, oldest.map(time), idempotency_key, uuids, body])?;
        }
        Ok(())
    }

    /// Records that the next `events` of a waiting request are delivered or set aside, and how many are sent at once from now
    /// on. A request without further events is deleted.
    ///
    /// # Errors
    /// As for every write.
    pub fn settle_batch(&self, batch: i64, events: u32, chunk: u32) -> Result<(), StoreError> {
        let sql =
            "UPDATE relay_batches SET settled = settled + ?2, chunk = ?3 WHERE number = ?1 AND settled + ?2 < events";
        if self.0.prepare_cached(sql)?.execute(params![batch, events, chunk.max(1)])? == 0 {
            self.0.prepare_cached("DELETE FROM relay_batches WHERE number = ?1")?.execute([batch])?;
        }
        Ok(())
    }

    /// Sets an event aside.
    ///
    /// # Errors
    /// As for every write.
    pub fn add_dead_letter(&self, relay: i64, letter: &NewDeadLetter) -> Result<(), StoreError> {
        let NewDeadLetter { uuid, published, at, reason, status, body } = letter;
        let (reason, bytes): (&str, _) = (reason.into(), i64::try_from(body.len()).unwrap_or(i64::MAX));
        self.0
            .prepare_cached(
                "INSERT INTO relay_dead_letters (relay, uuid, published, at, reason, status, bytes, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![relay, uuid, published, time(*at), reason, status, bytes, body])?;
        Ok(())
    }

    /// Removes a dead letter.
    ///
    /// # Errors
    /// As for every write.
    pub fn remove_dead_letter(&self, relay: i64, number: i64) -> Result<bool, StoreError> {
        let sql = "DELETE FROM relay_dead_letters WHERE relay = ?1 AND number = ?2";
        Ok(self.0.prepare_cached(sql)?.execute([relay, number])? > 0)
    }

    /// Removes dead letters from before then, and returns their number.
    ///
    /// # Errors
    /// As for every write.
    pub fn expire_dead_letters(&self, relay: i64, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let sql = "DELETE FROM relay_dead_letters WHERE relay = ?1 AND at < ?2";
        Ok(self.0.prepare_cached(sql)?.execute(params![relay, time(before)])?)
    }

    /// Records a gap.
    ///
    /// # Errors
    /// As for every write.
    pub fn add_gap(&self, relay: i64, gap: &RelayGap) -> Result<(), StoreError> {
        let reason: &str = gap.reason.into();
        let missing = gap.missing.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        self.0.execute(
            "INSERT INTO relay_gaps (relay, found, since, until, reason, missing) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![relay, time(gap.found), time(gap.from), time(gap.until), reason, missing],
        )?;
        Ok(())
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

//! Changes of the relay's rows. Deleted rows are overwritten (`secure_delete`), because undelivered events are personal data. No
//! method sends a change: the relay writes several times a second, and publishes by itself what is shown.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::relay::{NewBatch, NewUndeliverableEvent};
use super::{StoreError, WriteTx, time};
use model::connection::ConnectionId;
use model::relay::RelayState;
use model::relay_gap::RelayGap;
use model::relay_settings::RelaySettings;

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
pub struct RelayChanges<'a>(pub(super) &'a Connection);

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
    pub fn add_undeliverable(&self, relay: i64, event: &NewUndeliverableEvent) -> Result<(), StoreError> {
        let NewUndeliverableEvent { uuid, published, at, reason, status, body } = event;
        let (reason, bytes): (&str, _) = (reason.into(), i64::try_from(body.len()).unwrap_or(i64::MAX));
        self.0
            .prepare_cached(
                "INSERT INTO relay_dead_letters (relay, uuid, published, at, reason, status, bytes, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![relay, uuid, published, time(*at), reason, status, bytes, body])?;
        Ok(())
    }

    /// Removes an undeliverable event.
    ///
    /// # Errors
    /// As for every write.
    pub fn remove_undeliverable(&self, relay: i64, number: i64) -> Result<bool, StoreError> {
        let sql = "DELETE FROM relay_dead_letters WHERE relay = ?1 AND number = ?2";
        Ok(self.0.prepare_cached(sql)?.execute([relay, number])? > 0)
    }

    /// Removes undeliverable events from before then, and returns their number.
    ///
    /// # Errors
    /// As for every write.
    pub fn expire_undeliverable(&self, relay: i64, before: DateTime<Utc>) -> Result<usize, StoreError> {
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

//! The index of secrets: which secrets the keychain holds for a connection and since when. It holds no secret, nor a part of
//! one, and nothing of a secret that is kept for this run only. Only the `secrets` crate writes it.

use chrono::SecondsFormat;
use rusqlite::{Row, params};

use super::{ReadTx, StoreError, WriteTx};
use model::connection::ConnectionId;
use model::secret_name::{SecretName, SecretState};

impl ReadTx<'_> {
    /// Returns the index rows of a connection, by name.
    ///
    /// # Errors
    /// As for every read.
    pub fn secret_states(&self, id: &ConnectionId) -> Result<Vec<SecretState>, StoreError> {
        let mut query = self
            .db()
            .prepare_cached("SELECT name, since, bound_to FROM secret_index WHERE connection = ?1 ORDER BY name")?;
        let rows = query.query_map([&id.0], |row| Ok(read(row)))?;
        rows.map(|row| row?).collect()
    }
}

impl WriteTx<'_> {
    /// Records that the keychain holds a secret, in place of what was recorded for its name.
    ///
    /// # Errors
    /// As for every write.
    pub fn put_secret_state(&mut self, id: &ConnectionId, state: &SecretState) -> Result<(), StoreError> {
        let since = state.since.map(|since| since.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let changed = self.db().execute(
            "INSERT INTO secret_index (connection, name, since, bound_to)
             SELECT id, ?2, ?3, ?4 FROM connections WHERE id = ?1
             ON CONFLICT (connection, name) DO UPDATE SET since = excluded.since, bound_to = excluded.bound_to",
            params![id.0, state.name.as_str(), since, state.bound_to],
        )?;
        self.touch(id);
        if changed == 0 { Err(StoreError::Missing) } else { Ok(()) }
    }

    /// Records that the keychain no longer holds a secret. It is no error when it did not.
    ///
    /// # Errors
    /// As for every write.
    pub fn remove_secret_state(&mut self, id: &ConnectionId, name: SecretName) -> Result<(), StoreError> {
        self.db()
            .execute("DELETE FROM secret_index WHERE connection = ?1 AND name = ?2", params![id.0, name.as_str()])?;
        self.touch(id);
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<SecretState, StoreError> {
    let (name, since): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    Ok(SecretState {
        name: serde_json::from_value(name.into())?,
        since: since.map(|since| serde_json::from_value(since.into())).transpose()?,
        bound_to: row.get(2)?,
        this_run_only: false,
    })
}

//! The vault's index: which secrets are kept for a connection and since when. No secret, nor a part of one, is here.
//!
//! Promises: the state of a secret that lives for this run only stays in this process's memory and ends with it.

use chrono::SecondsFormat;
use rusqlite::{Row, params};

use super::{Store, StoreError};
use model::connection::ConnectionId;
use model::secret::{SecretName, SecretState};

impl Store {
    /// Notes that a secret is kept, in place of what was noted for that name.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such connection; [`StoreError::Full`], [`StoreError::Busy`],
    /// [`StoreError::ReadOnly`].
    pub fn put_secret_state(&self, id: &ConnectionId, state: &SecretState) -> Result<(), StoreError> {
        let table = if state.this_run_only { "temp.secrets_this_run" } else { "main.secrets" };
        let mut db = self.db();
        let change = db.transaction()?;
        delete(&change, id, state.name)?;
        let added = change.execute(
            &format!("INSERT INTO {table} (connection, name, since, bound_to) SELECT id, ?2, ?3, ?4 FROM connections WHERE id = ?1"),
            params![id.0, word(state.name)?, state.since.map(|since| since.to_rfc3339_opts(SecondsFormat::AutoSi, true)), state.bound_to],
        )?;
        if added == 0 {
            return Err(StoreError::Missing);
        }
        change.commit()?;
        Ok(())
    }

    /// Returns what is noted of a connection's secrets, by name.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when a row names a secret this app does not know.
    pub fn secret_states(&self, id: &ConnectionId) -> Result<Vec<SecretState>, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached(
            "SELECT name, since, bound_to, 0 FROM main.secrets WHERE connection = ?1
             UNION ALL SELECT name, since, bound_to, 1 FROM temp.secrets_this_run WHERE connection = ?1
             ORDER BY name",
        )?;
        let rows = ask.query_map([&id.0], |row| Ok(read(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Forgets what is noted of a secret. Forgetting none is no error.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`].
    pub fn forget_secret_state(&self, id: &ConnectionId, name: SecretName) -> Result<(), StoreError> {
        let mut db = self.db();
        let change = db.transaction()?;
        delete(&change, id, name)?;
        change.commit()?;
        Ok(())
    }
}

fn delete(db: &rusqlite::Connection, id: &ConnectionId, name: SecretName) -> Result<(), StoreError> {
    for table in ["temp.secrets_this_run", "main.secrets"] {
        db.execute(&format!("DELETE FROM {table} WHERE connection = ?1 AND name = ?2"), params![id.0, word(name)?])?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<SecretState, StoreError> {
    let (name, since): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    Ok(SecretState {
        name: serde_json::from_value(name.into())?,
        since: since.map(|since| serde_json::from_value(since.into())).transpose()?,
        bound_to: row.get(2)?,
        this_run_only: row.get(3)?,
    })
}

/// The name as the model writes it, for example `okta_token`.
fn word(name: SecretName) -> Result<String, StoreError> {
    Ok(serde_json::from_value(serde_json::to_value(name)?)?)
}

//! Connections: one row each, the model's JSON.
//!
//! Promises: removing one removes all that the store knows of it, in the same transaction.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, time};
use model::connection::{Connection, ConnectionId};

impl Store {
    /// Adds a connection, with a guide that stands at its beginning.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] when its id is taken; [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`].
    pub fn add(&self, connection: &Connection) -> Result<(), StoreError> {
        let body = serde_json::to_string(connection)?;
        self.db().execute(
            "INSERT INTO connections (id, created, body) VALUES (?1, ?2, ?3)",
            params![connection.id.0, time(connection.created), body],
        )?;
        Ok(())
    }

    /// Replaces a connection.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none of its id; otherwise as [`Store::add`].
    pub fn update(&self, connection: &Connection) -> Result<(), StoreError> {
        let body = serde_json::to_string(connection)?;
        let changed = self.db().execute(
            "UPDATE connections SET created = ?2, body = ?3 WHERE id = ?1",
            params![connection.id.0, time(connection.created), body],
        )?;
        if changed == 0 { Err(StoreError::Missing) } else { Ok(()) }
    }

    /// Removes a connection with its guide, its reports and its secrets' index. Removing none is no error.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`].
    pub fn remove(&self, id: &ConnectionId) -> Result<(), StoreError> {
        let mut db = self.db();
        let change = db.transaction()?;
        change.execute("DELETE FROM secrets_this_run WHERE connection = ?1", [&id.0])?;
        change.execute("DELETE FROM connections WHERE id = ?1", [&id.0])?;
        change.commit()?;
        Ok(())
    }

    /// Returns a connection, if there is one of that id.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when its row cannot be read.
    pub fn get(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        let body: Option<String> =
            self.db().query_row("SELECT body FROM connections WHERE id = ?1", [&id.0], |row| row.get(0)).optional()?;
        body.map(|body| Ok(serde_json::from_str(&body)?)).transpose()
    }

    /// Returns every connection, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when a row cannot be read.
    pub fn list(&self) -> Result<Vec<Connection>, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached("SELECT body FROM connections ORDER BY created, id")?;
        let bodies = ask.query_map([], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }
}

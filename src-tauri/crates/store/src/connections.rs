//! Connections: one row each. Removing one removes everything stored for it, in the same transaction.

use rusqlite::{OptionalExtension, params};

use super::key_value::key_of;
use super::rate_usage::drop_unused_rate_usage;
use super::{ReadTx, StoreError, WriteTx, time};
use model::connection::{Connection, ConnectionId};

/// Tables with rows about the Okta organization of a connection.
const ORG_TABLES: [&str; 6] = ["reports", "monitor_state", "hours", "status_changes", "reminder_state", "relay"];

impl ReadTx<'_> {
    /// Returns a connection.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none with this id.
    pub fn connection(&self, id: &ConnectionId) -> Result<Connection, StoreError> {
        let mut query = self.db().prepare_cached("SELECT body FROM connections WHERE id = ?1")?;
        let body: Option<String> = query.query_row([&id.0], |row| row.get(0)).optional()?;
        Ok(serde_json::from_str(&body.ok_or(StoreError::Missing)?)?)
    }

    /// Returns every connection, the oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let mut query = self.db().prepare_cached("SELECT body FROM connections ORDER BY created, rowid")?;
        let bodies = query.query_map([], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    /// Fails unless the connection exists.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub fn require_connection(&self, id: &ConnectionId) -> Result<(), StoreError> {
        let mut query = self.db().prepare_cached("SELECT 1 FROM connections WHERE id = ?1")?;
        if query.exists([&id.0])? { Ok(()) } else { Err(StoreError::Missing) }
    }
}

impl WriteTx<'_> {
    /// Adds a connection.
    ///
    /// # Errors
    /// As for every write; [`StoreError::Sqlite`] when its id is taken.
    pub fn add_connection(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.db().execute(
            "INSERT INTO connections (id, created, body) VALUES (?1, ?2, ?3)",
            params![connection.id.0, time(connection.created), serde_json::to_string(connection)?],
        )?;
        self.touch(&connection.id);
        Ok(())
    }

    /// Changes a connection and returns it.
    ///
    /// # Errors
    /// As for every write.
    pub fn update_connection(
        &mut self,
        id: &ConnectionId,
        change: impl FnOnce(&mut Connection),
    ) -> Result<Connection, StoreError> {
        let before = self.connection(id)?;
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            let body = serde_json::to_string(&after)?;
            self.db().execute("UPDATE connections SET body = ?2 WHERE id = ?1", params![id.0, body])?;
            self.touch(id);
        }
        Ok(after)
    }

    /// Removes a connection with everything stored for it. Removing one that does not exist is no error.
    ///
    /// # Errors
    /// As for every write.
    pub fn remove_connection(&mut self, id: &ConnectionId) -> Result<(), StoreError> {
        self.db().execute("DELETE FROM connections WHERE id = ?1", [&id.0])?;
        drop_unused_rate_usage(self.db())?;
        let settings = "DELETE FROM settings WHERE substr(key, -length(?1)) = ?1";
        self.db().execute(settings, [key_of(id, "")])?;
        self.touch(id);
        Ok(())
    }

    /// Drops everything observed for a connection, because it describes an organization that the connection no longer
    /// points to.
    ///
    /// # Errors
    /// As for every write.
    pub fn forget_org(&mut self, id: &ConnectionId) -> Result<(), StoreError> {
        for table in ORG_TABLES {
            self.db().execute(&format!("DELETE FROM {table} WHERE connection = ?1"), [&id.0])?;
        }
        self.touch(id);
        Ok(())
    }
}

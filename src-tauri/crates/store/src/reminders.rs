//! What is remembered for the reminders of each connection.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use model::connection::ConnectionId;
use model::reminder::ReminderState;

impl Store {
    /// Returns what is remembered of `id`; nothing, when nothing was.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the row cannot be read.
    pub fn care(&self, id: &ConnectionId) -> Result<ReminderState, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached("SELECT body FROM care WHERE connection = ?1")?;
        let body: Option<String> = ask.query_row([&id.0], |row| row.get(0)).optional()?;
        body.map_or_else(|| Ok(ReminderState::default()), |body| Ok(serde_json::from_str(&body)?))
    }

    /// Remembers it. A connection that was removed meanwhile is left removed.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`].
    pub fn put_care(&self, id: &ConnectionId, care: &ReminderState) -> Result<(), StoreError> {
        self.db().execute(
            "INSERT INTO care (connection, body) SELECT id, ?2 FROM connections WHERE id = ?1
             ON CONFLICT (connection) DO UPDATE SET body = excluded.body",
            params![id.0, serde_json::to_string(care)?],
        )?;
        Ok(())
    }
}

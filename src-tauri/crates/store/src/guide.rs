//! Where each guide stands: written after every change, so a quit at any step comes back to it.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use model::connection::ConnectionId;
use model::guide::GuideState;

impl Store {
    /// Returns where the guide of `id` stands; its beginning, when nothing was written yet.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the row cannot be read.
    pub fn setup(&self, id: &ConnectionId) -> Result<GuideState, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached("SELECT body FROM setup WHERE connection = ?1")?;
        let body: Option<String> = ask.query_row([&id.0], |row| row.get(0)).optional()?;
        body.map_or_else(|| Ok(GuideState::default()), |body| Ok(serde_json::from_str(&body)?))
    }

    /// Writes where the guide of `id` stands.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such connection; [`StoreError::Full`], [`StoreError::Busy`],
    /// [`StoreError::ReadOnly`].
    pub fn put_setup(&self, id: &ConnectionId, setup: &GuideState) -> Result<(), StoreError> {
        let body = serde_json::to_string(setup)?;
        let changed = self.db().execute(
            "INSERT INTO setup (connection, body) SELECT id, ?2 FROM connections WHERE id = ?1
             ON CONFLICT (connection) DO UPDATE SET body = excluded.body",
            params![id.0, body],
        )?;
        if changed == 0 { Err(StoreError::Missing) } else { Ok(()) }
    }
}

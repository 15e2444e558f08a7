//! Where replacing the API token stands: written before the keychain or Okta is touched, so a kill at any point is told.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use model::connection::ConnectionId;
use model::rotation::Rotation;

impl Store {
    /// Returns where replacing the token of `id` stands, if it was ever begun.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the row cannot be read.
    pub fn rotation(&self, id: &ConnectionId) -> Result<Option<Rotation>, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached("SELECT body FROM rotations WHERE connection = ?1")?;
        let body: Option<String> = ask.query_row([&id.0], |row| row.get(0)).optional()?;
        body.map(|body| Ok(serde_json::from_str(&body)?)).transpose()
    }

    /// Writes where it stands; `None` forgets it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such connection; [`StoreError::Full`], [`StoreError::Busy`],
    /// [`StoreError::ReadOnly`].
    pub fn put_rotation(&self, id: &ConnectionId, rotation: Option<&Rotation>) -> Result<(), StoreError> {
        let Some(rotation) = rotation else {
            self.db().execute("DELETE FROM rotations WHERE connection = ?1", [&id.0])?;
            return Ok(());
        };
        let body = serde_json::to_string(rotation)?;
        let changed = self.db().execute(
            "INSERT INTO rotations (connection, body) SELECT id, ?2 FROM connections WHERE id = ?1
             ON CONFLICT (connection) DO UPDATE SET body = excluded.body",
            params![id.0, body],
        )?;
        if changed == 0 { Err(StoreError::Missing) } else { Ok(()) }
    }
}

//! Settings that belong to the data, not to a window: a key and the JSON of its value.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Store, StoreError};

impl Store {
    /// Returns a setting, if it was put.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when its value is of another kind.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let value: Option<String> =
            self.db().query_row("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0)).optional()?;
        value.map(|value| Ok(serde_json::from_str(&value)?)).transpose()
    }

    /// Puts a setting.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`].
    pub fn put_setting<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let value = serde_json::to_string(value)?;
        self.db().execute(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![key, value],
        )?;
        Ok(())
    }
}

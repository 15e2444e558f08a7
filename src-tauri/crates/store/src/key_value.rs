//! Settings that belong to the data, not to a window: a key and the JSON of its value.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ReadTx, StoreError, WriteTx};
use model::connection::ConnectionId;

impl ReadTx<'_> {
    /// Returns a setting, if it was written.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when its value is of another type.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let mut query = self.db().prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
        let value: Option<String> = query.query_row([key], |row| row.get(0)).optional()?;
        value.map(|value| Ok(serde_json::from_str(&value)?)).transpose()
    }

    /// Returns a setting of one connection, if it was written.
    ///
    /// # Errors
    /// As [`ReadTx::setting`].
    pub fn connection_setting<T: DeserializeOwned>(
        &self,
        id: &ConnectionId,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        self.setting(&key_of(id, name))
    }
}

/// Returns the key of a setting of one connection.
pub(super) fn key_of(id: &ConnectionId, name: &str) -> String {
    format!("{name}:{id}")
}

impl WriteTx<'_> {
    /// Writes a setting.
    ///
    /// # Errors
    /// As for every write.
    pub fn put_setting<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), StoreError> {
        self.db().execute(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![key, serde_json::to_string(value)?],
        )?;
        self.touch_settings();
        Ok(())
    }

    /// Writes a setting of one connection, which is removed with it.
    ///
    /// # Errors
    /// As for every write.
    pub fn put_connection_setting<T: Serialize + ?Sized>(
        &mut self,
        id: &ConnectionId,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        self.require_connection(id)?;
        self.put_setting(&key_of(id, name), value)
    }

    /// Replaces a setting by what `change` makes of it, and returns it.
    ///
    /// # Errors
    /// As for every write; [`StoreError::Unreadable`] when its value is of another type.
    pub fn update_setting<T: Serialize + DeserializeOwned>(
        &mut self,
        key: &str,
        change: impl FnOnce(Option<T>) -> T,
    ) -> Result<T, StoreError> {
        let changed = change(self.setting(key)?);
        self.put_setting(key, &changed)?;
        Ok(changed)
    }
}

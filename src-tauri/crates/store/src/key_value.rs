//! Settings that belong to the data, not to a window: a key and the JSON of its value.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Store, StoreError};

impl Store {
    /// Returns a setting, if it was put.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when its value is of another kind.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        setting(&self.db(), key)
    }

    /// Puts a setting.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`].
    pub fn put_setting<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        put_setting(&self.db(), key, value)
    }

    /// Changes a setting from what is kept of it, if it was put, and returns it. No other process writes in between.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`], [`StoreError::Unreadable`]; nothing is changed then.
    pub fn change_setting<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        change: impl FnOnce(Option<T>) -> T,
    ) -> Result<T, StoreError> {
        let mut db = self.db();
        let alone = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = change(setting(&alone, key)?);
        put_setting(&alone, key, &changed)?;
        alone.commit()?;
        Ok(changed)
    }
}

fn setting<T: DeserializeOwned>(db: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let value: Option<String> =
        db.query_row("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0)).optional()?;
    value.map(|value| Ok(serde_json::from_str(&value)?)).transpose()
}

fn put_setting<T: Serialize + ?Sized>(db: &Connection, key: &str, value: &T) -> Result<(), StoreError> {
    let value = serde_json::to_string(value)?;
    db.execute(
        "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, value],
    )?;
    Ok(())
}

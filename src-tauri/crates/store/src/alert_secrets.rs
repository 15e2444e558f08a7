//! Index of the secrets of team alerts: which of them the keychain holds, since when, and for which origin. It holds no secret.
//! Only the `secrets` crate writes it.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{OptionalExtension, params};

use super::StoreError;
use super::alert_outbox::{AlertReads, AlertWrites};
use model::alert::AlertSecret;

/// The row of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertSecretRow {
    /// Since when it is stored; `None` while it is being stored.
    pub since: Option<DateTime<Utc>>,
    /// The origin to which it is bound.
    pub bound_to: String,
}

impl AlertReads<'_> {
    /// Returns the row of a secret, if there is one.
    ///
    /// # Errors
    /// As for every read.
    pub fn secret(&self, name: AlertSecret) -> Result<Option<AlertSecretRow>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT since, bound_to FROM alert_secrets WHERE name = ?1")?;
        let row: Option<(Option<String>, String)> =
            query.query_row([name.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let row = row.map(|(since, bound_to)| {
            let since = since.map(|since| serde_json::from_value(since.into())).transpose()?;
            Ok(AlertSecretRow { since, bound_to })
        });
        row.transpose()
    }
}

impl AlertWrites<'_, '_> {
    /// Writes the row of a secret.
    ///
    /// # Errors
    /// As for every write.
    pub fn put_secret(&mut self, name: AlertSecret, row: &AlertSecretRow) -> Result<(), StoreError> {
        let since = row.since.map(|since| since.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        self.tx.db().execute(
            "INSERT INTO alert_secrets (name, since, bound_to) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET since = excluded.since, bound_to = excluded.bound_to",
            params![name.as_str(), since, row.bound_to],
        )?;
        self.tx.touch_settings();
        Ok(())
    }

    /// Removes the row of a secret. It is no error when there is none.
    ///
    /// # Errors
    /// As for every write.
    pub fn remove_secret(&mut self, name: AlertSecret) -> Result<(), StoreError> {
        self.tx.db().execute("DELETE FROM alert_secrets WHERE name = ?1", [name.as_str()])?;
        self.tx.touch_settings();
        Ok(())
    }
}

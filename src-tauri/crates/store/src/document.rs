//! Documents: JSON of which each connection has at most one, read and written whole.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ReadTx, StoreError, WriteTx};
use model::alert::AlertedState;
use model::connection::ConnectionId;
use model::guide::GuideState;
use model::monitor::MonitorState;
use model::reminder::ReminderState;
use model::rotation::Rotation;

/// A document of a connection.
pub trait Document: Serialize + DeserializeOwned + Clone + PartialEq {
    /// Its table.
    const TABLE: &'static str;

    /// Returns the document of a connection for which none was written yet.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when a row it is derived from cannot be read.
    fn initial(tx: &ReadTx<'_>, id: &ConnectionId) -> Result<Self, StoreError>;
}

impl Document for GuideState {
    const TABLE: &'static str = "guide_state";

    fn initial(_: &ReadTx<'_>, _: &ConnectionId) -> Result<Self, StoreError> {
        Ok(Self::default())
    }
}

/// The rotation of the API token, open or finished, if one was ever started.
impl Document for Option<Rotation> {
    const TABLE: &'static str = "rotation";

    fn initial(_: &ReadTx<'_>, _: &ConnectionId) -> Result<Self, StoreError> {
        Ok(None)
    }
}

impl Document for ReminderState {
    const TABLE: &'static str = "reminder_state";

    fn initial(_: &ReadTx<'_>, _: &ConnectionId) -> Result<Self, StoreError> {
        Ok(Self::default())
    }
}

impl Document for AlertedState {
    const TABLE: &'static str = "alert_state";

    fn initial(_: &ReadTx<'_>, _: &ConnectionId) -> Result<Self, StoreError> {
        Ok(Self::default())
    }
}

impl Document for MonitorState {
    const TABLE: &'static str = "monitor_state";

    /// Before the first probe, what the newest report says.
    fn initial(tx: &ReadTx<'_>, id: &ConnectionId) -> Result<Self, StoreError> {
        Ok(Self::from_report(tx.report(id)?.as_ref()))
    }
}

impl ReadTx<'_> {
    /// Returns the state of the guide of `id`.
    ///
    /// # Errors
    /// As for every read.
    pub fn guide(&self, id: &ConnectionId) -> Result<GuideState, StoreError> {
        self.document(id)
    }

    /// Returns the rotation of `id`, open or finished, if one was ever started.
    ///
    /// # Errors
    /// As for every read.
    pub fn rotation(&self, id: &ConnectionId) -> Result<Option<Rotation>, StoreError> {
        self.document(id)
    }

    /// Returns what is remembered for the reminders of `id`.
    ///
    /// # Errors
    /// As for every read.
    pub fn reminder_state(&self, id: &ConnectionId) -> Result<ReminderState, StoreError> {
        self.document(id)
    }

    /// Returns the state of monitoring of `id`.
    ///
    /// # Errors
    /// As for every read.
    pub fn monitor_state(&self, id: &ConnectionId) -> Result<MonitorState, StoreError> {
        self.document(id)
    }

    /// Returns what was sent to teams for `id`.
    ///
    /// # Errors
    /// As for every read.
    pub fn alerted_state(&self, id: &ConnectionId) -> Result<AlertedState, StoreError> {
        self.document(id)
    }

    fn document<D: Document>(&self, id: &ConnectionId) -> Result<D, StoreError> {
        let mut query = self.db().prepare_cached(&format!("SELECT body FROM {} WHERE connection = ?1", D::TABLE))?;
        let body: Option<String> = query.query_row([&id.0], |row| row.get(0)).optional()?;
        body.map_or_else(|| D::initial(self, id), |body| Ok(serde_json::from_str(&body)?))
    }
}

impl WriteTx<'_> {
    /// Replaces a document by what `change` makes of it, and returns it.
    ///
    /// # Errors
    /// As for every write.
    pub fn update<D: Document>(&mut self, id: &ConnectionId, change: impl FnOnce(D) -> D) -> Result<D, StoreError> {
        self.require_connection(id)?;
        let before: D = self.document(id)?;
        let after = change(before.clone());
        if after != before {
            self.put(id, &after)?;
        }
        Ok(after)
    }

    /// Writes a document.
    ///
    /// # Errors
    /// As for every write.
    pub fn put<D: Document>(&mut self, id: &ConnectionId, document: &D) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (connection, body) SELECT id, ?2 FROM connections WHERE id = ?1
             ON CONFLICT (connection) DO UPDATE SET body = excluded.body",
            D::TABLE
        );
        let changed = self.db().prepare_cached(&sql)?.execute(params![id.0, serde_json::to_string(document)?])?;
        self.touch(id);
        if changed == 0 { Err(StoreError::Missing) } else { Ok(()) }
    }
}

//! Check reports: the newest of each connection, and a bounded history behind it.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, time};
use model::check::CheckReport;
use model::connection::ConnectionId;

/// How many reports are kept for each connection.
pub const REPORTS_KEPT: u32 = 50;

impl Store {
    /// Returns the report of `id` that was put last, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the row cannot be read.
    pub fn report(&self, id: &ConnectionId) -> Result<Option<CheckReport>, StoreError> {
        newest_report(&self.db(), id)
    }

    /// Adds a report and drops the oldest beyond [`REPORTS_KEPT`].
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such connection; [`StoreError::Full`], [`StoreError::Busy`],
    /// [`StoreError::ReadOnly`].
    pub fn put_report(&self, id: &ConnectionId, report: &CheckReport) -> Result<(), StoreError> {
        let mut db = self.db();
        let change = db.transaction()?;
        add_report(&change, id, report)?;
        change.commit()?;
        Ok(())
    }

    /// Drops all that was seen of `id`: it speaks of an org the connection no longer points to.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::ReadOnly`].
    pub fn forget_org(&self, id: &ConnectionId) -> Result<(), StoreError> {
        let mut db = self.db();
        let change = db.transaction()?;
        for table in ["reports", "watched", "hours", "changes", "care"] {
            change.execute(&format!("DELETE FROM {table} WHERE connection = ?1"), [&id.0])?;
        }
        change.commit()?;
        Ok(())
    }
}

pub(super) fn newest_report(db: &Connection, id: &ConnectionId) -> Result<Option<CheckReport>, StoreError> {
    let mut ask = db.prepare_cached("SELECT body FROM reports WHERE connection = ?1 ORDER BY number DESC LIMIT 1")?;
    let body: Option<String> = ask.query_row([&id.0], |row| row.get(0)).optional()?;
    body.map(|body| Ok(serde_json::from_str(&body)?)).transpose()
}

/// Adds a report within the transaction that is open.
pub(super) fn add_report(db: &Connection, id: &ConnectionId, report: &CheckReport) -> Result<(), StoreError> {
    let body = serde_json::to_string(report)?;
    let added = db.execute(
        "INSERT INTO reports (connection, finished, body) SELECT id, ?2, ?3 FROM connections WHERE id = ?1",
        params![id.0, time(report.finished), body],
    )?;
    if added == 0 {
        return Err(StoreError::Missing);
    }
    db.execute(
        "DELETE FROM reports WHERE connection = ?1 AND number NOT IN
             (SELECT number FROM reports WHERE connection = ?1 ORDER BY number DESC LIMIT ?2)",
        params![id.0, REPORTS_KEPT],
    )?;
    Ok(())
}

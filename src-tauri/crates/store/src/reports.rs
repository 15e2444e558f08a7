//! Check reports: the newest of each connection, and a bounded history behind it.

use rusqlite::{OptionalExtension, params};

use super::{ReadTx, StoreError, WriteTx, time};
use model::check::CheckReport;
use model::connection::ConnectionId;

/// How many reports are kept for each connection.
pub const REPORTS_KEPT: u32 = 50;

impl ReadTx<'_> {
    /// Returns the report of `id` that was added last, if there is one.
    ///
    /// # Errors
    /// As for every read.
    pub fn report(&self, id: &ConnectionId) -> Result<Option<CheckReport>, StoreError> {
        let mut query =
            self.db().prepare_cached("SELECT body FROM reports WHERE connection = ?1 ORDER BY number DESC LIMIT 1")?;
        let body: Option<String> = query.query_row([&id.0], |row| row.get(0)).optional()?;
        body.map(|body| Ok(serde_json::from_str(&body)?)).transpose()
    }
}

impl WriteTx<'_> {
    /// Drops every report of `id`, because they are about another token.
    ///
    /// # Errors
    /// As for every write.
    pub fn drop_reports(&mut self, id: &ConnectionId) -> Result<(), StoreError> {
        self.db().execute("DELETE FROM reports WHERE connection = ?1", [&id.0])?;
        self.touch(id);
        Ok(())
    }

    /// Adds a report and drops the oldest beyond [`REPORTS_KEPT`].
    ///
    /// # Errors
    /// As for every write.
    pub fn add_report(&mut self, id: &ConnectionId, report: &CheckReport) -> Result<(), StoreError> {
        let added = self.db().execute(
            "INSERT INTO reports (connection, finished, body) SELECT id, ?2, ?3 FROM connections WHERE id = ?1",
            params![id.0, time(report.finished), serde_json::to_string(report)?],
        )?;
        if added == 0 {
            return Err(StoreError::Missing);
        }
        self.db().execute(
            "DELETE FROM reports WHERE connection = ?1 AND number NOT IN
                 (SELECT number FROM reports WHERE connection = ?1 ORDER BY number DESC LIMIT ?2)",
            params![id.0, REPORTS_KEPT],
        )?;
        self.touch(id);
        Ok(())
    }
}

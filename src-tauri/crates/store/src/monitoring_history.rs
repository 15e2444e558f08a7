//! Monitoring history: every change of status and hourly roll-ups, bounded by time.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{ReadTx, StoreError, WriteTx, time};
use model::check::CheckReport;
use model::connection::ConnectionId;
use model::history::{HourPoint, HourStats};
use model::monitor::MonitorState;
use model::status::StatusChange;

/// What one probe leaves behind.
pub struct MonitorUpdate {
    /// The new state of monitoring.
    pub state: MonitorState,
    /// The new report, when there is one.
    pub report: Option<CheckReport>,
    /// What the probe adds to its hour.
    pub hour: HourStats,
    /// The new status, when it changed.
    pub change: Option<StatusChange>,
    /// Okta's time at the end of the probe, if it is known. Without it no history is dropped: this computer's clock may be wrong.
    pub okta_time: Option<DateTime<Utc>>,
}

impl ReadTx<'_> {
    /// Returns the beginning of the oldest hour that is kept, of any connection.
    ///
    /// # Errors
    /// As for every read.
    pub fn oldest_hour(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.db().query_row("SELECT min(hour) FROM hours", [], |row| row.get(0))?)
    }

    /// Returns the hours of `id` since then that had probes, the oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn hours(&self, id: &ConnectionId, since: DateTime<Utc>) -> Result<Vec<HourPoint>, StoreError> {
        let mut query = self
            .db()
            .prepare_cached("SELECT hour, body FROM hours WHERE connection = ?1 AND hour >= ?2 ORDER BY hour")?;
        let rows = query.query_map(params![id.0, time(since)], |row| {
            Ok((row.get::<_, DateTime<Utc>>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.map(|row| {
            let (from, body) = row?;
            Ok(HourPoint { from, hour: serde_json::from_str(&body)? })
        })
        .collect()
    }

    /// Returns the changes of status of `id` since then, the newest first, at most `limit`.
    ///
    /// # Errors
    /// As for every read.
    pub fn status_changes(
        &self,
        id: &ConnectionId,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<StatusChange>, StoreError> {
        let mut query = self.db().prepare_cached(
            "SELECT body FROM status_changes WHERE connection = ?1 AND at >= ?2 ORDER BY at DESC, number DESC LIMIT ?3",
        )?;
        let bodies = query.query_map(params![id.0, time(since), limit], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    /// Counts the changes of status of `id` since then.
    ///
    /// # Errors
    /// As for every read.
    pub fn count_status_changes(&self, id: &ConnectionId, since: DateTime<Utc>) -> Result<u32, StoreError> {
        let mut query =
            self.db().prepare_cached("SELECT count(*) FROM status_changes WHERE connection = ?1 AND at >= ?2")?;
        Ok(query.query_row(params![id.0, time(since)], |row| row.get(0))?)
    }
}

impl WriteTx<'_> {
    /// Records what a probe that ended `at` found, and drops history that is older than `kept` by both this computer's clock and
    /// Okta's.
    ///
    /// # Errors
    /// As for every write.
    pub fn record_probe(
        &mut self,
        id: &ConnectionId,
        at: DateTime<Utc>,
        kept: TimeDelta,
        update: &MonitorUpdate,
    ) -> Result<(), StoreError> {
        if let Some(report) = &update.report {
            self.add_report(id, report)?;
        }
        self.put(id, &update.state)?;
        add_to_hour(self.db(), id, at, &update.hour)?;
        if let Some(change) = &update.change {
            self.add_status_change(id, change)?;
        }
        let Some(now) = update.okta_time.map(|okta| okta.min(at)) else { return Ok(()) };
        let oldest = time(now - kept);
        self.db().execute("DELETE FROM hours WHERE connection = ?1 AND hour < ?2", params![id.0, oldest])?;
        self.db().execute("DELETE FROM status_changes WHERE connection = ?1 AND at < ?2", params![id.0, oldest])?;
        Ok(())
    }

    /// Records a change of status.
    ///
    /// # Errors
    /// As for every write.
    pub fn add_status_change(&mut self, id: &ConnectionId, change: &StatusChange) -> Result<(), StoreError> {
        self.db().execute(
            "INSERT INTO status_changes (connection, at, body) VALUES (?1, ?2, ?3)",
            params![id.0, time(change.at), serde_json::to_string(change)?],
        )?;
        self.touch(id);
        Ok(())
    }

    /// Drops the status changes and hours of every connection from before then.
    ///
    /// # Errors
    /// As for every write.
    pub fn drop_history(&mut self, before: DateTime<Utc>) -> Result<(), StoreError> {
        self.db().execute("DELETE FROM hours WHERE hour < ?1", [time(before)])?;
        self.db().execute("DELETE FROM status_changes WHERE at < ?1", [time(before)])?;
        for connection in self.connections()? {
            self.touch(&connection.id);
        }
        Ok(())
    }
}

fn add_to_hour(db: &Connection, id: &ConnectionId, at: DateTime<Utc>, more: &HourStats) -> Result<(), StoreError> {
    let hour = time(at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at));
    let mut query = db.prepare_cached("SELECT body FROM hours WHERE connection = ?1 AND hour = ?2")?;
    let before: Option<String> = query.query_row(params![id.0, hour], |row| row.get(0)).optional()?;
    let before: HourStats = before.map(|body| serde_json::from_str(&body)).transpose()?.unwrap_or_default();
    db.execute(
        "INSERT INTO hours (connection, hour, body) VALUES (?1, ?2, ?3)
         ON CONFLICT (connection, hour) DO UPDATE SET body = excluded.body",
        params![id.0, hour, serde_json::to_string(&before.merge(more))?],
    )?;
    Ok(())
}

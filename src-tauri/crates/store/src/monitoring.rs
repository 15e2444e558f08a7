//! What monitoring saw: where it stands, every change of status, hourly roll-ups. Bounded by time, which is given.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::reports::{add_report, newest_report};
use super::{Store, StoreError, time};
use model::budget::RateUsage;
use model::check::CheckReport;
use model::connection::ConnectionId;
use model::history::{HourPoint, HourStats};
use model::monitor::MonitorState;
use model::status::StatusChange;

/// What one look leaves behind, written in one transaction.
pub struct MonitorUpdate {
    /// Where monitoring stands now.
    pub watched: MonitorState,
    /// The new report, when there is one.
    pub report: Option<CheckReport>,
    /// What the look adds to its hour.
    pub hour: HourStats,
    /// The new status, when it changed.
    pub change: Option<StatusChange>,
}

impl Store {
    /// Returns where monitoring of `id` stands; before the first look, what the newest report says.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the row cannot be read.
    pub fn watched(&self, id: &ConnectionId) -> Result<MonitorState, StoreError> {
        watched(&self.db(), id)
    }

    /// Returns what the looks at all connections of the org that `id` is a connection of took from its limits.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when a row cannot be read.
    pub fn spent_at_org_of(&self, id: &ConnectionId) -> Result<Vec<RateUsage>, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached(
            "SELECT coalesce(json_extract(watched.body, '$.spent'), '{}') FROM watched
              JOIN connections ON connections.id = watched.connection
              WHERE json_extract(connections.body, '$.origin') =
                    (SELECT json_extract(body, '$.origin') FROM connections WHERE id = ?1)",
        )?;
        let bodies = ask.query_map([&id.0], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    /// Changes where monitoring of `id` stands: read and written in one transaction, so that nothing another writer does
    /// meanwhile is lost. A connection that was removed meanwhile is left removed.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Busy`], [`StoreError::ReadOnly`]; nothing is changed then.
    pub fn change_watched(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(MonitorState) -> MonitorState,
    ) -> Result<(), StoreError> {
        let mut db = self.db();
        let writing = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = watched(&writing, id)?;
        let after = change(before.clone());
        if after != before {
            put_watched(&writing, id, &after)?;
            writing.commit()?;
        }
        Ok(())
    }

    /// Keeps what one look that ended `at` then saw, and drops what is older than is `kept`. `judge` gets where monitoring
    /// stands by now, which others may have changed while the look was under way, and decides what of it is written.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such connection any more; [`StoreError::Full`], [`StoreError::Busy`],
    /// [`StoreError::ReadOnly`]; nothing of the look is kept then.
    pub fn put_look<T>(
        &self,
        id: &ConnectionId,
        at: DateTime<Utc>,
        kept: TimeDelta,
        judge: impl FnOnce(MonitorState) -> (MonitorUpdate, T),
    ) -> Result<T, StoreError> {
        let hour = at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at);
        let mut db = self.db();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (look, told) = judge(watched(&change, id)?);
        if let Some(report) = &look.report {
            add_report(&change, id, report)?;
        }
        put_watched(&change, id, &look.watched)?;
        let before: Option<String> = change
            .query_row("SELECT body FROM hours WHERE connection = ?1 AND hour = ?2", params![id.0, time(hour)], |row| {
                row.get(0)
            })
            .optional()?;
        let before: HourStats = before.map(|body| serde_json::from_str(&body)).transpose()?.unwrap_or_default();
        let body = serde_json::to_string(&before.and(&look.hour))?;
        change.execute(
            "INSERT INTO hours (connection, hour, body) SELECT id, ?2, ?3 FROM connections WHERE id = ?1
             ON CONFLICT (connection, hour) DO UPDATE SET body = excluded.body",
            params![id.0, time(hour), body],
        )?;
        if let Some(new) = &look.change {
            change.execute(
                "INSERT INTO changes (connection, at, body) SELECT id, ?2, ?3 FROM connections WHERE id = ?1",
                params![id.0, time(new.at), serde_json::to_string(new)?],
            )?;
        }
        let oldest = time(at - kept);
        change.execute("DELETE FROM hours WHERE connection = ?1 AND hour < ?2", params![id.0, oldest])?;
        change.execute("DELETE FROM changes WHERE connection = ?1 AND at < ?2", params![id.0, oldest])?;
        change.commit()?;
        Ok(told)
    }

    /// Drops the changes and hours of every connection from before then.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::ReadOnly`]; nothing is dropped then.
    pub fn drop_history(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let mut db = self.db();
        let change = db.transaction()?;
        change.execute("DELETE FROM hours WHERE hour < ?1", [time(before)])?;
        change.execute("DELETE FROM changes WHERE at < ?1", [time(before)])?;
        change.commit()?;
        Ok(())
    }

    /// Returns the beginning of the oldest hour that is kept, of any connection.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it cannot be read.
    pub fn oldest_hour(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.db().query_row("SELECT min(hour) FROM hours", [], |row| row.get(0))?)
    }

    /// Returns the hours of `id` since then that had looks, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when a row cannot be read.
    pub fn hours(&self, id: &ConnectionId, since: DateTime<Utc>) -> Result<Vec<HourPoint>, StoreError> {
        let db = self.db();
        let mut ask =
            db.prepare_cached("SELECT hour, body FROM hours WHERE connection = ?1 AND hour >= ?2 ORDER BY hour")?;
        let rows = ask.query_map(params![id.0, time(since)], |row| {
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
    /// [`StoreError::Unreadable`] when a row cannot be read.
    pub fn changes(
        &self,
        id: &ConnectionId,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<StatusChange>, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached(
            "SELECT body FROM changes WHERE connection = ?1 AND at >= ?2 ORDER BY at DESC, number DESC LIMIT ?3",
        )?;
        let bodies = ask.query_map(params![id.0, time(since), limit], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    /// Returns how many changes of status of `id` there were since then.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when they cannot be read.
    pub fn changes_count(&self, id: &ConnectionId, since: DateTime<Utc>) -> Result<u32, StoreError> {
        let db = self.db();
        let mut ask = db.prepare_cached("SELECT count(*) FROM changes WHERE connection = ?1 AND at >= ?2")?;
        Ok(ask.query_row(params![id.0, time(since)], |row| row.get(0))?)
    }
}

fn watched(db: &rusqlite::Connection, id: &ConnectionId) -> Result<MonitorState, StoreError> {
    let mut ask = db.prepare_cached("SELECT body FROM watched WHERE connection = ?1")?;
    let body: Option<String> = ask.query_row([&id.0], |row| row.get(0)).optional()?;
    match body {
        Some(body) => Ok(serde_json::from_str(&body)?),
        None => Ok(MonitorState::first(newest_report(db, id)?.as_ref())),
    }
}

fn put_watched(db: &rusqlite::Connection, id: &ConnectionId, watched: &MonitorState) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO watched (connection, body) SELECT id, ?2 FROM connections WHERE id = ?1
         ON CONFLICT (connection) DO UPDATE SET body = excluded.body",
        params![id.0, serde_json::to_string(watched)?],
    )?;
    Ok(())
}

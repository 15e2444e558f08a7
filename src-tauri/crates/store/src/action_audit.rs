//! The audit of response actions: rows that are only ever added, chained by their hashes, and kept when their connection is removed.
//!
//! The hash of a row covers the hash of the row before it and every column as text, in a fixed order. So a row that was changed,
//! removed or inserted breaks the chain from there on.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use model::action_audit::{AuditEntry, AuditFilter, AuditPage, AuditQuery, AuditedConnection, ChainHead};
use model::connection::ConnectionId;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::action_audit_row::{AuditRow, COLUMNS, Columns, columns_of, hash, read_into};
use super::{ReadTx, StoreError, WriteTx, time};

/// Most entries of a page.
const MAX_PAGE: u32 = 200;

impl WriteTx<'_> {
    /// Adds a row to the audit of a connection and returns it as the new head. The connection need not exist.
    ///
    /// # Errors
    /// As for every write.
    pub fn append_audit(&mut self, id: &ConnectionId, row: &AuditRow) -> Result<ChainHead, StoreError> {
        append_columns(self, id, |number| columns_of(row, number))
    }
}

/// Adds a row with these columns; the function is given its number.
pub(super) fn append_columns(
    tx: &mut WriteTx<'_>,
    id: &ConnectionId,
    columns: impl FnOnce(u32) -> Result<Columns, StoreError>,
) -> Result<ChainHead, StoreError> {
    let before = tx.audit().head(id)?;
    let number = before.as_ref().map_or(1, |head| head.number.saturating_add(1));
    let mut columns = columns(number)?;
    columns.insert("connection", id.0.clone());
    columns.insert("number", number.to_string());
    let values: Vec<Option<String>> = COLUMNS.iter().map(|name| columns.remove(name)).collect();
    let hash = hash(before.as_ref().map_or("", |head| &head.hash), &values)?;
    let places = (1..=COLUMNS.len() + 1).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO action_audit ({}, hash) VALUES ({places})", COLUMNS.join(", "));
    let all = values.iter().map(|value| value as &dyn ToSql).chain([&hash as &dyn ToSql]);
    tx.db().prepare_cached(&sql)?.execute(rusqlite::params_from_iter(all))?;
    tx.touch(id);
    Ok(ChainHead { number, hash })
}

impl ReadTx<'_> {
    /// Returns what can be read of the audits.
    #[must_use]
    pub fn audit(&self) -> AuditReader<'_> {
        AuditReader { db: self.db() }
    }
}

/// Reads the audits of response actions.
#[derive(Clone, Copy)]
pub struct AuditReader<'a> {
    pub(super) db: &'a Connection,
}

impl AuditReader<'_> {
    /// Returns the newest row of a connection's audit.
    ///
    /// # Errors
    /// As for every read.
    pub fn head(&self, id: &ConnectionId) -> Result<Option<ChainHead>, StoreError> {
        let sql = "SELECT number, hash FROM action_audit WHERE connection = ?1 ORDER BY number DESC LIMIT 1";
        let mut query = self.db.prepare_cached(sql)?;
        let head = |row: &Row<'_>| Ok(ChainHead { number: row.get(0)?, hash: row.get(1)? });
        Ok(query.query_row([&id.0], head).optional()?)
    }

    /// Returns the numbers of the entries without an outcome, the oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn open_entries(&self, id: &ConnectionId) -> Result<Vec<u32>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT number FROM action_audit AS opened WHERE connection = ?1 AND phase = 'opened' AND NOT EXISTS
                 (SELECT 1 FROM action_audit WHERE connection = ?1 AND entry = opened.number AND phase = 'closed')
             ORDER BY number",
        )?;
        let numbers = query.query_map([&id.0], |row| row.get(0))?;
        Ok(numbers.collect::<Result<_, _>>()?)
    }

    /// Returns the entries of users that were locked down or addresses that were blocked, and neither undone nor superseded, the
    /// oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn in_effect(&self, id: &ConnectionId) -> Result<Vec<AuditEntry>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT number FROM action_audit WHERE connection = ?1 AND phase = 'opened'
                 AND kind IN ('lock_down', 'block_address') ORDER BY number",
        )?;
        let numbers: Vec<u32> = query.query_map([&id.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        self.still_in_effect(id, numbers)
    }

    /// Returns the entries whose end time has come and that were neither undone nor superseded, the earliest end first.
    ///
    /// # Errors
    /// As for every read.
    pub fn due_ends(&self, id: &ConnectionId, now: DateTime<Utc>) -> Result<Vec<AuditEntry>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT number FROM action_audit WHERE connection = ?1 AND phase = 'opened' AND ends_at <= ?2
             ORDER BY ends_at, number",
        )?;
        let numbers: Vec<u32> =
            query.query_map(params![id.0, time(now)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        self.still_in_effect(id, numbers)
    }

    fn still_in_effect(&self, id: &ConnectionId, numbers: Vec<u32>) -> Result<Vec<AuditEntry>, StoreError> {
        let changes = self.changes_by_target(id)?;
        let mut found = Vec::new();
        for number in numbers {
            let Some(entry) = self.entry(id, number)?.filter(|entry| entry.is_undoable) else { continue };
            let of_target = changes.get(entry.opening.target.key()).map(Vec::as_slice).unwrap_or_default();
            let mut is_superseded = false;
            for newer in of_target.iter().filter(|newer| **newer > number) {
                is_superseded |= self.entry(id, *newer)?.is_some_and(|newer| newer.supersedes(&entry));
            }
            if !is_superseded {
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// Returns the numbers of the entries that may have changed whether a target is locked or blocked.
    fn changes_by_target(&self, id: &ConnectionId) -> Result<HashMap<String, Vec<u32>>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT target_key, number FROM action_audit WHERE connection = ?1 AND phase = 'opened'
                 AND kind IN ('lock_down', 'lift_lockdown', 'block_address', 'unblock_address')",
        )?;
        let mut changes: HashMap<String, Vec<u32>> = HashMap::new();
        let mut rows = query.query([&id.0])?;
        while let Some(row) = rows.next()? {
            changes.entry(row.get(0)?).or_default().push(row.get(1)?);
        }
        Ok(changes)
    }

    /// Returns one entry of the audit.
    ///
    /// # Errors
    /// As for every read.
    pub fn entry(&self, id: &ConnectionId, number: u32) -> Result<Option<AuditEntry>, StoreError> {
        let mut query = self
            .db
            .prepare_cached("SELECT * FROM action_audit WHERE connection = ?1 AND entry = ?2 ORDER BY number")?;
        let mut rows = query.query(params![id.0, number])?;
        let mut entry = None;
        while let Some(row) = rows.next()? {
            read_into(&mut entry, row)?;
        }
        entry.map(|entry| Ok(entry.with_undo(self.undone_by(id, number)?))).transpose()
    }

    fn undone_by(&self, id: &ConnectionId, number: u32) -> Result<Option<u32>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT opened.number FROM action_audit AS opened
               JOIN action_audit AS closed ON closed.connection = ?1 AND closed.entry = opened.number
                AND closed.phase = 'closed' AND closed.outcome = 'done'
              WHERE opened.connection = ?1 AND opened.undo_of = ?2 ORDER BY opened.number LIMIT 1",
        )?;
        Ok(query.query_row(params![id.0, number], |row| row.get(0)).optional()?)
    }

    /// Returns a page of the audit, the newest entries first.
    ///
    /// # Errors
    /// As for every read.
    pub fn page(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let limit = query.limit.clamp(1, MAX_PAGE);
        let AuditFilter { kind, outcome, text, only_open } = &query.filter;
        let (kind, outcome) = (kind.map(|kind| kind.as_str()), outcome.map(|outcome| outcome.as_str()));
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase);
        let filter = "FROM action_audit AS opened LEFT JOIN action_audit AS closed
                ON closed.connection = opened.connection AND closed.number =
                   (SELECT max(number) FROM action_audit WHERE connection = ?1 AND entry = opened.number AND phase = 'closed')
             WHERE opened.connection = ?1 AND opened.phase = 'opened'
               AND (?2 IS NULL OR opened.kind = ?2) AND (?3 IS NULL OR closed.outcome = ?3)
               AND (?4 IS NULL OR instr(lower(opened.target_label || ' ' || opened.operator || ' ' || opened.reason || ' '
                    || coalesce(opened.ticket, '')), ?4) > 0)
               AND (NOT ?5 OR closed.number IS NULL)";
        let id = &query.connection;
        let total = self
            .db
            .prepare_cached(&format!("SELECT count(*) {filter}"))?
            .query_row(params![id.0, kind, outcome, text, only_open], |row| row.get(0))?;
        let sql = format!(
            "SELECT opened.number {filter} AND (?6 IS NULL OR opened.number < ?6) ORDER BY opened.number DESC LIMIT ?7"
        );
        let mut paged = self.db.prepare_cached(&sql)?;
        let arguments = params![id.0, kind, outcome, text, only_open, query.before, limit.saturating_add(1)];
        let mut numbers: Vec<u32> = paged.query_map(arguments, |row| row.get(0))?.collect::<Result<_, _>>()?;
        let is_last = numbers.len() <= usize::try_from(limit).unwrap_or(usize::MAX);
        if !is_last {
            numbers.pop();
        }
        let entries = numbers.iter().filter_map(|number| self.entry(id, *number).transpose());
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        Ok(AuditPage { entries, total, next: numbers.last().copied().filter(|_| !is_last) })
    }

    /// Returns the connections that have an audit, also those that were removed.
    ///
    /// # Errors
    /// As for every read.
    pub fn connections(&self) -> Result<Vec<AuditedConnection>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT connection, connection_name, org, count(*), max(number), connection IN (SELECT id FROM connections)
               FROM action_audit WHERE phase = 'opened' GROUP BY connection ORDER BY connection_name",
        )?;
        let read = |row: &Row<'_>| {
            Ok(AuditedConnection {
                id: ConnectionId(row.get(0)?),
                name: row.get(1)?,
                org: row.get(2)?,
                entries: row.get(3)?,
                exists: row.get(5)?,
            })
        };
        Ok(query.query_map([], read)?.collect::<Result<_, _>>()?)
    }
}

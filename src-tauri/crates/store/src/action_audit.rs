//! The audit of response actions: rows that are only ever added, chained by their hashes, and kept when their connection is removed.
//!
//! The hash of a row covers the hash of the row before it and every column as text, in a fixed order. So a row that was changed,
//! removed or inserted breaks the chain from there on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use model::action_audit::{
    AuditClosing, AuditEntry, AuditFilter, AuditOpening, AuditPage, AuditQuery, AuditedConnection, ChainHead,
};
use model::action_run::ActionEvent;
use model::connection::ConnectionId;
use rusqlite::{OptionalExtension, Row, ToSql, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::{ReadTx, StoreError, WriteTx, time};

/// Every column but the hash, in the order in which they are hashed.
const COLUMNS: [&str; 28] = [
    "connection",
    "number",
    "phase",
    "entry",
    "at",
    "run",
    "org",
    "connection_name",
    "operator",
    "token_owner_id",
    "token_owner",
    "kind",
    "target_key",
    "target_label",
    "target",
    "reason",
    "ticket",
    "ends_at",
    "undo_of",
    "outcome",
    "is_recovered",
    "parts",
    "state",
    "chain",
    "event_uuid",
    "event_type",
    "event_at",
    "problem",
];
/// Most entries of a page.
const MAX_PAGE: u32 = 200;

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditRow {
    /// Before the first request of an entry.
    Opened(Box<AuditOpening>),
    /// After the last request of an entry.
    Closed {
        /// The entry.
        entry: u32,
        /// The outcome.
        closing: Box<AuditClosing>,
    },
    /// A System Log event that belongs to an entry.
    Event {
        /// The entry.
        entry: u32,
        /// When it was found.
        at: DateTime<Utc>,
        /// The event.
        event: ActionEvent,
    },
}

/// What a chain consists of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditChain {
    /// The number of rows.
    pub rows: u32,
    /// The newest row.
    pub head: Option<ChainHead>,
    /// The first row that does not fit to the one before it.
    pub changed_row: Option<u32>,
    /// Whether the row of the sealed head has its hash; `None` without such a row.
    pub sealed_fits: Option<bool>,
    /// The number of entries without an outcome.
    pub open: u32,
}

type Columns = BTreeMap<&'static str, String>;

impl WriteTx<'_> {
    /// Adds a row to the audit of a connection and returns it as the new head. The connection need not exist.
    ///
    /// # Errors
    /// As for every write.
    pub fn append_audit(&mut self, id: &ConnectionId, row: &AuditRow) -> Result<ChainHead, StoreError> {
        let before = self.audit_head(id)?;
        let number = before.as_ref().map_or(1, |head| head.number.saturating_add(1));
        let mut columns = columns_of(row, number)?;
        columns.insert("connection", id.0.clone());
        columns.insert("number", number.to_string());
        let values: Vec<Option<String>> = COLUMNS.iter().map(|name| columns.remove(name)).collect();
        let hash = hash(before.as_ref().map_or("", |head| &head.hash), &values)?;
        let places = (1..=COLUMNS.len() + 1).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
        let sql = format!("INSERT INTO action_audit ({}, hash) VALUES ({places})", COLUMNS.join(", "));
        let all = values.iter().map(|value| value as &dyn ToSql).chain([&hash as &dyn ToSql]);
        self.db().prepare_cached(&sql)?.execute(rusqlite::params_from_iter(all))?;
        self.touch(id);
        Ok(ChainHead { number, hash })
    }
}

impl ReadTx<'_> {
    /// Returns the newest row of a connection's audit.
    ///
    /// # Errors
    /// As for every read.
    pub fn audit_head(&self, id: &ConnectionId) -> Result<Option<ChainHead>, StoreError> {
        let sql = "SELECT number, hash FROM action_audit WHERE connection = ?1 ORDER BY number DESC LIMIT 1";
        let mut query = self.db().prepare_cached(sql)?;
        let head = |row: &Row<'_>| Ok(ChainHead { number: row.get(0)?, hash: row.get(1)? });
        Ok(query.query_row([&id.0], head).optional()?)
    }

    /// Checks the chain of a connection's audit against the head that was sealed.
    ///
    /// # Errors
    /// As for every read.
    pub fn audit_chain(&self, id: &ConnectionId, sealed: Option<&ChainHead>) -> Result<AuditChain, StoreError> {
        let texts = COLUMNS.map(|name| format!("CAST({name} AS TEXT)")).join(", ");
        let sql = format!("SELECT number, hash, {texts} FROM action_audit WHERE connection = ?1 ORDER BY number");
        let mut query = self.db().prepare_cached(&sql)?;
        let mut rows = query.query([&id.0])?;
        let mut chain = AuditChain::default();
        while let Some(row) = rows.next()? {
            let head = ChainHead { number: row.get(0)?, hash: row.get(1)? };
            let values: Vec<Option<String>> =
                (0..COLUMNS.len()).map(|at| row.get(at + 2)).collect::<Result<_, rusqlite::Error>>()?;
            chain.rows = chain.rows.saturating_add(1);
            let before = chain.head.as_ref().map_or("", |head| head.hash.as_str());
            let fits = head.number == chain.rows && head.hash == hash(before, &values)?;
            if !fits && chain.changed_row.is_none() {
                chain.changed_row = Some(chain.rows);
            }
            if let Some(sealed) = sealed.filter(|sealed| sealed.number == head.number) {
                chain.sealed_fits = Some(sealed.hash == head.hash);
            }
            chain.head = Some(head);
        }
        chain.open = self.open_audit_entries(id)?.len().try_into().unwrap_or(u32::MAX);
        Ok(chain)
    }

    /// Returns the numbers of the entries without an outcome, the oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn open_audit_entries(&self, id: &ConnectionId) -> Result<Vec<u32>, StoreError> {
        let mut query = self.db().prepare_cached(
            "SELECT number FROM action_audit AS opened WHERE connection = ?1 AND phase = 'opened' AND NOT EXISTS
                 (SELECT 1 FROM action_audit WHERE connection = ?1 AND entry = opened.number AND phase = 'closed')
             ORDER BY number",
        )?;
        let numbers = query.query_map([&id.0], |row| row.get(0))?;
        Ok(numbers.collect::<Result<_, _>>()?)
    }

    /// Returns the entries of users that were locked down or addresses that were blocked, and not undone, the oldest first.
    ///
    /// # Errors
    /// As for every read.
    pub fn audit_in_effect(&self, id: &ConnectionId) -> Result<Vec<AuditEntry>, StoreError> {
        let mut query = self.db().prepare_cached(
            "SELECT number FROM action_audit WHERE connection = ?1 AND phase = 'opened'
                 AND kind IN ('lock_down', 'block_address') ORDER BY number",
        )?;
        let numbers: Vec<u32> = query.query_map([&id.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let entries = numbers.into_iter().filter_map(|number| self.audit_entry(id, number).transpose());
        let in_effect = |entry: &Result<AuditEntry, StoreError>| entry.as_ref().map_or(true, AuditEntry::can_be_undone);
        entries.filter(in_effect).collect()
    }

    /// Returns one entry of the audit.
    ///
    /// # Errors
    /// As for every read.
    pub fn audit_entry(&self, id: &ConnectionId, number: u32) -> Result<Option<AuditEntry>, StoreError> {
        let mut query = self
            .db()
            .prepare_cached("SELECT * FROM action_audit WHERE connection = ?1 AND entry = ?2 ORDER BY number")?;
        let mut rows = query.query(params![id.0, number])?;
        let mut entry = None;
        while let Some(row) = rows.next()? {
            read_into(&mut entry, row)?;
        }
        if let Some(entry) = &mut entry {
            entry.undone_by = self.undone_by(id, number)?;
        }
        Ok(entry)
    }

    fn undone_by(&self, id: &ConnectionId, number: u32) -> Result<Option<u32>, StoreError> {
        let mut query = self.db().prepare_cached(
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
    pub fn audit_page(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
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
            .db()
            .prepare_cached(&format!("SELECT count(*) {filter}"))?
            .query_row(params![id.0, kind, outcome, text, only_open], |row| row.get(0))?;
        let sql = format!(
            "SELECT opened.number {filter} AND (?6 IS NULL OR opened.number < ?6) ORDER BY opened.number DESC LIMIT ?7"
        );
        let mut paged = self.db().prepare_cached(&sql)?;
        let arguments = params![id.0, kind, outcome, text, only_open, query.before, limit.saturating_add(1)];
        let mut numbers: Vec<u32> = paged.query_map(arguments, |row| row.get(0))?.collect::<Result<_, _>>()?;
        let is_last = numbers.len() <= usize::try_from(limit).unwrap_or(usize::MAX);
        if !is_last {
            numbers.pop();
        }
        let entries = numbers.iter().filter_map(|number| self.audit_entry(id, *number).transpose());
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        Ok(AuditPage { entries, total, next: numbers.last().copied().filter(|_| !is_last) })
    }

    /// Returns the connections that have an audit, also those that were removed.
    ///
    /// # Errors
    /// As for every read.
    pub fn audited_connections(&self) -> Result<Vec<AuditedConnection>, StoreError> {
        let mut query = self.db().prepare_cached(
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

/// Returns the hash of a row.
fn hash(before: &str, values: &[Option<String>]) -> Result<String, StoreError> {
    let mut hasher = Sha256::new();
    hasher.update(before.as_bytes());
    hasher.update(b"\n");
    hasher.update(serde_json::to_string(values)?.as_bytes());
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn columns_of(row: &AuditRow, number: u32) -> Result<Columns, StoreError> {
    let mut columns = Columns::new();
    let mut put = |name: &'static str, value: Option<String>| {
        if let Some(value) = value {
            columns.insert(name, value);
        }
    };
    match row {
        AuditRow::Opened(opening) => {
            put("phase", Some("opened".to_owned()));
            put("entry", Some(number.to_string()));
            put("at", Some(time(opening.at)));
            put("run", Some(opening.run.clone()));
            put("org", Some(opening.org.clone()));
            put("connection_name", Some(opening.connection_name.clone()));
            put("operator", Some(opening.operator.clone()));
            put("token_owner_id", Some(opening.token_owner_id.clone()));
            put("token_owner", Some(opening.token_owner.clone()));
            put("kind", Some(opening.kind.as_str().to_owned()));
            put("target_key", Some(opening.target.key().to_owned()));
            put("target_label", Some(opening.target.label().to_owned()));
            put("target", Some(json(&opening.target)?));
            put("reason", Some(opening.reason.clone()));
            put("ticket", opening.ticket.clone());
            put("ends_at", opening.ends_at.map(time));
            put("undo_of", opening.undo_of.map(|number| number.to_string()));
            put("parts", Some(json(&opening.parts)?));
            put("state", Some(json(&opening.before)?));
            put("chain", Some(opening.chain.as_str().to_owned()));
        }
        AuditRow::Closed { entry, closing } => {
            put("phase", Some("closed".to_owned()));
            put("entry", Some(entry.to_string()));
            put("at", Some(time(closing.at)));
            put("outcome", Some(closing.outcome.as_str().to_owned()));
            put("is_recovered", Some(u8::from(closing.is_recovered).to_string()));
            put("parts", Some(json(&closing.parts)?));
            put("state", Some(json(&closing.after)?));
            let problem = closing.parts.iter().find_map(|part| part.problem.as_ref());
            put("problem", problem.map(|problem| problem.code.as_str().to_owned()));
        }
        AuditRow::Event { entry, at, event } => {
            put("phase", Some("event".to_owned()));
            put("entry", Some(entry.to_string()));
            put("at", Some(time(*at)));
            put("event_uuid", Some(event.uuid.clone()));
            put("event_type", Some(event.event_type.clone()));
            put("event_at", Some(time(event.at)));
        }
    }
    Ok(columns)
}

/// Adds a row to the entry that is read; the newest outcome counts.
fn read_into(entry: &mut Option<AuditEntry>, row: &Row<'_>) -> Result<(), StoreError> {
    let phase: String = row.get("phase")?;
    match (phase.as_str(), entry.as_mut()) {
        ("opened", None) => {
            let opening = opening(row)?;
            let number = row.get("number")?;
            *entry = Some(AuditEntry { number, opening, closing: None, events: Vec::new(), undone_by: None });
        }
        ("closed", Some(entry)) => {
            entry.closing = Some(AuditClosing {
                at: row.get("at")?,
                outcome: word(&row.get::<_, String>("outcome")?)?,
                parts: parsed(&row.get::<_, String>("parts")?)?,
                after: parsed(&row.get::<_, String>("state")?)?,
                is_recovered: row.get("is_recovered")?,
            });
        }
        ("event", Some(entry)) => entry.events.push(ActionEvent {
            uuid: row.get("event_uuid")?,
            event_type: row.get("event_type")?,
            at: row.get("event_at")?,
        }),
        // A chain that was changed is reported by its check; what can be read is shown.
        _ => {}
    }
    Ok(())
}

fn opening(row: &Row<'_>) -> Result<AuditOpening, StoreError> {
    Ok(AuditOpening {
        run: row.get("run")?,
        at: row.get("at")?,
        org: row.get("org")?,
        connection_name: row.get("connection_name")?,
        operator: row.get("operator")?,
        token_owner_id: row.get("token_owner_id")?,
        token_owner: row.get("token_owner")?,
        kind: word(&row.get::<_, String>("kind")?)?,
        target: parsed(&row.get::<_, String>("target")?)?,
        reason: row.get("reason")?,
        ticket: row.get("ticket")?,
        ends_at: row.get("ends_at")?,
        undo_of: row.get("undo_of")?,
        parts: parsed(&row.get::<_, String>("parts")?)?,
        before: parsed(&row.get::<_, String>("state")?)?,
        chain: word(&row.get::<_, String>("chain")?)?,
    })
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    Ok(serde_json::to_string(value)?)
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_str(text)?)
}

/// Parses the text of an enumeration.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_value(text.into())?)
}

//! The rows of the audit: their columns, their hashes, and the entries that are read from them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use model::action_audit::{AuditClosing, AuditEntry, AuditOpening};
use model::action_run::ActionEvent;
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::{StoreError, time};

/// Every column but the hash, in the order in which they are hashed.
pub(super) const COLUMNS: [&str; 28] = [
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

pub(super) type Columns = BTreeMap<&'static str, String>;

/// Returns the hash of a row.
pub(super) fn hash(before: &str, values: &[Option<String>]) -> Result<String, StoreError> {
    let mut hasher = Sha256::new();
    hasher.update(before.as_bytes());
    hasher.update(b"\n");
    hasher.update(serde_json::to_string(values)?.as_bytes());
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn columns_of(row: &AuditRow, number: u32) -> Result<Columns, StoreError> {
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
pub(super) fn read_into(entry: &mut Option<AuditEntry>, row: &Row<'_>) -> Result<(), StoreError> {
    let phase: String = row.get("phase")?;
    match (phase.as_str(), entry.as_mut()) {
        ("opened", None) => {
            let opening = opening(row)?;
            let number = row.get("number")?;
            let (undone_by, is_undoable) = (None, false);
            *entry = Some(AuditEntry { number, opening, closing: None, events: Vec::new(), undone_by, is_undoable });
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

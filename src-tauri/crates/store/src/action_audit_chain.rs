//! Checks the chain of an audit, and records that a change of it was acknowledged.
//!
//! An acknowledgement is a row of the chain with a hash of all rows before it as they were found. It counts only while that hash
//! still fits and the sealed head covers it: nobody without access to the keychain can acknowledge a change, and a row that is
//! changed later is found although it stands before an acknowledgement.

use chrono::{DateTime, Utc};
use model::action_audit::{AuditAcknowledgement, ChainHead, ChainState};
use model::connection::ConnectionId;
use serde::{Deserialize, Serialize};

use super::action_audit::{AuditReader, append_columns};
use super::action_audit_row::{COLUMNS, Columns, hash};
use super::{StoreError, WriteTx, time};

/// The phase of an acknowledgement.
const ACKNOWLEDGED: &str = "acknowledged";

/// What a chain consists of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditChain {
    /// The number of rows.
    pub rows: u32,
    /// The newest row.
    pub head: Option<ChainHead>,
    /// The first row since the newest acknowledged change that does not fit to the one before it.
    pub changed_row: Option<u32>,
    /// Whether the row of the sealed head has its hash; `None` without such a row.
    pub sealed_fits: Option<bool>,
    /// The number of entries without an outcome.
    pub open: u32,
    /// The acknowledged changes, the oldest first.
    pub acknowledged: Vec<AuditAcknowledgement>,
    /// The hash of all rows as they were found.
    found: String,
}

/// What an acknowledgement says about the rows before it.
#[derive(Serialize, Deserialize)]
struct ChangeFound {
    changed_row: Option<u32>,
    rows: u32,
    sealed: Option<u32>,
    found: String,
}

impl AuditChain {
    /// Returns the state of the chain, compared with the sealed head that it was checked against.
    #[must_use]
    pub fn state(&self, sealed: Option<&ChainHead>) -> ChainState {
        let newest = self.head.as_ref().map_or(0, |head| head.number);
        let state = ChainState::of(newest, self.changed_row.is_none(), sealed, self.sealed_fits);
        if state == ChainState::Intact && !self.acknowledged.is_empty() { ChainState::Acknowledged } else { state }
    }

    /// Adds the next row.
    fn add(
        &mut self,
        row: ChainHead,
        values: Vec<Option<String>>,
        sealed: Option<&ChainHead>,
    ) -> Result<(), StoreError> {
        let (number, before) = match &self.head {
            Some(head) => (head.number.saturating_add(1), head.hash.as_str()),
            None => (1, ""),
        };
        let fits = row.number == number && row.hash == hash(before, &values)?;
        if !fits && self.changed_row.is_none() {
            self.changed_row = Some(number);
        }
        let is_covered = sealed.is_none_or(|sealed| sealed.number >= row.number);
        match self.acknowledgement(row.number, &values).filter(|_| fits && is_covered) {
            Some(acknowledged) => {
                self.changed_row = None;
                self.acknowledged.push(acknowledged);
            }
            // The rows before it are not those that it was made for, or nobody sealed it.
            None if text_of("phase", &values) == Some(ACKNOWLEDGED) => {
                self.changed_row.get_or_insert(number);
            }
            None => {}
        }
        if let Some(sealed) = sealed.filter(|sealed| sealed.number == row.number) {
            self.sealed_fits = Some(sealed.hash == row.hash);
        }
        let all: Vec<_> = values.into_iter().chain([Some(row.hash.clone())]).collect();
        self.found = hash(&self.found, &all)?;
        self.rows = self.rows.saturating_add(1);
        self.head = Some(row);
        Ok(())
    }

    /// Returns the acknowledgement of a row, if it is one and the rows before it are those that it was made for.
    fn acknowledgement(&self, number: u32, values: &[Option<String>]) -> Option<AuditAcknowledgement> {
        let value = |name: &str| text_of(name, values);
        if value("phase") != Some(ACKNOWLEDGED) {
            return None;
        }
        let change: ChangeFound = serde_json::from_str(value("state")?).ok()?;
        let at: DateTime<Utc> = value("at")?.parse().ok()?;
        (change.found == self.found).then(|| AuditAcknowledgement {
            number,
            at,
            operator: value("operator").unwrap_or_default().to_owned(),
            reason: value("reason").unwrap_or_default().to_owned(),
            changed_row: change.changed_row,
            rows: change.rows,
            sealed: change.sealed,
        })
    }
}

/// Returns the text of a column.
fn text_of<'a>(name: &str, values: &'a [Option<String>]) -> Option<&'a str> {
    values.get(COLUMNS.iter().position(|column| *column == name)?)?.as_deref()
}

impl AuditReader<'_> {
    /// Checks the chain of a connection's audit against the head that was sealed.
    ///
    /// # Errors
    /// As for every read.
    pub fn chain(&self, id: &ConnectionId, sealed: Option<&ChainHead>) -> Result<AuditChain, StoreError> {
        let texts = COLUMNS.map(|name| format!("CAST({name} AS TEXT)")).join(", ");
        let sql = format!("SELECT number, hash, {texts} FROM action_audit WHERE connection = ?1 ORDER BY number");
        let mut query = self.db.prepare_cached(&sql)?;
        let mut rows = query.query([&id.0])?;
        let mut chain = AuditChain::default();
        while let Some(row) = rows.next()? {
            let head = ChainHead { number: row.get(0)?, hash: row.get(1)? };
            let values = (0..COLUMNS.len()).map(|at| row.get(at + 2)).collect::<Result<_, rusqlite::Error>>()?;
            chain.add(head, values, sealed)?;
        }
        chain.open = self.open_entries(id)?.len().try_into().unwrap_or(u32::MAX);
        Ok(chain)
    }
}

/// The acknowledgement of a changed audit, before it is recorded.
#[derive(Debug, Clone)]
pub struct NewAcknowledgement {
    /// The connection.
    pub connection: ConnectionId,
    /// The sealed head, if there is one.
    pub sealed: Option<ChainHead>,
    /// When it is made.
    pub at: DateTime<Utc>,
    /// The account of this computer.
    pub operator: String,
    /// Why.
    pub reason: String,
}

impl NewAcknowledgement {
    /// Adds it to the audit and returns its row as the new head, which has to be sealed to count; `None` if the audit is not
    /// changed.
    ///
    /// # Errors
    /// As for every write.
    pub fn append(&self, tx: &mut WriteTx<'_>) -> Result<Option<ChainHead>, StoreError> {
        let sealed = self.sealed.as_ref();
        let chain = tx.audit().chain(&self.connection, sealed)?;
        if chain.state(sealed) != ChainState::Changed {
            return Ok(None);
        }
        let AuditChain { changed_row, rows, found, .. } = chain;
        let change = ChangeFound { changed_row, rows, sealed: sealed.map(|sealed| sealed.number), found };
        let change = serde_json::to_string(&change)?;
        let columns = |number: u32| {
            Ok(Columns::from([
                ("phase", ACKNOWLEDGED.to_owned()),
                ("entry", number.to_string()),
                ("at", time(self.at)),
                ("operator", self.operator.clone()),
                ("reason", self.reason.clone()),
                ("state", change),
                ("chain", ChainState::Changed.as_str().to_owned()),
            ]))
        };
        append_columns(tx, &self.connection, columns).map(Some)
    }
}

//! The audit of response actions: what was done, by whom, why, and what became of it.
//!
//! An entry consists of rows that are only ever added: one before the first request, one with the outcome, and one for each System
//! Log event that was found. All rows of a connection form one chain of hashes, whose newest hash is kept in the keychain.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::action::{ActionKind, ActionPart, ActionTarget, TargetState};
use crate::action_run::{ActionEvent, ActionOutcome, PartResult};
use crate::connection::ConnectionId;

/// What is recorded before the first request of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditOpening {
    /// The run.
    pub run: String,
    /// When it was opened.
    pub at: DateTime<Utc>,
    /// The org's address.
    pub org: String,
    /// The name of the connection.
    pub connection_name: String,
    /// The account of this computer.
    pub operator: String,
    /// The owner of the API token: Okta's id.
    pub token_owner_id: String,
    /// The owner of the API token: the login.
    pub token_owner: String,
    /// The action.
    pub kind: ActionKind,
    /// The target.
    pub target: ActionTarget,
    /// Why.
    pub reason: String,
    /// A ticket number.
    pub ticket: Option<String>,
    /// When the app reminds of the end.
    pub ends_at: Option<DateTime<Utc>>,
    /// The entry that it undoes.
    pub undo_of: Option<u32>,
    /// The parts that will be sent.
    pub parts: Vec<ActionPart>,
    /// The state before.
    pub before: TargetState,
    /// The state of the chain when the run began.
    pub chain: ChainState,
}

/// What is recorded after the last request of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditClosing {
    /// When it was closed.
    pub at: DateTime<Utc>,
    /// The outcome.
    pub outcome: ActionOutcome,
    /// The results of the parts.
    pub parts: Vec<PartResult>,
    /// The state that was read back.
    pub after: TargetState,
    /// Whether it was found out later, because the run did not end by itself.
    pub is_recovered: bool,
}

/// An entry of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditEntry {
    /// Its number in the audit of its connection: that of its first row.
    pub number: u32,
    /// What was recorded before.
    pub opening: AuditOpening,
    /// What was recorded after; `None` while it runs, or until an interrupted run is resolved.
    pub closing: Option<AuditClosing>,
    /// The System Log events that belong to it.
    pub events: Vec<ActionEvent>,
    /// The entry that undid it.
    pub undone_by: Option<u32>,
    /// Whether this app can undo it: it changed something that has an undo and was not undone yet.
    pub is_undoable: bool,
}

impl AuditEntry {
    /// Completes an entry that was read with the entry that undid it.
    #[must_use]
    pub fn with_undo(self, undone_by: Option<u32>) -> Self {
        let is_undoable = undone_by.is_none() && self.is_done();
        Self { undone_by, is_undoable, ..self }
    }

    /// Returns whether it changed something that has an undo.
    fn is_done(&self) -> bool {
        let undoable = match self.opening.kind {
            ActionKind::LockDown => Some(ActionPart::Suspend),
            ActionKind::BlockAddress => Some(ActionPart::AddToZone),
            ActionKind::LiftLockdown
            | ActionKind::EndSessions
            | ActionKind::ExpirePassword
            | ActionKind::ResetFactors
            | ActionKind::UnblockAddress => None,
        };
        let may_be_done = |part: &PartResult| {
            Some(part.part) == undoable && matches!(part.outcome, ActionOutcome::Done | ActionOutcome::Unknown)
        };
        self.closing.as_ref().is_some_and(|closing| closing.parts.iter().any(may_be_done))
    }

    /// Returns whether this entry changed later what an older one had changed, so that the older one is in effect no more: it had
    /// been lifted in Okta before, or is lifted by now.
    #[must_use]
    pub fn supersedes(&self, older: &Self) -> bool {
        let is_change = |part: &PartResult| {
            part.outcome == ActionOutcome::Done
                && match part.part {
                    ActionPart::Suspend
                    | ActionPart::Unsuspend
                    | ActionPart::AddToZone
                    | ActionPart::RemoveFromZone => true,
                    ActionPart::EndSessions | ActionPart::ExpirePassword | ActionPart::ResetFactors => false,
                }
        };
        self.number > older.number
            && self.opening.target.key() == older.opening.target.key()
            && self.closing.as_ref().is_some_and(|closing| closing.parts.iter().any(is_change))
    }
}

/// Which entries are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct AuditFilter {
    /// Only this action.
    pub kind: Option<ActionKind>,
    /// Only this outcome.
    pub outcome: Option<ActionOutcome>,
    /// Only entries whose target, operator, reason or ticket contain this text.
    pub text: Option<String>,
    /// Only entries without an outcome.
    pub only_open: bool,
}

/// A request for a page of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditQuery {
    /// The connection; it may have been removed since.
    pub connection: ConnectionId,
    /// Which entries.
    pub filter: AuditFilter,
    /// Only entries with smaller numbers: that of the last entry of the page before.
    pub before: Option<u32>,
    /// Entries of a page, at most 200.
    pub limit: u32,
}

/// A page of the audit, the newest entries first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The number of entries that the filter matches.
    pub total: u32,
    /// The `before` of the next page, if there is one.
    pub next: Option<u32>,
}

/// A connection with an audit; it may have been removed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditedConnection {
    /// Its id.
    pub id: ConnectionId,
    /// Its name when it was used last.
    pub name: String,
    /// The org's address.
    pub org: String,
    /// The number of entries.
    pub entries: u32,
    /// Whether the connection still exists.
    pub exists: bool,
}

/// The state of a chain compared with its sealed head.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChainState {
    /// There is no row.
    Empty,
    /// Every row is in the chain, and the newest one is sealed.
    Intact,
    /// Every row is in the chain; the newest ones are not sealed yet.
    NotSealedYet,
    /// Rows are missing, or a row or the head was changed.
    Changed,
    /// The keychain has no head, so only the chain itself could be checked.
    NoSeal,
    /// The keychain could not be read.
    SealUnread,
    /// It was changed and the change acknowledged; every row since is in the chain, and the newest one is sealed.
    Acknowledged,
}

impl ChainState {
    /// Returns the text used in JSON, in the audit and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl ChainState {
    /// Returns the state of a chain: the number of its newest row, whether every row since the newest acknowledged change fits, and
    /// whether the row of the sealed head has its hash.
    #[must_use]
    pub fn of(rows: u32, every_row_fits: bool, sealed: Option<&ChainHead>, sealed_fits: Option<bool>) -> Self {
        match (sealed, sealed_fits) {
            _ if !every_row_fits => Self::Changed,
            (None, _) if rows == 0 => Self::Empty,
            // Sealed by a run before its first row.
            (Some(ChainHead { number: 0, .. }), _) => {
                if rows == 0 {
                    Self::Empty
                } else {
                    Self::NotSealedYet
                }
            }
            (None, _) => Self::NoSeal,
            (Some(sealed), Some(true)) if sealed.number == rows => Self::Intact,
            (Some(_), Some(true)) => Self::NotSealedYet,
            (Some(_), Some(false) | None) => Self::Changed,
        }
    }
}

impl ChainHead {
    /// Returns the text that is kept in the keychain: `<number>:<hash>`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}:{}", self.number, self.hash)
    }

    /// Parses the text that is kept in the keychain.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, hash) = text.split_once(':')?;
        Some(Self { number: number.parse().ok()?, hash: hash.to_owned() })
    }
}

/// The newest row of a chain as it is kept in the keychain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ChainHead {
    /// The number of the row.
    pub number: u32,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// The result of checking a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditVerification {
    /// The connection.
    pub connection: ConnectionId,
    /// When it was checked.
    pub at: DateTime<Utc>,
    /// The result.
    pub state: ChainState,
    /// The number of rows.
    pub rows: u32,
    /// The number of rows that the sealed head covers.
    pub sealed: u32,
    /// The first row that does not fit, if one was found since the newest acknowledged change.
    pub changed_row: Option<u32>,
    /// The number of entries without an outcome.
    pub open: u32,
    /// The acknowledged changes, the oldest first.
    pub acknowledged: Vec<AuditAcknowledgement>,
}

/// An administrator's statement that a change of the audit is known. It is a row of the audit that covers every row before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditAcknowledgement {
    /// The number of its row.
    pub number: u32,
    /// When it was made; the change is older.
    pub at: DateTime<Utc>,
    /// The account of this computer.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// The first row that did not fit; `None` if rows were missing at the end, or if the seal was changed.
    pub changed_row: Option<u32>,
    /// The number of rows before it.
    pub rows: u32,
    /// The number of rows that the seal covered.
    pub sealed: Option<u32>,
}

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, strum::EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditFormat {
    /// A table.
    Csv,
    /// One JSON document.
    Json,
    /// A report for people, in Markdown.
    Report,
}

/// A blocked range and who blocked it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BlockedEntry {
    /// The range in its shortest form.
    pub range: String,
    /// The zone.
    pub zone_id: String,
    /// The name of the zone.
    pub zone: String,
    /// Whether the zone is active.
    pub is_active: bool,
    /// The audit entry, where this app blocked it.
    pub entry: Option<u32>,
    /// Since when, where this app blocked it.
    pub since: Option<DateTime<Utc>>,
    /// Who, where this app blocked it.
    pub operator: Option<String>,
    /// Why, where this app blocked it.
    pub reason: Option<String>,
    /// When the app reminds of the end.
    pub ends_at: Option<DateTime<Utc>>,
}

/// What is blocked now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BlockedNow {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// What this app blocked.
    pub ours: Vec<BlockedEntry>,
    /// What others blocked.
    pub others: Vec<BlockedEntry>,
    /// Entries by the audit that no zone has any more: somebody else removed them.
    pub gone: Vec<u32>,
    /// The number of zones that could not be read.
    pub unreadable: u32,
}

/// An action whose end time was set and that was not undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DueEnd {
    /// The audit entry.
    pub entry: u32,
    /// The action.
    pub kind: ActionKind,
    /// The target.
    pub target: ActionTarget,
    /// The end time.
    pub ends_at: DateTime<Utc>,
    /// Whether the end time is past.
    pub is_due: bool,
}

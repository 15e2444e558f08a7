//! What an import did.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::ConnectionId;

/// What became of a document of connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportOutcome {
    /// The connections that were made, each with its guide at the domain.
    pub added: Vec<ImportedConnection>,
    /// Those that are here already.
    pub skipped: Vec<SkippedConnection>,
    /// What became of the monitoring figures.
    pub settings: ImportedSettings,
}

/// A connection that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportedConnection {
    /// Its id on this computer.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
}

/// A connection that was not made, because one to the same org is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SkippedConnection {
    /// Its name in the document.
    pub name: String,
    /// Its domain in the document.
    pub domain: String,
}

/// What became of the monitoring figures of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ImportedSettings {
    /// They are used from now on.
    Applied,
    /// This computer has its own, which stay.
    Kept,
    /// The document had none.
    Absent,
}

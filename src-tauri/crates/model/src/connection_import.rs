//! What an import would do, and what it did.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::connection::{ConnectionId, Profile};

/// What a document of connections would bring. Nothing was made yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportPreview {
    /// Its connections, in its order.
    pub connections: Vec<ImportLine>,
    /// What would become of its monitoring figures.
    pub settings: ImportedSettings,
}

/// One connection of a document, with what a person has to confirm before it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportLine {
    /// Its name.
    pub name: String,
    /// Its domain, as text for the guide; empty where there was none yet.
    pub domain: String,
    /// What its token is meant for.
    pub profile: Profile,
    /// The address of Radiant's search that its guide would show.
    pub radiant: String,
    /// Whether that address is not the documented one, so that its host has to be typed before it is asked.
    pub unusual: bool,
    /// Whether one to the same org is here, or stands above in the document: it would be skipped.
    pub here: bool,
}

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

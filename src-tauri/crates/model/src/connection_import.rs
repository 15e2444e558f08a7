//! The preview and the result of an import of connections.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;
use crate::connection::{ConnectionId, Profile};

/// A preview of an import. Nothing has been created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportPreview {
    /// The connections of the file, in its order.
    pub connections: Vec<ImportLine>,
    /// What would happen to the file's monitoring settings.
    pub settings: ImportedSettings,
    /// What of the file cannot be taken as it is.
    pub remarks: Vec<ImportRemark>,
}

/// A connection of the file, with the values that a person has to confirm before it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportLine {
    /// Its name.
    pub name: String,
    /// Its domain, as text for the guide; empty if it had none.
    pub domain: String,
    /// The purpose of its token.
    pub profile: Profile,
    /// The address of Radiant's search in its guide.
    pub radiant: String,
    /// Whether that address is not the documented one, so that its host must be typed before a request is sent.
    pub unusual: bool,
    /// Whether a connection to the same org exists, here or earlier in the file. It would be skipped.
    pub here: bool,
}

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportOutcome {
    /// The created connections; the guide of each starts at the domain.
    pub added: Vec<ImportedConnection>,
    /// The skipped connections.
    pub skipped: Vec<SkippedConnection>,
    /// What happened to the file's monitoring settings.
    pub settings: ImportedSettings,
    /// What of the file was not taken as it is.
    pub remarks: Vec<ImportRemark>,
}

/// A created connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportedConnection {
    /// Its id on this computer.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
}

/// A connection that was skipped, because a connection to the same org exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SkippedConnection {
    /// Its name in the file.
    pub name: String,
    /// Its domain in the file.
    pub domain: String,
}

/// What happened to the monitoring settings of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ImportedSettings {
    /// They were applied.
    Applied,
    /// This computer has its own settings, which were kept.
    Kept,
    /// The file contains none.
    Absent,
}

/// Something of a file that was not taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportRemark {
    /// What.
    pub what: ImportRemarkKind,
    /// The place of the connection in the file, from 1; 0 for the monitoring settings.
    pub position: u32,
    /// The connection's name in the file; empty where it has none.
    pub name: String,
    /// The value that was not taken, without tokens.
    pub value: String,
    /// The reason, where it has a code of its own.
    pub code: Option<Code>,
}

/// What of a file was not taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImportRemarkKind {
    /// A connection that could not be read. It was left out.
    Entry,
    /// A domain that cannot be used. It stays in the guide as text.
    Domain,
    /// An address of Radiant's search that cannot be used. The documented one took its place.
    RadiantAddress,
    /// Settings of a relay, or the address of its webhook, that cannot be used. They were left out.
    Relay,
    /// A text with a token, which was removed.
    Token,
    /// Monitoring settings that could not be read. They were left out.
    Settings,
}

//! What a token may do, and how that is known.

use serde::{Deserialize, Serialize};
use specta::Type;

/// One thing Radiant (or this app) needs the API token for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Type,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Capability {
    /// Read the System Log.
    ReadSystemLog,
    /// Look users up.
    ReadUsers,
    /// Read network zones.
    ReadZones,
    /// Suspend a user (account lockdown).
    SuspendUser,
    /// Undo a suspension.
    UnsuspendUser,
    /// End a user's sessions.
    ClearSessions,
    /// Block an address through a network zone.
    EditZones,
}

impl Capability {
    /// Returns the text used in JSON and message arguments.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How a capability stands. `Proven` needs a real run with this very token, never an inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CapabilityState {
    /// A real call with this token succeeded.
    Proven,
    /// A role that was read allows it.
    Allowed,
    /// Okta refused it, or no role that was read allows it.
    Refused,
    /// Roles could not be read and no harmless call would show it.
    CouldNotBeTold,
}

/// One row of the capability table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CapabilityRow {
    /// The capability.
    pub capability: Capability,
    /// How it stands.
    pub standing: CapabilityState,
    /// The role that allows it, by Okta's label, where one was read.
    pub by: Option<String>,
    /// Whether the chosen profile needs it.
    pub needed: bool,
}

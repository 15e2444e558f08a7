//! The capabilities of a token, and how they are known.

use serde::{Deserialize, Serialize};
use specta::Type;

/// An operation for which Radiant or this app needs the API token.
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
    /// Read users.
    ReadUsers,
    /// Read network zones.
    ReadZones,
    /// Suspend a user (account lockdown).
    SuspendUser,
    /// Unsuspend a user.
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

/// Whether a token has a capability. `Proven` needs a real request with this token, never an inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CapabilityState {
    /// A real request with this token succeeded.
    Proven,
    /// One of the owner's roles allows it.
    Allowed,
    /// Okta refused it, or none of the owner's roles allows it.
    Refused,
    /// The roles could not be read, and no harmless request would show it.
    CouldNotBeTold,
}

/// One row of the capability table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[specta(skip_attr = "serde")] // the aliases are for stored data only
pub struct CapabilityRow {
    /// The capability.
    pub capability: Capability,
    /// Whether the token has it.
    #[serde(alias = "standing")]
    pub state: CapabilityState,
    /// Okta's label of the role that allows it, if one is known.
    #[serde(alias = "by")]
    pub granted_by: Option<String>,
    /// Whether the selected profile needs it.
    pub needed: bool,
}

//! The capabilities of a token, and how they are known.

use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, IntoDeserializer};
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
    Unknown,
}

/// One row of the capability table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[specta(skip_attr = "serde")] // the aliases are for stored data only
pub struct CapabilityRow {
    /// The capability.
    pub capability: Capability,
    /// Whether the token has it.
    #[serde(alias = "standing", deserialize_with = "stored_state")]
    pub state: CapabilityState,
    /// Okta's label of the role that allows it, if one is known.
    #[serde(alias = "by")]
    pub granted_by: Option<String>,
    /// Whether the selected profile needs it.
    pub needed: bool,
}

/// Reads a state. Earlier versions stored an unknown one under another name.
fn stored_state<'de, D: Deserializer<'de>>(from: D) -> Result<CapabilityState, D::Error> {
    let stored = String::deserialize(from)?;
    let name = if stored == "could_not_be_told" { "unknown" } else { stored.as_str() };
    let name: StrDeserializer<'_, D::Error> = name.into_deserializer();
    CapabilityState::deserialize(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_an_earlier_version_is_read_and_written_under_the_present_names() {
        let stored = r#"{"capability":"read_users","standing":"could_not_be_told","by":null,"needed":true}"#;
        let row: CapabilityRow = serde_json::from_str(stored).unwrap();
        assert_eq!(row.state, CapabilityState::Unknown);
        let written = serde_json::to_string(&row).unwrap();
        assert_eq!(written, r#"{"capability":"read_users","state":"unknown","granted_by":null,"needed":true}"#);
        assert_eq!(serde_json::from_str::<CapabilityRow>(&written).unwrap(), row);
    }
}

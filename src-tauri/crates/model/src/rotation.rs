//! The stored state of a token rotation, which replaces the API token without interrupting ingestion.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::arrival::Arrival;
use crate::check::CheckReport;

/// A step of the rotation, in order. The step also states which token this app uses: the old one up to
/// [`RotationStep::Update`], the new one from [`RotationStep::Watch`] on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RotationStep {
    /// 1. Create the second token in Okta.
    #[default]
    Create,
    /// 2. Paste it and run the checks with it.
    Paste,
    /// 3. Update the credential in Radiant.
    Update,
    /// 4. Verify that Radiant continues to receive events.
    Watch,
    /// 5. Revoke the old token.
    Revoke,
    /// The rotation is finished.
    Done,
}

impl RotationStep {
    /// Returns the token that this app uses in this step.
    #[must_use]
    pub fn token_in_use(self) -> TokenInUse {
        match self {
            Self::Create | Self::Paste | Self::Update => TokenInUse::Old,
            Self::Watch | Self::Revoke | Self::Done => TokenInUse::New,
        }
    }
}

/// One of the two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenInUse {
    /// The token to replace.
    Old,
    /// Its replacement.
    New,
}

/// Whether and how the old token was revoked in Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RevocationStatus {
    /// Not revoked, or unknown.
    #[default]
    NotYet,
    /// This app revoked it: Okta confirmed it, or refused the token right after a lost response.
    ByApp,
    /// This app sent the revocation and the response was lost; later Okta refused the token.
    AfterAsking,
    /// The administrator revoked it in the Admin Console, and Okta refused the token.
    SeenRefused,
    /// Okta refused it before this app could revoke it: revoked, expired, or its owner is not active. Okta does not say which.
    FoundRefused,
    /// The administrator confirmed it; the token was not available for a check.
    ByWord,
    /// Revoked in the Admin Console, verified or confirmed. Stored by an earlier version only.
    InConsole,
}

/// The owners of both tokens, as reported by Okta (`GET /api/v1/users/me`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OwnerComparison {
    /// Login of the new token's owner.
    pub new: String,
    /// Login of the old token's owner; absent if Okta no longer accepts that token.
    pub old: Option<String>,
    /// Whether both have the same Okta id; absent if unknown.
    pub same: Option<bool>,
}

/// A statement by the administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Attestation {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The operating-system account under which it was made.
    pub by: String,
}

/// The state of a token rotation. Stored after every change, and before the keychain is changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
#[specta(skip_attr = "serde")] // the aliases are for stored data only
pub struct Rotation {
    /// The current step.
    pub step: RotationStep,
    /// When it was started.
    pub since: DateTime<Utc>,
    /// Whether the new token is only passed through to Radiant: this app keeps no API token, and deletes the tokens of the
    /// rotation at its end.
    #[serde(alias = "passing")]
    pub pass_through: bool,
    /// The name suggested for the new token.
    pub token_name: String,
    /// The old token's name in Okta, if known.
    pub old_name: String,
    /// The report of the checks with the new token.
    pub report: Option<CheckReport>,
    /// The owners of both tokens.
    pub owners: Option<OwnerComparison>,
    /// The confirmation that the new token may have another owner.
    pub other_owner: Option<Attestation>,
    /// The confirmation that the credential in Radiant was updated.
    pub updated: Option<Attestation>,
    /// The time of that confirmation by Okta's clock, which dates the events; absent if Okta could not be asked.
    pub updated_by_okta: Option<DateTime<Utc>>,
    /// An event after that update, found in Radiant.
    pub found: Option<Arrival>,
    /// The owners of the new token and of the old token that was pasted for revocation. Absent if none was pasted.
    pub pasted: Option<OwnerComparison>,
    /// When the newest revocation request was sent. Stored before the request is sent.
    #[serde(alias = "asked")]
    pub revocation_sent: Option<DateTime<Utc>>,
    /// Whether the old token was revoked.
    pub revoked: RevocationStatus,
    /// The confirmation of the revocation, if it was confirmed and not verified.
    #[serde(alias = "said")]
    pub attestation: Option<Attestation>,
    /// When it was finished.
    pub finished: Option<DateTime<Utc>>,
    /// An event after the end, found in Radiant: delivery works without the old token.
    pub found_after_end: Option<Arrival>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_stored_by_an_earlier_version_is_read() {
        let stored = r#"{"step": "done", "since": "2026-01-01T00:00:00Z", "token_name": "b", "old_name": "a", "report": null,
            "owners": null, "other_owner": null, "updated": null, "found": null, "asked": null, "revoked": "in_console",
            "finished": "2026-01-01T01:00:00Z"}"#;
        let read: Rotation = serde_json::from_str(stored).unwrap();
        assert_eq!(
            (read.revoked, read.pass_through, read.attestation.clone()),
            (RevocationStatus::InConsole, false, None)
        );
        let renamed: Rotation = serde_json::from_str(&stored.replacen('{', r#"{"passing": true, "#, 1)).unwrap();
        assert!(renamed.pass_through, "the field's earlier name is read");
        let again: Rotation = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }
}

//! Replacing the API token without a gap: where the guide for it stands, what was seen and what was confirmed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::arrival::Arrival;
use crate::check::CheckReport;

/// The steps, in order. The step is also the intent: up to [`RotationStep::Update`] this app uses the old token, from
/// [`RotationStep::Watch`] on the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RotationStep {
    /// 1. Create the second token in Okta.
    #[default]
    Create,
    /// 2. Paste it; it is checked beside the old one.
    Paste,
    /// 3. Put it into the credential in Radiant.
    Update,
    /// 4. Watch that Radiant goes on receiving.
    Watch,
    /// 5. Revoke the old token.
    Revoke,
    /// It is over.
    Done,
}

impl RotationStep {
    /// Returns which of the two tokens this app is to use.
    #[must_use]
    pub fn wanted(self) -> TokenInUse {
        match self {
            Self::Create | Self::Paste | Self::Update => TokenInUse::Old,
            Self::Watch | Self::Revoke | Self::Done => TokenInUse::New,
        }
    }
}

/// One of the two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenInUse {
    /// The one that is to be replaced.
    Old,
    /// The one that replaces it.
    New,
}

/// What became of the old token in Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RevocationStatus {
    /// It was not revoked, or that is not known.
    #[default]
    NotYet,
    /// This app revoked it, with itself: Okta said so, or refused it right after an answer that was lost.
    ByApp,
    /// This app asked for it and the answer was lost; later Okta was seen to refuse it.
    AfterAsking,
    /// The administrator revoked it in the Admin Console, and Okta was seen to refuse it.
    SeenRefused,
    /// Okta refused it before this app could revoke it: revoked, expired, or its owner is not active. Which, it does not tell.
    FoundRefused,
    /// The administrator said so; the token was not there to look with.
    ByWord,
    /// What an earlier version noted: revoked in the Admin Console, not whether that was seen or said. No longer written.
    #[serde(rename = "in_console")]
    Untold,
}

/// Who owns the two tokens, as Okta said of each (`GET /api/v1/users/me`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OwnerComparison {
    /// Login of the new token's owner.
    pub new: String,
    /// Login of the old token's owner; absent when Okta no longer tells it, as with a token that expired.
    pub old: Option<String>,
    /// Whether they are one account, by Okta's id; absent when that could not be told.
    pub same: Option<bool>,
}

/// Something the administrator vouched for: when and under which operating-system account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Attestation {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// Where the guide for another token stands. Kept in the store after every change, and before the keychain is touched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Rotation {
    /// The step.
    pub step: RotationStep,
    /// When it was begun.
    pub since: DateTime<Utc>,
    /// Whether the new token only passes through: this app keeps no API token, so no token changes places, and what is held
    /// for the guide is forgotten at its end.
    #[serde(alias = "passing")]
    pub pass_through: bool,
    /// The name suggested for the new token.
    pub token_name: String,
    /// The old token's name in Okta, as far as it is known.
    pub old_name: String,
    /// What the checks found with the new token.
    pub report: Option<CheckReport>,
    /// Who owns both.
    pub owners: Option<OwnerComparison>,
    /// That another owner is right, confirmed.
    pub other_owner: Option<Attestation>,
    /// That the credential in Radiant was updated, confirmed.
    pub updated: Option<Attestation>,
    /// An event newer than that, found in Radiant.
    pub found: Option<Arrival>,
    /// Whose the old token is that was pasted to be revoked, beside the new one's. Absent while none is pasted.
    pub pasted: Option<OwnerComparison>,
    /// When Okta was last asked to revoke the old token. Written before it is asked.
    pub asked: Option<DateTime<Utc>>,
    /// What became of the old token.
    pub revoked: RevocationStatus,
    /// Who said so, where it was only said.
    pub said: Option<Attestation>,
    /// When it was over.
    pub finished: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_version_kept_is_read_and_claims_no_more_than_is_known() {
        let kept = r#"{"step": "done", "since": "2026-01-01T00:00:00Z", "token_name": "b", "old_name": "a", "report": null,
            "owners": null, "other_owner": null, "updated": null, "found": null, "asked": null, "revoked": "in_console",
            "finished": "2026-01-01T01:00:00Z"}"#;
        let read: Rotation = serde_json::from_str(kept).unwrap();
        assert_eq!((read.revoked, read.pass_through, read.said.clone()), (RevocationStatus::Untold, false, None));
        let renamed: Rotation = serde_json::from_str(&kept.replacen('{', r#"{"passing": true, "#, 1)).unwrap();
        assert!(renamed.pass_through, "the field's earlier name is read");
        let again: Rotation = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }
}

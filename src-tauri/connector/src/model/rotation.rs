//! Replacing the API token without a gap: where the guide for it stands, what was seen and what was confirmed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Arrival, CheckReport};

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
    pub fn wanted(self) -> InUse {
        match self {
            Self::Create | Self::Paste | Self::Update => InUse::Old,
            Self::Watch | Self::Revoke | Self::Done => InUse::New,
        }
    }
}

/// One of the two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// The one that is to be replaced.
    Old,
    /// The one that replaces it.
    New,
}

/// What became of the old token in Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Revoked {
    /// It was not revoked, or that is not known.
    #[default]
    NotYet,
    /// This app revoked it, with itself.
    ByApp,
    /// It was revoked in the Admin Console.
    InConsole,
}

/// Who owns the two tokens, as Okta said of each (`GET /api/v1/users/me`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Owners {
    /// Login of the new token's owner.
    pub new: String,
    /// Login of the old token's owner; absent when Okta no longer tells it, as with a token that expired.
    pub old: Option<String>,
    /// Whether they are one account, by Okta's id; absent when that could not be told.
    pub same: Option<bool>,
}

/// Something the administrator vouched for: when and under which operating-system account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Word {
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
    /// The name suggested for the new token.
    pub token_name: String,
    /// The old token's name in Okta, as far as it is known.
    pub old_name: String,
    /// What the checks found with the new token.
    pub report: Option<CheckReport>,
    /// Who owns both.
    pub owners: Option<Owners>,
    /// That another owner is right, confirmed.
    pub other_owner: Option<Word>,
    /// That the credential in Radiant was updated, confirmed.
    pub updated: Option<Word>,
    /// An event newer than that, found in Radiant.
    pub found: Option<Arrival>,
    /// When Okta was last asked to revoke the old token. Written before it is asked.
    pub asked: Option<DateTime<Utc>>,
    /// What became of the old token.
    pub revoked: Revoked,
    /// When it was over.
    pub finished: Option<DateTime<Utc>>,
}

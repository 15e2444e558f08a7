//! What response actions act on: users and addresses, with the facts that identify them and their states.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What an action acts on. Users are identified by Okta's id alone; login and name are for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ActionTarget {
    /// A user.
    User {
        /// Okta's id.
        id: String,
        /// The login that Okta returned.
        login: String,
        /// The name.
        name: String,
    },
    /// An address or a range of addresses.
    Address {
        /// Its shortest form, for example `198.51.100.7` or `198.51.100.0/28`.
        range: String,
    },
}

impl ActionTarget {
    /// Returns what identifies it: the user's id or the range.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::User { id, .. } => id,
            Self::Address { range } => range,
        }
    }

    /// Returns what people call it, and what is typed to confirm it: the login or the range.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::User { login, .. } => login,
            Self::Address { range } => range,
        }
    }
}

/// The statuses of a user (SPEC UserStatus). An unknown one is treated as one in which nothing is possible.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UserStatus {
    /// Created, not yet activated.
    Staged,
    /// Activated, without a password of its own yet.
    Provisioned,
    /// Active.
    Active,
    /// In password recovery.
    Recovery,
    /// The password expired.
    PasswordExpired,
    /// Locked out after failed sign-ins.
    LockedOut,
    /// Suspended.
    Suspended,
    /// Deactivated.
    Deprovisioned,
    /// A status that this version does not know.
    Unknown,
}

impl UserStatus {
    /// Parses Okta's text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "STAGED" => Self::Staged,
            "PROVISIONED" => Self::Provisioned,
            "ACTIVE" => Self::Active,
            "RECOVERY" => Self::Recovery,
            "PASSWORD_EXPIRED" => Self::PasswordExpired,
            "LOCKED_OUT" => Self::LockedOut,
            "SUSPENDED" => Self::Suspended,
            "DEPROVISIONED" => Self::Deprovisioned,
            _ => Self::Unknown,
        }
    }

    /// Returns the text used in JSON and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How the text that was typed led to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// By Okta's id.
    Id,
    /// By the login, character by character.
    Login,
    /// By a login that differs in case or accents, which Okta takes for the same.
    LoginSpelledDifferently,
    /// By the primary e-mail address.
    Email,
    /// By the part of the login before the `@`.
    ShortName,
    /// By the first or last name, or the beginning of the login or e-mail address.
    Name,
}

/// Where a user's profile comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UserSource {
    /// Okta's `credentials.provider.type`, for example `OKTA` or `ACTIVE_DIRECTORY`.
    pub provider: String,
    /// Its name.
    pub name: Option<String>,
}

/// What Okta says about a user, to be sure that it is the right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UserFacts {
    /// Okta's id.
    pub id: String,
    /// The login.
    pub login: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// First and last name.
    pub name: String,
    /// The status.
    pub status: UserStatus,
    /// When the status changed last.
    pub status_changed: Option<DateTime<Utc>>,
    /// The last sign-in.
    pub last_sign_in: Option<DateTime<Utc>>,
    /// The names of the groups; `None` if they could not be read.
    pub groups: Option<Vec<String>>,
    /// The labels of the administrator roles; `None` if they could not be read.
    pub roles: Option<Vec<String>>,
    /// The directory that the profile comes from; `None` for one of Okta's own. An import may activate the account again.
    pub directory: Option<UserSource>,
    /// Whether the API token of this run belongs to this user.
    pub is_token_owner: bool,
    /// How it was found.
    pub matched_by: MatchedBy,
}

impl UserFacts {
    /// Returns it as a target.
    #[must_use]
    pub fn target(&self) -> ActionTarget {
        ActionTarget::User { id: self.id.clone(), login: self.login.clone(), name: self.name.clone() }
    }
}

/// An entry of a zone that covers an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ZoneEntry {
    /// Okta's id of the zone.
    pub zone_id: String,
    /// The name of the zone.
    pub zone: String,
    /// The entry as Okta returned it.
    pub entry: String,
}

/// What is known about an address before it is blocked or unblocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AddressFacts {
    /// The range in its shortest form.
    pub range: String,
    /// Number of addresses, as text because it may exceed a number's range.
    pub addresses: String,
    /// The zone that is or will be changed; `None` before the app created its own.
    pub zone: Option<String>,
    /// Whether the zone is shared with others (`BlockedIpZone`).
    pub is_shared_zone: bool,
    /// Entries of that zone in use, and the limit that Okta documents for it.
    pub entries: u32,
    /// The limit.
    pub limit: u32,
    /// The entries of active blocklist zones that cover it already or will still cover it.
    pub covered_by: Vec<ZoneEntry>,
    /// The exempt entries that make a block without effect.
    pub exempt_by: Vec<ZoneEntry>,
}

/// The state of a target, as it is compared and recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TargetState {
    /// It could not be read.
    #[default]
    Unknown,
    /// A user.
    User {
        /// The status.
        status: UserStatus,
        /// When it changed last.
        status_changed: Option<DateTime<Utc>>,
    },
    /// An address.
    Address {
        /// Whether an active blocklist zone covers all of it.
        is_blocked: bool,
        /// Okta's id of the zone that this app changed or would change.
        zone_id: Option<String>,
        /// Whether that zone has the entry of this app.
        has_entry: bool,
    },
}

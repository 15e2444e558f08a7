//! Names of secrets. The secrets themselves never enter the model.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A secret the app may hold for a connection.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SecretName {
    /// The Okta API token that Radiant is given.
    OktaToken,
    /// The Okta API token that is to replace it, while it is being replaced.
    NextOktaToken,
    /// The Okta API token that was replaced, until it is revoked.
    PreviousOktaToken,
    /// The app's own read-only Okta token.
    MonitoringToken,
    /// The token of Radiant's Search Query API.
    RadiantSearchToken,
}

impl SecretName {
    /// Every name.
    pub const ALL: [Self; 5] = [
        Self::OktaToken,
        Self::NextOktaToken,
        Self::PreviousOktaToken,
        Self::MonitoringToken,
        Self::RadiantSearchToken,
    ];

    /// Returns the name as it is stored, for example `okta_token`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether a secret is there, and since when. All that leaves the vault towards the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SecretState {
    /// Which secret.
    pub name: SecretName,
    /// Since when it is kept, if it is.
    pub since: Option<DateTime<Utc>>,
    /// The one https origin it is bound to, if it is kept.
    pub bound_to: Option<String>,
    /// Whether it lives for this run only, in memory, because there is no keychain and the administrator agreed.
    pub this_run_only: bool,
}

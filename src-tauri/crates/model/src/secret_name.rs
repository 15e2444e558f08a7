//! Names and states of secrets. The secrets themselves are never in the model.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A secret that the app may store for a connection.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SecretName {
    /// The Okta API token for Radiant.
    OktaToken,
    /// The replacement of that token during a rotation.
    NextOktaToken,
    /// The replaced Okta API token, until it is revoked.
    PreviousOktaToken,
    /// The app's own read-only Okta token.
    MonitoringToken,
    /// The token of Radiant's Search Query API.
    RadiantSearchToken,
    /// The token of Radiant's custom events webhook, to which the relay sends.
    EventsWebhookToken,
}

impl SecretName {
    /// Every name.
    pub const ALL: [Self; 6] = [
        Self::OktaToken,
        Self::NextOktaToken,
        Self::PreviousOktaToken,
        Self::MonitoringToken,
        Self::RadiantSearchToken,
        Self::EventsWebhookToken,
    ];

    /// Returns the name as it is stored, for example `okta_token`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The state of a secret: the only data about a secret that reaches the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SecretState {
    /// The secret.
    pub name: SecretName,
    /// Since when it is stored, if it is.
    pub since: Option<DateTime<Utc>>,
    /// The `https` origin to which it is bound, if it is stored.
    pub bound_to: Option<String>,
    /// Whether it is kept in memory only, until the app exits, because there is no keychain and the administrator agreed.
    pub this_run_only: bool,
}

//! A connection: one Okta org joined to one Radiant tenant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::okta_origin::Origin;
use crate::radiant_search_settings::RadiantSearch;
use crate::secret_name::{SecretName, SecretState};

/// Identifies a connection on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct ConnectionId(pub String);

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The purpose of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Radiant reads the System Log. Read-only Administrator is enough.
    Ingestion,
    /// Radiant reads the System Log and runs response actions. Radiant's documentation asks for Super Admin.
    #[default]
    Response,
}

/// Which token the app keeps after the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Radiant's token stays in the keychain and is used for monitoring.
    #[default]
    Token,
    /// A separate read-only monitoring token is kept; Radiant's token is deleted.
    MonitoringToken,
    /// No token is kept; monitoring stops.
    Nothing,
}

impl Keep {
    /// Returns the name of the token that Okta is asked with.
    #[must_use]
    pub fn asked_token(self) -> SecretName {
        match self {
            Self::MonitoringToken => SecretName::MonitoringToken,
            Self::Token | Self::Nothing => SecretName::OktaToken,
        }
    }

    /// Returns the secrets that this choice deletes.
    #[must_use]
    pub fn secrets_to_delete(self) -> &'static [SecretName] {
        match self {
            Self::Token => &[],
            Self::MonitoringToken => &[SecretName::OktaToken],
            Self::Nothing => &[
                SecretName::OktaToken,
                SecretName::MonitoringToken,
                SecretName::RadiantSearchToken,
                SecretName::EventsWebhookToken,
            ],
        }
    }

    /// Returns which of `secrets` should have been deleted when the guide was finished but still exist. A secret that was pasted
    /// later does not count: it belongs to the next choice.
    #[must_use]
    pub fn undeleted_secrets(self, secrets: &[SecretState], finished: Option<DateTime<Utc>>) -> Vec<SecretName> {
        let before = |one: &&SecretState| one.since.zip(finished).is_some_and(|(since, finished)| since <= finished);
        secrets
            .iter()
            .filter(before)
            .map(|one| one.name)
            .filter(|name| self.secrets_to_delete().contains(name))
            .collect()
    }
}

/// One Okta org joined to one Radiant tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Connection {
    /// Its id on this computer.
    pub id: ConnectionId,
    /// Its name. The default is the first label of the Okta domain.
    pub name: String,
    /// The org's origin; absent until step 2 of the guide.
    pub origin: Option<Origin>,
    /// Okta's id of the org.
    pub org_id: Option<String>,
    /// The purpose of the token.
    pub profile: Profile,
    /// Which token the app keeps.
    pub keep: Keep,
    /// How Radiant is searched.
    pub radiant: RadiantSearch,
    /// When it was created.
    pub created: DateTime<Utc>,
}

impl Connection {
    /// Returns whether this is a connection to the practice organization.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        matches!(self.origin, Some(Origin::Practice(_)))
    }

    /// Returns whether it is monitored: the guide is complete and a token is kept.
    #[must_use]
    pub fn is_monitored(&self, guide_finished: bool) -> bool {
        guide_finished && self.keep != Keep::Nothing && self.origin.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_with_a_kept_token_and_a_finished_guide_is_monitored() {
        let with = |keep| Connection {
            id: ConnectionId("one".to_owned()),
            name: String::new(),
            origin: crate::okta_origin::OktaDomain::from_host("acme.okta.com").map(Origin::Okta).ok(),
            org_id: None,
            profile: Profile::Ingestion,
            keep,
            radiant: RadiantSearch::default(),
            created: DateTime::UNIX_EPOCH,
        };
        assert!(with(Keep::Token).is_monitored(true) && with(Keep::MonitoringToken).is_monitored(true));
        assert!(!with(Keep::Nothing).is_monitored(true));
        assert!(!with(Keep::Token).is_monitored(false));
        assert!(!Connection { origin: None, ..with(Keep::Token) }.is_monitored(true));
    }

    #[test]
    fn a_secret_pasted_after_the_guide_is_not_reported_as_undeleted() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        let stored = |name, seconds| SecretState { name, since: at(seconds), bound_to: None, this_run_only: false };
        let secrets = [
            stored(SecretName::OktaToken, 1),
            stored(SecretName::MonitoringToken, 2),
            stored(SecretName::RadiantSearchToken, 9),
        ];
        let undeleted = |keep: Keep, finished| keep.undeleted_secrets(&secrets, finished);
        assert_eq!(undeleted(Keep::Token, at(5)), []);
        assert_eq!(undeleted(Keep::MonitoringToken, at(5)), [SecretName::OktaToken]);
        assert_eq!(undeleted(Keep::Nothing, at(5)), [SecretName::OktaToken, SecretName::MonitoringToken]);
        assert_eq!(undeleted(Keep::Nothing, None), [], "the guide is not finished");
    }
}

//! A connection: one Okta org joined to one Radiant tenant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::origin::Origin;
use crate::radiant::RadiantSearch;
use crate::secret::{SecretName, SecretState};

/// Identifies a connection on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct ConnectionId(pub String);

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the token is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Radiant reads the System Log. Read-only Administrator is enough.
    Ingestion,
    /// Radiant reads the System Log and carries out response actions. Radiant's page asks for Super Admin.
    #[default]
    Response,
}

/// What the app keeps after the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The token given to Radiant stays in the keychain and is used for monitoring.
    #[default]
    Token,
    /// A read-only monitoring token of its own is kept; the token given to Radiant is forgotten.
    MonitoringToken,
    /// Nothing is kept; monitoring stops.
    Nothing,
}

impl Keep {
    /// Which secrets are forgotten when this is chosen.
    #[must_use]
    pub fn secrets_to_delete(self) -> &'static [SecretName] {
        match self {
            Self::Token => &[],
            Self::MonitoringToken => &[SecretName::OktaToken],
            Self::Nothing => &[SecretName::OktaToken, SecretName::MonitoringToken, SecretName::RadiantSearchToken],
        }
    }

    /// Returns which of these secrets were to be forgotten when the guide was finished, and are still here. One that was
    /// pasted later is not meant: it is for the next choice.
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
    /// What the administrator calls it; the Okta domain's first label to begin with.
    pub name: String,
    /// Where Okta is; absent until step 2 of the guide.
    pub origin: Option<Origin>,
    /// Okta's id of the org, as last seen.
    pub org_id: Option<String>,
    /// What the token is meant for.
    pub profile: Profile,
    /// What the app keeps.
    pub keep: Keep,
    /// How Radiant's search is asked, if it is.
    pub radiant: RadiantSearch,
    /// When it was made.
    pub created: DateTime<Utc>,
}

impl Connection {
    /// Tells whether this is a practice connection, which is never mistaken for the real thing.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        matches!(self.origin, Some(Origin::Practice(_)))
    }

    /// Tells whether it is watched: its guide is done and something was kept to ask with.
    #[must_use]
    pub fn is_monitored(&self, guide_finished: bool) -> bool {
        guide_finished && self.keep != Keep::Nothing && self.origin.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_and_a_finished_guide_make_a_connection_watched() {
        let _at = |seconds| DateTime::from_timestamp(seconds, 0);
        let of = |keep| Connection {
            id: ConnectionId("one".to_owned()),
            name: String::new(),
            origin: crate::origin::OktaDomain::from_host("acme.okta.com").map(Origin::Okta).ok(),
            org_id: None,
            profile: Profile::Ingestion,
            keep,
            radiant: RadiantSearch::default(),
            created: DateTime::UNIX_EPOCH,
        };
        assert!(of(Keep::Token).is_monitored(true) && of(Keep::MonitoringToken).is_monitored(true));
        assert!(!of(Keep::Nothing).is_monitored(true));
        assert!(!of(Keep::Token).is_monitored(false));
        assert!(!Connection { origin: None, ..of(Keep::Token) }.is_monitored(true));
    }

    #[test]
    fn left_over_is_what_the_choice_forgets_and_nothing_that_was_pasted_since() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        let held = |name, seconds| SecretState { name, since: at(seconds), bound_to: None, this_run_only: false };
        let secrets = [
            held(SecretName::OktaToken, 1),
            held(SecretName::MonitoringToken, 2),
            held(SecretName::RadiantSearchToken, 9),
        ];
        let left = |keep: Keep, finished| keep.undeleted_secrets(&secrets, finished);
        assert_eq!(left(Keep::Token, at(5)), []);
        assert_eq!(left(Keep::MonitoringToken, at(5)), [SecretName::OktaToken]);
        assert_eq!(left(Keep::Nothing, at(5)), [SecretName::OktaToken, SecretName::MonitoringToken]);
        assert_eq!(left(Keep::Nothing, None), [], "its guide is open");
    }
}

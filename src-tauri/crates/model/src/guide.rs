//! The guide: its nine steps, the administrator's confirmations, and its state.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::arrival::Arrival;
use crate::certificate_issuer::AcceptedIssuer;
use crate::connection::Profile;

/// A step of the guide, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum GuideStep {
    /// 1. Prerequisites and profile.
    #[default]
    Before,
    /// 2. Okta domain.
    Domain,
    /// 3. Create the API token in Okta.
    CreateToken,
    /// 4. Paste the token and run the checks.
    PasteToken,
    /// 5. Add the credential in Radiant.
    Credential,
    /// 6. Add the data connector.
    DataConnector,
    /// 7. Add the action connector.
    ActionConnector,
    /// 8. Verify that events arrive.
    Arrival,
    /// 9. Done.
    Done,
}

impl GuideStep {
    /// Every step, in order.
    pub const ALL: [Self; 9] = [
        Self::Before,
        Self::Domain,
        Self::CreateToken,
        Self::PasteToken,
        Self::Credential,
        Self::DataConnector,
        Self::ActionConnector,
        Self::Arrival,
        Self::Done,
    ];
}

/// A statement that only the administrator can make. Confirmed is never shown as verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Confirmable {
    /// There is an Okta service account.
    HasServiceAccount,
    /// There is an Administrator role in Radiant.
    HasRadiantAdmin,
    /// The token was created in Okta.
    TokenCreated,
    /// The token's owner is the service account.
    OwnerIsServiceAccount,
    /// The token's owner is a person, and this is accepted with its consequences.
    OwnerIsPerson,
    /// A TLS-inspecting proxy can read the token, and this is accepted. [`GuideState::accepted_issuers`] says which one.
    TlsInspectionAccepted,
    /// A TLS-inspecting proxy can read the search token of Radiant, and this is accepted.
    RadiantTlsInspectionAccepted,
    /// The credential was added in Radiant.
    CredentialAdded,
    /// The data connector was added in Radiant.
    DataConnectorAdded,
    /// The action connector was added in Radiant.
    ActionConnectorAdded,
}

/// A confirmation by the administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Confirmation {
    /// The confirmed statement.
    pub what: Confirmable,
    /// When it was confirmed.
    pub at: DateTime<Utc>,
    /// The operating-system account it was confirmed under.
    pub by: String,
}

/// The state of one connection's guide. Stored after every change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct GuideState {
    /// The step that was shown last; the window returns to it.
    pub step: GuideStep,
    /// The domain exactly as the administrator typed it.
    pub typed_domain: String,
    /// The suggested or actual name of the API token in Okta.
    pub token_name: String,
    /// The suggested or actual name of the credential in Radiant.
    pub credential_name: String,
    /// The confirmations.
    pub confirmed: Vec<Confirmation>,
    /// The issuers of TLS-inspecting proxies that were accepted, each for one host. Earlier versions stored none: their
    /// confirmation does not say whom it was given for, so that it is asked for again.
    #[serde(default)]
    pub accepted_issuers: Vec<AcceptedIssuer>,
    /// The first event that was found in Radiant.
    pub arrival: Option<Arrival>,
    /// When the guide was finished.
    pub finished: Option<DateTime<Utc>>,
    /// When the replacement of a token that no longer works began; `None` once the guide is finished again.
    #[serde(default)]
    pub replacement: Option<DateTime<Utc>>,
    /// When the connection was imported.
    #[serde(default)]
    pub imported: Option<DateTime<Utc>>,
    /// When the profile was last changed after the guide was finished.
    #[serde(default)]
    pub profile_changed: Option<DateTime<Utc>>,
    /// When Radiant's search settings were last changed after the guide was finished.
    #[serde(default)]
    pub search_changed: Option<DateTime<Utc>>,
}

impl GuideState {
    /// Returns whether `what` was confirmed.
    #[must_use]
    pub fn has(&self, what: Confirmable) -> bool {
        self.confirmed.iter().any(|one| one.what == what)
    }

    /// Returns whether the issuer with this key was accepted for the host.
    #[must_use]
    pub fn accepts(&self, host: &str, key: &str) -> bool {
        self.accepted_issuers.iter().any(|one| one.host == host && one.key == key)
    }

    /// Returns the steps from the one that was shown last; none once the guide is finished. A connection for ingestion only
    /// needs no action connector.
    #[must_use]
    pub fn remaining_steps(&self, profile: Profile) -> Vec<GuideStep> {
        let is_needed = |step: &GuideStep| profile == Profile::Response || *step != GuideStep::ActionConnector;
        let remaining = GuideStep::ALL.into_iter().filter(|step| *step >= self.step && self.finished.is_none());
        remaining.filter(is_needed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_steps_begin_at_the_current_step_and_end_with_the_guide() {
        let state = GuideState { step: GuideStep::DataConnector, ..GuideState::default() };
        let rest = [GuideStep::DataConnector, GuideStep::ActionConnector, GuideStep::Arrival, GuideStep::Done];
        assert_eq!(state.remaining_steps(Profile::Response), rest);
        assert_eq!(state.remaining_steps(Profile::Ingestion), [rest[0], rest[2], rest[3]]);
        let done = GuideState { finished: Some(DateTime::UNIX_EPOCH), ..state };
        assert_eq!(done.remaining_steps(Profile::Response), []);
    }
}

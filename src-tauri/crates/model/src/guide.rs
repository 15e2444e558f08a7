//! The guide: nine steps, what the administrator confirmed, and where it stands.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::arrival::Arrival;
use crate::connection::Profile;

/// The nine steps, in order.
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
    /// 4. Paste the token; the checks run.
    PasteToken,
    /// 5. Add the credential in Radiant.
    Credential,
    /// 6. Add the data connector.
    DataConnector,
    /// 7. Add the action connector.
    ActionConnector,
    /// 8. See it arrive.
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

/// Something only the administrator can vouch for. Confirmed is never shown as verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Confirmable {
    /// There is an Okta service account.
    HasServiceAccount,
    /// There is an Administrator role in Radiant.
    HasRadiantAdmin,
    /// The token was created in Okta.
    TokenCreated,
    /// The owner Okta named is the service account.
    OwnerIsServiceAccount,
    /// The owner Okta named is a person, and that is accepted with its consequences.
    OwnerIsPerson,
    /// A TLS-inspecting proxy may read the token, and that is accepted.
    TlsInspectionAccepted,
    /// The credential was added in Radiant.
    CredentialAdded,
    /// The data connector was added in Radiant.
    DataConnectorAdded,
    /// The action connector was added in Radiant.
    ActionConnectorAdded,
}

/// One confirmation: what, when, by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Confirmation {
    /// What was confirmed.
    pub what: Confirmable,
    /// When.
    pub at: DateTime<Utc>,
    /// The operating-system account it was confirmed under.
    pub by: String,
}

/// Where the guide of one connection stands. Kept in the store after every change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct GuideState {
    /// The step shown last; the window comes back to it.
    pub step: GuideStep,
    /// What the administrator typed as the domain, kept as typed.
    pub typed_domain: String,
    /// The name suggested for, or given to, the API token in Okta.
    pub token_name: String,
    /// The name suggested for, or given to, the credential in Radiant.
    pub credential_name: String,
    /// What was confirmed.
    pub confirmed: Vec<Confirmation>,
    /// The first event found in Radiant.
    pub arrival: Option<Arrival>,
    /// When the guide was finished, if it was.
    pub finished: Option<DateTime<Utc>>,
    /// When the connection was imported, if it was.
    #[serde(default)]
    pub imported: Option<DateTime<Utc>>,
}

impl GuideState {
    /// Tells whether `what` was confirmed.
    #[must_use]
    pub fn has(&self, what: Confirmable) -> bool {
        self.confirmed.iter().any(|one| one.what == what)
    }

    /// Returns the steps that are still to be gone through, in order: from the one shown last on, until the guide is finished.
    /// Who only reads needs no action connector.
    #[must_use]
    pub fn remaining_steps(&self, profile: Profile) -> Vec<GuideStep> {
        let needed = |step: &GuideStep| profile == Profile::Response || *step != GuideStep::ActionConnector;
        let open = GuideStep::ALL.into_iter().filter(|step| *step >= self.step && self.finished.is_none());
        open.filter(needed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_done_begins_where_the_guide_stands_and_ends_with_it() {
        let state = GuideState { step: GuideStep::DataConnector, ..GuideState::default() };
        let rest = [GuideStep::DataConnector, GuideStep::ActionConnector, GuideStep::Arrival, GuideStep::Done];
        assert_eq!(state.remaining_steps(Profile::Response), rest);
        assert_eq!(state.remaining_steps(Profile::Ingestion), [rest[0], rest[2], rest[3]]);
        let done = GuideState { finished: Some(DateTime::UNIX_EPOCH), ..state };
        assert_eq!(done.remaining_steps(Profile::Response), []);
    }
}

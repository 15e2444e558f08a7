//! Changes of the guide's state, as pure functions.

use chrono::{DateTime, Utc};

use model::connection::Profile;
use model::guide::{Confirmable, Confirmation, GuideState, GuideStep};
use model::rotation::Attestation;

/// The token name Radiant's page suggests.
const TOKEN_NAME: &str = "Radiant Security API Token";
/// The credential name Radiant's page suggests.
const CREDENTIAL_NAME: &str = "Okta-Credentials";

/// Returns the guide as it begins.
#[must_use]
pub fn begin() -> GuideState {
    GuideState {
        token_name: TOKEN_NAME.to_owned(),
        credential_name: CREDENTIAL_NAME.to_owned(),
        ..GuideState::default()
    }
}

/// Notes or takes back a confirmation. The two words about the owner exclude each other.
#[must_use]
pub fn confirm(mut state: GuideState, what: Confirmable, yes: bool, at: DateTime<Utc>, by: &str) -> GuideState {
    let other = match what {
        Confirmable::OwnerIsServiceAccount => Some(Confirmable::OwnerIsPerson),
        Confirmable::OwnerIsPerson => Some(Confirmable::OwnerIsServiceAccount),
        Confirmable::HasServiceAccount
        | Confirmable::HasRadiantAdmin
        | Confirmable::TokenCreated
        | Confirmable::TlsInspectionAccepted
        | Confirmable::CredentialAdded
        | Confirmable::DataConnectorAdded
        | Confirmable::ActionConnectorAdded => None,
    };
    if yes && state.has(what) {
        return state;
    }
    state.confirmed.retain(|one| one.what != what && Some(one.what) != other);
    if yes {
        state.confirmed.push(Confirmation { what, at, by: by.to_owned() });
    }
    state
}

/// Notes a confirmation again, in place of an earlier one of the same.
#[must_use]
pub fn confirmed_anew(state: GuideState, what: Confirmable, word: Attestation) -> GuideState {
    let state = confirm(state, what, false, word.at, &word.by);
    confirm(state, what, true, word.at, &word.by)
}

/// Drops what is no longer asked when the token is meant for something else: who only reads needs no action connector, and
/// whether one is there is asked anew afterwards.
#[must_use]
pub fn meant_for(mut state: GuideState, profile: Profile) -> GuideState {
    if profile == Profile::Ingestion {
        state.confirmed.retain(|one| one.what != Confirmable::ActionConnectorAdded);
    }
    state
}

/// Forgets what was confirmed or seen of another org, and opens the guide again.
#[must_use]
pub fn moved_to_another_org(mut state: GuideState) -> GuideState {
    let of_people = [Confirmable::HasServiceAccount, Confirmable::HasRadiantAdmin];
    state.confirmed.retain(|one| of_people.contains(&one.what));
    state.arrival = None;
    state.finished = None;
    state
}

/// Closes the guide.
#[must_use]
pub fn finish(state: GuideState, at: DateTime<Utc>) -> GuideState {
    GuideState { step: GuideStep::Done, finished: Some(at), ..state }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(state: GuideState, what: Confirmable, yes: bool) -> GuideState {
        confirm(state, what, yes, DateTime::UNIX_EPOCH, "admin")
    }

    #[test]
    fn the_owner_is_a_person_or_a_service_account_never_both() {
        let state = said(begin(), Confirmable::OwnerIsPerson, true);
        let state = said(state, Confirmable::OwnerIsServiceAccount, true);
        assert!(state.has(Confirmable::OwnerIsServiceAccount));
        assert!(!state.has(Confirmable::OwnerIsPerson));
    }

    #[test]
    fn confirming_again_keeps_the_first_time_and_taking_back_removes_it() {
        let first = said(begin(), Confirmable::CredentialAdded, true);
        let later = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1);
        let again = confirm(first.clone(), Confirmable::CredentialAdded, true, later, "other");
        assert_eq!(again, first);
        assert!(!said(first, Confirmable::CredentialAdded, false).has(Confirmable::CredentialAdded));
    }

    #[test]
    fn reading_alone_asks_for_no_action_connector_and_going_back_asks_anew() {
        let both = said(said(begin(), Confirmable::ActionConnectorAdded, true), Confirmable::CredentialAdded, true);
        assert_eq!(meant_for(both.clone(), Profile::Response), both);
        let reading = meant_for(both, Profile::Ingestion);
        assert!(reading.has(Confirmable::CredentialAdded));
        assert!(!meant_for(reading, Profile::Response).has(Confirmable::ActionConnectorAdded));
    }

    #[test]
    fn another_org_forgets_what_was_said_of_the_first() {
        let state = said(said(begin(), Confirmable::HasRadiantAdmin, true), Confirmable::OwnerIsPerson, true);
        let state = moved_to_another_org(finish(state, DateTime::UNIX_EPOCH));
        assert!(state.has(Confirmable::HasRadiantAdmin));
        assert_eq!(state.finished, None, "its guide is gone through again");
        assert!(!state.has(Confirmable::OwnerIsPerson));
    }
}

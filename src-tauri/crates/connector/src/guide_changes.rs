//! The rules of the guide's state, as pure functions. A confirmation is stated by the administrator and never counts as verified.

use chrono::{DateTime, Utc};

use model::connection::Profile;
use model::guide::{Confirmable, Confirmation, GuideState, GuideStep};
use model::inspection::AcceptedIssuer;
use model::rotation::Attestation;

/// The token name that Radiant's documentation suggests.
const TOKEN_NAME: &str = "Radiant Security API Token";
/// The credential name that Radiant's documentation suggests.
const CREDENTIAL_NAME: &str = "Okta-Credentials";

/// Returns the state of a new guide.
pub(crate) fn begin() -> GuideState {
    GuideState {
        token_name: TOKEN_NAME.to_owned(),
        credential_name: CREDENTIAL_NAME.to_owned(),
        ..GuideState::default()
    }
}

/// Adds or withdraws a confirmation. The two confirmations about the owner exclude each other.
pub(crate) fn confirm(mut state: GuideState, what: Confirmable, yes: bool, at: DateTime<Utc>, by: &str) -> GuideState {
    let other = match what {
        Confirmable::OwnerIsServiceAccount => Some(Confirmable::OwnerIsPerson),
        Confirmable::OwnerIsPerson => Some(Confirmable::OwnerIsServiceAccount),
        Confirmable::HasServiceAccount
        | Confirmable::HasRadiantAdmin
        | Confirmable::TokenCreated
        | Confirmable::TlsInspectionAccepted
        | Confirmable::RadiantTlsInspectionAccepted
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

/// Accepts an issuer for its host, and states it as a confirmation. Only one issuer is accepted for a host.
pub(crate) fn accept_issuer(mut state: GuideState, what: Confirmable, accepted: AcceptedIssuer) -> GuideState {
    state.accepted_issuers.retain(|one| one.host != accepted.host);
    let attestation = Attestation { at: accepted.at, by: accepted.by.clone() };
    state.accepted_issuers.push(accepted);
    renew_confirmation(state, what, attestation)
}

/// Withdraws what was accepted for a host.
pub(crate) fn withdraw_issuer(mut state: GuideState, what: Confirmable, host: &str) -> GuideState {
    state.accepted_issuers.retain(|one| one.host != host);
    state.confirmed.retain(|one| one.what != what);
    state
}

/// Withdraws what was accepted for an earlier host of Radiant: the new one is asked for.
pub(crate) fn moved_to_another_radiant(mut state: GuideState, old_host: Option<&str>) -> GuideState {
    state.accepted_issuers.retain(|one| Some(one.host.as_str()) != old_host);
    state.confirmed.retain(|one| one.what != Confirmable::RadiantTlsInspectionAccepted);
    state
}

/// Replaces an earlier confirmation of the same kind.
pub(crate) fn renew_confirmation(state: GuideState, what: Confirmable, by: Attestation) -> GuideState {
    let state = confirm(state, what, false, by.at, &by.by);
    confirm(state, what, true, by.at, &by.by)
}

/// Drops the confirmation of the action connector for a profile that needs none; it is requested again for the other
/// profile.
pub(crate) fn with_profile(mut state: GuideState, profile: Profile) -> GuideState {
    if profile == Profile::Ingestion {
        state.confirmed.retain(|one| one.what != Confirmable::ActionConnectorAdded);
    }
    state
}

/// Drops what was confirmed or verified for another org, and opens the guide again.
pub(crate) fn moved_to_another_org(mut state: GuideState) -> GuideState {
    let about_people = [Confirmable::HasServiceAccount, Confirmable::HasRadiantAdmin];
    state.confirmed.retain(|one| about_people.contains(&one.what));
    state.accepted_issuers.clear();
    state.arrival = None;
    state.finished = None;
    state
}

/// Finishes the guide.
pub(crate) fn finish(state: GuideState, at: DateTime<Utc>) -> GuideState {
    GuideState { step: GuideStep::Done, finished: Some(at), ..state }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmed(state: GuideState, what: Confirmable, yes: bool) -> GuideState {
        confirm(state, what, yes, DateTime::UNIX_EPOCH, "admin")
    }

    #[test]
    fn the_owner_is_a_person_or_a_service_account_never_both() {
        let state = confirmed(begin(), Confirmable::OwnerIsPerson, true);
        let state = confirmed(state, Confirmable::OwnerIsServiceAccount, true);
        assert!(state.has(Confirmable::OwnerIsServiceAccount));
        assert!(!state.has(Confirmable::OwnerIsPerson));
    }

    #[test]
    fn confirming_again_keeps_the_first_time_and_withdrawing_removes_it() {
        let first = confirmed(begin(), Confirmable::CredentialAdded, true);
        let later = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1);
        let again = confirm(first.clone(), Confirmable::CredentialAdded, true, later, "other");
        assert_eq!(again, first);
        assert!(!confirmed(first, Confirmable::CredentialAdded, false).has(Confirmable::CredentialAdded));
    }

    #[test]
    fn the_ingestion_profile_needs_no_action_connector_and_the_other_requests_it_again() {
        let both =
            confirmed(confirmed(begin(), Confirmable::ActionConnectorAdded, true), Confirmable::CredentialAdded, true);
        assert_eq!(with_profile(both.clone(), Profile::Response), both);
        let reading = with_profile(both, Profile::Ingestion);
        assert!(reading.has(Confirmable::CredentialAdded));
        assert!(!with_profile(reading, Profile::Response).has(Confirmable::ActionConnectorAdded));
    }

    #[test]
    fn another_radiant_drops_the_acceptance_for_the_first_alone() {
        let (radiant, okta) = (Confirmable::RadiantTlsInspectionAccepted, Confirmable::TlsInspectionAccepted);
        let accepted = |host: &str| AcceptedIssuer {
            host: host.to_owned(),
            issuer: "Proxy".to_owned(),
            key: "a1".to_owned(),
            at: DateTime::UNIX_EPOCH,
            by: "admin".to_owned(),
        };
        let state = accept_issuer(begin(), okta, accepted("acme.okta.com"));
        let state = accept_issuer(state, radiant, accepted("search.example"));
        let moved = moved_to_another_radiant(state, Some("search.example"));
        assert!(moved.has(okta) && !moved.has(radiant));
        assert_eq!(moved.accepted_issuers, [accepted("acme.okta.com")]);
    }

    #[test]
    fn another_org_drops_the_confirmations_about_the_first() {
        let state = confirmed(confirmed(begin(), Confirmable::HasRadiantAdmin, true), Confirmable::OwnerIsPerson, true);
        let state = moved_to_another_org(finish(state, DateTime::UNIX_EPOCH));
        assert!(state.has(Confirmable::HasRadiantAdmin));
        assert_eq!(state.finished, None, "the guide is open again");
        assert!(!state.has(Confirmable::OwnerIsPerson));
    }
}

//! The rules of the guide's state, as pure functions. A confirmation is stated by the administrator and never counts as verified.

use chrono::{DateTime, Utc};

use model::certificate_issuer::AcceptedIssuer;
use model::connection::Profile;
use model::guide::{Confirmable, Confirmation, GuideState, GuideStep};
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
/// profile. A change after the guide is dated, so that the history can mark it.
pub(crate) fn with_profile(mut state: GuideState, profile: Profile, at: DateTime<Utc>) -> GuideState {
    if profile == Profile::Ingestion {
        state.confirmed.retain(|one| one.what != Confirmable::ActionConnectorAdded);
    }
    let profile_changed = state.finished.map_or(state.profile_changed, |_| Some(at));
    GuideState { profile_changed, ..state }
}

/// Dates a change of Radiant's search settings after the guide, so that the history can mark it.
pub(crate) fn with_other_search(state: GuideState, at: DateTime<Utc>) -> GuideState {
    let search_changed = state.finished.map_or(state.search_changed, |_| Some(at));
    GuideState { search_changed, ..state }
}

/// Opens the guide where another token is created, and drops what was stated and proven about the one that no longer works.
pub(crate) fn begin_replacement(mut state: GuideState, at: DateTime<Utc>) -> GuideState {
    let about_token = [
        Confirmable::TokenCreated,
        Confirmable::OwnerIsServiceAccount,
        Confirmable::OwnerIsPerson,
        Confirmable::CredentialAdded,
    ];
    state.confirmed.retain(|one| !about_token.contains(&one.what));
    GuideState { step: GuideStep::CreateToken, replacement: Some(at), arrival: None, ..state }
}

/// Returns the time from which events count in a replacement: when the new token was given to Radiant, else when it began.
pub(crate) fn replacement_time(state: &GuideState) -> Option<DateTime<Utc>> {
    let began = state.replacement?;
    let given = state.confirmed.iter().find(|one| one.what == Confirmable::CredentialAdded).map(|one| one.at);
    Some(given.map_or(began, |given| given.max(began)))
}

/// Drops what was confirmed or verified for another org, and opens the guide again.
pub(crate) fn moved_to_another_org(mut state: GuideState) -> GuideState {
    let about_people = [Confirmable::HasServiceAccount, Confirmable::HasRadiantAdmin];
    state.confirmed.retain(|one| about_people.contains(&one.what));
    state.accepted_issuers.clear();
    state.arrival = None;
    state.finished = None;
    state.replacement = None;
    state
}

/// Finishes the guide.
pub(crate) fn finish(state: GuideState, at: DateTime<Utc>) -> GuideState {
    GuideState { step: GuideStep::Done, finished: Some(at), replacement: None, ..state }
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
        let at = DateTime::UNIX_EPOCH;
        assert_eq!(with_profile(both.clone(), Profile::Response, at), both);
        let reading = with_profile(both, Profile::Ingestion, at);
        assert!(reading.has(Confirmable::CredentialAdded));
        assert!(!with_profile(reading, Profile::Response, at).has(Confirmable::ActionConnectorAdded));
    }

    #[test]
    fn a_change_of_profile_or_search_settings_is_dated_once_the_guide_is_finished() {
        let at = |hours| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hours);
        let changed = |state| with_other_search(with_profile(state, Profile::Ingestion, at(2)), at(3));
        let dates = |state: GuideState| (state.profile_changed, state.search_changed);
        assert_eq!(dates(changed(begin())), (None, None), "the guide itself sets both");
        assert_eq!(dates(changed(finish(begin(), at(1)))), (Some(at(2)), Some(at(3))));
    }

    #[test]
    fn a_replacement_asks_for_the_token_its_owner_and_the_credential_again_and_ends_with_the_guide() {
        let at = |hours| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hours);
        let all = [Confirmable::TokenCreated, Confirmable::OwnerIsPerson, Confirmable::CredentialAdded];
        let state = all.into_iter().fold(begin(), |state, what| confirmed(state, what, true));
        let state = confirmed(finish(state, at(1)), Confirmable::DataConnectorAdded, true);
        assert_eq!(replacement_time(&state), None, "every event of the window counts");

        let begun = begin_replacement(state.clone(), at(2));
        assert_eq!((begun.step, begun.finished), (GuideStep::CreateToken, Some(at(1))), "monitoring goes on");
        assert!(all.into_iter().all(|what| !begun.has(what)));
        assert!(begun.has(Confirmable::DataConnectorAdded), "the data connector stays");
        assert_eq!(replacement_time(&begun), Some(at(2)));

        let given = confirm(begun, Confirmable::CredentialAdded, true, at(3), "admin");
        assert_eq!(replacement_time(&given), Some(at(3)), "an earlier event proves nothing about the new token");
        assert_eq!(finish(given, at(4)).replacement, None);
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

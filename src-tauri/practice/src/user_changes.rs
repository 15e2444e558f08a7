//! Changes of a user: the status, and a sign-in.

use crate::random_events;
use crate::random_ids_and_times::timestamp;
use crate::state::State;
use crate::user_lookup::all;

/// Sets the status of the user with this id, now.
pub(crate) fn set_status(state: &mut State, id: &str, status: &str) {
    let now = state.okta_now();
    let former = all(state).find(|user| user["id"] == id);
    if let Some(former) = former {
        state.former_users.insert(id.to_owned(), former);
    }
    for owner in state.principals.iter_mut().filter(|one| one.id == id) {
        (owner.status, owner.status_changed) = (status.to_owned(), now);
    }
    let users = state.users.iter_mut().chain(&mut state.fixture_users);
    for user in users.filter(|user| user["id"] == id) {
        user["status"] = status.into();
        user["statusChanged"] = timestamp(now);
        user["lastUpdated"] = timestamp(now);
    }
}

/// Lets a user sign in, with the event.
pub(crate) fn sign_in(state: &mut State, id: &str) {
    let (now, mut access) = (state.okta_now(), state.access_of(id));
    let Some(user) = all(state).find(|user| user["id"] == id) else { return };
    access.sign_in();
    state.user_access.insert(id.to_owned(), access);
    let event = random_events::sign_in(&mut state.rng, random_events::user_actor(&user), now);
    state.add(now, now, event);
}

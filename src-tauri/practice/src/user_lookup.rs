//! Finds users: all of them, one by id, login or short name, and as the search knows them.

use chrono::{DateTime, TimeDelta};
use icu_normalizer::DecomposingNormalizer;
use serde_json::Value;

use crate::accounts::Principal;
use crate::okta_call::not_found;
use crate::okta_objects;
use crate::response_builders::OktaError;
use crate::state::State;

/// Returns every account, without links.
pub(crate) fn all(state: &State) -> impl Iterator<Item = Value> + '_ {
    let exists = |one: &&Principal| !one.is_second_token && !one.is_planned;
    let owners = state.principals.iter().filter(exists).map(okta_objects::account);
    owners.chain(state.users.iter().cloned()).chain(state.fixture_users.iter().cloned())
}

/// Returns a login as Okta compares it: without its case and diacritical marks (SPEC listUsers: "Unlike with user logins,
/// diacritical marks are significant in search string values").
fn folded(login: &str) -> String {
    let is_mark = |letter: &char| ('\u{300}'..='\u{36f}').contains(letter);
    let decomposed = DecomposingNormalizer::new_nfd().normalize(login).into_owned();
    decomposed.chars().filter(|letter| !is_mark(letter)).flat_map(char::to_lowercase).collect()
}

/// Returns a user by id, login or unambiguous short name, the part of the login before the `@` (SPEC getUser). A login with
/// `/` is found by id only (SPEC).
pub(crate) fn find(state: &State, id: &str) -> Result<Value, OktaError> {
    if let Some(user) = all(state).find(|user| user["id"] == id) {
        return Ok(user);
    }
    let missing = || not_found(id, "User");
    if id.contains('/') {
        return Err(missing());
    }
    let wanted = folded(id);
    let login = |user: &Value| folded(user["profile"]["login"].as_str().unwrap_or_default());
    if let Some(user) = all(state).find(|user| login(user) == wanted) {
        return Ok(user);
    }
    let mut named = all(state).filter(|user| login(user).split('@').next() == Some(wanted.as_str()));
    named.next().filter(|_| named.next().is_none()).ok_or_else(missing)
}

/// Returns the roles of the user with this id.
pub(crate) fn roles_of(state: &State, id: &str) -> Vec<String> {
    let principal = state.principals.iter().find(|one| one.id == id);
    principal.map_or_else(|| state.access_of(id).roles, |one| one.roles.clone())
}

/// Returns a user as the index of the search has it (SPEC listUsers: eventually consistent).
pub(crate) fn as_indexed(state: &State, user: Value) -> Value {
    let lag = TimeDelta::seconds(i64::from(state.variants.user_search_lag_s));
    let is_new = user["lastUpdated"]
        .as_str()
        .is_some_and(|at| DateTime::parse_from_rfc3339(at).is_ok_and(|at| at + lag > state.okta_now()));
    let former = user["id"].as_str().and_then(|id| state.former_users.get(id));
    former.filter(|_| is_new).cloned().unwrap_or(user)
}

//! Users: one by id, login or short name, lists, and what belongs to one: roles, groups and factors.

use axum::http::Method;
use serde_json::{Value, json};

use crate::accounts::Principal;
use crate::links::Next;
use crate::okta_call::{Content, OktaCall, forbidden, method_not_supported, page, unknown_path};
use crate::okta_objects;
use crate::random_events::ActedThrough;
use crate::response_builders::OktaError;
use crate::scim_filter::{Letters, Operator, ScimFilter};
use crate::state::State;
use crate::user_lifecycle::{self, Clearing, UserOperation};
use crate::user_lookup::{all, as_indexed, find, roles_of};

/// Roles that may read users (HELP comparison of administrator roles).
const READERS: [&str; 5] = ["SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN", "USER_ADMIN", "HELP_DESK_ADMIN"];

/// Properties that `filter` may name (SPEC listUsers).
const FILTERED: [&str; 7] =
    ["status", "lastUpdated", "id", "profile.login", "profile.email", "profile.firstName", "profile.lastName"];

/// Returns the response to a request below `/api/v1/users`.
pub(crate) fn respond(state: &mut State, call: &OktaCall, path: &[&str]) -> Result<Content, OktaError> {
    let principal = &state.principals[call.caller];
    let is_reader = principal.has_role(&READERS);
    let origin = &call.request.origin;
    match (&call.request.method, path) {
        (&Method::GET, ["me"]) => Ok(Content::One(okta_objects::single_user(okta_objects::account(principal), origin))),
        // Only a super administrator may read roles (HELP "View administrators"; REAL in Okta's Terraform provider).
        (&Method::GET, [id, "roles"]) if principal.has_role(&["SUPER_ADMIN"]) => roles(state, call, id),
        (&Method::GET, []) if is_reader => list(state, call),
        (&Method::GET, [id]) if is_reader => Ok(Content::One(okta_objects::single_user(find(state, id)?, origin))),
        (&Method::GET, [id, "groups"]) if is_reader => groups(state, call, id),
        (&Method::GET, [id, "factors"]) if is_reader => factors(state, call, id),
        (&Method::GET, [] | [_] | [_, "roles" | "groups" | "factors"]) => Err(forbidden()),
        (&Method::POST, [id, "lifecycle", verb]) => match verb.parse() {
            Ok(operation) => user_lifecycle::call(state, call, id, operation),
            Err(_) => Err(unknown_path()),
        },
        (&Method::DELETE, [id, "sessions"]) => user_lifecycle::call(state, call, id, UserOperation::ClearSessions),
        _ if call.request.method != Method::GET => Err(method_not_supported()),
        _ => Err(unknown_path()),
    }
}

fn roles(state: &State, call: &OktaCall, id: &str) -> Result<Content, OktaError> {
    let user = find(state, id)?;
    let roles = roles_of(state, user["id"].as_str().unwrap_or_default());
    Ok(Content::Whole(okta_objects::roles(&user, &roles, &call.request.origin)))
}

/// Returns the groups of a user (SPEC listUserGroups).
fn groups(state: &State, call: &OktaCall, id: &str) -> Result<Content, OktaError> {
    let user = find(state, id)?;
    let names = state.access_of(user["id"].as_str().unwrap_or_default()).groups;
    let group = |name: &String| okta_objects::group(name, &user["created"], &call.request.origin);
    Ok(Content::Whole(names.iter().map(group).collect()))
}

/// Returns the factors in which a user is enrolled (SPEC listFactors).
fn factors(state: &State, call: &OktaCall, id: &str) -> Result<Content, OktaError> {
    let user = find(state, id)?;
    let kinds = state.access_of(user["id"].as_str().unwrap_or_default()).factors;
    let factor = |kind: &String| okta_objects::factor(kind, &user, &call.request.origin);
    Ok(Content::Whole(kinds.iter().map(factor).collect()))
}

/// Returns a page of the users with a role (SPEC listUsersWithRoleAssignments); `next` is in the body.
pub(crate) fn assignees(state: &State, call: &OktaCall) -> Result<Content, OktaError> {
    let origin = &call.request.origin;
    let is_assigned = |user: &Value| !roles_of(state, user["id"].as_str().unwrap_or_default()).is_empty();
    let all: Vec<Value> =
        all(state).filter(is_assigned).map(|user| okta_objects::assignee(&user, &state.org_id, origin)).collect();
    let Content::Page(value, next) = page(all, call.request, &state.variants, 100)? else { return Err(unknown_path()) };
    let links = match next {
        Next::Query(query) => json!({"next": {"href": format!("{origin}/api/v1/iam/assignees/users?{query}")}}),
        Next::None | Next::Itself => json!({}),
    };
    Ok(Content::One(json!({"value": value, "_links": links})))
}

/// Returns one page of users (SPEC listUsers). REAL: a listed user links only to itself.
fn list(state: &State, call: &OktaCall) -> Result<Content, OktaError> {
    let query = &call.request.query;
    if let Some(search) = query.get("search") {
        return search_users(state, call, search);
    }
    let listed = |user: &Value| okta_objects::listed_user(user.clone(), &call.request.origin);
    if let Some(filter) = query.get("filter") {
        let filter = exact_filter(filter)?;
        let found = all(state).filter(|user| filter.matches_letters(user, Letters::Exact));
        return page(found.map(|user| listed(&user)).collect(), call.request, &state.variants, 200);
    }
    let active = all(state).filter(|user| user["status"] != "DEPROVISIONED");
    let Some(q) = query.get("q") else {
        return page(active.map(|user| listed(&user)).collect(), call.request, &state.variants, 200);
    };
    // SPEC: ten results unless `limit` is given, and no further page.
    let begins = |user: &Value| {
        let begins =
            |key: &str| user["profile"][key].as_str().unwrap_or_default().to_lowercase().starts_with(&q.to_lowercase());
        begins("firstName") || begins("lastName") || begins("email")
    };
    let found = page(active.filter(begins).map(|user| listed(&user)).collect(), call.request, &state.variants, 10)?;
    Ok(if let Content::Page(users, _) = found { Content::Page(users, Next::None) } else { found })
}

/// Returns a page of a search: deactivated users too, without regard to case (SPEC listUsers).
fn search_users(state: &State, call: &OktaCall, search: &str) -> Result<Content, OktaError> {
    let filter = ScimFilter::parse(search).ok_or_else(OktaError::invalid_search)?;
    let found = all(state).map(|user| as_indexed(state, user));
    let found = found.filter(|user| filter.matches_letters(user, Letters::AnyCase));
    let found = found.map(|user| okta_objects::listed_user(user, &call.request.origin)).collect();
    page(found, call.request, &state.variants, 200)
}

/// Parses `filter`, which knows few properties and, but for times, only `eq` (SPEC listUsers).
fn exact_filter(text: &str) -> Result<ScimFilter, OktaError> {
    let filter = ScimFilter::parse(text).ok_or_else(OktaError::invalid_search)?;
    let is_known = |(field, operator): (&str, Operator)| {
        let is_order = matches!(operator, Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le);
        FILTERED.contains(&field) && (operator == Operator::Eq || (is_order && field == "lastUpdated"))
    };
    let is_known = filter.fields().all(is_known);
    if is_known { Ok(filter) } else { Err(OktaError::invalid_search()) }
}

/// Does an operation as the person among the principals, in the Admin Console. What Okta would refuse does nothing.
pub(crate) fn act_as_other_administrator(state: &mut State, user: &str, operation: UserOperation) {
    let Some(actor) = state.principals.iter().position(Principal::is_person) else { return };
    let Some(id) = find(state, user).ok().and_then(|user| user["id"].as_str().map(str::to_owned)) else { return };
    // An operation that the user's status does not allow is refused in the Admin Console too.
    drop(user_lifecycle::act(state, actor, ActedThrough::AdminConsole, &id, operation, Clearing::ALL));
}

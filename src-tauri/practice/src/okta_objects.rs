//! Okta's JSON objects.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::accounts::{Principal, role_label};
use crate::random_ids_and_times::timestamp;
use crate::state::State;

/// Returns a principal's account (SPEC User), without links.
pub(crate) fn account(one: &Principal) -> Value {
    json!({
        "id": one.id, "status": one.status, "created": timestamp(one.created), "activated": timestamp(one.created),
        "statusChanged": timestamp(one.status_changed), "lastLogin": timestamp(one.last_login), "lastUpdated": timestamp(one.status_changed),
        "passwordChanged": timestamp(one.created), "type": {"id": "otyPRACTICE"},
        "profile": {"firstName": one.first_name, "lastName": one.last_name, "mobilePhone": one.mobile, "secondEmail": null, "login": one.login, "email": one.login},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
    })
}

fn user_url(user: &Value, origin: &str) -> String {
    format!("{origin}/api/v1/users/{}", user["id"].as_str().unwrap_or_default())
}

/// Returns a user of a list (REAL: it links only to itself).
pub(crate) fn listed_user(mut user: Value, origin: &str) -> Value {
    user["_links"] = json!({"self": {"href": user_url(&user, origin)}});
    user
}

/// Returns a single user (REAL: links name the operations that its status allows; whether they depend on the caller's
/// rights is UNVERIFIED).
pub(crate) fn single_user(mut user: Value, origin: &str) -> Value {
    let operations: &[&str] = match user["status"].as_str().unwrap_or_default() {
        "ACTIVE" => &["suspend", "deactivate", "expire_password", "reset_password", "reset_factors"],
        "PASSWORD_EXPIRED" => &["suspend", "deactivate", "expire_password", "reset_password", "reset_factors"],
        "PROVISIONED" => &["suspend", "deactivate", "reactivate", "reset_factors"],
        // INFERRED from SPEC unlock and reactivate.
        "LOCKED_OUT" => &["unlock", "deactivate", "reset_password", "reset_factors"],
        "RECOVERY" => &["reactivate", "deactivate", "reset_password", "reset_factors"],
        "SUSPENDED" => &["unsuspend", "deactivate", "reset_factors"],
        "STAGED" | "DEPROVISIONED" => &["activate"],
        _ => &[],
    };
    let href = user_url(&user, origin);
    let mut links = Map::new();
    links.insert("self".to_owned(), json!({"href": href}));
    for operation in operations {
        let name = match *operation {
            "expire_password" => "expirePassword",
            "reset_password" => "resetPassword",
            "reset_factors" => "resetFactors",
            other => other,
        };
        links.insert(name.to_owned(), json!({"href": format!("{href}/lifecycle/{operation}"), "method": "POST"}));
    }
    user["_links"] = Value::Object(links);
    user
}

/// Returns the roles of a user (SPEC StandardRole and CustomRole; REAL shapes).
pub(crate) fn roles(user: &Value, roles: &[String], origin: &str) -> Vec<Value> {
    let id = user["id"].as_str().unwrap_or_default();
    let role = |(n, kind): (usize, &String)| {
        let mut role = json!({"id": format!("ra{n}{}", id.get(3..).unwrap_or_default()), "label": role_label(kind), "type": kind,
            "status": "ACTIVE", "created": user["created"], "lastUpdated": user["created"], "assignmentType": "USER",
            "_links": {"assignee": {"href": user_url(user, origin)}}});
        if kind == "CUSTOM" {
            role["role"] = json!("cr0PRACTICE");
            role["resource-set"] = json!("iamPRACTICE");
        }
        role
    };
    roles.iter().enumerate().map(role).collect()
}

/// Returns a user with a role (SPEC RoleAssignedUser and its example).
pub(crate) fn assignee(user: &Value, org_id: &str, origin: &str) -> Value {
    let (id, href) = (user["id"].as_str().unwrap_or_default(), user_url(user, origin));
    json!({"id": id, "orn": format!("orn:okta:{org_id}:users:{id}"),
        "_links": {"self": {"href": href}, "roles": {"href": format!("{href}/roles")}}})
}

/// Returns a group by its name (SPEC Group).
pub(crate) fn group(name: &str, created: &Value, origin: &str) -> Value {
    let id = format!("00gPRACTICE{name}");
    let kind = if name == "Everyone" { "BUILT_IN" } else { "OKTA_GROUP" };
    json!({"id": id, "created": created, "lastUpdated": created, "lastMembershipUpdated": created,
        "objectClass": ["okta:user_group"], "type": kind, "profile": {"name": name, "description": format!("{name} of the practice organization")},
        "_links": {"self": {"href": format!("{origin}/api/v1/groups/{id}")}, "users": {"href": format!("{origin}/api/v1/groups/{id}/users")}}})
}

/// Returns a factor of a user by its type (SPEC UserFactor, example ListFactorsResults).
pub(crate) fn factor(kind: &str, user: &Value, origin: &str) -> Value {
    let (id, href) = (format!("{kind}PRACTICE"), user_url(user, origin));
    let profile = match kind {
        "sms" => json!({"phoneNumber": "+15550100"}),
        _ => json!({"credentialId": user["profile"]["login"]}),
    };
    json!({"id": id, "factorType": kind, "provider": "OKTA", "vendorName": "OKTA", "status": "ACTIVE", "created": user["created"],
        "lastUpdated": user["created"], "profile": profile,
        "_links": {"self": {"href": format!("{href}/factors/{id}"), "hints": {"allow": ["GET", "DELETE"]}},
            "user": {"href": href, "hints": {"allow": ["GET"]}}}})
}

/// Returns a principal's entry of the token list (REAL); it expires 30 days after the last use (DOCS).
pub(crate) fn api_token(one: &Principal, origin: &str) -> Value {
    let network = if one.is_restricted {
        json!({"connection": "ZONE", "include": ["nzoPRACTICEOFFICE"], "exclude": []})
    } else {
        json!({"connection": "ANYWHERE"})
    };
    json!({
        "id": one.token_id, "name": one.token_name, "userId": one.id, "clientName": "Okta API", "tokenWindow": "P30D",
        "network": network, "expiresAt": timestamp(one.renewed + TimeDelta::days(30)), "created": timestamp(one.created), "lastUpdated": timestamp(one.renewed),
        "_links": {"self": {"href": format!("{origin}/api/v1/api-tokens/{}", one.token_id), "hints": {"allow": ["GET", "DELETE"]}},
            "user": {"href": format!("{origin}/api/v1/users/{}", one.id), "hints": {"allow": ["GET"]}}},
    })
}

/// Returns `/.well-known/okta-organization` (SPEC getWellknownOrgMetadata; `cell` and `settings` REAL extras).
pub(crate) fn organization(state: &State, origin: &str) -> Value {
    let href = state.options.organization_href.clone().unwrap_or_else(|| origin.to_owned());
    let mut links = json!({"organization": {"href": href}});
    if let Some(alternate) = &state.options.alternate_href {
        links["alternate"] = json!({"href": alternate});
    }
    json!({"id": state.org_id, "cell": "practice", "_links": links, "pipeline": "idx",
        "settings": {"analyticsCollectionEnabled": false, "bugReportingEnabled": true, "omEnabled": true}})
}

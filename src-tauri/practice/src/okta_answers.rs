//! Okta's objects as it answers them.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::people::Principal;
use crate::world::{World, time};

/// A principal as an account (SPEC User), without its links.
pub(crate) fn account(one: &Principal) -> Value {
    json!({
        "id": one.id, "status": one.status, "created": time(one.created), "activated": time(one.created),
        "statusChanged": time(one.created), "lastLogin": time(one.last_login), "lastUpdated": time(one.created),
        "passwordChanged": time(one.created), "type": {"id": "otyPRACTICE"},
        "profile": {"firstName": one.first, "lastName": one.last, "mobilePhone": one.mobile, "secondEmail": null, "login": one.login, "email": one.login},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
    })
}

/// A principal as it is answered alone.
pub(crate) fn user(one: &Principal, origin: &str) -> Value {
    with_verbs(account(one), origin)
}

fn own(user: &Value, origin: &str) -> String {
    format!("{origin}/api/v1/users/{}", user["id"].as_str().unwrap_or_default())
}

/// A user in a list (REAL: links to itself alone).
pub(crate) fn with_self(mut user: Value, origin: &str) -> Value {
    user["_links"] = json!({"self": {"href": own(&user, origin)}});
    user
}

/// A user alone (REAL: links name the verbs its state allows; whether they tell of the caller's rights is UNVERIFIED).
pub(crate) fn with_verbs(mut user: Value, origin: &str) -> Value {
    let verbs: &[&str] = match user["status"].as_str().unwrap_or_default() {
        "ACTIVE" => &["suspend", "deactivate", "expire_password", "reset_password", "reset_factors"],
        "PASSWORD_EXPIRED" => &["suspend", "deactivate", "reset_password", "reset_factors"],
        "PROVISIONED" => &["suspend", "deactivate", "reactivate", "reset_factors"],
        "SUSPENDED" => &["unsuspend", "deactivate", "reset_factors"],
        "STAGED" | "DEPROVISIONED" => &["activate"],
        _ => &[],
    };
    let href = own(&user, origin);
    let mut links = Map::new();
    links.insert("self".to_owned(), json!({"href": href}));
    for verb in verbs {
        let name = match *verb {
            "expire_password" => "expirePassword",
            "reset_password" => "resetPassword",
            "reset_factors" => "resetFactors",
            other => other,
        };
        links.insert(name.to_owned(), json!({"href": format!("{href}/lifecycle/{verb}"), "method": "POST"}));
    }
    user["_links"] = Value::Object(links);
    user
}

/// A principal's roles (SPEC StandardRole and CustomRole; REAL shapes).
pub(crate) fn roles(one: &Principal, origin: &str) -> Vec<Value> {
    let role = |(n, (kind, label)): (usize, &(String, String))| {
        let mut role = json!({"id": format!("ra{n}{}", &one.id[3..]), "label": label, "type": kind, "status": "ACTIVE",
            "created": time(one.created), "lastUpdated": time(one.created), "assignmentType": "USER",
            "_links": {"assignee": {"href": format!("{origin}/api/v1/users/{}", one.id)}}});
        if kind == "CUSTOM" {
            role["role"] = json!("cr0PRACTICE");
            role["resource-set"] = json!("iamPRACTICE");
        }
        role
    };
    one.roles.iter().enumerate().map(role).collect()
}

/// A principal's entry in the token list (REAL). A call renews it for 30 days from the last use (DOCS).
pub(crate) fn token(one: &Principal, origin: &str) -> Value {
    let network = if one.restricted {
        json!({"connection": "ZONE", "include": ["nzoPRACTICEOFFICE"], "exclude": []})
    } else {
        json!({"connection": "ANYWHERE"})
    };
    json!({
        "id": one.token_id, "name": one.token_name, "userId": one.id, "clientName": "Okta API", "tokenWindow": "P30D",
        "network": network, "expiresAt": time(one.renewed + TimeDelta::days(30)), "created": time(one.created), "lastUpdated": time(one.renewed),
        "_links": {"self": {"href": format!("{origin}/api/v1/api-tokens/{}", one.token_id), "hints": {"allow": ["GET", "DELETE"]}},
            "user": {"href": format!("{origin}/api/v1/users/{}", one.id), "hints": {"allow": ["GET"]}}},
    })
}

/// The zones every org has, and one of its own (SPEC example RetrieveAllZones; `gateways` is null where it is empty, REAL).
pub(crate) fn zones(world: &World, origin: &str) -> Vec<Value> {
    let at = time(world.principals.first().map(|one| one.created).unwrap_or_default());
    let zone = |id: &str, name: &str, usage: &str, system: bool, rest: Value| {
        let href = format!("{origin}/api/v1/zones/{id}");
        let mut zone = json!({"type": "IP", "id": id, "name": name, "status": "ACTIVE", "usage": usage, "created": at, "lastUpdated": at,
            "system": system, "_links": {"self": {"href": href, "hints": {"allow": ["GET", "PUT", "DELETE"]}},
                "deactivate": {"href": format!("{href}/lifecycle/deactivate"), "hints": {"allow": ["POST"]}}}});
        if let (Some(zone), Value::Object(rest)) = (zone.as_object_mut(), rest) {
            zone.extend(rest);
        }
        zone
    };
    let empty = || json!({"gateways": null, "proxies": null});
    let enhanced = json!({"type": "DYNAMIC_V2", "locations": {"include": [], "exclude": []}, "asns": {"include": [], "exclude": []},
        "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"], "exclude": []}});
    let office = json!({"gateways": [{"type": "CIDR", "value": "198.51.100.0/24"}], "proxies": null});
    vec![
        zone("nzoPRACTICELEGACY", "LegacyIpZone", "POLICY", true, empty()),
        zone("nzoPRACTICEBLOCKED", "BlockedIpZone", "BLOCKLIST", true, empty()),
        zone("nzoPRACTICEENHANCED", "DefaultEnhancedDynamicZone", "BLOCKLIST", true, enhanced),
        zone("nzoPRACTICEOFFICE", "Office", "POLICY", false, office),
    ]
}

/// `/.well-known/okta-organization` (SPEC getWellknownOrgMetadata; `cell` and `settings` REAL extras).
pub(crate) fn organization(world: &World, origin: &str) -> Value {
    let href = world.options.organization_href.clone().unwrap_or_else(|| origin.to_owned());
    let mut links = json!({"organization": {"href": href}});
    if let Some(alternate) = &world.options.alternate_href {
        links["alternate"] = json!({"href": alternate});
    }
    json!({"id": world.org_id, "cell": "practice", "_links": links, "pipeline": "idx",
        "settings": {"analyticsCollectionEnabled": false, "bugReportingEnabled": true, "omEnabled": true}})
}

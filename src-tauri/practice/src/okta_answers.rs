//! Okta's objects as it answers them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{Principal, World, time};

/// A principal as a user (SPEC User).
pub(crate) fn user(one: &Principal) -> Value {
    json!({
        "id": one.id, "status": one.status, "created": time(one.created), "activated": time(one.created),
        "statusChanged": time(one.created), "lastLogin": time(one.created), "lastUpdated": time(one.created),
        "passwordChanged": time(one.created), "type": {"id": "otyPRACTICE"},
        "profile": {"firstName": one.first, "lastName": one.last, "mobilePhone": one.mobile, "secondEmail": null, "login": one.login, "email": one.login},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
    })
}

/// A principal's roles (SPEC Role; REAL shapes).
pub(crate) fn roles(one: &Principal) -> Value {
    let all = one.roles.iter().enumerate().map(|(n, (kind, label))| {
        json!({"id": format!("ra{n}{}", &one.id[3..]), "label": label, "type": kind, "status": "ACTIVE",
            "created": time(one.created), "lastUpdated": time(one.created), "assignmentType": "USER"})
    });
    Value::Array(all.collect())
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

/// The zones every org has, and one of its own (REAL: `gateways` is null where it is empty).
pub(crate) fn zones(world: &World) -> Value {
    let at = time(world.principals.first().map(|one| one.created).unwrap_or_default());
    let zone = |id: &str, name: &str, usage: &str, system: bool, gateways: Value| {
        json!({"type": "IP", "id": id, "name": name, "status": "ACTIVE", "usage": usage, "created": at, "lastUpdated": at,
            "system": system, "gateways": gateways, "proxies": null})
    };
    json!([
        zone("nzoPRACTICELEGACY", "LegacyIpZone", "POLICY", true, Value::Null),
        zone("nzoPRACTICEBLOCKED", "BlockedIpZone", "BLOCKLIST", true, Value::Null),
        zone("nzoPRACTICEOFFICE", "Office", "POLICY", false, json!([{"type": "CIDR", "value": "198.51.100.0/24"}])),
    ])
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

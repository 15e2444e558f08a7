//! Network zones as objects: those of every org, and their links.

use serde_json::{Value, json};

/// Id of the zone in which every org blocks addresses.
pub(crate) const BLOCKED: &str = "nzoPRACTICEBLOCKED";
/// Id of the zone whose addresses pass every block.
pub(crate) const EXEMPT: &str = "nzoPRACTICEEXEMPT";
/// Id of the zone that restricted tokens are bound to.
pub(crate) const OFFICE: &str = "nzoPRACTICEOFFICE";

/// Returns the zones of every org, and one custom zone (SPEC NetworkZone `system` and example RetrieveAllZones), without links.
/// REAL: an empty `gateways` is null, and the exempt zone does not show `useAsExemptList` (terraform-provider-okta#2221).
pub(crate) fn of_every_org(at: &Value) -> Vec<Value> {
    let zone = |id: &str, name: &str, usage: &str, system: bool, rest: Value| {
        let mut zone = json!({"type": "IP", "id": id, "name": name, "status": "ACTIVE", "usage": usage, "created": at,
            "lastUpdated": at, "system": system});
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
        zone(BLOCKED, "BlockedIpZone", "BLOCKLIST", true, empty()),
        zone("nzoPRACTICEENHANCED", "DefaultEnhancedDynamicZone", "BLOCKLIST", true, enhanced),
        zone(EXEMPT, "DefaultExemptIpZone", "POLICY", true, empty()),
        zone(OFFICE, "Office", "POLICY", false, office),
    ]
}

/// Adds the links of a zone (SPEC examples: the operation that its status allows).
pub(crate) fn with_links(mut zone: Value, origin: &str) -> Value {
    let href = format!("{origin}/api/v1/zones/{}", zone["id"].as_str().unwrap_or_default());
    let operation = if zone["status"] == "ACTIVE" { "deactivate" } else { "activate" };
    zone["_links"] = json!({"self": {"href": href, "hints": {"allow": ["GET", "PUT", "DELETE"]}}});
    zone["_links"][operation] = json!({"href": format!("{href}/lifecycle/{operation}"), "hints": {"allow": ["POST"]}});
    zone
}

/// Returns a zone as the target of an event.
pub(crate) fn target(zone: &Value) -> Value {
    json!({"id": zone["id"], "type": "NetworkZone", "alternateId": "unknown", "displayName": zone["name"], "detailEntry": null})
}

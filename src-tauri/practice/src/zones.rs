//! Network zones: lists, changes, lifecycle and their events.
//!
//! Okta compares nothing: a replacement overwrites what others changed since the zone was read (no `ETag` in SPEC; REAL:
//! `lastUpdated` has whole seconds).

use axum::http::Method;
use chrono::SubsecRound as _;
use rand::Rng as _;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::okta_call::{
    Content, OktaCall, forbidden, method_not_supported, not_found, page, parse_filter, unknown_path,
};
use crate::random_events::{self, ActedThrough, AdminAction};
use crate::random_ids_and_times::{random_text, timestamp};
use crate::response_builders::OktaError;
use crate::state::State;
use crate::zone_addresses::{count, normalized};
use crate::zone_objects::{EXEMPT, OFFICE, target, with_links};

/// Zones of an org (HELP create-ip-zone).
const MAX_ZONES: usize = 100;
/// Entries of a zone that an administrator created, of a blocklist, and of Okta's own zone (SPEC IPNetworkZone).
const MAX_ENTRIES: [usize; 3] = [150, 1_000, 5_000];
/// Longest name (SPEC NetworkZone).
const MAX_NAME: usize = 128;
/// Members that a request sets (SPEC IPNetworkZone, DynamicNetworkZone, EnhancedDynamicNetworkZone).
const MEMBERS: [&str; 8] =
    ["name", "usage", "gateways", "proxies", "asns", "locations", "proxyType", "ipServiceCategories"];

/// Returns the response to a request below `/api/v1/zones`.
pub(crate) fn respond(state: &mut State, call: &OktaCall, path: &[&str]) -> Result<Content, OktaError> {
    let caller = &state.principals[call.caller];
    // HELP comparison of administrator roles: only these edit zones.
    let may_edit = caller.has_role(&["SUPER_ADMIN", "ORG_ADMIN"]);
    let may_read = may_edit || (caller.has_role(&["READ_ONLY_ADMIN"]) && state.variants.read_only_sees_zones);
    match (&call.request.method, path) {
        (&Method::GET, [] | [_]) if !may_read => Err(forbidden()),
        (&Method::GET, []) => list(state, call),
        (&Method::GET, [id]) => {
            let zone = find(state, id)?;
            Ok(Content::One(with_links(state.zones.as_read(&zone), &call.request.origin)))
        }
        (&Method::POST, []) | (&Method::PUT | &Method::DELETE, [_]) | (&Method::POST, [_, "lifecycle", _])
            if !may_edit =>
        {
            Err(forbidden())
        }
        (&Method::POST, []) => create(state, call),
        (&Method::PUT, [id]) => replace(state, call, id),
        (&Method::DELETE, [id]) => delete(state, call, id),
        (&Method::POST, [id, "lifecycle", "activate"]) => set_status(state, call, id, "ACTIVE"),
        (&Method::POST, [id, "lifecycle", "deactivate"]) => set_status(state, call, id, "INACTIVE"),
        (_, [] | [_]) => Err(method_not_supported()),
        _ => Err(unknown_path()),
    }
}

/// Returns one page of zones (SPEC listNetworkZones; REAL: 20 on a page).
fn list(state: &mut State, call: &OktaCall) -> Result<Content, OktaError> {
    let filter = parse_filter(call.request.query.get("filter"))?;
    let all = state.zones.all.clone();
    let mut shown: Vec<Value> =
        all.iter().map(|zone| with_links(state.zones.as_read(zone), &call.request.origin)).collect();
    shown.retain(|zone| filter.as_ref().is_none_or(|filter| filter.matches(zone)));
    page(shown, call.request, &state.variants, 20)
}

/// Returns one zone (SPEC getNetworkZone and its example of a 404).
fn find(state: &State, id: &str) -> Result<Value, OktaError> {
    state.zones.find(id).cloned().ok_or_else(|| not_found(id, "NetworkZone"))
}

fn invalid(cause: &str) -> OktaError {
    OktaError::new(400, "E0000001", "Api validation failed: networkZone").because(cause)
}

/// Parses the body of a request (SPEC: its example of a 400 at creation is E0000003).
fn body(call: &OktaCall) -> Result<Map<String, Value>, OktaError> {
    match serde_json::from_str(&call.request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) | Err(_) => Err(malformed()),
    }
}

fn malformed() -> OktaError {
    OktaError::new(400, "E0000003", "The request body was not well-formed.")
}

/// Creates a zone (SPEC createNetworkZone). REAL: `status` is ignored, the zone is active (terraform-provider-okta#2578).
fn create(state: &mut State, call: &OktaCall) -> Result<Content, OktaError> {
    let body = body(call)?;
    if state.options.only_blocked_ip_zone {
        // SPEC: "To create multiple zones you must have Adaptive MFA"; the refusal of an org without it is UNVERIFIED.
        return Err(if state.variants.second_zone_is_403 { forbidden() } else { invalid("multiple network zones") });
    }
    let at = timestamp(state.okta_now().trunc_subsecs(0));
    let blank = json!({"type": body.get("type"), "id": format!("nzo{}", random_text(&mut state.rng, 17)), "name": null, "status": "ACTIVE",
        "usage": "POLICY", "created": at, "lastUpdated": at, "system": false, "gateways": null, "proxies": null});
    let zone = with_members(state, blank, &body)?;
    if state.zones.all.len() >= MAX_ZONES {
        return Err(invalid("too many network zones"));
    }
    state.zones.put(zone.clone(), 0);
    add_event(state, call, &zone, "zone.create", "Network zone create");
    Ok(Content::One(with_links(zone, &call.request.origin)))
}

/// Replaces a zone (SPEC replaceNetworkZone).
fn replace(state: &mut State, call: &OktaCall, id: &str) -> Result<Content, OktaError> {
    let (before, body) = (find(state, id)?, body(call)?);
    let is = |member: &str, value: &Value| body.get(member) == Some(value);
    if body.contains_key("type") && !is("type", &before["type"]) {
        return Err(invalid("type: the network zone type cannot be changed"));
    }
    // REAL: without it Okta takes the zone for a custom one (terraform-provider-okta#2689).
    if before["system"] == true && !is("system", &json!(true)) {
        return Err(invalid("system: the network zone is a system zone"));
    }
    // REAL: terraform-provider-okta#2271, with this cause.
    if id == EXEMPT && !is("useAsExemptList", &json!(true)) {
        let cause = "useAsExemptList: The network zone does not allow usage changes for DefaultExemptIpZone.";
        return Err(invalid(cause));
    }
    let usage = body.get("usage").unwrap_or(&before["usage"]);
    if before["system"] == true && *usage != before["usage"] {
        return Err(invalid("usage: the network zone does not allow usage changes"));
    }
    if *usage == "BLOCKLIST" && is_used_by_token(state, id) {
        return Err(invalid("usage: the network zone is used by an API token"));
    }
    let mut zone = with_members(state, before.clone(), &body)?;
    zone["lastUpdated"] = timestamp(state.okta_now().trunc_subsecs(0));
    let stale = if count(&zone["gateways"]) < count(&before["gateways"]) { state.variants.stale_zone_reads } else { 0 };
    state.zones.put(zone.clone(), stale);
    add_event(state, call, &zone, "zone.update", "Network zone update");
    match (before["usage"].as_str(), zone["usage"].as_str()) {
        (Some("POLICY"), Some("BLOCKLIST")) => {
            add_event(state, call, &zone, "zone.make_blacklist", "Network zone mark as blacklist");
        }
        (Some("BLOCKLIST"), Some("POLICY")) => {
            add_event(state, call, &zone, "zone.remove_blacklist", "Network zone unmark as blacklist");
        }
        _ => {}
    }
    if state.variants.replaced_zone_shows_old_time {
        zone["lastUpdated"] = before["lastUpdated"].clone();
    }
    Ok(Content::One(with_links(zone, &call.request.origin)))
}

/// Deletes a zone. SPEC deleteNetworkZone: not an active one (Identity Engine), not one in use; 403 is its only refusal.
fn delete(state: &mut State, call: &OktaCall, id: &str) -> Result<Content, OktaError> {
    let zone = find(state, id)?;
    if zone["system"] == true || zone["status"] == "ACTIVE" || is_used_by_token(state, id) {
        return Err(forbidden());
    }
    state.zones.all.retain(|one| one["id"] != id);
    add_event(state, call, &zone, "zone.delete", "Network zone delete");
    Ok(Content::Empty)
}

/// Activates or deactivates a zone. Okta's own zones have no lifecycle (terraform-provider-okta#2690), and DOCS (release notes
/// 2024, OKTA-736535): one that a token uses cannot be deactivated. The code of both refusals is UNVERIFIED; SPEC names 403.
fn set_status(state: &mut State, call: &OktaCall, id: &str, status: &str) -> Result<Content, OktaError> {
    let before = find(state, id)?;
    if before["system"] == true || (status == "INACTIVE" && is_used_by_token(state, id)) {
        return Err(forbidden());
    }
    let mut zone = before.clone();
    zone["status"] = json!(status);
    if zone != before {
        zone["lastUpdated"] = timestamp(state.okta_now().trunc_subsecs(0));
        let stale = if status == "INACTIVE" { state.variants.stale_zone_reads } else { 0 };
        state.zones.put(zone.clone(), stale);
        match status {
            "ACTIVE" => add_event(state, call, &zone, "zone.activate", "Network zone activate"),
            _ => add_event(state, call, &zone, "zone.deactivate", "Network zone deactivate"),
        }
    }
    Ok(Content::One(with_links(zone, &call.request.origin)))
}

fn is_used_by_token(state: &State, id: &str) -> bool {
    id == OFFICE && state.principals.iter().any(|one| one.is_restricted && one.has_valid_token)
}

/// Returns a zone with the members of a request. The status is not among them: it changes by the lifecycle alone (UNVERIFIED for a
/// replacement; the Terraform provider calls the lifecycle).
fn with_members(state: &State, mut zone: Value, body: &Map<String, Value>) -> Result<Value, OktaError> {
    for member in MEMBERS {
        match body.get(member) {
            Some(value) if ["gateways", "proxies"].contains(&member) => {
                // An invalid address: E0000003 as in SPEC's example, or E0000001 (UNVERIFIED).
                let bad = || if state.variants.bad_gateway_is_malformed { malformed() } else { invalid(member) };
                zone[member] = normalized(value).ok_or_else(bad)?;
            }
            Some(value) => zone[member] = value.clone(),
            None if ["gateways", "proxies"].contains(&member) => zone[member] = Value::Null,
            None => {}
        }
    }
    check(state, &zone)?;
    Ok(zone)
}

/// Refuses a zone that is not as SPEC describes it.
fn check(state: &State, zone: &Value) -> Result<(), OktaError> {
    let name = zone["name"].as_str().unwrap_or_default();
    let is_taken = state.zones.all.iter().any(|one| one["name"] == name && one["id"] != zone["id"]);
    let entries = [count(&zone["gateways"]), count(&zone["proxies"])];
    let (is_system, is_blocklist) = (zone["system"] == true, zone["usage"] == "BLOCKLIST");
    let max = MAX_ENTRIES[if is_system { 2 } else { usize::from(is_blocklist) }];
    let has = |member: &str| zone.get(member).is_some_and(|value| !value.is_null());
    let cause = match zone["type"].as_str() {
        _ if name.is_empty() || name.len() > MAX_NAME => Some("name"),
        // SPEC: "Unique name"; the cause is UNVERIFIED.
        _ if is_taken => Some("name: A network zone with this name exists already"),
        _ if !["POLICY", "BLOCKLIST"].map(Value::from).contains(&zone["usage"]) => Some("usage"),
        Some("IP") if is_blocklist && entries[1] > 0 => Some("proxies: a blocklist has no proxies"),
        Some("IP") if zone["id"] == EXEMPT && entries[1] > 0 => Some("proxies: the exempt zone has no proxies"),
        Some("IP") if !is_system && entries == [0, 0] => Some("gateways: define gateways or proxies"),
        Some("IP") if entries.iter().any(|count| *count > max) => Some("gateways: too many entries"),
        Some("IP") => None,
        Some("DYNAMIC") if ["asns", "locations", "proxyType"].into_iter().any(has) => None,
        Some("DYNAMIC_V2") if ["asns", "locations", "ipServiceCategories"].into_iter().any(has) => None,
        _ => Some("type"),
    };
    cause.map_or(Ok(()), |cause| Err(invalid(cause)))
}

fn add_event(state: &mut State, call: &OktaCall, zone: &Value, event_type: &'static str, message: &'static str) {
    state.add_action_event(call.caller, AdminAction { event_type, message }, call.through(), &[target(zone)]);
}

/// Adds and removes entries of a zone as the person among the principals, in the Admin Console.
pub(crate) fn edit_in_console(state: &mut State, id: &str, add: &[String], remove: &[String]) {
    let Some(mut zone) = state.zones.find(id).cloned() else { return };
    let mut entries = zone["gateways"].as_array().cloned().unwrap_or_default();
    entries.retain(|entry| !remove.iter().any(|value| entry["value"] == value.as_str()));
    let kind = |value: &str| if value.contains('/') { "CIDR" } else { "RANGE" };
    entries.extend(add.iter().map(|value| json!({"type": kind(value), "value": value})));
    let Some(gateways) = normalized(&Value::Array(entries)) else { return };
    zone["gateways"] = gateways;
    changed_in_console(state, zone, AdminAction { event_type: "zone.update", message: "Network zone update" });
}

/// Activates or deactivates a zone as the person among the principals, in the Admin Console.
pub(crate) fn set_active_in_console(state: &mut State, id: &str, is_active: bool) {
    let Some(mut zone) = state.zones.find(id).cloned() else { return };
    let (status, event_type, message) = match is_active {
        true => ("ACTIVE", "zone.activate", "Network zone activate"),
        false => ("INACTIVE", "zone.deactivate", "Network zone deactivate"),
    };
    zone["status"] = json!(status);
    changed_in_console(state, zone, AdminAction { event_type, message });
}

fn changed_in_console(state: &mut State, mut zone: Value, action: AdminAction) {
    let Some(person) = state.principals.iter().position(crate::accounts::Principal::is_person) else { return };
    zone["lastUpdated"] = timestamp(state.okta_now().trunc_subsecs(0));
    state.zones.put(zone.clone(), 0);
    state.add_action_event(person, action, ActedThrough::AdminConsole, &[target(&zone)]);
}

/// Adds the event of a request that was refused because of its address (DOCS event types; its actor is UNVERIFIED).
pub(crate) fn add_blocked_request_event(state: &mut State) {
    let (uuid, now) = (Uuid::from_u128(state.rng.random()), state.okta_now());
    if let Some(any) = state.principals.first() {
        let mut event = random_events::blocked_request_event(any, uuid, now);
        random_events::set_client(&mut event, state.options.client_address, state.calling_user_agent.as_deref());
        state.add(now, now, event);
    }
}

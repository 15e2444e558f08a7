//! Random users and System Log events, shaped as recorded ones: nulls where a recording has them, the text "null", members
//! that are numbers or texts.
//!
//! Recordings: elastic/integrations `packages/okta` (a sign-in: `target` and the whole `securityContext` null),
//! okta-developer-docs (`system.api_token.create`: nothing of the place known but its coordinates) and those that
//! `overlay.json` cites.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::Principal;
use crate::random_ids_and_times::{random_text, timestamp};

const FIRST_NAMES: [&str; 10] = ["Ada", "Ben", "Cleo", "Dov", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jon"];
const LAST_NAMES: [&str; 10] = ["Abel", "Berg", "Cole", "Diaz", "Ekman", "Fox", "Gruber", "Hart", "Ito", "Jansen"];

/// Returns a random user (SPEC User).
pub(crate) fn random_user(rng: &mut StdRng, number: u32, now: DateTime<Utc>) -> Value {
    let first = FIRST_NAMES[rng.random_range(0..FIRST_NAMES.len())];
    let last = LAST_NAMES[rng.random_range(0..LAST_NAMES.len())];
    let login = format!("{}.{}{number}@practice.example", first.to_lowercase(), last.to_lowercase());
    let created = now - TimeDelta::days(rng.random_range(30..900));
    json!({
        "id": format!("00u{}", random_text(rng, 17)), "status": "ACTIVE", "created": timestamp(created), "activated": timestamp(created),
        "statusChanged": timestamp(created), "lastLogin": timestamp(now - TimeDelta::hours(rng.random_range(1..200))),
        "lastUpdated": timestamp(created), "passwordChanged": timestamp(created), "type": {"id": "otyPRACTICE"},
        "profile": {"firstName": first, "lastName": last, "mobilePhone": null, "secondEmail": null, "login": login, "email": login},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
    })
}

/// The reason of `policy.evaluate_sign_on`.
const ALLOWED: &str = "Sign-on policy evaluation resulted in ALLOW";

/// Event type, message, result and reason; the first is a successful sign-in, the last two have the actor as target.
const USER_EVENTS: [(&str, &str, &str, Option<&str>); 8] = [
    ("user.session.start", "User login to Okta", "SUCCESS", None),
    ("user.session.start", "User login to Okta", "FAILURE", Some("INVALID_CREDENTIALS")),
    ("user.authentication.auth_via_mfa", "Authentication of user via MFA", "SUCCESS", None),
    ("user.authentication.sso", "User single sign on to app", "SUCCESS", None),
    ("policy.evaluate_sign_on", "Evaluation of sign-on policy", "ALLOW", Some(ALLOWED)),
    ("user.session.end", "User logout from Okta", "SUCCESS", None),
    ("user.account.privilege.grant", "Grant user privilege", "SUCCESS", None),
    ("user.mfa.factor.deactivate", "Reset factor for user", "SUCCESS", None),
];

/// Returns the name of an event type in the API before this one (SPEC `legacyEventType`); `None` where no source names it.
fn legacy_type(event_type: &str, result: &str) -> Option<&'static str> {
    match (event_type, result) {
        ("user.session.start", "SUCCESS") => Some("core.user_auth.login_success"),
        ("user.session.start", _) => Some("core.user_auth.login_failed"),
        ("user.session.end", _) => Some("core.user_auth.logout_success"),
        ("user.authentication.auth_via_mfa", "SUCCESS") => Some("core.user.factor.attempt_success"),
        ("user.authentication.sso", _) => Some("app.auth.sso"),
        ("system.api_token.create", _) => Some("api.token.create"),
        ("system.api_token.revoke", _) => Some("api.token.revoke"),
        _ => None,
    }
}

/// Sets `legacyEventType` where a source names it; elsewhere the event has no such member (SPEC: it is optional).
fn with_legacy_type(mut event: Value, event_type: &str, result: &str) -> Value {
    if let Some(name) = legacy_type(event_type, result) {
        event["legacyEventType"] = json!(name);
    }
    event
}

/// Returns an event of a random user (SPEC LogEvent; shapes REAL).
pub(crate) fn random_event(rng: &mut StdRng, users: &[Value], published: DateTime<Utc>) -> Value {
    let kind = if rng.random_ratio(9, 10) { rng.random_range(0..6) } else { rng.random_range(6..8) };
    let user = if users.is_empty() { Value::Null } else { users[rng.random_range(0..users.len())].clone() };
    user_event(rng, kind, user_actor(&user), published)
}

/// Returns a user as the actor or target of an event (SPEC LogActor, LogTarget).
pub(crate) fn user_actor(user: &Value) -> Value {
    let text = |pointer: &str| user.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} {}", text("/profile/firstName"), text("/profile/lastName"));
    json!({"id": text("/id"), "type": "User", "alternateId": text("/profile/login"), "displayName": name, "detailEntry": null})
}

/// Returns a successful sign-in of this actor.
pub(crate) fn sign_in(rng: &mut StdRng, actor: Value, published: DateTime<Utc>) -> Value {
    user_event(rng, 0, actor, published)
}

fn user_event(rng: &mut StdRng, kind: usize, actor: Value, published: DateTime<Utc>) -> Value {
    let (event_type, message, result, reason) = USER_EVENTS[kind];
    let address = format!("203.0.113.{}", rng.random_range(1..255));
    // REAL: often only the country of a place is known; then city, state and code are null together.
    let (city, code) = if rng.random_ratio(1, 5) { (None, None) } else { (Some("Vienna"), Some("1010")) };
    let place = json!({"city": city, "state": city, "country": "Austria", "postalCode": code, "geolocation": {"lat": 48.2, "lon": 16.37}});
    // REAL: `target` is null, not [], where there is none.
    let target = if kind >= 6 { json!([actor.clone()]) } else { Value::Null };
    let event = json!({
        "uuid": Uuid::from_u128(rng.random()).to_string(), "published": timestamp(published), "eventType": event_type, "version": "0",
        "severity": "INFO", "displayMessage": message, "actor": actor,
        "client": {"userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Mac OS X", "browser": "CHROME"}, "zone": "null", "device": "Computer", "id": null,
            "ipAddress": address, "geographicalContext": place},
        "device": null,
        "authenticationContext": authentication_context(&random_text(rng, 20)),
        "outcome": {"result": result, "reason": reason}, "target": target,
        "transaction": {"type": "WEB", "id": random_text(rng, 24), "detail": {}},
        "debugContext": {"debugData": {"requestUri": "/api/v1/authn", "risk": "{level=LOW}"}},
        "securityContext": {"asNumber": 64500, "asOrg": "practice", "isp": "practice", "domain": ".", "isProxy": false},
        "request": {"ipChain": [{"ip": address, "geographicalContext": place, "version": "V4", "source": null}]},
    });
    with_legacy_type(event, event_type, result)
}

/// Returns an authentication context (REAL: all null but the step and the session).
fn authentication_context(session: &str) -> Value {
    json!({"authenticationProvider": null, "credentialProvider": null, "credentialType": null, "issuer": null,
        "interface": null, "authenticationStep": 0, "externalSessionId": format!("102{session}")})
}

/// Kind of a token event (DOCS event types, `system.api_token.*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenEvent {
    /// The token was created in the Admin Console.
    Created,
    /// The token was revoked in the Admin Console.
    Revoked,
    /// The token revoked itself through the API.
    RevokedItself,
    /// The token was used outside its allowed network.
    UsedOutsideNetwork,
}

impl TokenEvent {
    /// Returns event type, message, result and severity.
    fn description(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Created => ("system.api_token.create", "Create API token", "SUCCESS", "INFO"),
            Self::Revoked | Self::RevokedItself => ("system.api_token.revoke", "Revoke API token", "SUCCESS", "INFO"),
            Self::UsedOutsideNetwork => (
                "system.api_token.request_outside_allowed_range",
                "API request made from outside the allowed network range of the token",
                "FAILURE",
                "WARN",
            ),
        }
    }
}

/// Where an administrator acted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ActedThrough<'a> {
    /// A call of the API. The transaction of its event has the call's request id, as `debugData` has (REAL, recorded in
    /// stix-shifter), and names the token (SPEC LogTransaction).
    Api {
        request_id: &'a str,
        path: &'a str,
    },
    AdminConsole,
}

/// What an administrator did, as its event describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdminAction {
    pub(crate) event_type: &'static str,
    pub(crate) message: &'static str,
}

/// Address from which every call of the API comes, as Okta sees it.
pub(crate) const CALLER_ADDRESS: &str = "198.51.100.7";

/// Address from which an administrator uses the Admin Console.
const CONSOLE_ADDRESS: &str = "198.51.100.23";

/// Returns the event of an administrator's action on these targets.
pub(crate) fn action_event(
    actor: &Principal,
    action: AdminAction,
    through: ActedThrough,
    targets: &[Value],
    uuid: Uuid,
    published: DateTime<Utc>,
) -> Value {
    let description = (action.event_type, action.message, "SUCCESS", "INFO");
    let (detail, address) = match through {
        ActedThrough::Api { .. } => (json!({"requestApiTokenId": actor.token_id}), CALLER_ADDRESS),
        ActedThrough::AdminConsole => (json!({}), CONSOLE_ADDRESS),
    };
    let mut event = admin_event(actor, description, &Value::Null, &detail, uuid, published);
    event["target"] = json!(targets);
    event["client"]["ipAddress"] = json!(address);
    event["request"]["ipChain"][0]["ip"] = json!(address);
    if let ActedThrough::Api { request_id, path } = through {
        event["transaction"]["id"] = json!(request_id);
        event["debugContext"]["debugData"] = json!({"requestId": request_id, "requestUri": path, "url": path});
    }
    event
}

/// Sets the client of an event as Okta saw it.
pub(crate) fn set_client(event: &mut Value, address: IpAddr, user_agent: Option<&str>) {
    event["client"]["ipAddress"] = json!(address);
    event["request"]["ipChain"][0]["ip"] = json!(address);
    event["request"]["ipChain"][0]["version"] = json!(if address.is_ipv4() { "V4" } else { "V6" });
    if let Some(user_agent) = user_agent {
        event["client"]["userAgent"] = json!({"rawUserAgent": user_agent, "os": "Unknown", "browser": "UNKNOWN"});
    }
}

/// Returns the event of an administrator who opens the Admin Console. REAL (panther-labs/panther-analysis#1086): where Okta's own
/// console asks on behalf of the person, the client is Okta's, with an address of Okta, and the person's address is in the chain.
pub(crate) fn console_event(
    person: &Principal,
    address: IpAddr,
    console_address: Option<IpAddr>,
    uuid: Uuid,
    published: DateTime<Utc>,
) -> Value {
    let description = ("user.session.access_admin_app", "User accessing Okta admin app", "SUCCESS", "INFO");
    let mut event = admin_event(person, description, &Value::Null, &json!({}), uuid, published);
    set_client(&mut event, address, None);
    event["target"] = Value::Null;
    if let Some(console) = console_address {
        event["client"]["id"] = json!("okta.00000000-0000-4000-8000-0000000000aa");
        event["client"]["ipAddress"] = json!(console);
        event["client"]["userAgent"]["rawUserAgent"] = json!("Okta-Internal-Example/1");
    }
    event
}

/// Returns the event of a request that was refused because of its address.
pub(crate) fn blocked_request_event(any: &Principal, uuid: Uuid, published: DateTime<Utc>) -> Value {
    let description = ("security.request.blocked", "Request blocked", "DENY", "WARN");
    let mut event = admin_event(any, description, &Value::Null, &json!({}), uuid, published);
    let unknown = json!({"id": "unknown", "type": "User", "alternateId": "unknown", "displayName": "unknown", "detailEntry": null});
    event["actor"] = unknown;
    event["target"] = Value::Null;
    event["outcome"]["reason"] = json!("Request from a blocked IP zone");
    event
}

/// Returns an event with a token as target. After an API call it names the calling token (SPEC LogTransaction).
pub(crate) fn token_event(kind: TokenEvent, owner: &Principal, uuid: Uuid, published: DateTime<Utc>) -> Value {
    let detail = match kind {
        TokenEvent::Created | TokenEvent::Revoked => json!({}),
        TokenEvent::RevokedItself | TokenEvent::UsedOutsideNetwork => json!({"requestApiTokenId": owner.token_id}),
    };
    let target = json!({"id": owner.token_id, "type": "Token", "alternateId": "unknown", "displayName": owner.token_name, "detailEntry": null});
    admin_event(owner, kind.description(), &target, &detail, uuid, published)
}

/// Returns the event of changed administrator roles, with the account as target (DOCS event types: `grant` means that
/// privileges changed, `revoke` that all were removed).
pub(crate) fn privilege_event(account: &Principal, uuid: Uuid, published: DateTime<Utc>) -> Value {
    let description = match account.roles.is_empty() {
        false => ("user.account.privilege.grant", "Grant user privilege", "SUCCESS", "INFO"),
        true => ("user.account.privilege.revoke", "Revoke user privilege", "SUCCESS", "INFO"),
    };
    admin_event(account, description, &account.actor(), &json!({}), uuid, published)
}

/// Returns an event of the Admin Console or the API, without the members of a sign-in.
fn admin_event(
    owner: &Principal,
    (event_type, message, result, severity): (&str, &str, &str, &str),
    target: &Value,
    detail: &Value,
    uuid: Uuid,
    published: DateTime<Utc>,
) -> Value {
    let address = CALLER_ADDRESS;
    let place = json!({"city": null, "state": null, "country": null, "postalCode": null, "geolocation": {"lat": 36.12, "lon": -114.17}});
    let event = json!({
        "uuid": uuid.to_string(), "published": timestamp(published),
        "eventType": event_type, "version": "0", "severity": severity,
        "displayMessage": message, "outcome": {"result": result, "reason": null}, "actor": owner.actor(),
        "client": {"userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Mac OS X", "browser": "CHROME"}, "zone": "null", "device": "Computer",
            "id": null, "ipAddress": address, "geographicalContext": place},
        "target": [target],
        "device": null, "authenticationContext": authentication_context(&uuid.simple().to_string()[..20]),
        "securityContext": {"asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null},
        "request": {"ipChain": [{"ip": address, "geographicalContext": place, "version": "V4", "source": null}]},
        "transaction": {"type": "WEB", "id": owner.token_id, "detail": detail}, "debugContext": {"debugData": {}},
    });
    with_legacy_type(event, event_type, result)
}

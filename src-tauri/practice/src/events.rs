//! Made-up people and System Log events, shaped as recorded ones: null objects, the text "null", number-or-text members.

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::people::Principal;
use crate::world::{time, word};

const FIRST: [&str; 10] = ["Ada", "Ben", "Cleo", "Dov", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jon"];
const LAST: [&str; 10] = ["Abel", "Berg", "Cole", "Diaz", "Ekman", "Fox", "Gruber", "Hart", "Ito", "Jansen"];

/// A user (SPEC User).
pub(crate) fn person(rng: &mut StdRng, number: u32, now: DateTime<Utc>) -> Value {
    let first = FIRST[rng.random_range(0..FIRST.len())];
    let last = LAST[rng.random_range(0..LAST.len())];
    let login = format!("{}.{}{number}@practice.example", first.to_lowercase(), last.to_lowercase());
    let created = now - TimeDelta::days(rng.random_range(30..900));
    json!({
        "id": format!("00u{}", word(rng, 17)), "status": "ACTIVE", "created": time(created), "activated": time(created),
        "statusChanged": time(created), "lastLogin": time(now - TimeDelta::hours(rng.random_range(1..200))),
        "lastUpdated": time(created), "passwordChanged": time(created), "type": {"id": "otyPRACTICE"},
        "profile": {"firstName": first, "lastName": last, "mobilePhone": null, "secondEmail": null, "login": login, "email": login},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
    })
}

/// Event type, message, result, reason.
const KINDS: [(&str, &str, &str, Option<&str>); 8] = [
    ("user.session.start", "User login to Okta", "SUCCESS", None),
    ("user.session.start", "User login to Okta", "FAILURE", Some("INVALID_CREDENTIALS")),
    ("user.authentication.auth_via_mfa", "Authentication of user via MFA", "SUCCESS", None),
    ("user.authentication.sso", "User single sign on to app", "SUCCESS", None),
    (
        "policy.evaluate_sign_on",
        "Evaluation of sign-on policy",
        "ALLOW",
        Some("Sign-on policy evaluation resulted in ALLOW"),
    ),
    ("user.session.end", "User logout from Okta", "SUCCESS", None),
    ("user.account.privilege.grant", "Grant user privilege", "SUCCESS", None),
    ("user.mfa.factor.deactivate", "Reset factor for user", "SUCCESS", None),
];

/// One event of a random user (SPEC LogEvent; shapes REAL).
pub(crate) fn event(rng: &mut StdRng, users: &[Value], published: DateTime<Utc>) -> Value {
    let kind = if rng.random_ratio(9, 10) { rng.random_range(0..6) } else { rng.random_range(6..8) };
    let user = if users.is_empty() { Value::Null } else { users[rng.random_range(0..users.len())].clone() };
    let text = |pointer: &str| user.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} {}", text("/profile/firstName"), text("/profile/lastName"));
    let actor = json!({"id": text("/id"), "type": "User", "alternateId": text("/profile/login"), "displayName": name, "detailEntry": null});
    built(rng, kind, actor, published)
}

/// A successful sign-in of this actor.
pub(crate) fn signed_in(rng: &mut StdRng, actor: Value, published: DateTime<Utc>) -> Value {
    built(rng, 0, actor, published)
}

fn built(rng: &mut StdRng, kind: usize, actor: Value, published: DateTime<Utc>) -> Value {
    let (event_type, message, result, reason) = KINDS[kind];
    let address = format!("203.0.113.{}", rng.random_range(1..255));
    // REAL: a place is often known by its country alone.
    let (city, code) = if rng.random_ratio(1, 5) { (None, None) } else { (Some("Vienna"), Some("1010")) };
    // REAL: `target` is null, not [], where there is none.
    let target = if kind >= 6 { json!([actor.clone()]) } else { Value::Null };
    json!({
        "uuid": Uuid::from_u128(rng.random()).to_string(), "published": time(published), "eventType": event_type, "version": "0",
        "severity": "INFO", "legacyEventType": null, "displayMessage": message, "actor": actor,
        "client": {"userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Mac OS X", "browser": "CHROME"}, "zone": "null", "device": "Computer", "id": null,
            "ipAddress": address, "geographicalContext": {"city": city, "state": null, "country": "Austria", "postalCode": code, "geolocation": {"lat": 48.2, "lon": 16.37}}},
        "device": null,
        "authenticationContext": authentication(&word(rng, 20)),
        "outcome": {"result": result, "reason": reason}, "target": target,
        "transaction": {"type": "WEB", "id": word(rng, 24), "detail": {}},
        "debugContext": {"debugData": {"requestUri": "/api/v1/authn", "risk": "{level=LOW}"}},
        "securityContext": {"asNumber": 64500, "asOrg": "practice", "isp": "practice", "domain": ".", "isProxy": false},
        "request": {"ipChain": [{"ip": address, "geographicalContext": null, "version": "V4", "source": null}]},
    })
}

/// REAL: all null but the step and the session.
fn authentication(session: &str) -> Value {
    json!({"authenticationProvider": null, "credentialProvider": null, "credentialType": null, "issuer": null,
        "interface": null, "authenticationStep": 0, "externalSessionId": format!("102{session}")})
}

/// What happens to a token (event type catalogue, `system.api_token.*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenEvent {
    /// It was made in the Admin Console.
    Create,
    /// It was revoked in the Admin Console.
    Revoke,
    /// It revoked itself through the API.
    RevokeItself,
    /// It was used from an address it is not allowed from.
    Outside,
}

impl TokenEvent {
    fn words(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Create => ("system.api_token.create", "Create API token", "SUCCESS", "INFO"),
            Self::Revoke | Self::RevokeItself => ("system.api_token.revoke", "Revoke API token", "SUCCESS", "INFO"),
            Self::Outside => (
                "system.api_token.request_outside_allowed_range",
                "API request made from outside the allowed network range of the token",
                "FAILURE",
                "WARN",
            ),
        }
    }
}

/// A token's event, with the token's id as target. What an API call did names the calling token (SPEC LogTransaction).
pub(crate) fn token(what: TokenEvent, owner: &Principal, uuid: Uuid, published: DateTime<Utc>) -> Value {
    let (event_type, message, result, severity) = what.words();
    let detail = match what {
        TokenEvent::Create | TokenEvent::Revoke => json!({}),
        TokenEvent::RevokeItself | TokenEvent::Outside => json!({"requestApiTokenId": owner.token_id}),
    };
    let target = json!({"id": owner.token_id, "type": "Token", "alternateId": "unknown", "displayName": owner.token_name, "detailEntry": null});
    administered(owner, (event_type, message, result, severity), &target, &detail, uuid, published)
}

/// An account's administrator roles were changed (event type catalogue: `grant` is "privileges changed", `revoke` is "all of
/// them"), with the account as target. Who did it is left open.
pub(crate) fn privilege(account: &Principal, uuid: Uuid, published: DateTime<Utc>) -> Value {
    let words = match account.roles.is_empty() {
        false => ("user.account.privilege.grant", "Grant user privilege", "SUCCESS", "INFO"),
        true => ("user.account.privilege.revoke", "Revoke user privilege", "SUCCESS", "INFO"),
    };
    administered(account, words, &account.actor(), &json!({}), uuid, published)
}

/// An event of the Admin Console or the API, without the members that tell of a sign-in.
fn administered(
    owner: &Principal,
    (event_type, message, result, severity): (&str, &str, &str, &str),
    target: &Value,
    detail: &Value,
    uuid: Uuid,
    published: DateTime<Utc>,
) -> Value {
    json!({
        "uuid": uuid.to_string(), "published": time(published),
        "eventType": event_type, "version": "0", "severity": severity, "legacyEventType": null,
        "displayMessage": message, "outcome": {"result": result, "reason": null}, "actor": owner.actor(),
        "client": {"userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Mac OS X", "browser": "CHROME"}, "zone": "null", "device": "Computer",
            "id": null, "ipAddress": "198.51.100.7", "geographicalContext": null},
        "target": [target],
        "device": null, "authenticationContext": authentication(&uuid.simple().to_string()[..20]),
        "securityContext": {"asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null}, "request": {"ipChain": []},
        "transaction": {"type": "WEB", "id": owner.token_id, "detail": detail}, "debugContext": {"debugData": {}},
    })
}

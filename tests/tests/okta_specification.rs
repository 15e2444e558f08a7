//! Compares every request that the checks and the actions send to Okta with Okta's API specification.
//!
//! The specification is not part of the product: without its file the test says so and passes.
#![expect(clippy::unwrap_used, clippy::unwrap_in_result, reason = "tests")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod support;

#[path = "okta_specification/request_body.rs"]
mod request_body;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use connector::blocklist::{Blocklist, Pace, ProtectionQuery};
use connector::{OneOffCheck, recognize_org, run_one_off_check};
use http_client::{AcceptedProxyIssuers, HttpSettings};
use model::action::ActionKind;
use model::action_run::ActionOutcome;
use model::blocklist::BlockConsent;
use model::connection::Profile;
use model::okta_origin::{Loopback, Origin};
use model::radiant_search_settings::RadiantSearch;
use okta::Okta;
use practice::{Options, Practice, RecordedRequest};
use runtime::Clock;
use secrets::Keychain;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn specification() -> Option<Value> {
    let name = "management-api-subset.json";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/okta").join(name);
    let elsewhere = std::env::var_os("OKTA_FACTS").map(|folder| PathBuf::from(folder).join(name));
    let text = elsewhere.into_iter().chain([path]).find_map(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        println!("SKIPPED: Okta's specification ({name}) is not on this machine; set OKTA_FACTS to its folder");
    }
    text.map(|text| serde_json::from_str(&text).unwrap())
}

/// Returns what the specification does not know about a request.
fn unknown(spec: &Value, request: &RecordedRequest) -> Option<String> {
    let paths = spec["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let (asked, known): (Vec<&str>, Vec<&str>) = (request.path.split('/').collect(), template.split('/').collect());
        asked.len() == known.len() && asked.iter().zip(&known).all(|(a, k)| a == k || k.starts_with('{'))
    };
    let path = paths.keys().find(|path| **path == request.path).or_else(|| paths.keys().find(|path| fits(path)));
    let operation = path.and_then(|path| paths[path].get(request.method.to_lowercase()));
    let Some(operation) = operation else { return Some(format!("{} {}", request.method, request.path)) };
    let named = |parameter: &Value| match parameter["$ref"].as_str() {
        Some(name) => spec.pointer(&name[1..]).unwrap()["name"].clone(),
        None => parameter["name"].clone(),
    };
    let names: Vec<Value> = operation["parameters"].as_array().into_iter().flatten().map(named).collect();
    let mut asked = url::form_urlencoded::parse(request.query.as_bytes());
    let parameter = asked.find(|(name, _)| !names.iter().any(|known| known == &**name));
    parameter.map(|(name, _)| format!("{}?{name}", request.path)).or_else(|| {
        let wrong = request_body::mismatch(spec, operation, request.body.as_deref());
        wrong.map(|wrong| format!("{} {}: {wrong}", request.method, request.path))
    })
}

#[tokio::test]
async fn every_request_of_the_checks_is_specified() {
    let Some(spec) = specification() else { return };
    let practice = Practice::start(Options::default()).await.unwrap();
    let card = practice.card();
    let once = OneOffCheck {
        domain: card.okta.clone(),
        token: card.tokens.super_admin.clone().into(),
        profile: Profile::Response,
        radiant: RadiantSearch { url: card.radiant.search.clone(), ..RadiantSearch::default() },
        radiant_token: Some(card.radiant_search_token.clone().into()),
        inspection_accepted: false,
        is_practice: true,
        keychain: Keychain::memory(),
        http: HttpSettings::default(),
        clock: Clock::system(),
        time_limit: std::time::Duration::from_secs(60),
        watch: runtime::Clock::system().stopwatch(),
    };
    let (origin, _) = recognize_org(&once).await.unwrap();
    run_one_off_check(once, origin, &CancellationToken::new(), &|_| {}).await.unwrap();
    let requests = practice.control().requests();
    let okta: Vec<&RecordedRequest> = requests.iter().filter(|request| request.side == "okta").collect();
    for path in ["/api/v1/users/me", "/api/v1/logs", "/api/v1/zones", "/api/v1/api-tokens"] {
        assert!(okta.iter().any(|request| request.path == path), "the checks did not ask {path}");
    }
    let wrong: Vec<String> = okta.iter().filter_map(|request| unknown(&spec, request)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn every_request_of_the_actions_is_specified() {
    let Some(spec) = specification() else { return };
    let story = support::TestConnection::begin().await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    let (user, address) = (practice::fixture_users::MIRA.login, "192.0.2.17");
    for (kind, target) in [
        (ActionKind::LockDown, user),
        (ActionKind::LiftLockdown, user),
        (ActionKind::EndSessions, user),
        (ActionKind::ResetFactors, user),
        (ActionKind::ExpirePassword, user),
        (ActionKind::BlockAddress, "192.0.2.99"),
        (ActionKind::BlockAddress, address),
        (ActionKind::UnblockAddress, address),
        (ActionKind::UnblockAddress, "192.0.2.99"),
        (ActionKind::BlockAddress, address),
    ] {
        let result = story.act(kind, target).await;
        assert_eq!(result.outcome, ActionOutcome::Done, "{kind:?}: {result:?}");
        assert!(!result.events.is_empty(), "{kind:?}: the System Log event is linked");
    }
    // Texts that lead to somebody only by way of a search, or to nobody.
    for typed in ["MIRA.HOLT@practice.example", "Holt", "ops/3", "nobody@example.com"] {
        story.preview(ActionKind::EndSessions, &[typed]).await.unwrap();
    }
    let requests = story.control().requests();
    let okta: Vec<&RecordedRequest> = requests.iter().filter(|request| request.side == "okta").collect();
    let with_body = okta.iter().filter(|one| one.body.is_some()).map(|one| one.method.as_str());
    assert_eq!(with_body.collect::<BTreeSet<_>>(), BTreeSet::from(["POST", "PUT"]), "a creation and a replacement");
    let changes: BTreeSet<String> =
        okta.iter().filter(|one| one.method != "GET").map(|one| shape(&one.method, &one.path)).collect();
    assert_eq!(changes.into_iter().collect::<Vec<_>>(), CHANGES, "every change that the product knows was made");
    let wrong: Vec<String> = okta.iter().filter_map(|request| unknown(&spec, request)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Every request of the actions that changes something.
const CHANGES: [&str; 9] = [
    "DELETE /api/v1/users/{id}/sessions",
    "POST /api/v1/users/{id}/lifecycle/expire_password",
    "POST /api/v1/users/{id}/lifecycle/reset_factors",
    "POST /api/v1/users/{id}/lifecycle/suspend",
    "POST /api/v1/users/{id}/lifecycle/unsuspend",
    "POST /api/v1/zones",
    "POST /api/v1/zones/{id}/lifecycle/activate",
    "POST /api/v1/zones/{id}/lifecycle/deactivate",
    "PUT /api/v1/zones/{id}",
];

/// Returns method and path with `{id}` for what looks like one.
fn shape(method: &str, path: &str) -> String {
    let is_id = |part: &str| part.starts_with("00u") || part.starts_with("nzo");
    let parts: Vec<&str> = path.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect();
    format!("{method} {}", parts.join("/"))
}

#[tokio::test]
async fn every_request_of_the_blocklist_is_specified() {
    let Some(spec) = specification() else { return };
    let practice = Practice::start(Options::default()).await.unwrap();
    let (card, clock) = (practice.card(), Clock::system());
    let origin = Origin::Practice(Loopback::new(&card.okta).unwrap());
    let token = Some(card.tokens.super_admin.clone().into());
    let okta = Okta::new(&origin, token, &AcceptedProxyIssuers::default(), &HttpSettings::default(), &clock).unwrap();
    let pace = Pace { settle: Duration::ZERO, retry: Duration::ZERO };
    let blocklist = Blocklist::new(&okta, &clock, pace, &|| 0.5);
    let (one, other) = ("203.0.113.7".parse().unwrap(), "203.0.113.8".parse().unwrap());
    let consent = BlockConsent::default();
    let zone = blocklist.block(&one, None, consent).await.zone.unwrap();
    for range in [&other, &one] {
        blocklist.block(&other, Some(&zone), consent).await;
        blocklist.unblock(range, &zone).await;
    }
    let last = blocklist.unblock(&other, &zone).await.zone;
    blocklist.block(&one, Some(&last), consent).await;
    let owner_id = okta.me().await.unwrap().value.id;
    let query = ProtectionQuery { owner_id, okta_now: clock.now(), is_ipv6_allowed: false };
    blocklist.protection_facts(&blocklist.survey().await.unwrap(), &query).await;
    let requests = practice.control().requests();
    for (method, end) in [("POST", "/zones"), ("PUT", ""), ("POST", "/deactivate"), ("POST", "/activate")] {
        assert!(requests.iter().any(|one| one.method == method && one.path.ends_with(end)), "{method} {end}");
    }
    let wrong: Vec<String> = requests.iter().filter_map(|request| unknown(&spec, request)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn an_unspecified_request_is_found() {
    let Some(spec) = specification() else { return };
    let request = |method: &str, path: &str, query: &str| RecordedRequest {
        side: "okta".to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: None,
    };
    assert_eq!(unknown(&spec, &request("GET", "/api/v1/logs", "limit=1")), None);
    assert!(unknown(&spec, &request("GET", "/api/v1/logs", "page=1")).is_some());
    assert!(unknown(&spec, &request("GET", "/api/v1/none", "")).is_some());
    assert!(unknown(&spec, &request("PATCH", "/api/v1/zones", "")).is_some());
}

#[test]
fn a_body_that_the_specification_does_not_know_is_found() {
    let Some(spec) = specification() else { return };
    let wrong = |method: &str, path: &str, body: Option<Value>| {
        let request = RecordedRequest {
            side: "okta".to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: String::new(),
            body: body.map(|body| body.to_string()),
        };
        unknown(&spec, &request)
    };
    let gateways = json!([{"type": "CIDR", "value": "203.0.113.7/32"}]);
    let zone = json!({"type": "IP", "name": "Blocked", "status": "ACTIVE", "usage": "BLOCKLIST", "gateways": gateways});
    let with = |name: &str, value: Value| {
        let mut zone = zone.clone();
        zone[name] = value;
        Some(zone)
    };
    let (zones, one) = ("/api/v1/zones", "/api/v1/zones/nzo1");
    assert_eq!(wrong("POST", zones, Some(zone.clone())), None);
    assert_eq!(wrong("PUT", one, with("proxies", Value::Null)), None, "proxies may be null");
    assert_eq!(wrong("POST", "/api/v1/users/00u1/lifecycle/suspend", None), None);
    for (what, method, path, body) in [
        ("no body", "POST", zones, None),
        ("no JSON object", "POST", zones, Some(json!([]))),
        ("a body that is not asked for", "POST", "/api/v1/users/00u1/lifecycle/suspend", Some(json!({}))),
        ("an unknown member", "POST", zones, with("ranges", json!([]))),
        ("an unknown value", "POST", zones, with("usage", json!("BLOCK"))),
        ("an unknown type", "POST", zones, with("type", json!("LIST"))),
        ("another type of value", "PUT", one, with("gateways", json!("203.0.113.7"))),
        ("null where it is not allowed", "PUT", one, with("gateways", Value::Null)),
        ("a member that Okta alone writes", "PUT", one, with("created", json!("2026-01-01T00:00:00Z"))),
        ("a gateway of another form", "PUT", one, with("gateways", json!([{"cidr": "203.0.113.7/32"}]))),
        ("a name that is too long", "POST", zones, with("name", json!("n".repeat(129)))),
        ("no name", "POST", zones, Some(json!({"type": "IP"}))),
    ] {
        assert!(wrong(method, path, body).is_some(), "{what} is not found");
    }
}

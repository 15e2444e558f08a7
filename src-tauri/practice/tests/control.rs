//! The control endpoint over HTTP: who may use it, and that it does the same as the typed control.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use practice::{Change, Fault, FaultKind, Practice, Side, Variants};
use serde_json::{Value, json};
use support::{Reply, client, get, quiet, start};

async fn post(practice: &Practice, path: &str, body: &Value) -> u16 {
    let control = &practice.card().control;
    let request = client().post(format!("{}{path}", control.url)).bearer_auth(&control.secret);
    request.body(body.to_string()).send().await.unwrap().status().as_u16()
}

async fn control_get(practice: &Practice, path: &str) -> Reply {
    let control = &practice.card().control;
    let request = client().get(format!("{}{path}", control.url)).bearer_auth(&control.secret);
    Reply::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn it_requires_its_secret_and_its_own_host_and_refuses_browsers() {
    let practice = start(quiet()).await;
    let control = practice.card().control.clone();
    let url = format!("{}/card", control.url);
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    let good = || client().get(&url).bearer_auth(&control.secret);
    assert_eq!(status(good()).await, 200);
    assert_eq!(status(client().get(&url)).await, 401);
    assert_eq!(status(client().get(&url).bearer_auth("wrong")).await, 401);
    assert_eq!(status(good().header("host", "elsewhere.example")).await, 403);
    assert_eq!(status(good().header("origin", "http://127.0.0.1")).await, 403);
    assert_eq!(status(client().get(format!("{}/nothing", control.url)).bearer_auth(&control.secret)).await, 404);
    assert!(url.starts_with("http://127.0.0.1:"));
    assert!(control.secret.len() >= 32);
}

#[tokio::test]
async fn the_card_has_the_documented_shape() {
    let practice = start(quiet()).await;
    let card = control_get(&practice, "/card").await.body;
    assert_eq!(card, serde_json::to_value(practice.card()).unwrap());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&card), ["okta", "radiant", "control", "tokens", "radiant_search_token", "radiant_events_token"]);
    assert_eq!(keys(&card["radiant"]), ["search", "events_webhook", "docs"]);
    assert_eq!(keys(&card["control"]), ["url", "secret"]);
    let principals = [
        "super_admin",
        "org_admin",
        "read_only",
        "person_super_admin",
        "expired",
        "owner_deactivated",
        "network_restricted",
        "super_admin_next",
        "other_super_admin",
        "other_super_admin_next",
    ];
    assert_eq!(keys(&card["tokens"]), principals);
    for name in principals {
        let token = card["tokens"][name].as_str().unwrap();
        assert!(token.starts_with("00") && token.len() == 42, "{name}");
    }
}

#[tokio::test]
async fn changes_faults_events_and_credentials_can_be_set_over_http_as_well() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let before = practice.control().counters().events;
    assert_eq!(post(&practice, "/emit", &json!({"count": 4})).await, 200);
    assert_eq!(control_get(&practice, "/counters").await.body["events"], before + 4);
    let fault = Fault::on(Side::Okta, FaultKind::Status { status: 503, code: "E0000009".to_owned() });
    assert_eq!(post(&practice, "/fault", &json!(fault)).await, 200);
    assert_eq!(get(&practice, &token, "/api/v1/users/me").await.status, 503);
    assert_eq!(post(&practice, "/fault", &Value::Null).await, 200);
    assert_eq!(get(&practice, &token, "/api/v1/users/me").await.status, 200);
    assert_eq!(post(&practice, "/credential", &json!({"token": token})).await, 200);
    assert_eq!(post(&practice, "/set", &json!({"change": "revoke", "principal": "super_admin"})).await, 200);
    assert_eq!(get(&practice, &token, "/api/v1/users/me").await.code(), (401, "E0000011"));
    for path in ["/set", "/fault", "/credential", "/emit"] {
        assert_eq!(post(&practice, path, &json!({"change": "nothing"})).await, expected(path), "{path}");
    }
}

/// Returns the status for a wrong body: a credential without a token removes the token, every other body is refused.
fn expected(path: &str) -> u16 {
    if path == "/credential" { 200 } else { 400 }
}

#[tokio::test]
async fn every_change_survives_json() {
    let practice = start(quiet()).await;
    let principal = || "org_admin".to_owned();
    for change in [
        Change::OwnerStatus { principal: principal(), status: "SUSPENDED".to_owned() },
        Change::Roles { principal: principal(), roles: vec!["CUSTOM".to_owned()] },
        Change::Restrict { principal: principal(), on: true },
        Change::TokenMade { principal: principal() },
        Change::RadiantPolls { on: false },
        Change::RadiantLag { seconds: 600 },
        Change::EventsPerSecond { rate: 2.0 },
        Change::RateLimit { limit: 10 },
        Change::OtherConsumers { requests: 5 },
        Change::Latency { ms: 1 },
        Change::ClockSkew { seconds: 60 },
        Change::ReadOnlyMode { on: true },
        Change::Byob { on: true },
        Change::Organization { href: None, alternate: None },
        Change::Variants { variants: Variants::default() },
    ] {
        let body = json!(change);
        assert_eq!(serde_json::from_value::<Change>(body.clone()).unwrap(), change);
        assert_eq!(post(&practice, "/set", &body).await, 200, "{body}");
    }
}

#[test]
fn changes_keep_their_names_in_json() {
    for body in [
        json!({"change": "radiant_leaves_out", "types": []}),
        json!({"change": "happens", "seconds_ago": 1}),
        json!({"change": "passes", "ms": 1}),
        json!({"change": "forgets", "days": 1}),
    ] {
        assert_eq!(json!(serde_json::from_value::<Change>(body.clone()).unwrap()), body);
    }
}

#[tokio::test]
async fn requests_are_counted_and_recorded_without_any_token() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    get(&practice, &token, "/api/v1/logs?limit=1").await;
    client().get(format!("{}/.well-known/okta-organization", practice.card().okta)).send().await.unwrap();
    let counters = practice.control().counters();
    assert_eq!(counters.requests["okta /api/v1/logs"], 1);
    assert_eq!(counters.authorized["okta"], 1, "the well-known page needs no token");
    let requests = practice.control().requests();
    assert_eq!((requests[0].method.as_str(), requests[0].query.as_str()), ("GET", "limit=1"));
    let text = format!("{requests:?}{}", control_get(&practice, "/requests").await.body);
    assert!(!text.contains(&token) && !text.contains(&practice.card().control.secret));
}

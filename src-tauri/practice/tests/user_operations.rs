//! Operations on users of the practice Okta org over HTTP: what each status and role allows, their events and faults.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use practice::fixture_users::{self as fixture, FixtureUser};
use practice::{Change, Fault, FaultKind, Options, Practice, Side, UserOperation, Variants};
use serde_json::Value;
use support::{Reply, client, delete, get, now, operation_path, post, quiet, start};

/// Status and error code of a success.
const OK: (u16, &str) = (200, "none");
const FORBIDDEN: (u16, &str) = (403, "E0000006");

async fn user(practice: &Practice, id: &str) -> Reply {
    get(practice, &practice.card().tokens.super_admin, &format!("/api/v1/users/{id}")).await
}

async fn operate(practice: &Practice, user: FixtureUser, operation: &str) -> Reply {
    post(practice, &practice.card().tokens.super_admin, &operation_path(user.id, operation)).await
}

/// Returns the events with this type, in persistence order.
fn events(practice: &Practice, event_type: &str) -> Vec<Value> {
    practice.control().events().into_iter().filter(|event| event["eventType"] == event_type).collect()
}

fn set(practice: &Practice, change: Change) {
    practice.control().set(change);
}

#[tokio::test]
async fn each_status_allows_its_operations() {
    let suspend = (400, "E0000001");
    let status = (403, "E0000038");
    for (user, expected) in [
        (fixture::MIRA, [OK, suspend, OK, OK, (403, "E0000016"), (403, "E0000032"), status, OK]),
        (fixture::STAGED, [suspend, suspend, status, status, OK, (403, "E0000032"), status, OK]),
        (fixture::PROVISIONED, [suspend, suspend, status, OK, (403, "E0000016"), (403, "E0000032"), OK, OK]),
        (fixture::RECOVERY, [suspend, suspend, status, OK, (403, "E0000016"), (403, "E0000032"), OK, OK]),
        (fixture::PASSWORD_EXPIRED, [suspend, suspend, OK, OK, (403, "E0000016"), (403, "E0000032"), status, OK]),
        (fixture::LOCKED_OUT, [suspend, suspend, status, OK, (403, "E0000016"), OK, status, OK]),
        (fixture::SUSPENDED, [suspend, OK, status, OK, (403, "E0000016"), (403, "E0000032"), status, OK]),
        (fixture::DEPROVISIONED, [suspend, suspend, status, status, OK, (403, "E0000032"), status, status]),
    ] {
        let operations = [
            "suspend",
            "unsuspend",
            "expire_password",
            "reset_factors",
            "activate",
            "unlock",
            "reactivate",
            "deactivate",
        ];
        for (operation, expected) in operations.into_iter().zip(expected) {
            let practice = start(Options { backfill: 0, users: 1, ..quiet() }).await;
            assert_eq!(operate(&practice, user, operation).await.code(), expected, "{operation} {}", user.status);
        }
    }
}

#[tokio::test]
async fn suspending_and_lifting_change_the_status_and_leave_an_event_with_the_request_id() {
    let practice = start(quiet()).await;
    set(&practice, Change::AdvanceTime { ms: 60_000 });
    for (operation, status, event_type) in
        [("suspend", "SUSPENDED", "user.lifecycle.suspend"), ("unsuspend", "ACTIVE", "user.lifecycle.unsuspend")]
    {
        let reply = operate(&practice, fixture::MIRA, operation).await;
        let found = user(&practice, fixture::MIRA.id).await.body;
        assert_eq!(found["status"], status);
        assert_eq!(found["statusChanged"], "2026-03-10T12:01:00.000Z");
        let event = events(&practice, event_type).pop().unwrap();
        assert_eq!(event["transaction"]["id"], reply.header("x-okta-request-id").unwrap());
        assert_eq!(event["debugContext"]["debugData"]["requestId"], event["transaction"]["id"]);
        assert_eq!(event["target"][0]["id"], fixture::MIRA.id);
        assert_eq!(event["target"][0]["alternateId"], fixture::MIRA.login);
        assert_eq!(event["actor"]["alternateId"], "svc-radiant@practice.example");
        assert_eq!(event["client"]["ipAddress"], "198.51.100.7");
        let tokens = get(&practice, &practice.card().tokens.super_admin, "/api/v1/api-tokens").await;
        let own = &event["transaction"]["detail"]["requestApiTokenId"];
        assert!(tokens.list().iter().any(|token| token["id"] == *own && token["name"] == "Radiant Security API Token"));
    }
    assert_eq!(operate(&practice, fixture::MIRA, "unsuspend").await.code(), (400, "E0000001"));
    assert_eq!(events(&practice, "user.lifecycle.unsuspend").len(), 1, "a refusal leaves no event");
}

#[tokio::test]
async fn sessions_tokens_and_devices_are_cleared_as_asked() {
    for (query, expected) in [
        ("", (0, 3, 0)),
        ("?oauthTokens=true", (0, 0, 0)),
        ("?forgetDevices=false", (0, 3, 1)),
        ("?oauthTokens=true&forgetDevices=true", (0, 0, 0)),
    ] {
        let practice = start(quiet()).await;
        let token = practice.card().tokens.super_admin.clone();
        let before = practice.control().user_access(fixture::MIRA.id).unwrap();
        assert_eq!((before.sessions, before.oauth_tokens, before.remembered_devices), (2, 3, 1));
        let path = format!("/api/v1/users/{}/sessions{query}", fixture::MIRA.id);
        for _ in 0..2 {
            assert_eq!(delete(&practice, &token, &path).await.status, 204, "also when there is none");
        }
        let after = practice.control().user_access(fixture::MIRA.id).unwrap();
        assert_eq!((after.sessions, after.oauth_tokens, after.remembered_devices), expected, "{query}");
        assert_eq!(events(&practice, "user.session.clear").len(), 2);
        set(&practice, Change::UserSignsIn { user: fixture::MIRA.login.to_owned() });
        assert_eq!(practice.control().user_access(fixture::MIRA.id).unwrap().sessions, 1);
        assert_eq!(user(&practice, fixture::MIRA.id).await.body["status"], "ACTIVE");
    }
}

#[tokio::test]
async fn suspending_ends_sessions_and_resetting_removes_factors() {
    let practice = start(quiet()).await;
    operate(&practice, fixture::MIRA, "suspend").await;
    let access = practice.control().user_access(fixture::MIRA.id).unwrap();
    assert_eq!((access.sessions, access.oauth_tokens), (0, 3));
    let factors = format!("/api/v1/users/{}/factors", fixture::MIRA.id);
    let token = practice.card().tokens.super_admin.clone();
    assert_eq!(get(&practice, &token, &factors).await.list().len(), 2);
    assert_eq!(operate(&practice, fixture::MIRA, "reset_factors").await.status, 200);
    assert!(get(&practice, &token, &factors).await.list().is_empty());
    assert_eq!(user(&practice, fixture::MIRA.id).await.body["status"], "SUSPENDED");
    assert_eq!(events(&practice, "user.mfa.factor.reset_all").len(), 1);
}

#[tokio::test]
async fn unverified_behaviors_have_two_variants() {
    let variants = Variants {
        suspend_needs_no_active_status: true,
        unsuspend_restores_status: true,
        suspending_ends_sessions: false,
        clearing_nothing_is_logged: false,
        ..Variants::default()
    };
    let practice = start(Options { variants, ..quiet() }).await;
    assert_eq!(operate(&practice, fixture::PASSWORD_EXPIRED, "suspend").await.code(), OK);
    assert_eq!(operate(&practice, fixture::PASSWORD_EXPIRED, "unsuspend").await.code(), OK);
    assert_eq!(user(&practice, fixture::PASSWORD_EXPIRED.id).await.body["status"], "PASSWORD_EXPIRED");
    assert_eq!(operate(&practice, fixture::STAGED, "suspend").await.code(), (400, "E0000001"));
    operate(&practice, fixture::MIRA, "suspend").await;
    assert_eq!(practice.control().user_access(fixture::MIRA.id).unwrap().sessions, 2);
    let sessions = format!("/api/v1/users/{}/sessions", fixture::STAGED.id);
    assert_eq!(delete(&practice, &practice.card().tokens.super_admin, &sessions).await.status, 204);
    assert!(events(&practice, "user.session.clear").is_empty());
}

#[tokio::test]
async fn each_role_may_do_what_okta_documents() {
    let operations = ["suspend", "deactivate", "reset_factors", "SESSIONS"];
    for (role, expected) in [
        ("SUPER_ADMIN", [OK, OK, OK, (204, "none")]),
        ("ORG_ADMIN", [OK, OK, OK, (204, "none")]),
        ("USER_ADMIN", [OK, OK, OK, (204, "none")]),
        ("HELP_DESK_ADMIN", [FORBIDDEN, FORBIDDEN, OK, (204, "none")]),
        ("CUSTOM", [OK, FORBIDDEN, FORBIDDEN, (204, "none")]),
        ("READ_ONLY_ADMIN", [FORBIDDEN; 4]),
        ("APP_ADMIN", [FORBIDDEN; 4]),
    ] {
        for (operation, expected) in operations.into_iter().zip(expected) {
            let practice = start(Options { backfill: 0, users: 1, ..quiet() }).await;
            set(&practice, Change::Roles { principal: "org_admin".to_owned(), roles: vec![role.to_owned()] });
            let token = practice.card().tokens.org_admin.clone();
            let reply = match operation {
                "SESSIONS" => delete(&practice, &token, &format!("/api/v1/users/{}/sessions", fixture::MIRA.id)).await,
                _ => post(&practice, &token, &operation_path(fixture::MIRA.id, operation)).await,
            };
            assert_eq!(reply.code(), expected, "{role} {operation}");
            let status = practice.control().user(fixture::MIRA.id).unwrap()["status"].clone();
            let changed = expected == OK && operation != "reset_factors";
            assert_eq!(status != "ACTIVE", changed, "{role} {operation}");
        }
    }
}

#[tokio::test]
async fn a_lesser_administrator_may_not_act_on_a_super_administrator() {
    let practice = start(quiet()).await;
    let tokens = practice.card().tokens.clone();
    let jo = practice.control().user("jo.marsh").unwrap()["id"].as_str().unwrap().to_owned();
    let path = operation_path(&jo, "suspend");
    assert_eq!(post(&practice, &tokens.org_admin, &path).await.code(), FORBIDDEN);
    let variants = Variants { lesser_admins_reach_super_admins: true, ..Variants::default() };
    set(&practice, Change::Variants { variants });
    assert_eq!(post(&practice, &tokens.org_admin, &path).await.code(), OK);
    let refused = get(&practice, &tokens.person_super_admin, "/api/v1/users/me").await;
    assert_eq!(refused.code(), (401, "E0000011"), "the token of a suspended owner");
    assert_eq!(post(&practice, &tokens.super_admin, &operation_path(&jo, "unsuspend")).await.code(), OK);
    assert_eq!(get(&practice, &tokens.person_super_admin, "/api/v1/users/me").await.code(), OK);
}

#[tokio::test]
async fn another_administrator_acts_in_the_console() {
    let practice = start(quiet()).await;
    let acts = |operation| Change::OtherAdministratorActs { user: fixture::MIRA.login.to_owned(), operation };
    for (operation, status, event_type) in [
        (UserOperation::Suspend, "SUSPENDED", "user.lifecycle.suspend"),
        (UserOperation::Unsuspend, "ACTIVE", "user.lifecycle.unsuspend"),
        (UserOperation::ClearSessions, "ACTIVE", "user.session.clear"),
        (UserOperation::Deactivate, "DEPROVISIONED", "user.lifecycle.deactivate"),
    ] {
        set(&practice, acts(operation));
        assert_eq!(user(&practice, fixture::MIRA.id).await.body["status"], status);
        let event = events(&practice, event_type).pop().unwrap();
        assert_eq!(event["actor"]["alternateId"], "jo.marsh@practice.example");
        assert_eq!(event["transaction"]["detail"], serde_json::json!({}));
        assert_eq!(event["client"]["ipAddress"], "198.51.100.23");
    }
    let count = practice.control().events().len();
    set(&practice, acts(UserOperation::Suspend));
    assert_eq!(practice.control().events().len(), count, "what Okta refuses does nothing");
    set(&practice, Change::UserStatus { user: fixture::MIRA.id.to_owned(), status: "LOCKED_OUT".to_owned() });
    assert_eq!(user(&practice, fixture::MIRA.id).await.body["status"], "LOCKED_OUT");
    assert_eq!(practice.control().events().len(), count);
}

#[tokio::test]
async fn faults_of_writes_tell_applied_from_not_applied() {
    let path = operation_path(fixture::MIRA.id, "suspend");
    for (kind, answers, applied) in [
        (FaultKind::Reset, None, false),
        (FaultKind::ResponseLost, None, true),
        (FaultKind::Truncate, None, true),
        (FaultKind::Status { status: 500, code: "E0000009".to_owned() }, Some(500), false),
        (FaultKind::RateLimited { reset_s: 30 }, Some(429), false),
        (FaultKind::SlowResponse { ms: 50 }, Some(200), true),
    ] {
        let practice = start(quiet()).await;
        let fault = Fault::on(Side::Okta, kind.clone()).at(&path).with_method("POST").times(1);
        practice.control().fault(Some(fault));
        assert_eq!(user(&practice, fixture::MIRA.id).await.status, 200, "another path");
        let url = format!("{}{path}", practice.card().okta);
        let token = &practice.card().tokens.super_admin;
        let sent = client()
            .post(url)
            .header("content-length", "0")
            .header("authorization", format!("SSWS {token}"))
            .send()
            .await;
        let answered = match sent {
            Err(_) => None,
            Ok(response) => {
                let status = response.status().as_u16();
                response.bytes().await.ok().map(|_| status)
            }
        };
        assert_eq!(answered, answers, "{kind:?}");
        let status = user(&practice, fixture::MIRA.id).await.body["status"].clone();
        assert_eq!(status == "SUSPENDED", applied, "{kind:?}");
        assert_eq!(practice.control().counters().requests[&format!("okta {path}")], 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_response_without_a_body_breaks_off_before_it_arrives() {
    let practice = start(quiet()).await;
    let url = format!("{}/api/v1/users/{}/sessions", practice.card().okta, fixture::MIRA.id);
    practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::Truncate).with_method("DELETE")));
    let token = &practice.card().tokens.super_admin;
    let sent = client().delete(&url).header("authorization", format!("SSWS {token}"));
    assert!(sent.timeout(Duration::from_secs(5)).send().await.is_err());
    assert_eq!(practice.control().user_access(fixture::MIRA.id).unwrap().sessions, 0, "it was handled");
}

#[tokio::test]
async fn a_change_without_a_length_is_refused() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let practice = start(quiet()).await;
    let mut socket = tokio::net::TcpStream::connect(practice.okta_addr()).await.unwrap();
    let path = operation_path(fixture::MIRA.id, "suspend");
    let head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", practice.okta_addr());
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 411"), "{answer}");
    assert_eq!(now().timestamp(), 1_773_144_000, "the organization's time stands still");
}

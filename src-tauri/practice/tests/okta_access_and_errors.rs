//! The practice Okta org over HTTP: principals, errors, headers, lists, faults.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::{Duration, Instant};

use practice::{Change, CredentialTrap, Fault, FaultKind, Options, Side, Tls, Variants};
use support::{Reply, client, get, get_url, now, quiet, start};

const READS: [&str; 6] = [
    "/api/v1/users/me",
    "/api/v1/logs?limit=1",
    "/api/v1/users?limit=1",
    "/api/v1/zones",
    "/api/v1/api-tokens",
    "ROLES",
];

#[tokio::test]
async fn each_principal_may_read_what_its_role_allows() {
    let practice = start(quiet()).await;
    let tokens = practice.card().tokens.clone();
    let (ok, refused, invalid) = ((200, "none"), (403, "E0000006"), (401, "E0000011"));
    for (name, token, expected) in [
        ("super_admin", &tokens.super_admin, [ok, ok, ok, ok, ok, ok]),
        ("person_super_admin", &tokens.person_super_admin, [ok, ok, ok, ok, ok, ok]),
        ("org_admin", &tokens.org_admin, [ok, ok, ok, ok, ok, refused]),
        ("read_only", &tokens.read_only, [ok, ok, ok, ok, ok, refused]),
        ("expired", &tokens.expired, [invalid; 6]),
        ("owner_deactivated", &tokens.owner_deactivated, [invalid; 6]),
        ("network_restricted", &tokens.network_restricted, [refused; 6]),
    ] {
        let me = get(&practice, token, READS[0]).await.body["id"].as_str().unwrap_or("00u").to_owned();
        for (path, expected) in READS.iter().zip(expected) {
            let path = if *path == "ROLES" { format!("/api/v1/users/{me}/roles") } else { (*path).to_owned() };
            assert_eq!(get(&practice, token, &path).await.code(), expected, "{name} {path}");
        }
    }
}

#[tokio::test]
async fn a_help_desk_administrator_may_read_only_itself() {
    let practice = start(quiet()).await;
    practice
        .control()
        .set(Change::Roles { principal: "org_admin".to_owned(), roles: vec!["HELP_DESK_ADMIN".to_owned()] });
    let token = practice.card().tokens.org_admin.clone();
    assert_eq!(get(&practice, &token, "/api/v1/users/me").await.status, 200);
    assert_eq!(get(&practice, &token, "/api/v1/logs").await.code(), (403, "E0000006"));
    assert_eq!(get(&practice, &token, "/api/v1/zones").await.code(), (403, "E0000006"));
}

#[tokio::test]
async fn unverified_responses_have_two_variants() {
    let variants = Variants {
        restricted_is_403: false,
        read_only_sees_zones: false,
        read_only_sees_tokens: false,
        no_scheme_is_401: true,
        ..Variants::default()
    };
    let practice = start(Options { variants, ..quiet() }).await;
    let tokens = practice.card().tokens.clone();
    assert_eq!(get(&practice, &tokens.network_restricted, "/api/v1/users/me").await.code(), (401, "E0000011"));
    assert_eq!(get(&practice, &tokens.read_only, "/api/v1/zones").await.code(), (403, "E0000006"));
    assert_eq!(get(&practice, &tokens.read_only, "/api/v1/api-tokens").await.code(), (403, "E0000006"));
    let bare = client().get(format!("{}/api/v1/users/me", practice.card().okta)).send().await.unwrap();
    assert_eq!(Reply::of(bare).await.code(), (401, "E0000004"));
}

#[tokio::test]
async fn a_missing_or_other_scheme_is_an_invalid_session() {
    let practice = start(quiet()).await;
    let url = format!("{}/api/v1/users/me", practice.card().okta);
    let token = practice.card().tokens.super_admin.clone();
    let none = Reply::of(client().get(&url).send().await.unwrap()).await;
    let bearer = Reply::of(client().get(&url).bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!((none.code(), bearer.code()), ((403, "E0000005"), (403, "E0000005")));
    assert_eq!(get_url("00unknown", &url).await.code(), (401, "E0000011"));
}

#[tokio::test]
async fn the_well_known_page_needs_no_token_and_has_no_rate_limit() {
    let practice = start(quiet()).await;
    let okta = practice.card().okta.clone();
    let page = Reply::of(client().get(format!("{okta}/.well-known/okta-organization")).send().await.unwrap()).await;
    assert_eq!(page.body["_links"]["organization"]["href"], okta.as_str());
    assert!(page.header("x-okta-request-id").is_some() && page.header("x-rate-limit-limit").is_none());
    practice.control().set(Change::Organization {
        href: Some("https://acme.okta.com".to_owned()),
        alternate: Some("https://id.acme.example".to_owned()),
    });
    let page = Reply::of(client().get(format!("{okta}/.well-known/okta-organization")).send().await.unwrap()).await;
    assert_eq!(page.body["_links"]["alternate"]["href"], "https://id.acme.example");
}

#[tokio::test]
async fn a_token_gets_half_of_the_bucket_then_429_without_retry_after() {
    let practice = start(Options { rate_limit: 6, ..quiet() }).await;
    let token = practice.card().tokens.super_admin.clone();
    for remaining in [2, 1, 0] {
        let reply = get(&practice, &token, "/api/v1/logs?limit=1").await;
        assert_eq!((reply.status, reply.number("x-rate-limit-limit")), (200, 3));
        assert_eq!(reply.number("x-rate-limit-remaining"), remaining);
    }
    let over = get(&practice, &token, "/api/v1/logs?limit=1").await;
    assert_eq!(over.code(), (429, "E0000047"));
    assert_eq!(over.number("x-rate-limit-remaining"), 0);
    assert!(over.header("retry-after").is_none());
    let until = over.number("x-rate-limit-reset") - now().timestamp();
    assert_eq!(until, 60);
    assert_eq!(get(&practice, &token, "/api/v1/zones").await.status, 200, "another bucket");
    let other = practice.card().tokens.org_admin.clone();
    assert_eq!(get(&practice, &other, "/api/v1/logs?limit=1").await.status, 200, "another token's half");
}

#[tokio::test]
async fn other_consumers_use_up_the_rate_limit() {
    let practice = start(Options { rate_limit: 120, ..quiet() }).await;
    practice.control().set(Change::OtherConsumers { requests: 40 });
    let reply = get(&practice, &practice.card().tokens.super_admin, "/api/v1/logs?limit=1").await;
    assert_eq!(reply.number("x-rate-limit-remaining"), 19);
}

#[tokio::test]
async fn request_ids_differ_and_the_date_follows_the_skewed_clock() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let first = get(&practice, &token, "/api/v1/users/me").await;
    let second = get(&practice, "no", "/api/v1/users/me").await;
    assert_ne!(first.header("x-okta-request-id").unwrap(), second.header("x-okta-request-id").unwrap());
    practice.control().set(Change::ClockSkew { seconds: 600 });
    let date = get(&practice, &token, "/api/v1/users/me").await.header("date").unwrap().to_owned();
    let date = chrono::DateTime::parse_from_rfc2822(&date).unwrap();
    let ahead = date.timestamp() - now().timestamp();
    assert_eq!(ahead, 600);
}

#[tokio::test]
async fn a_call_renews_the_token_and_an_immediate_second_call_does_not() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let entry = async || get(&practice, &token, "/api/v1/api-tokens").await.list()[0].clone();
    let first = entry().await;
    let expires: chrono::DateTime<chrono::Utc> = first["expiresAt"].as_str().unwrap().parse().unwrap();
    let days = (expires - now()).num_hours();
    assert!((30 * 24 - 1..=30 * 24).contains(&days), "{days}");
    assert_eq!(first["name"], "Radiant Security API Token");
    assert_eq!(entry().await["expiresAt"], first["expiresAt"]);
    let id = first["id"].as_str().unwrap();
    assert!(id.starts_with("00T") && id.len() == 20);
    assert_eq!(get(&practice, &token, &format!("/api/v1/api-tokens/{id}")).await.body["id"], id);
    assert_eq!(get(&practice, &token, "/api/v1/api-tokens/00Tnone").await.code(), (404, "E0000007"));
}

#[tokio::test]
async fn a_token_can_revoke_itself_and_the_log_names_it() {
    let practice = start(quiet()).await;
    let tokens = practice.card().tokens.clone();
    let url = format!("{}/api/v1/api-tokens/current", practice.card().okta);
    let response =
        client().delete(url).header("authorization", format!("SSWS {}", tokens.org_admin)).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 204);
    assert_eq!(get(&practice, &tokens.org_admin, "/api/v1/users/me").await.code(), (401, "E0000011"));
    let log =
        get(&practice, &tokens.super_admin, "/api/v1/logs?filter=eventType+eq+%22system.api_token.revoke%22").await;
    let event = &log.list()[0];
    assert_eq!(event["transaction"]["detail"]["requestApiTokenId"], event["target"][0]["id"]);
}

#[tokio::test]
async fn whether_a_lesser_administrator_may_revoke_its_own_token_is_a_variant() {
    let variants = Variants { only_admins_revoke_themselves: true, ..Variants::default() };
    let practice = start(Options { variants, ..quiet() }).await;
    let tokens = practice.card().tokens.clone();
    let revoke = async |token: &str| {
        let url = format!("{}/api/v1/api-tokens/current", practice.card().okta);
        Reply::of(client().delete(url).header("authorization", format!("SSWS {token}")).send().await.unwrap()).await
    };
    assert_eq!(revoke(&tokens.read_only).await.code(), (403, "E0000006"));
    assert_eq!(get(&practice, &tokens.read_only, "/api/v1/users/me").await.status, 200);
    assert_eq!(revoke(&tokens.super_admin).await.status, 204);
    assert_eq!(revoke(&tokens.super_admin).await.code(), (401, "E0000011"));
}

#[tokio::test]
async fn a_second_token_of_the_same_account_can_be_created() {
    let practice = start(quiet()).await;
    let tokens = practice.card().tokens.clone();
    assert_eq!(get(&practice, &tokens.super_admin_next, "/api/v1/users/me").await.code(), (401, "E0000011"));
    practice.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    let (first, second) = (
        get(&practice, &tokens.super_admin, "/api/v1/users/me").await,
        get(&practice, &tokens.super_admin_next, "/api/v1/users/me").await,
    );
    assert_eq!(first.body["id"], second.body["id"]);
    let list = get(&practice, &tokens.super_admin, "/api/v1/api-tokens").await;
    let own = list.list().iter().filter(|token| token["userId"] == first.body["id"]);
    assert_eq!(own.count(), 2);
    practice.control().set(Change::OwnerStatus { principal: "super_admin".to_owned(), status: "SUSPENDED".to_owned() });
    assert_eq!(get(&practice, &tokens.super_admin_next, "/api/v1/users/me").await.code(), (401, "E0000011"));
}

#[tokio::test]
async fn a_token_used_outside_its_network_leaves_an_event() {
    let practice = start(quiet()).await;
    let tokens = practice.card().tokens.clone();
    get(&practice, &tokens.network_restricted, "/api/v1/users/me").await;
    let path = "/api/v1/logs?filter=eventType+eq+%22system.api_token.request_outside_allowed_range%22";
    assert_eq!(get(&practice, &tokens.super_admin, path).await.list().len(), 1);
}

#[tokio::test]
async fn an_empty_block_list_is_null() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.org_admin.clone();
    let zones = get(&practice, &token, "/api/v1/zones?filter=usage+eq+%22BLOCKLIST%22").await;
    let blocked = zones.list().iter().find(|zone| zone["name"] == "BlockedIpZone").unwrap();
    assert!(blocked["gateways"].is_null() && blocked["system"] == true);
    assert!(zones.list().iter().all(|zone| zone["usage"] == "BLOCKLIST"));
}

#[tokio::test]
async fn unknown_paths_and_methods_and_read_only_mode_have_their_own_codes() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    assert_eq!(get(&practice, &token, "/api/v1/nothing").await.code(), (404, "E0000008"));
    assert_eq!(get(&practice, &token, "/nothing").await.code(), (404, "E0000008"));
    let url = format!("{}/api/v1/zones", practice.card().okta);
    let patch = async || {
        let request = client().patch(&url).header("authorization", format!("SSWS {token}")).body("{}");
        Reply::of(request.send().await.unwrap()).await.code().0
    };
    assert_eq!(patch().await, 405);
    practice.control().set(Change::ReadOnlyMode { on: true });
    assert_eq!(get(&practice, &token, "/api/v1/zones").await.code(), (503, "E0000010"));
    let variants = Variants { read_only_mode_refuses_reads: false, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    assert_eq!(get(&practice, &token, "/api/v1/zones").await.status, 200);
    assert_eq!(patch().await, 503);
}

#[tokio::test]
async fn faults_affect_their_path_and_are_counted() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let okta = |kind| Fault::on(Side::Okta, kind);
    let status = FaultKind::Status { status: 500, code: "E0000009".to_owned() };
    practice.control().fault(Some(Fault { times: Some(1), ..okta(status).at("/api/v1/zones") }));
    assert_eq!(get(&practice, &token, "/api/v1/users/me").await.status, 200);
    let failed = get(&practice, &token, "/api/v1/zones").await;
    assert_eq!(failed.code(), (500, "E0000009"));
    assert!(failed.header("x-okta-request-id").is_some());
    assert_eq!(get(&practice, &token, "/api/v1/zones").await.status, 200, "used up");

    practice.control().fault(Some(okta(FaultKind::RateLimited { reset_s: -5 })));
    let limited = get(&practice, &token, "/api/v1/zones").await;
    assert_eq!(limited.code(), (429, "E0000047"));
    assert!(limited.number("x-rate-limit-reset") < now().timestamp());
    assert!(limited.header("retry-after").is_none());

    practice.control().fault(Some(okta(FaultKind::GarbageRateHeaders)));
    assert_eq!(get(&practice, &token, "/api/v1/zones").await.header("x-rate-limit-reset"), Some("soon"));

    practice.control().fault(Some(okta(FaultKind::CaptivePage)));
    let page = get(&practice, &token, "/api/v1/zones").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    assert!(page.header("x-okta-request-id").is_none());

    practice.control().fault(Some(okta(FaultKind::Unreadable)));
    assert!(get(&practice, &token, "/api/v1/zones").await.body.is_string());

    practice.control().fault(Some(okta(FaultKind::Slow { ms: 300 })));
    let before = Instant::now();
    assert_eq!(get(&practice, &token, "/api/v1/zones").await.status, 200);
    assert!(before.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_reset_and_a_truncated_response_break_the_connection() {
    let practice = start(quiet()).await;
    let url = format!("{}/.well-known/okta-organization", practice.card().okta);
    practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::Reset)));
    assert!(client().get(&url).send().await.is_err());
    practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::Truncate)));
    let reply = client().get(&url).send().await.unwrap();
    assert!(reply.content_length().unwrap() > 50);
    assert!(reply.bytes().await.is_err(), "the body is shorter than announced");
}

#[tokio::test]
async fn redirects_and_foreign_links_lead_to_a_host_that_notices_a_token() {
    let other = CredentialTrap::start().await.unwrap();
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let to = other.url().to_owned();
    practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::Redirect { to: to.clone() })));
    let reply = get(&practice, &token, "/api/v1/users/me").await;
    assert_eq!((reply.status, reply.header("location")), (302, Some(to.as_str())));
    practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::ForeignNext { to: to.clone() })));
    let next = get(&practice, &token, "/api/v1/logs?limit=1").await.next().unwrap();
    assert!(next.starts_with(&to), "{next}");
    assert_eq!((other.requests(), other.received_token()), (0, false));
    client().get(&next).send().await.unwrap();
    assert_eq!((other.requests(), other.received_token()), (1, false));
    get_url(&token, &next).await;
    assert!(other.received_token(), "the host notices a token");
}

#[tokio::test]
async fn tls_is_trusted_only_through_its_own_authority() {
    let practice = start(Options { tls: Some(Tls::default()), ..quiet() }).await;
    let url = format!("{}/.well-known/okta-organization", practice.card().okta);
    assert!(url.starts_with("https://"));
    assert_eq!(practice.card().okta_authority, practice.ca_pem());
    assert_eq!(start(quiet()).await.card().okta_authority, None);
    assert!(client().get(&url).send().await.is_err());
    let ca = reqwest::Certificate::from_der(&practice.ca_der().unwrap()).unwrap();
    assert_eq!(reqwest::Certificate::from_pem_bundle(practice.ca_pem().unwrap().as_bytes()).unwrap().len(), 1);
    let trusting = reqwest::Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap();
    assert_eq!(trusting.get(&url).send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn an_open_connection_gets_no_response_after_the_stop() {
    let practice = start(quiet()).await;
    let open = client();
    let url = format!("{}/.well-known/okta-organization", practice.card().okta);
    assert_eq!(open.get(&url).send().await.unwrap().status().as_u16(), 200);
    practice.stop().await;
    assert!(open.get(&url).send().await.is_err());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_organization_and_another_seed_another() {
    let organization = async |seed: u64| {
        let practice = start(Options { seed, ..quiet() }).await;
        let tokens = practice.card().tokens.clone();
        let events = get(&practice, &tokens.super_admin, "/api/v1/logs?limit=1000&since=2000-01-01T00:00:00Z").await;
        assert_eq!(events.code(), (400, "E0000053"));
        let since = (now() - chrono::TimeDelta::days(30)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let events = get(&practice, &tokens.super_admin, &format!("/api/v1/logs?limit=1000&since={since}")).await;
        let uuids: Vec<String> = events.list().iter().map(|event| event["uuid"].to_string()).collect();
        (serde_json::to_string(&tokens).unwrap(), uuids, practice.card().control.secret.clone())
    };
    let (one, two, other) = (organization(7).await, organization(7).await, organization(8).await);
    assert!(one.1.len() > 400);
    assert_eq!((&one.0, &one.1), (&two.0, &two.1));
    assert_ne!(one.2, two.2, "the control secret is new for each run");
    assert_ne!(one.0, other.0);
    assert!(one.1 != other.1);
}

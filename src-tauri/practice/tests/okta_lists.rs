//! Lists of the practice Okta org over HTTP: which have pages and links, and how a single object of one is found.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use practice::{Change, Options};
use support::{get, get_url, quiet, start};

#[tokio::test]
async fn whole_lists_have_no_links_and_pages_have_their_own() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let me = get(&practice, &token, "/api/v1/users/me").await.body["id"].as_str().unwrap().to_owned();
    for (path, has_links) in [
        ("/api/v1/api-tokens".to_owned(), false),
        (format!("/api/v1/users/{me}/roles"), false),
        ("/api/v1/users?limit=200".to_owned(), true),
        ("/api/v1/zones".to_owned(), true),
        ("/api/v1/logs".to_owned(), true),
    ] {
        let reply = get(&practice, &token, &path).await;
        assert!(!reply.list().is_empty(), "{path}");
        assert_eq!(reply.headers.contains_key("link"), has_links, "{path}");
    }
}

#[tokio::test]
async fn a_single_zone_is_found_by_its_id() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    for zone in get(&practice, &token, "/api/v1/zones").await.list() {
        let one = get(&practice, &token, &format!("/api/v1/zones/{}", zone["id"].as_str().unwrap())).await;
        assert_eq!((one.status, &one.body), (200, zone));
        assert!(!one.headers.contains_key("link"));
    }
    let none = get(&practice, &token, "/api/v1/zones/nzoNONE").await;
    assert_eq!(none.code(), (404, "E0000007"));
    assert_eq!(none.body["errorSummary"], "Not found: Resource not found: nzoNONE (NetworkZone)");
    practice
        .control()
        .set(Change::Roles { principal: "org_admin".to_owned(), roles: vec!["HELP_DESK_ADMIN".to_owned()] });
    let lesser = practice.card().tokens.org_admin.clone();
    assert_eq!(get(&practice, &lesser, "/api/v1/zones/nzoPRACTICEOFFICE").await.code(), (403, "E0000006"));
}

#[tokio::test]
async fn lists_of_users_are_paged_and_searched_and_link_only_to_themselves() {
    let practice = start(Options { users: 13, ..quiet() }).await;
    let token = practice.card().tokens.super_admin.clone();
    let mut url = Some(format!("{}/api/v1/users?limit=7", practice.card().okta));
    let mut ids = std::collections::BTreeSet::new();
    let mut pages = 0;
    while let Some(next) = url {
        let page = get_url(&token, &next).await;
        assert!(page.list().iter().all(|user| user["_links"].as_object().unwrap().len() == 1));
        ids.extend(page.list().iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        pages += 1;
        url = page.next();
    }
    // 13 users, six principals and 17 fixture users; the deactivated ones are not listed.
    assert_eq!((ids.len(), pages), (36, 6));
    let found = get(&practice, &token, "/api/v1/users?search=profile.login+eq+%22svc-left@practice.example%22").await;
    assert_eq!(found.list()[0]["status"], "DEPROVISIONED");
    assert!(get(&practice, &token, "/api/v1/users?q=svc-left").await.list().is_empty());
    assert_eq!(get(&practice, &token, "/api/v1/users?search=nonsense").await.code(), (400, "E0000031"));
}

#[tokio::test]
async fn a_single_user_is_found_by_id_or_login_with_the_operations_of_its_status() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let jo = get(&practice, &token, "/api/v1/users/jo.marsh@practice.example").await;
    assert_eq!(jo.body["profile"]["mobilePhone"], "+1 555 0100");
    assert!(jo.body["_links"]["suspend"]["href"].as_str().unwrap().ends_with("/lifecycle/suspend"));
    let same = get(&practice, &token, &format!("/api/v1/users/{}", jo.body["id"].as_str().unwrap())).await;
    assert_eq!(same.body, jo.body);
    let other = practice.card().tokens.person_super_admin.clone();
    assert_eq!(get(&practice, &other, "/api/v1/users/me").await.body["id"], jo.body["id"]);
    assert_eq!(get(&practice, &token, "/api/v1/users/nobody").await.code(), (404, "E0000007"));
}

//! Addresses and lists of the practice Okta org over HTTP: how a path, a login and the authorization may be written, and which
//! lists have pages.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{get, get_as, get_url, quiet, start};
use practice::{Change, Options, Variants};

#[tokio::test]
async fn the_blank_after_the_scheme_may_be_missing_and_the_rate_limit_is_the_same() {
    let practice = start(Options { rate_limit: 6, ..quiet() }).await;
    let token = practice.card().tokens.super_admin.clone();
    let url = format!("{}/api/v1/logs", practice.card().okta);
    for (authorization, url, remaining) in [
        (format!("SSWS {token}"), url.clone(), 2),
        (format!("SSWS{token}"), format!("{url}/?limit=1"), 1),
        (format!("SSWS  {token} "), format!("{url}?limit=1"), 0),
    ] {
        let reply = get_as(&authorization, &url).await;
        assert_eq!((reply.status, reply.number("x-rate-limit-remaining")), (200, remaining), "{url}");
    }
    assert_eq!(get_url(&token, &format!("{url}/")).await.code(), (429, "E0000047"), "one bucket");
    let variants = Variants { scheme_needs_blank: true, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    assert_eq!(get_as(&format!("SSWS{token}"), &url).await.code(), (403, "E0000005"));
}

#[tokio::test]
async fn a_trailing_slash_is_the_same_path() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    for path in ["/api/v1/logs", "/api/v1/users", "/api/v1/zones", "/api/v1/api-tokens", "/api/v1/users/me"] {
        let (with, without) = (get(&practice, &token, &format!("{path}/")).await, get(&practice, &token, path).await);
        assert_eq!((with.status, with.body), (200, without.body), "{path}");
    }
    let page = get(&practice, &token, "/api/v1/logs/?limit=2").await;
    assert_eq!(page.link("self").unwrap(), format!("{}/api/v1/logs/?limit=2", practice.card().okta));
}

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
async fn a_login_may_be_encoded_in_another_case_or_short() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let jo = get(&practice, &token, "/api/v1/users/jo.marsh@practice.example").await;
    for login in
        ["jo.marsh%40practice.example", "jo%2emarsh%40PRACTICE.example", "JO.Marsh@practice.example", "jo.marsh"]
    {
        let same = get(&practice, &token, &format!("/api/v1/users/{login}")).await;
        assert_eq!((same.status, &same.body), (200, &jo.body), "{login}");
    }
    let roles = get(&practice, &token, "/api/v1/users/jo.marsh%40practice.example/roles").await;
    assert_eq!(roles.list()[0]["type"], "SUPER_ADMIN");
    for nobody in ["jo%2Fmarsh", "ops%2F3", "jo.marsh%2540practice.example", "%FF", "100%"] {
        assert_eq!(
            get(&practice, &token, &format!("/api/v1/users/{nobody}")).await.code(),
            (404, "E0000007"),
            "{nobody}"
        );
    }
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

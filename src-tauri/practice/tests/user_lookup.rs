//! Users of the practice Okta org over HTTP: by login, by a search, and what belongs to one.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use practice::fixture_users as fixture;
use practice::{Change, Options, Practice, Variants};
use support::{Reply, get, get_url, operation_path, post, quiet, start};

async fn user(practice: &Practice, id: &str) -> Reply {
    get(practice, &practice.card().tokens.super_admin, &format!("/api/v1/users/{id}")).await
}

#[tokio::test]
async fn logins_are_found_as_okta_resolves_them() {
    let practice = start(quiet()).await;
    for (typed, expected) in [
        ("mira.holt%40practice.example", Some(fixture::MIRA)),
        ("mira.holt", Some(fixture::MIRA)),
        ("MIRA.HOLT@practice.example", Some(fixture::MIRA)),
        ("m%C3%ADra.holt@practice.example", Some(fixture::MIRA)),
        ("mi%CC%81ra.holt@practice.example", Some(fixture::MIRA)),
        ("zoe.ortiz@practice.example", Some(fixture::ACCENTS)),
        ("ZO%C3%8B.ortiz", Some(fixture::ACCENTS)),
        ("ops%231", Some(fixture::HASH)),
        ("ops+2", Some(fixture::PLUS)),
        ("ops%2B2", Some(fixture::PLUS)),
        ("ops%2F3", None),
        (fixture::SLASH.id, Some(fixture::SLASH)),
        ("kim.o'neil@practice.example", Some(fixture::APOSTROPHE)),
        ("sam.park", None),
        ("sam.park@partner.example", Some(fixture::SAME_SHORT_NAME)),
        ("00upracticemiraholt0", None),
        ("mira.holt@elsewhere.example", None),
        ("paul.gray", Some(fixture::DEPROVISIONED)),
    ] {
        let found = user(&practice, typed).await;
        match expected {
            Some(expected) => assert_eq!(found.body["id"], expected.id, "{typed}"),
            None => assert_eq!(found.code(), (404, "E0000007"), "{typed}"),
        }
    }
    for list in [".", "%2e", "00u1/.."] {
        let url = format!("{}/api/v1/users/", practice.card().okta);
        let raw = raw_get(&practice, &format!("/api/v1/users/{list}")).await;
        assert!(raw.starts_with("HTTP/1.1 200") && raw.contains("[{"), "{url}{list}");
    }
}

/// Sends a path as it is: URL types fold `.` and `..`.
async fn raw_get(practice: &Practice, path: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut socket = tokio::net::TcpStream::connect(practice.okta_addr()).await.unwrap();
    let token = &practice.card().tokens.super_admin;
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: SSWS {token}\r\nconnection: close\r\n\r\n",
        practice.okta_addr()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn search_filter_and_q_find_what_each_is_documented_to_find() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let deprovisioned = fixture::DEPROVISIONED.id;
    for (query, expected) in [
        ("search=profile.login+eq+%22MIRA.holt%40practice.example%22", vec![fixture::MIRA.id]),
        ("search=profile.login+eq+%22zoe.ortiz%40practice.example%22", vec![]),
        ("search=profile.login+eq+%22zo%C3%AB.ort%C3%ADz%40practice.example%22", vec![fixture::ACCENTS.id]),
        ("search=profile.lastName+sw+%22PARK%22", vec![fixture::SHORT_NAME.id, fixture::SAME_SHORT_NAME.id]),
        ("search=status+eq+%22DEPROVISIONED%22+and+profile.firstName+eq+%22Paul%22", vec![deprovisioned]),
        ("search=profile.login+eq+%22ops%2F3%22", vec![fixture::SLASH.id]),
        ("search=profile.email+eq+%22ops-one%40practice.example%22", vec![fixture::HASH.id]),
        ("filter=profile.login+eq+%22mira.holt%40practice.example%22", vec![fixture::MIRA.id]),
        ("filter=profile.login+eq+%22MIRA.holt%40practice.example%22", vec![]),
        ("filter=profile.login+eq+%22paul.gray%40practice.example%22", vec![deprovisioned]),
        ("q=mira", vec![fixture::MIRA.id]),
        ("q=paul", vec![]),
        ("q=park", vec![fixture::SHORT_NAME.id, fixture::SAME_SHORT_NAME.id]),
    ] {
        let reply = get(&practice, &token, &format!("/api/v1/users?{query}")).await;
        let ids: Vec<&str> = reply.list().iter().map(|user| user["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
    for query in ["filter=profile.login+sw+%22mira%22", "filter=profile.city+eq+%22Vienna%22", "search=a"] {
        assert_eq!(
            get(&practice, &token, &format!("/api/v1/users?{query}")).await.code(),
            (400, "E0000031"),
            "{query}"
        );
    }
    let q = get(&practice, &token, "/api/v1/users?q=svc").await;
    assert!(q.list().len() > 5 && q.next().is_none());
    let many = get(&practice, &token, "/api/v1/users?q=a").await;
    assert!(many.list().len() <= 10 && many.next().is_none(), "ten at most, and no further page");
    let page = get(&practice, &token, "/api/v1/users?search=status+eq+%22ACTIVE%22&limit=20").await;
    let next = get_url(&token, &page.next().unwrap()).await;
    assert!(page.list().len() == 20 && !next.list().is_empty() && next.list()[0] != page.list()[0]);
}

#[tokio::test]
async fn the_search_may_lag_behind_the_user() {
    let variants = Variants { user_search_lag_s: 30, ..Variants::default() };
    let practice = start(Options { variants, ..quiet() }).await;
    let token = practice.card().tokens.super_admin.clone();
    post(&practice, &token, &operation_path(fixture::MIRA.id, "suspend")).await;
    let path = "/api/v1/users?search=profile.login+eq+%22mira.holt%40practice.example%22";
    assert_eq!(get(&practice, &token, path).await.list()[0]["status"], "ACTIVE");
    assert_eq!(user(&practice, fixture::MIRA.id).await.body["status"], "SUSPENDED");
    practice.control().set(Change::AdvanceTime { ms: 31_000 });
    assert_eq!(get(&practice, &token, path).await.list()[0]["status"], "SUSPENDED");
}

#[tokio::test]
async fn groups_roles_and_assignees_are_read() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let groups = get(&practice, &token, &format!("/api/v1/users/{}/groups", fixture::MIRA.id)).await;
    let names: Vec<&str> = groups.list().iter().map(|group| group["profile"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Everyone", "Engineering"]);
    let roles = get(&practice, &token, &format!("/api/v1/users/{}/roles", fixture::GROUP_ADMIN.id)).await;
    assert_eq!(roles.list()[0]["label"], "Group Administrator");
    let mut found = Vec::new();
    let mut url = Some(format!("{}/api/v1/iam/assignees/users?limit=3", practice.card().okta));
    while let Some(next) = url {
        let page = get_url(&token, &next).await.body;
        found.extend(page["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        url = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    assert_eq!(found.len(), 8, "seven token owners and the group administrator");
    assert!(found.contains(&fixture::GROUP_ADMIN.id.to_owned()));
    let lesser = practice.card().tokens.org_admin.clone();
    assert_eq!(get(&practice, &lesser, "/api/v1/iam/assignees/users").await.code(), (403, "E0000006"));
    let directory = user(&practice, fixture::DIRECTORY.id).await.body;
    assert_eq!(directory["credentials"]["provider"]["type"], "ACTIVE_DIRECTORY");
}

//! How the path, the login and the authorization of a request to the practice Okta org may be written.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use practice::{Change, Options, Variants};
use support::{get, get_as, get_url, quiet, start};

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

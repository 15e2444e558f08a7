//! Refusals by the edge in front of Okta's API, and redirects, over HTTP.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use practice::{EdgeBody, Fault, FaultKind, Side};
use support::{get, quiet, start};

#[tokio::test]
async fn the_edge_refuses_with_each_body_and_with_or_without_oktas_headers() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    for (body, content_type, text) in [
        (EdgeBody::Empty, "text/plain", ""),
        (EdgeBody::Json, "application/json", r#"{"error":"Forbidden"}"#),
        (EdgeBody::Page, "text/html;charset=utf-8", "<!DOCTYPE html><html><h1>Forbidden</h1></html>"),
    ] {
        for okta_headers in [true, false] {
            let kind = FaultKind::Edge { status: 403, body, okta_headers };
            practice.control().fault(Some(Fault::on(Side::Okta, kind)));
            for path in ["/.well-known/okta-organization", "/api/v1/users/me"] {
                let refused = get(&practice, &token, path).await;
                assert_eq!((refused.status, refused.header("content-type")), (403, Some(content_type)), "{path}");
                let body = refused.body.as_str().map_or_else(|| refused.body.to_string(), str::to_owned);
                assert_eq!(body, text);
                assert_eq!(refused.header("x-okta-request-id").is_some(), okta_headers, "{path} {body}");
            }
        }
    }
    let kind = FaultKind::Edge { status: 403, body: EdgeBody::ApiError, okta_headers: true };
    practice.control().fault(Some(Fault::on(Side::Okta, kind)));
    assert_eq!(get(&practice, &token, "/api/v1/users/me").await.code(), (403, "E0000006"));
}

#[tokio::test]
async fn a_redirect_of_okta_has_its_headers_and_one_of_a_network_has_not() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let to = "https://elsewhere.example/".to_owned();
    for (kind, is_okta) in [(FaultKind::Redirect { to: to.clone() }, false), (FaultKind::OktaRedirect { to }, true)] {
        practice.control().fault(Some(Fault::on(Side::Okta, kind)));
        let redirect = get(&practice, &token, "/api/v1/zones").await;
        assert_eq!((redirect.status, redirect.header("location")), (302, Some("https://elsewhere.example/")));
        assert_eq!(redirect.header("x-okta-request-id").is_some(), is_okta);
    }
}

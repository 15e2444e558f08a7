//! An HTTP client and a running practice organization, for the tests of this package.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use chrono::{DateTime, Utc};
use practice::{Options, Practice};
use reqwest::{Client, Response, header::HeaderMap, redirect::Policy};
use serde_json::Value;

/// A response, read to its end.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn number(&self, name: &str) -> i64 {
        self.header(name).unwrap().parse().unwrap()
    }

    /// Returns the status and Okta's error code.
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.body["errorCode"].as_str().unwrap_or("none"))
    }

    /// Returns the `next` link of the separate `Link` headers.
    pub fn next(&self) -> Option<String> {
        self.link("next")
    }

    /// Returns the link of the separate `Link` headers with this relation.
    pub fn link(&self, relation: &str) -> Option<String> {
        let end = format!("; rel=\"{relation}\"");
        let links = self.headers.get_all("link").iter().map(|link| link.to_str().unwrap());
        let mut links = links.filter(|link| link.ends_with(&end));
        links.next().map(|link| link[1..link.find('>').unwrap()].to_owned())
    }

    pub fn list(&self) -> &[Value] {
        self.body.as_array().unwrap_or_else(|| panic!("not a list: {}", self.body))
    }
}

pub fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

/// The simulated time, which stands still.
pub fn now() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

/// Options without events of their own, in simulated time.
pub fn quiet() -> Options {
    Options { starts_at: Some(now()), events_per_second: 0.0, rate_limit: 100_000, ..Options::default() }
}

pub async fn start(options: Options) -> Practice {
    Practice::start(options).await.unwrap()
}

/// Sends a GET request to Okta with a token.
pub async fn get(practice: &Practice, token: &str, path: &str) -> Reply {
    get_url(token, &format!("{}{path}", practice.card().okta)).await
}

pub async fn get_url(token: &str, url: &str) -> Reply {
    get_as(&format!("SSWS {token}"), url).await
}

/// Sends a GET request with this `Authorization` header.
pub async fn get_as(authorization: &str, url: &str) -> Reply {
    Reply::of(client().get(url).header("authorization", authorization).send().await.unwrap()).await
}

/// Sends a POST request without a body to Okta with a token. The client states no length of an empty body of itself.
pub async fn post(practice: &Practice, token: &str, path: &str) -> Reply {
    let request = client().post(format!("{}{path}", practice.card().okta)).header("content-length", "0");
    Reply::of(request.header("authorization", format!("SSWS {token}")).send().await.unwrap()).await
}

/// Sends a DELETE request to Okta with a token.
pub async fn delete(practice: &Practice, token: &str, path: &str) -> Reply {
    let request = client().delete(format!("{}{path}", practice.card().okta));
    Reply::of(request.header("authorization", format!("SSWS {token}")).send().await.unwrap()).await
}

/// Returns the path of an operation on a user's lifecycle.
pub fn operation_path(id: &str, operation: &str) -> String {
    format!("/api/v1/users/{id}/lifecycle/{operation}")
}

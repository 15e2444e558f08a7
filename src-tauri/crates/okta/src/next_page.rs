//! The cursor of the next page of a list.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::error::OktaError;
use super::link_header;
use super::request::Request;

/// The address of the next page, opaque to its holder. Its origin is checked when it is followed: a link to another origin is
/// no problem while nobody follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NextPage(String);

impl NextPage {
    /// Reads the values of all `Link` headers of the response to a request; `None` when there is no next page. A relative link
    /// refers to the address of the request (RFC 8288).
    pub(crate) fn from_links<'a>(values: impl Iterator<Item = &'a str>, requested: &Url) -> Option<Self> {
        let target = link_header::next(values)?;
        Some(Self(requested.join(&target).map_or(target, String::from)))
    }

    /// Returns the address as Okta wrote it, to be stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the page at an address that was stored. Its origin is checked when it is followed.
    #[must_use]
    pub fn stored(address: &str) -> Self {
        Self(address.to_owned())
    }

    /// Returns the page with another `limit`, and everything else byte for byte (UNVERIFIED: Okta names no way to ask for a
    /// smaller page).
    #[must_use]
    pub fn with_limit(&self, limit: u32) -> Self {
        let (address, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let wanted = format!("limit={limit}");
        let mut parts: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
        match parts.iter_mut().find(|part| part.starts_with("limit=")) {
            Some(part) => *part = &wanted,
            None => parts.push(&wanted),
        }
        Self(format!("{address}?{}", parts.join("&")))
    }

    /// Returns the `limit` of the page, if its address has one.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        let (_, query) = self.0.split_once('?')?;
        query.split('&').find_map(|part| part.strip_prefix("limit=")).and_then(|limit| limit.parse().ok())
    }

    /// Returns the request for this page.
    ///
    /// # Errors
    /// [`OktaError::ForeignNext`] for another origin, [`OktaError::Unreadable`] for a target that is no address.
    pub(crate) fn request(&self, origin: &Url) -> Result<Request, OktaError> {
        let url = match Url::parse(&self.0) {
            Ok(url) if url.origin() == origin.origin() => url,
            Ok(url) => return Err(OktaError::ForeignNext { host: url.host_str().map(str::to_owned) }),
            Err(_) => return Err(OktaError::Unreadable),
        };
        Ok(Request::new(Method::GET, url.path(), url.query().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(host: &str) -> Url {
        Url::parse(&format!("https://{host}")).unwrap()
    }

    fn next(target: &str) -> NextPage {
        let link = format!("<{target}>; rel=\"next\"");
        let requested = origin("acme.okta.com").join("/api/v1/logs?since=1").unwrap();
        NextPage::from_links([link.as_str()].into_iter(), &requested).unwrap()
    }

    fn followed(target: &str) -> Result<String, OktaError> {
        let acme = origin("acme.okta.com");
        next(target).request(&acme).map(|request| request.url(&acme).to_string())
    }

    #[test]
    fn a_next_page_is_requested_exactly_as_okta_named_it() {
        let target = "https://acme.okta.com/api/v1/logs?after=1627_1%2B+a&limit=2";
        let request = next(target).request(&origin("acme.okta.com")).unwrap();
        assert_eq!(request.url(&origin("acme.okta.com")).as_str(), target);
        assert_eq!((request.bucket, request.with_token), (Some(model::rate_usage::Bucket::Logs), true));
    }

    #[test]
    fn a_page_with_another_limit_differs_in_nothing_else() {
        let of = |target: &str, limit| NextPage::stored(target).with_limit(limit).as_str().to_owned();
        let target = "https://acme.okta.com/api/v1/logs?limit=1000&after=1627_1%2B+a&x=limit";
        assert_eq!(of(target, 10), target.replace("1000", "10"));
        assert_eq!((NextPage::stored(target).limit(), of(target, 1_000)), (Some(1_000), target.to_owned()));
        assert_eq!(of("https://a/b?after=1", 7), "https://a/b?after=1&limit=7");
        assert_eq!(NextPage::stored("https://a/b").limit(), None);
    }

    #[test]
    fn a_relative_link_refers_to_the_request_and_stays_within_the_origin() {
        let page = "https://acme.okta.com/api/v1/logs?after=1";
        for target in ["/api/v1/logs?after=1", "?after=1", "logs?after=1", "//acme.okta.com/api/v1/logs?after=1"] {
            assert_eq!(followed(target).as_deref(), Ok(page), "{target}");
        }
        for target in ["//evil.example/x", "\\\\evil.example\\x", "https:evil.example", "https://evil.example/x"] {
            let is_inside = followed(target).is_ok_and(|url| url.starts_with("https://acme.okta.com/"));
            let is_refused = matches!(followed(target), Err(OktaError::ForeignNext { .. }));
            assert!(is_inside || is_refused, "{target}: {:?}", followed(target));
        }
        let (other_scheme, other_port) = ("http://acme.okta.com/api/v1/logs", "https://acme.okta.com:8443/api/v1/logs");
        for target in [other_scheme, other_port, "//evil.example/x", "data:text/plain,x"] {
            assert!(matches!(followed(target), Err(OktaError::ForeignNext { .. })), "{target}");
        }
    }

    #[test]
    fn a_cursor_that_was_stored_is_not_followed_to_another_origin() {
        let stored = serde_json::to_string(&next("https://acme.okta.com/api/v1/logs?after=1")).unwrap();
        let cursor: NextPage = serde_json::from_str(&stored).unwrap();
        assert!(cursor.request(&origin("acme.okta.com")).is_ok());
        let foreign = OktaError::ForeignNext { host: Some("acme.okta.com".to_owned()) };
        assert_eq!(cursor.request(&origin("globex.okta.com")), Err(foreign));
        let host = Some("evil.example".to_owned());
        assert_eq!(followed("https://evil.example/api/v1/logs?after=1"), Err(OktaError::ForeignNext { host }));
    }
}

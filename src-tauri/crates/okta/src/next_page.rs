//! The cursor of the next page of a list.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::error::OktaError;
use super::link_header;
use super::request::Request;

/// The address of the next page, opaque to its holder. Its origin is checked when Okta names it and again when it is
/// followed, because it may have been stored meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NextPage(String);

impl NextPage {
    /// Reads the values of all `Link` headers; `None` when there is no next page.
    ///
    /// # Errors
    /// [`OktaError::ForeignNext`] for another origin, [`OktaError::Unreadable`] for a target that is no address.
    pub(crate) fn from_links<'a>(
        values: impl Iterator<Item = &'a str>,
        origin: &Url,
    ) -> Result<Option<Self>, OktaError> {
        let Some(next) = link_header::next(values).map(Self) else { return Ok(None) };
        next.checked(origin).map(|_| Some(next))
    }

    /// Returns the request for this page.
    ///
    /// # Errors
    /// As [`NextPage::from_links`].
    pub(crate) fn request(&self, origin: &Url) -> Result<Request, OktaError> {
        let url = self.checked(origin)?;
        Ok(Request::new(Method::GET, url.path(), url.query().unwrap_or_default()))
    }

    fn checked(&self, origin: &Url) -> Result<Url, OktaError> {
        match Url::parse(&self.0) {
            Ok(url) if url.origin() == origin.origin() => Ok(url),
            Ok(url) => Err(OktaError::ForeignNext { host: url.host_str().map(str::to_owned) }),
            Err(_) => Err(OktaError::Unreadable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(host: &str) -> Url {
        Url::parse(&format!("https://{host}")).unwrap()
    }

    fn next(target: &str) -> Result<Option<NextPage>, OktaError> {
        let link = format!("<{target}>; rel=\"next\"");
        NextPage::from_links([link.as_str()].into_iter(), &origin("acme.okta.com"))
    }

    #[test]
    fn a_next_page_is_requested_exactly_as_okta_named_it() {
        let target = "https://acme.okta.com/api/v1/logs?after=1627_1%2B+a&limit=2";
        let request = next(target).unwrap().unwrap().request(&origin("acme.okta.com")).unwrap();
        assert_eq!(request.url(&origin("acme.okta.com")).as_str(), target);
        assert_eq!((request.bucket, request.with_token), (Some(model::rate_budget::Bucket::Logs), true));
    }

    #[test]
    fn a_cursor_that_was_stored_is_not_followed_to_another_origin() {
        let stored = serde_json::to_string(&next("https://acme.okta.com/api/v1/logs?after=1").unwrap()).unwrap();
        let cursor: NextPage = serde_json::from_str(&stored).unwrap();
        assert!(cursor.request(&origin("acme.okta.com")).is_ok());
        let foreign = OktaError::ForeignNext { host: Some("acme.okta.com".to_owned()) };
        assert_eq!(cursor.request(&origin("globex.okta.com")), Err(foreign));
        let host = Some("evil.example".to_owned());
        assert_eq!(next("https://evil.example/api/v1/logs?after=1"), Err(OktaError::ForeignNext { host }));
    }
}

//! A request to Okta as a value.

use model::rate_usage::Bucket;
use reqwest::Method;
use url::{Url, form_urlencoded};

use super::error::Endpoint;

const ORG_PATH: &str = "/.well-known/okta-organization";
const LOGS_PATH: &str = "/api/v1/logs";
const ME_PATH: &str = "/api/v1/users/me";

/// A request to one org. The client adds the origin and the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The encoded path, beginning with `/`.
    pub(crate) path: String,
    /// The encoded query, perhaps empty.
    pub(crate) query: String,
    /// The rate limit it counts against; `None` for a page without one.
    pub(crate) bucket: Option<Bucket>,
    /// Whether the token is sent.
    pub(crate) with_token: bool,
    /// The JSON body, if there is one.
    pub(crate) body: Option<String>,
}

impl Request {
    /// Asks the org to identify itself, without the token.
    pub(crate) fn org() -> Self {
        Self { with_token: false, ..Self::new(Method::GET, ORG_PATH, "") }
    }

    /// Asks for the account that the token belongs to.
    pub(crate) fn me() -> Self {
        Self::get(ME_PATH, &[])
    }

    pub(crate) fn get(path: &str, query: &[(&str, String)]) -> Self {
        Self::new(Method::GET, path, &form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish())
    }

    pub(crate) fn logs(query: &[(&str, String)]) -> Self {
        Self::get(LOGS_PATH, query)
    }

    pub(crate) fn new(method: Method, path: &str, query: &str) -> Self {
        let bucket = bucket(path);
        Self { method, path: path.to_owned(), query: query.to_owned(), bucket, with_token: true, body: None }
    }

    /// Returns a change with a JSON body.
    pub(crate) fn with_body(method: Method, path: &str, body: String) -> Self {
        Self { body: Some(body), ..Self::new(method, path, "") }
    }

    pub(crate) fn url(&self, origin: &Url) -> Url {
        let mut url = origin.clone();
        url.set_path(&self.path);
        url.set_query(Some(self.query.as_str()).filter(|query| !query.is_empty()));
        url
    }

    /// Returns whether it may be sent again: a lost response to a write does not mean that nothing was written.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.method == Method::GET
    }

    /// Returns whether the content of a success proves by itself who sent it: an org's description names the org's own address.
    pub(crate) fn is_answered_by_content(&self) -> bool {
        self.endpoint() == Endpoint::Org
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        match self.path.as_str() {
            _ if !self.is_repeatable() => Endpoint::Write,
            _ if !self.with_token => Endpoint::Org,
            ME_PATH => Endpoint::Me,
            LOGS_PATH => Endpoint::Logs,
            _ => Endpoint::Other,
        }
    }
}

/// Returns the bucket of a path by the table of Okta's "API rate limits" page; `None` for a page without a limit.
fn bucket(path: &str) -> Option<Bucket> {
    let api = path.strip_prefix("/api/v1/")?;
    let parts: Vec<&str> = api.split('/').filter(|part| !part.is_empty()).collect();
    Some(match parts.as_slice() {
        ["logs"] => Bucket::Logs,
        ["users", _] => Bucket::User,
        ["users", ..] => Bucket::Users,
        _ => Bucket::Api,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_counts_against_the_limit_that_okta_counts_it_against() {
        assert_eq!(bucket("/api/v1/logs"), Some(Bucket::Logs));
        assert_eq!(bucket("/api/v1/users/me"), Some(Bucket::User));
        assert_eq!(bucket("/api/v1/users"), Some(Bucket::Users));
        assert_eq!(bucket("/api/v1/users/00u1/roles"), Some(Bucket::Users));
        assert_eq!(bucket("/api/v1/zones"), Some(Bucket::Api));
        assert_eq!(bucket("/.well-known/okta-organization"), None);
    }

    #[test]
    fn only_reads_are_repeatable() {
        assert!(Request::org().is_repeatable());
        assert!(!Request::new(Method::DELETE, "/api/v1/api-tokens/current", "").is_repeatable());
    }
}

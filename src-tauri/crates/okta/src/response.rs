//! A response of Okta before and after its body is read.

use chrono::{DateTime, Utc};
use http_client::HttpResponse;
use model::check::Evidence;
use reqwest::header::LINK;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::error::{Failure, OktaError, RateLimit, error_code};
use super::next_page::NextPage;
use super::request::Request;
use super::responder::Responder;
use super::server_time::ServerTime;

/// What Okta answered, and how.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The parsed body.
    pub value: T,
    /// The request behind it.
    pub evidence: Evidence,
    /// The rate limit, if the headers named it.
    pub rate: Option<RateLimit>,
    /// Okta's clock, if the headers named it.
    pub server_time: Option<ServerTime>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries that could be read, in Okta's order.
    pub entries: Vec<T>,
    /// The number of entries that could not be read.
    pub unreadable: u32,
    /// The next page, if Okta named one.
    pub next: Option<NextPage>,
}

/// A successful response whose body is not parsed yet.
pub(crate) struct Response {
    pub(crate) http: HttpResponse,
    pub(crate) evidence: Evidence,
    pub(crate) server_time: Option<ServerTime>,
    /// The host that was asked.
    pub(crate) host: String,
}

impl Response {
    /// Returns the reason why the response is no success, before its body is parsed: by who answered, then by the status, then
    /// by the body.
    pub(crate) fn verdict(&self, request: &Request, url: &Url) -> Option<OktaError> {
        match (Responder::of(&self.http), self.http.status) {
            (Responder::Network, _) => Some(OktaError::SignInPage),
            (Responder::Unknown, 200..=299) if request.is_answered_by_content() && !self.http.is_page() => None,
            (Responder::Unknown, _) => Some(OktaError::UnknownResponder),
            (Responder::Okta, 200..=299) => self.http.is_page().then_some(OktaError::Unreadable),
            (Responder::Okta, 300..=399) => {
                let target = self.http.header("location").and_then(|to| url.join(to).ok());
                Some(OktaError::Redirected { host: target.and_then(|to| to.host_str().map(str::to_owned)) })
            }
            (Responder::Okta, status) => {
                let code = error_code(&self.http.body);
                Some(OktaError::Refused { status, code, endpoint: request.endpoint() })
            }
        }
    }

    pub(crate) fn failure(&self, error: OktaError) -> Failure {
        let evidence = self.evidence.clone();
        let host = Some(self.host.clone());
        Failure { error, evidence, host, rate: rate_limit(&self.http), server_time: self.server_time }
    }

    /// Parses the body with `read`.
    pub(crate) fn read<T>(self, read: impl FnOnce(Value) -> Option<T>) -> Result<Answer<T>, Failure> {
        let value = self.http.json::<Value>().and_then(read).ok_or_else(|| self.failure(OktaError::Unreadable))?;
        Ok(self.answer(value))
    }

    /// Parses the body as a list, each entry with `read`. A next link to another origin makes the whole response a failure.
    pub(crate) fn read_page<T>(
        self,
        origin: &Url,
        read: impl Fn(Box<RawValue>) -> Option<T>,
    ) -> Result<Answer<Page<T>>, Failure> {
        let links = self.http.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let next = NextPage::from_links(links, origin).map_err(|error| self.failure(error))?;
        let list: Option<Vec<Box<RawValue>>> = self.http.json();
        let list = list.ok_or_else(|| self.failure(OktaError::Unreadable))?;
        let total = list.len();
        let entries: Vec<T> = list.into_iter().filter_map(read).collect();
        let unreadable = u32::try_from(total - entries.len()).unwrap_or(u32::MAX);
        Ok(self.answer(Page { entries, unreadable, next }))
    }

    fn answer<T>(self, value: T) -> Answer<T> {
        Answer { value, rate: rate_limit(&self.http), evidence: self.evidence, server_time: self.server_time }
    }
}

pub(crate) fn evidence(endpoint: String, response: Option<&HttpResponse>, ms: u32) -> Evidence {
    let refusal = response.filter(|response| response.status >= 400);
    let request_id = response.and_then(|response| response.header("x-okta-request-id"));
    Evidence {
        endpoint,
        status: response.map(|response| response.status),
        okta_code: refusal.and_then(|response| error_code(&response.body)).filter(|code| code.len() <= 12),
        request_id: request_id.map(|id| id.chars().take(64).collect()),
        ms,
    }
}

/// Returns Okta's clock by the `Date` header.
pub(crate) fn date(response: &HttpResponse) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(response.header("date")?).ok().map(|at| at.with_timezone(&Utc))
}

pub(crate) fn rate_limit(response: &HttpResponse) -> Option<RateLimit> {
    let number = |name: &str| response.header(name).and_then(|value| value.trim().parse::<i64>().ok());
    Some(RateLimit {
        limit: u32::try_from(number("x-rate-limit-limit")?).ok()?,
        remaining: u32::try_from(number("x-rate-limit-remaining")?).ok()?,
        reset: number("x-rate-limit-reset").and_then(|at| DateTime::from_timestamp(at, 0)),
    })
}

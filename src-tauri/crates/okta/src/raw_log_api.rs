//! The System Log with the text of each event, for whoever passes events on.
//!
//! Each request is sent once: whoever reads without end decides about repeats.

use chrono::{DateTime, SecondsFormat, Utc};

use super::client::Okta;
use super::error::Failure;
use super::next_page::NextPage;
use super::raw_logs::RawPage;
use super::request::Request;
use super::response::{Answer, evidence};

/// The requests for the System Log with the text of each event.
#[derive(Clone, Copy)]
pub struct RawLogApi<'a>(&'a Okta);

impl Okta {
    /// Returns the requests for the System Log with the text of each event.
    #[must_use]
    pub fn raw_log_api(&self) -> RawLogApi<'_> {
        RawLogApi(self)
    }
}

impl RawLogApi<'_> {
    /// Returns one page from a time on. Without an end it is a polling query: in the order of persistence, with a next page
    /// always.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn since(&self, since: DateTime<Utc>, limit: u32) -> Result<Answer<RawPage>, Failure> {
        let (limit, order) = (limit.clamp(1, 1000).to_string(), "ASCENDING".to_owned());
        let query = [("since", milliseconds(since)), ("sortOrder", order), ("limit", limit)];
        self.0.send_once(&Request::logs(&query)).await?.read_raw_page()
    }

    /// Returns the first page of a bounded query, in the order of time.
    ///
    /// # Errors
    /// As [`RawLogApi::since`].
    pub async fn between(&self, since: DateTime<Utc>, until: DateTime<Utc>) -> Result<Answer<RawPage>, Failure> {
        let query = [("since", milliseconds(since)), ("until", milliseconds(until)), ("limit", "1000".to_owned())];
        self.0.send_once(&Request::logs(&query)).await?.read_raw_page()
    }

    /// Returns the page after another one.
    ///
    /// # Errors
    /// As [`RawLogApi::since`], or that the page has another origin; nothing is sent for it.
    pub async fn after(&self, next: &NextPage) -> Result<Answer<RawPage>, Failure> {
        let refuse = |error| Failure::without_response(error, evidence("GET /api/v1/logs".to_owned(), None, 0));
        let request = next.request(&self.0.origin).map_err(refuse)?;
        self.0.send_once(&request).await?.read_raw_page()
    }

    /// Returns whether a page has the origin of this org. Another one is never followed.
    #[must_use]
    pub fn owns(&self, next: &NextPage) -> bool {
        next.request(&self.0.origin).is_ok()
    }
}

fn milliseconds(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

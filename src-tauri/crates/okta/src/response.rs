//! A response of Okta before and after its body is read.

use chrono::{DateTime, TimeDelta, Utc};
use http_client::HttpResponse;
use model::check::Evidence;
use model::external_time;
use model::json_part_reader;
use reqwest::header::LINK;
use serde_json::value::RawValue;
use url::Url;

use super::error::{Failure, OktaError, error_code};
use super::next_page::NextPage;
use super::rate_limit::RateLimit;
use super::raw_logs::RawPage;
use super::request::Request;
use super::response_source::ResponseSource;
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

/// A list of one or several pages.
#[derive(Debug, Clone)]
pub struct List<T> {
    /// The entries that could be read, in Okta's order.
    pub entries: Vec<T>,
    /// The number of entries that could not be read.
    pub unreadable: u32,
    /// Whether every page was read. Not if there are too many, or too little of the rate limit is left.
    pub is_complete: bool,
    /// The requests after the first one.
    pub more_requests: Vec<Evidence>,
}

impl<T> List<T> {
    /// Adds a page and returns the next one. An empty page is the last one, whatever it links to.
    pub(crate) fn add(&mut self, page: Page<T>) -> Option<NextPage> {
        let next = page.next.filter(|_| !page.entries.is_empty() || page.unreadable > 0);
        self.entries.extend(page.entries);
        self.unreadable = self.unreadable.saturating_add(page.unreadable);
        self.is_complete = next.is_none();
        next
    }
}

/// A successful response whose body is not parsed yet.
pub(crate) struct Response {
    /// The address of the request, to which a relative link refers.
    pub(crate) url: Url,
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
        match (ResponseSource::of(&self.http), self.http.status) {
            (ResponseSource::Network, _) => Some(OktaError::SignInPage),
            (ResponseSource::Unknown, 200..=299) if request.is_answered_by_content() && !self.http.is_page() => None,
            (ResponseSource::Unknown, _) => Some(OktaError::UnknownResponder),
            (ResponseSource::Okta, 200..=299) => self.http.is_page().then_some(OktaError::Unreadable),
            (ResponseSource::Okta, 300..=399) => {
                let target = self.http.header("location").and_then(|to| url.join(to).ok());
                Some(OktaError::Redirected { host: target.and_then(|to| to.host_str().map(str::to_owned)) })
            }
            (ResponseSource::Okta, status) => {
                let code = error_code(&self.http.body);
                Some(OktaError::Refused { status, code, endpoint: request.endpoint() })
            }
        }
    }

    pub(crate) fn failure(&self, error: OktaError) -> Failure {
        Failure {
            error,
            evidence: self.evidence.clone(),
            host: Some(self.host.clone()),
            rate: rate_limit(&self.http),
            retry_after: retry_after(&self.http),
            server_time: self.server_time,
        }
    }

    /// Returns the failure of a body that cannot be read. Where only the content could have named the responder, it is unknown.
    fn unreadable(&self) -> Failure {
        self.failure(match ResponseSource::of(&self.http) {
            ResponseSource::Unknown => OktaError::UnknownResponder,
            ResponseSource::Okta | ResponseSource::Network => OktaError::Unreadable,
        })
    }

    /// Parses the body with `read`.
    pub(crate) fn read<T>(self, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<Answer<T>, Failure> {
        let value = read(&self.http.body).ok_or_else(|| self.unreadable())?;
        Ok(self.answer(value))
    }

    /// Parses the body as a list, each entry with `read`.
    pub(crate) fn read_page<T>(self, read: impl Fn(&RawValue) -> Option<T>) -> Result<Answer<Page<T>>, Failure> {
        let links = self.http.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let next = NextPage::from_links(links, &self.url);
        let list = json_part_reader::entries(&self.http.body, read).ok_or_else(|| self.unreadable())?;
        Ok(self.answer(Page { entries: list.read, unreadable: list.unreadable, next }))
    }

    /// Keeps the body as a list of System Log events with their texts.
    pub(crate) fn read_raw_page(mut self) -> Result<Answer<RawPage>, Failure> {
        let links = self.http.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let next = NextPage::from_links(links, &self.url);
        let body = std::mem::take(&mut self.http.body);
        let page = RawPage::read(body, next).ok_or_else(|| self.unreadable())?;
        Ok(self.answer(page))
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
    http_date(response.header("date")?)
}

/// Returns the rate limit by the headers. Okta may send each of them twice, for the org and for the token, and a proxy may join
/// the two: the smallest rest and the latest end of a window count.
pub(crate) fn rate_limit(response: &HttpResponse) -> Option<RateLimit> {
    let counts = |name: &str| -> Vec<u32> {
        numbers(response, name).into_iter().filter_map(|number| u32::try_from(number).ok()).collect()
    };
    let (limits, remaining) = (counts("x-rate-limit-limit"), counts("x-rate-limit-remaining"));
    let (index, least) = remaining.iter().enumerate().min_by_key(|(_, remaining)| **remaining)?;
    let pair = limits.get(index).filter(|_| limits.len() == remaining.len());
    let resets = numbers(response, "x-rate-limit-reset").into_iter();
    let reset = resets.filter_map(|at| external_time::bounded(DateTime::from_timestamp(at, 0)?)).max();
    Some(RateLimit { limit: *pair.or(limits.iter().min())?, remaining: *least, reset })
}

/// Returns the wait that `Retry-After` asks for, in seconds or until a time by Okta's clock. Of several the longest counts.
pub(crate) fn retry_after(response: &HttpResponse) -> Option<TimeDelta> {
    let seconds = numbers(response, "retry-after").into_iter().max();
    let until = || Some(http_date(response.header("retry-after")?)? - date(response)?);
    seconds.map(|seconds| TimeDelta::seconds(seconds.clamp(0, i64::from(u32::MAX)))).or_else(until)
}

/// Returns the numbers in the values of a header, which may come twice or be joined with commas.
fn numbers(response: &HttpResponse, name: &str) -> Vec<i64> {
    let values = response.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|part| part.trim().parse().ok()).collect()
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim()).ok().and_then(|at| external_time::bounded(at.with_timezone(&Utc)))
}

#[cfg(test)]
mod tests {
    use http_client::AnsweredBy;
    use proptest::prelude::*;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn response(headers: &[(&str, &str)]) -> HttpResponse {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        HttpResponse { answered_by: AnsweredBy::Host, status: 429, headers: map, body: Vec::new(), certificate: None }
    }

    fn limit(headers: &[(&str, &str)]) -> Option<(u32, u32, Option<i64>)> {
        rate_limit(&response(headers)).map(|rate| (rate.limit, rate.remaining, rate.reset.map(|at| at.timestamp())))
    }

    const LIMIT: &str = "x-rate-limit-limit";
    const REMAINING: &str = "x-rate-limit-remaining";
    const RESET: &str = "x-rate-limit-reset";

    #[test]
    fn the_smallest_rest_and_the_latest_reset_count_whether_headers_come_twice_or_joined() {
        let least = Some((60, 0, Some(1_795_000_060)));
        for pair in [[0, 1], [1, 0]] {
            let of = |values: [&'static str; 2]| pair.map(|index| values[index]);
            let (limits, left) = (of(["1000", "60"]), of(["812", "0"]));
            let resets = of(["1795000030", "1795000060"]);
            let twice = [limits, left, resets].into_iter().zip([LIMIT, REMAINING, RESET]);
            let twice: Vec<_> = twice.flat_map(|(values, name)| values.map(|value| (name, value))).collect();
            assert_eq!(limit(&twice), least);
            let joined = [limits, left, resets].map(|values| values.join(", "));
            assert_eq!(limit(&[(LIMIT, &joined[0]), (REMAINING, &joined[1]), (RESET, &joined[2])]), least);
        }
        // As it was reported: the reset alone comes twice.
        let reset_alone = [(LIMIT, "60"), (REMAINING, "0"), (RESET, "1795000060"), (RESET, "1795000030")];
        assert_eq!(limit(&reset_alone), least);
        assert_eq!(limit(&[(LIMIT, "60"), (REMAINING, "3,0,-1,x"), (RESET, "99999999999999999")]), Some((60, 0, None)));
        for unusable in [&[(LIMIT, "60")][..], &[(LIMIT, "soon"), (REMAINING, "3")], &[(REMAINING, "3")], &[]] {
            assert_eq!(limit(unusable), None, "{unusable:?}");
        }
    }

    #[test]
    fn a_wait_is_read_in_seconds_or_as_a_time() {
        let wait = |headers: &[(&str, &str)]| retry_after(&response(headers)).map(|wait| wait.num_seconds());
        assert_eq!(wait(&[("retry-after", "7")]), Some(7));
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after", "30, 2")]), Some(30));
        let date = ("date", "Sat, 28 Nov 2026 10:00:00 GMT");
        assert_eq!(wait(&[date, ("retry-after", "Sat, 28 Nov 2026 10:00:48 GMT")]), Some(48));
        assert_eq!(wait(&[("retry-after", "Sat, 28 Nov 2026 10:00:48 GMT")]), None, "without the server's clock");
        assert_eq!(wait(&[("retry-after", "soon")]), None);
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_a_panic(name in 0..5_usize, value in "[ -~]{0,40}", number in any::<i64>()) {
            let name = [LIMIT, REMAINING, RESET, "retry-after", "date"][name];
            let numbers = number.to_string();
            let headers = [(LIMIT, "60"), (REMAINING, "1"), (RESET, numbers.as_str()), (name, value.as_str())];
            let response = response(&headers);
            let wait = rate_limit(&response).and_then(|rate| rate.wait(date(&response)));
            prop_assert!(wait.is_none_or(|wait| (1..=120).contains(&wait.num_seconds())));
            prop_assert!(retry_after(&response).is_none_or(|wait| wait.num_days() < 5_000_000));
        }
    }
}

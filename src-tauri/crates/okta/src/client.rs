//! The client of one org. No other file adds a host or the token to a request.
//!
//! The token is sent to this origin alone: redirects are not followed, and a `next` link to another origin is refused before
//! anything is sent. Reads are retried where that is safe; writes never are.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_client::{AcceptedProxyIssuers, HttpClient, HttpResponse, HttpSettings, SecretClient, TransportError};
use model::code::Code;
use model::log_event::LogEvent;
use model::okta_origin::Origin;
use model::problem::Problem;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use runtime::Clock;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use url::Url;

use super::error::{Failure, OktaError};
use super::next_page::NextPage;
use super::rate_limit::RateLimit;
use super::rate_limit_log::RateLimitLog;
use super::request::Request;
use super::response::{Answer, List, Page, Response, date, evidence, rate_limit};
use super::response_source::ResponseSource;
use super::server_time::ServerTime;
use super::types::{ApiToken, LogQuery, Org, Role, User};

const JSON: &str = "application/json";
/// Most attempts at one read.
const MAX_ATTEMPTS: u32 = 3;
/// Most pages of a list that are read. The lists that are read to their end are short; only a broken server has more.
const MAX_PAGES: u32 = 5;
/// Longest wait that Okta may ask for before a retry; a person is waiting.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(10);

/// The client of one org.
#[derive(Clone)]
pub struct Okta {
    anonymous: Arc<Anonymous>,
    authorized: Option<Arc<Authorized>>,
    pub(crate) origin: Url,
    clock: Clock,
    log: RateLimitLog,
    changes: Arc<Mutex<Vec<String>>>,
}

/// The token, with the connections that may carry it.
struct Authorized {
    client: SecretClient,
    token: SecretString,
}

/// The connections that carry no token. They are built with the first request, because most clients send none.
struct Anonymous {
    settings: HttpSettings,
    accepted: AcceptedProxyIssuers,
    is_practice: bool,
    client: OnceLock<Result<HttpClient, TransportError>>,
}

impl Anonymous {
    fn new(settings: &HttpSettings, accepted: &AcceptedProxyIssuers, is_practice: bool) -> Arc<Self> {
        let (settings, accepted) = (settings.clone(), accepted.clone());
        Arc::new(Self { settings, accepted, is_practice, client: OnceLock::new() })
    }

    fn client(&self) -> Result<&HttpClient, TransportError> {
        let build = || match self.is_practice {
            true => HttpClient::loopback(&self.settings),
            false => HttpClient::without_secret(&self.settings, &self.accepted),
        };
        self.client.get_or_init(build).as_ref().map_err(Clone::clone)
    }
}

impl Okta {
    /// Builds a client. The token is sent over a connection for which a public authority vouches, or whose issuer is among
    /// `accepted`; a practice organization is on loopback.
    ///
    /// # Errors
    /// [`Code::DomainNotAHost`] for an origin that is no address, [`Code::Internal`] when no client could be built.
    pub fn new(
        origin: &Origin,
        token: Option<SecretString>,
        accepted: &AcceptedProxyIssuers,
        settings: &HttpSettings,
        clock: &Clock,
    ) -> Result<Self, Problem> {
        let url = Url::parse(&origin.url()).map_err(|_| Problem::new(Code::DomainNotAHost))?;
        let is_practice = matches!(origin, Origin::Practice(_));
        let authorize = |token| {
            let client = match is_practice {
                true => SecretClient::loopback(settings, &url),
                false => SecretClient::new(settings, &url, accepted),
            };
            client.map(|client| Arc::new(Authorized { client, token }))
        };
        let authorized = token.map(authorize).transpose().map_err(|error| Problem::new(error.code()))?;
        let anonymous = Anonymous::new(settings, accepted, is_practice);
        Ok(Self {
            anonymous,
            authorized,
            origin: url,
            clock: clock.clone(),
            log: RateLimitLog::default(),
            changes: Arc::default(),
        })
    }

    /// Records every request of this client in `log`.
    #[must_use]
    pub fn logging_to(self, log: &RateLimitLog) -> Self {
        Self { log: log.clone(), ..self }
    }

    /// Builds a client for a custom domain, which never gets a token.
    pub(crate) fn for_custom_domain(host: &str, settings: &HttpSettings, clock: &Clock) -> Result<Self, Problem> {
        let origin = Url::parse(&format!("https://{host}")).map_err(|_| Problem::new(Code::DomainNotAHost))?;
        let anonymous = Anonymous::new(settings, &AcceptedProxyIssuers::default(), false);
        Ok(Self {
            anonymous,
            authorized: None,
            origin,
            clock: clock.clone(),
            log: RateLimitLog::default(),
            changes: Arc::default(),
        })
    }

    /// Returns Okta's IDs of the changes that this client and its clones sent, as far as their responses named them. The System
    /// Log names the same IDs, so that these changes are told apart from those of others.
    #[must_use]
    pub fn sent_changes(&self) -> Vec<String> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the host that requests are sent to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.origin.host_str().unwrap_or_default()
    }

    /// Returns the org's own description of itself. The token is not sent.
    ///
    /// # Errors
    /// Why there is no answer, or why it is not that of an Okta org.
    pub async fn org(&self) -> Result<Answer<Org>, Failure> {
        self.send(&Request::org()).await?.read(Org::read)
    }

    /// Returns the account the token belongs to (SPEC getUser: `me`).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn me(&self) -> Result<Answer<User>, Failure> {
        self.send(&Request::me()).await?.read(User::read)
    }

    /// Returns a user's administrator roles. Okta refuses this below super administrator.
    ///
    /// # Errors
    /// Why there is no answer; a `next` link to another origin is one, because it would have to be followed.
    pub async fn roles(&self, user_id: &str) -> Result<Answer<List<Role>>, Failure> {
        let mut url = self.origin.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["api", "v1", "users", user_id, "roles"]);
        }
        self.list(Request::get(url.path(), &[]), Role::read).await
    }

    /// Returns the token list.
    ///
    /// # Errors
    /// As [`Okta::roles`].
    pub async fn api_tokens(&self) -> Result<Answer<List<ApiToken>>, Failure> {
        self.list(Request::get("/api/v1/api-tokens", &[]), ApiToken::read).await
    }

    /// Returns the first page of users.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn users(&self, limit: u32) -> Result<Answer<Page<User>>, Failure> {
        let response = self.send(&Request::get("/api/v1/users", &[("limit", limit.to_string())])).await?;
        response.read_page(|entry| User::read(entry.get().as_bytes()))
    }

    /// Returns one page of the System Log.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn logs(&self, query: &LogQuery) -> Result<Answer<Page<LogEvent>>, Failure> {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let mut parameters = vec![("limit", query.limit.clamp(1, 1000).to_string())];
        parameters.extend(query.since.map(|at| ("since", time(at))));
        parameters.extend(query.until.map(|at| ("until", time(at))));
        parameters.extend(query.descending.then(|| ("sortOrder", "DESCENDING".to_owned())));
        parameters.extend(query.filter.clone().map(|filter| ("filter", filter)));
        self.log_page(&Request::logs(&parameters)).await
    }

    /// Returns the page of the System Log after another one.
    ///
    /// # Errors
    /// As [`Okta::logs`], or that the page has another origin; nothing is sent for it.
    pub async fn logs_after(&self, next: &NextPage) -> Result<Answer<Page<LogEvent>>, Failure> {
        let endpoint = "GET /api/v1/logs".to_owned();
        let refuse = |error| Failure::without_response(error, evidence(endpoint, None, 0));
        let request = next.request(&self.origin).map_err(refuse)?;
        self.log_page(&request).await
    }

    async fn log_page(&self, request: &Request) -> Result<Answer<Page<LogEvent>>, Failure> {
        self.send(request).await?.read_page(|entry| LogEvent::parse(entry.to_owned()).ok())
    }

    /// Reads a list page by page, while enough of the rate limit is left.
    pub(crate) async fn list<T>(
        &self,
        request: Request,
        read: impl Fn(&RawValue) -> Option<T>,
    ) -> Result<Answer<List<T>>, Failure> {
        let has_headroom = |rate: Option<&RateLimit>| rate.is_none_or(RateLimit::has_headroom);
        self.list_pages(request, read, MAX_PAGES, has_headroom).await
    }

    /// Reads at most `max_pages` pages of a list, while `may_continue` accepts what is left of the rate limit.
    pub(crate) async fn list_pages<T>(
        &self,
        request: Request,
        read: impl Fn(&RawValue) -> Option<T>,
        max_pages: u32,
        may_continue: impl Fn(Option<&RateLimit>) -> bool,
    ) -> Result<Answer<List<T>>, Failure> {
        let Answer { value, evidence, mut rate, server_time } = self.send(&request).await?.read_page(&read)?;
        let mut list = List { entries: Vec::new(), unreadable: 0, is_complete: true, more_requests: Vec::new() };
        let mut next = list.add(value);
        for _ in 1..max_pages {
            let Some(page) = next.take().filter(|_| may_continue(rate.as_ref())) else { break };
            let request =
                page.request(&self.origin).map_err(|error| Failure::without_response(error, evidence.clone()))?;
            let answer = self.send(&request).await?.read_page(&read)?;
            list.more_requests.push(answer.evidence);
            rate = answer.rate;
            next = list.add(answer.value);
        }
        Ok(Answer { value: list, evidence, rate, server_time })
    }

    /// Sends a request, again where that is safe and likely to help.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, Failure> {
        let mut attempt = 1;
        loop {
            let failure = match self.send_once(request).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let may_retry = attempt < MAX_ATTEMPTS && request.is_repeatable();
            let Some(delay) = retry_delay(&failure).filter(|_| may_retry) else { return Err(failure) };
            attempt += 1;
            self.clock.sleep(delay).await;
        }
    }

    pub(crate) async fn send_once(&self, request: &Request) -> Result<Response, Failure> {
        let watch = self.clock.stopwatch();
        let url = request.url(&self.origin);
        let endpoint = format!("{} {}", request.method, url.path());
        let sent = self.clock.now();
        let outcome = self.exchange(request, &url).await;
        let received = self.clock.now();
        // Only Okta's own response has Okta's clock and its rate limit.
        let okta = outcome.as_ref().ok().filter(|response| ResponseSource::of(response) == ResponseSource::Okta);
        let server_time = okta.and_then(date).map(|okta| ServerTime { okta, sent, received });
        let rate = okta.and_then(rate_limit);
        self.log.record(request.bucket, received, rate.as_ref(), server_time);
        let http = outcome.map_err(|error| {
            Failure::without_response(error, evidence(endpoint.clone(), None, watch.ms())).at(self.host())
        })?;
        let evidence = evidence(endpoint, Some(&http), watch.ms());
        if !request.is_repeatable() {
            self.changes.lock().unwrap_or_else(PoisonError::into_inner).extend(evidence.request_id.clone());
        }
        let response = Response { url: url.clone(), evidence, http, server_time, host: self.host().to_owned() };
        match response.verdict(request, &url) {
            Some(error) => Err(response.failure(error)),
            None => Ok(response),
        }
    }

    /// Sends a request with the token if it needs it, over the connections that may carry it.
    async fn exchange(&self, request: &Request, url: &Url) -> Result<HttpResponse, OktaError> {
        let (method, url) = (request.method.clone(), url.clone());
        let Some(Authorized { client, token }) = self.authorized.as_deref().filter(|_| request.with_token) else {
            let client = self.anonymous.client()?;
            return Ok(client.send(client.request(method, url).header(ACCEPT, JSON)).await?);
        };
        let header = authorization(token).ok_or(OktaError::NoAnswer(Code::TokenOddShape))?;
        let builder = client.request(method, url).header(ACCEPT, JSON).header(AUTHORIZATION, header);
        let builder = match &request.body {
            Some(body) => builder.header(CONTENT_TYPE, JSON).body(body.clone()),
            // Okta answers 411 to these without a length (DOCS core-okta-api), and the client states none of an empty body.
            None if !request.is_repeatable() => builder.header(CONTENT_LENGTH, "0").body(""),
            None => builder,
        };
        Ok(client.send(builder).await?)
    }
}

/// Returns the wait before another attempt, or `None` where another attempt is useless or unsafe.
fn retry_delay(failure: &Failure) -> Option<Duration> {
    let code = failure.code();
    if code == Code::ConnectionReset {
        Some(Duration::from_millis(200))
    } else if [Code::OktaUnavailable, Code::ResponderUnknown].contains(&code)
        && matches!(failure.evidence.status, Some(502..=504))
    {
        let asked = failure.retry_after.and_then(|wait| wait.to_std().ok()).unwrap_or_default();
        Some(asked.max(Duration::from_millis(500))).filter(|wait| *wait <= MAX_RETRY_DELAY)
    } else if code == Code::OktaRateLimited {
        failure.wait()?.to_std().ok().filter(|wait| *wait <= MAX_RETRY_DELAY)
    } else {
        None
    }
}

/// The one place where the Okta token is exposed.
#[expect(clippy::disallowed_methods, reason = "the Okta header is one of the named places")]
fn authorization(token: &SecretString) -> Option<HeaderValue> {
    // Written into a text of its final size, which is wiped: one that grows would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(5 + token.expose_secret().len()));
    text.push_str("SSWS ");
    text.push_str(token.expose_secret());
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use mockito::{Matcher, Server};
    use model::okta_origin::Loopback;

    use super::*;

    const EVENT: &str = r#"{"uuid": "u", "eventType": "user.session.start", "published": "2026-03-10T10:00:00Z"}"#;

    fn client(server: &Server) -> Okta {
        let origin = Origin::Practice(Loopback::new(&server.url()).unwrap());
        let token = Some("00abc".to_owned().into());
        Okta::new(&origin, token, &AcceptedProxyIssuers::default(), &HttpSettings::default(), &Clock::system()).unwrap()
    }

    #[tokio::test]
    async fn a_page_of_the_log_leads_to_the_next_one_and_counts_its_unreadable_entries() {
        let mut server = Server::new_async().await;
        let next = format!("<{}/api/v1/logs?after=a%2Bb&limit=1>; rel=\"next\"", server.url());
        let first = server.mock("GET", "/api/v1/logs?limit=1").with_header("link", &next);
        let first = first.with_body(format!("[{EVENT}, 7]")).expect(1).create_async().await;
        let second = server.mock("GET", "/api/v1/logs?after=a%2Bb&limit=1").with_body("[]").expect(1);
        let second = second.match_header("authorization", "SSWS 00abc").create_async().await;
        let okta = client(&server);
        let page = okta.logs(&LogQuery { limit: 1, ..LogQuery::default() }).await.unwrap().value;
        assert_eq!((page.entries.len(), page.unreadable), (1, 1));
        let last = okta.logs_after(&page.next.unwrap()).await.unwrap().value;
        assert_eq!((last.entries.len(), last.next), (0, None));
        first.assert_async().await;
        second.assert_async().await;
    }

    #[tokio::test]
    async fn a_read_is_repeated_and_a_write_is_not() {
        let mut server = Server::new_async().await;
        let read = server.mock("GET", "/api/v1/users/me").with_status(503).expect(3).create_async().await;
        let write = server.mock("DELETE", Matcher::Any).with_status(503).expect(1).create_async().await;
        let okta = client(&server);
        assert_eq!(okta.me().await.unwrap_err().code(), Code::OktaUnavailable);
        assert_eq!(okta.revoke_current_token().await.unwrap_err().code(), Code::OktaUnavailable);
        read.assert_async().await;
        write.assert_async().await;
    }
}

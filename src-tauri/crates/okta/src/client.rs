//! One HTTP door, pinned to one origin. No other file builds an Okta URL or touches the token.
//!
//! The token goes to this origin alone: redirects are not followed, and a `next` link to another origin is refused before
//! anything is sent. Questions are GETs and are tried again where that is safe; what changes something is in `change.rs`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, LINK};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::error::{Endpoint, Failure, OktaError, RateLimit, error_code};
use super::link_header;
use super::request_log::RequestLog;
use super::server_time::ServerTime;
use super::types::{ApiToken, LogQuery, Org, Role, User, Zone};
use http_client::{HttpClient, HttpResponse, TransportError, Trust, send};
use model::check::Evidence;
use model::code::Code;
use model::event::LogEvent;
use model::origin::Origin;
use model::problem::Problem;
use runtime::Clock;

/// Most attempts at one question.
const ATTEMPTS: u32 = 3;
/// A wait Okta asks for is kept when it is at most this long; a person is waiting.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// An answer of Okta's with what was seen of it.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The answer.
    pub value: T,
    /// The request behind it.
    pub evidence: Evidence,
    /// Head-room, if it was told.
    pub rate: Option<RateLimit>,
    /// Okta's clock, if it was told.
    pub server_time: Option<ServerTime>,
}

/// One page of the System Log.
#[derive(Debug, Clone)]
pub struct LogPage {
    /// The events, in Okta's order.
    pub events: Vec<LogEvent>,
    /// Entries that could not be read as events.
    pub unreadable: u32,
    /// Whether Okta names a next page. It is of this origin, or the whole answer was refused.
    pub more: bool,
}

/// The door to one org.
#[derive(Clone)]
pub struct Okta {
    client: reqwest::Client,
    origin: Url,
    token: Option<SecretString>,
    clock: Clock,
    meter: RequestLog,
}

impl Okta {
    /// Opens the door.
    ///
    /// # Errors
    /// [`Code::DomainNotAHost`] for an origin that is no address, [`Code::Internal`] when no client could be built.
    pub fn new(origin: &Origin, token: Option<SecretString>, web: &HttpClient, clock: &Clock) -> Result<Self, Problem> {
        Self::trusting(Trust::System, origin, token, web, clock)
    }

    /// Opens a door for a small look, which asks nothing before it sends the token: unless a proxy that reads along was
    /// accepted, only public authorities are trusted, so that such a proxy breaks the connection first.
    ///
    /// # Errors
    /// As [`Okta::new`].
    pub fn for_a_look(
        origin: &Origin,
        token: SecretString,
        inspection_accepted: bool,
        web: &HttpClient,
        clock: &Clock,
    ) -> Result<Self, Problem> {
        let trust = if inspection_accepted { Trust::System } else { Trust::Public };
        Self::trusting(trust, origin, Some(token), web, clock)
    }

    fn trusting(
        trust: Trust,
        origin: &Origin,
        token: Option<SecretString>,
        web: &HttpClient,
        clock: &Clock,
    ) -> Result<Self, Problem> {
        let loopback = matches!(origin, Origin::Practice(_));
        let client = web.client(trust, loopback).map_err(|lost| Problem::new(lost.code()))?;
        let origin = Url::parse(&origin.url()).map_err(|_| Problem::new(Code::DomainNotAHost))?;
        Ok(Self { client, origin, token, clock: clock.clone(), meter: RequestLog::default() })
    }

    /// Notes every request of this door on a meter.
    #[must_use]
    pub fn metered(self, meter: &RequestLog) -> Self {
        Self { meter: meter.clone(), ..self }
    }

    /// Opens a door that never carries a token.
    pub(super) fn without_token(url: Url, web: &HttpClient, clock: &Clock) -> Result<Self, Problem> {
        let client = web.client(Trust::System, false).map_err(|lost| Problem::new(lost.code()))?;
        Ok(Self { client, origin: url, token: None, clock: clock.clone(), meter: RequestLog::default() })
    }

    /// Returns the host that is asked.
    #[must_use]
    pub fn host(&self) -> &str {
        self.origin.host_str().unwrap_or_default()
    }

    /// Asks the org who it is. The token is not sent.
    ///
    /// # Errors
    /// Why there is no answer, or why it is none of an Okta org.
    pub async fn org(&self) -> Result<Answer<Org>, Failure> {
        let url = self.url("/.well-known/okta-organization", &[]);
        let answer = self.asked(url, false).await?;
        answer.read(|value| Org::read(&value))
    }

    /// Returns the account the token belongs to (SPEC getUser: `me`).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn me(&self) -> Result<Answer<User>, Failure> {
        self.get("/api/v1/users/me", &[]).await?.read(|value| User::read(&value))
    }

    /// Returns a user's administrator roles. Okta refuses this below super administrator.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn roles(&self, user_id: &str) -> Result<Answer<Vec<Role>>, Failure> {
        let mut url = self.url("/api/v1/users", &[]);
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(user_id).push("roles");
        }
        self.asked(url, true).await?.read(|value| serde_json::from_value(value).ok())
    }

    /// Returns the token list.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn api_tokens(&self) -> Result<Answer<Vec<ApiToken>>, Failure> {
        self.get("/api/v1/api-tokens", &[]).await?.read(|value| serde_json::from_value(value).ok())
    }

    /// Returns the first users.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn users(&self, limit: u32) -> Result<Answer<Vec<User>>, Failure> {
        let answer = self.get("/api/v1/users", &[("limit", limit.to_string())]).await?;
        answer.read(|value| value.as_array().map(|list| list.iter().filter_map(User::read).collect()))
    }

    /// Returns the first network zones.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn zones(&self, limit: u32) -> Result<Answer<Vec<Zone>>, Failure> {
        let answer = self.get("/api/v1/zones", &[("limit", limit.to_string())]).await?;
        answer.read(|value| serde_json::from_value(value).ok())
    }

    /// Returns one page of the System Log.
    ///
    /// # Errors
    /// Why there is no answer; a `next` link to another origin refuses the whole answer.
    pub async fn logs(&self, query: &LogQuery) -> Result<Answer<LogPage>, Failure> {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let mut parameters = vec![("limit", query.limit.clamp(1, 1000).to_string())];
        parameters.extend(query.since.map(|at| ("since", time(at))));
        parameters.extend(query.until.map(|at| ("until", time(at))));
        parameters.extend(query.descending.then(|| ("sortOrder", "DESCENDING".to_owned())));
        parameters.extend(query.filter.clone().map(|filter| ("filter", filter)));
        let raw = self.get("/api/v1/logs", &parameters).await?;
        let more = self.more(&raw)?;
        let events: Option<Vec<Box<serde_json::value::RawValue>>> = raw.reply.json();
        let Some(events) = events else { return Err(raw.failure(OktaError::Unreadable)) };
        let total = events.len();
        let events: Vec<LogEvent> = events.into_iter().filter_map(|event| LogEvent::parse(event).ok()).collect();
        let unreadable = u32::try_from(total - events.len()).unwrap_or(u32::MAX);
        Ok(raw.answer(LogPage { events, unreadable, more }))
    }

    fn more(&self, raw: &Raw) -> Result<bool, Failure> {
        let values = raw.reply.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        link_header::more(values, &self.origin).map_err(|error| raw.failure(error))
    }

    pub(super) fn url(&self, path: &str, parameters: &[(&str, String)]) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url
    }

    async fn get(&self, path: &str, parameters: &[(&str, String)]) -> Result<Raw, Failure> {
        self.asked(self.url(path, parameters), true).await
    }

    /// Asks, and asks again where that is safe and likely to help.
    async fn asked(&self, url: Url, with_token: bool) -> Result<Raw, Failure> {
        let mut attempt = 1;
        loop {
            let failure = match self.once(Method::GET, &url, with_token).await {
                Ok(raw) => return Ok(raw),
                Err(failure) => failure,
            };
            let Some(wait) = pause(&failure).filter(|_| attempt < ATTEMPTS) else { return Err(failure) };
            attempt += 1;
            self.clock.sleep(wait).await;
        }
    }

    /// Sends one request, once.
    pub(super) async fn once(&self, method: Method, url: &Url, with_token: bool) -> Result<Raw, Failure> {
        let watch = self.clock.stopwatch();
        let endpoint = format!("{method} {}", url.path());
        let mut request = self.client.request(method, url.clone()).header(ACCEPT, "application/json");
        if let (Some(token), true) = (&self.token, with_token) {
            let Some(value) = header(token) else {
                let evidence = evidence(endpoint, None, watch.ms());
                return Err(Failure {
                    error: OktaError::NoAnswer(Code::TokenOddShape),
                    evidence,
                    rate: None,
                    server_time: None,
                });
            };
            request = request.header(AUTHORIZATION, value);
        }
        let sent = self.clock.now();
        let reply = send(request).await;
        let received = self.clock.now();
        let server_time = reply.as_ref().ok().and_then(date).map(|okta| ServerTime { okta, sent, received });
        let told = reply.as_ref().ok().map(|reply| (rate(reply), server_time.map(|told| told.okta)));
        self.meter.note(url.path(), received, told);
        let reply = reply.map_err(|lost: TransportError| Failure {
            error: lost.into(),
            evidence: evidence(endpoint.clone(), None, watch.ms()),
            rate: None,
            server_time: None,
        })?;
        let raw = Raw { evidence: evidence(endpoint, Some(&reply), watch.ms()), reply, server_time };
        match verdict(&raw.reply, url, with_token) {
            Some(error) => Err(raw.failure(error)),
            None => Ok(raw),
        }
    }
}

/// What a status and a content type say before the body is read as JSON.
fn verdict(reply: &HttpResponse, url: &Url, with_token: bool) -> Option<OktaError> {
    match reply.status {
        200..=299 if reply.is_page() => Some(OktaError::Page),
        200..=299 => None,
        300..=399 => {
            let target = reply.header("location").and_then(|to| url.join(to).ok());
            let host = target.and_then(|to| to.host_str().map(str::to_owned));
            Some(OktaError::Redirected { open: !with_token && host.as_deref() != url.host_str(), host })
        }
        511 => Some(OktaError::Page),
        // An API of Okta's refuses in JSON; a page is a gateway's word. Only where no org is, a page may be Okta's own.
        400..=499 if reply.is_page() && (with_token || reply.status != 404) => Some(OktaError::Page),
        status => {
            let asked = match url.path() {
                _ if !with_token => Endpoint::Org,
                "/api/v1/logs" => Endpoint::Logs,
                _ => Endpoint::Other,
            };
            Some(OktaError::Refused { status, code: error_code(&reply.body), asked })
        }
    }
}

/// Waits before another attempt, or `None` where another attempt is no use or not safe.
fn pause(failure: &Failure) -> Option<Duration> {
    let code = failure.code();
    if code == Code::ConnectionReset {
        Some(Duration::from_millis(200))
    } else if code == Code::OktaUnavailable && matches!(failure.evidence.status, Some(502..=504)) {
        Some(Duration::from_millis(500))
    } else if code == Code::OktaRateLimited {
        failure.wait()?.to_std().ok().filter(|wait| *wait <= LONGEST_WAIT)
    } else {
        None
    }
}

/// The one place where the Okta token is exposed.
#[expect(clippy::disallowed_methods, reason = "the Okta header is one of the named places")]
fn header(token: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("SSWS {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn evidence(endpoint: String, reply: Option<&HttpResponse>, ms: u32) -> Evidence {
    let okta_code = reply.filter(|reply| reply.status >= 400).and_then(|reply| error_code(&reply.body));
    Evidence {
        endpoint,
        status: reply.map(|reply| reply.status),
        okta_code: okta_code.filter(|code| code.len() <= 12),
        request_id: reply.and_then(|reply| reply.header("x-okta-request-id")).map(|id| id.chars().take(64).collect()),
        ms,
    }
}

/// An answer whose body has not been read yet.
pub(super) struct Raw {
    reply: HttpResponse,
    pub(super) evidence: Evidence,
    server_time: Option<ServerTime>,
}

fn date(reply: &HttpResponse) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(reply.header("date")?).ok().map(|at| at.with_timezone(&Utc))
}

fn rate(reply: &HttpResponse) -> Option<RateLimit> {
    let number = |name: &str| reply.header(name).and_then(|value| value.trim().parse::<i64>().ok());
    Some(RateLimit {
        limit: u32::try_from(number("x-rate-limit-limit")?).ok()?,
        remaining: u32::try_from(number("x-rate-limit-remaining")?).ok()?,
        reset: number("x-rate-limit-reset").and_then(|at| DateTime::from_timestamp(at, 0)),
    })
}

impl Raw {
    fn failure(&self, error: OktaError) -> Failure {
        let evidence = self.evidence.clone();
        Failure { error, evidence, rate: rate(&self.reply), server_time: self.server_time }
    }

    fn answer<T>(&self, value: T) -> Answer<T> {
        Answer { value, evidence: self.evidence.clone(), rate: rate(&self.reply), server_time: self.server_time }
    }

    fn read<T>(self, read: impl FnOnce(Value) -> Option<T>) -> Result<Answer<T>, Failure> {
        match self.reply.json::<Value>().and_then(read) {
            Some(value) => Ok(self.answer(value)),
            None => Err(self.failure(OktaError::Unreadable)),
        }
    }
}

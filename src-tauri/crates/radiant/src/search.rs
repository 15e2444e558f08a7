//! The Search Query API: a Quickwit-compatible multi-search with one entry, as NDJSON of exactly two lines.
//!
//! `ignore_unavailable` is never sent because a wrong index would look like an empty one.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::{Host, Url};

use super::error::{RadiantError, RadiantFailure};
use super::partial_results::PartialResults;
use super::refusal_cause::RefusalCause;
use super::search_address::check_address;
use super::search_result::SearchResult;
use http_client::{
    AcceptedProxyIssuers, AnsweredBy, Handshake, HttpClient, HttpSettings, SecretClient, TransportError,
};
use model::certificate_issuer::Issuer;
use model::check::Evidence;
use model::code::Code;
use model::problem::Problem;
use model::radiant_search_settings::{ObservedConnectorType, RadiantSearch};
use runtime::Clock;

/// Most events that one search looks for, and most documents that it returns.
const MAX_HITS: usize = 1000;

/// What Radiant answered, with the request behind it.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The parsed entry.
    pub value: T,
    /// The part of the data that was not searched. What was found is found all the same; what was not found may be there.
    pub partial: Option<PartialResults>,
    /// The request behind it.
    pub evidence: Evidence,
}

/// The client of one tenant's search.
#[derive(Clone)]
pub struct Search {
    client: SecretClient,
    http: HttpSettings,
    accepted: AcceptedProxyIssuers,
    url: Url,
    token: SecretString,
    pub(super) settings: RadiantSearch,
    clock: Clock,
}

impl Search {
    /// Builds a client. The search token is sent over a connection for which a public authority vouches, or whose issuer is
    /// among `accepted`; that of a practice organization is on loopback.
    ///
    /// # Errors
    /// Why the address cannot be used.
    pub fn new(
        settings: &RadiantSearch,
        practice: bool,
        token: SecretString,
        accepted: &AcceptedProxyIssuers,
        http: &HttpSettings,
        clock: &Clock,
    ) -> Result<Self, Problem> {
        let url = check_address(settings, practice)?;
        let client = match url.host() {
            Some(Host::Domain(_)) | None => SecretClient::new(http, &url, accepted),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => SecretClient::loopback(http, &url),
        };
        let client = client.map_err(|error| Problem::new(error.code()))?;
        let (http, accepted, settings) = (http.clone(), accepted.clone(), settings.clone());
        Ok(Self { client, http, accepted, url, token, settings, clock: clock.clone() })
    }

    /// Observes who issued the certificate of the search, without the token; `None` for a practice organization, which is on
    /// loopback.
    ///
    /// # Errors
    /// Why no encrypted connection could be made.
    pub async fn observe_certificate(&self) -> Result<Option<Answer<(AnsweredBy, Issuer)>>, RadiantFailure> {
        if !matches!(self.url.host(), Some(Host::Domain(_))) {
            return Ok(None);
        }
        let watch = self.clock.stopwatch();
        let observed = self.handshake().await;
        let evidence = |status| Evidence { endpoint: "HEAD /_msearch".to_owned(), ..evidence(status, watch.ms()) };
        match observed {
            Ok((status, Handshake { answered_by, issuer })) => {
                Ok(Some(Answer { value: (answered_by, issuer), partial: None, evidence: evidence(Some(status)) }))
            }
            Err(error) => Err(self.failure(error.into(), evidence(None))),
        }
    }

    async fn handshake(&self) -> Result<(u16, Handshake), TransportError> {
        let client = HttpClient::without_secret(&self.http, &self.accepted)?;
        let response = client.send(client.request(Method::HEAD, self.url.clone())).await?;
        let handshake = client.handshake(&response, &self.url).ok_or(TransportError::Tls)?;
        Ok((response.status, handshake))
    }

    /// Returns the host that is searched.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Verifies that Radiant accepts the token, with an empty search. If the index is unknown, the name `unset` is searched:
    /// a 404 of the entry then proves that the token was accepted. No other refusal proves it.
    ///
    /// # Errors
    /// Why there is no answer; [`Code::RadiantIndexNoMatch`] where a pattern matches no index.
    pub async fn verify_token(&self) -> Result<Answer<()>, RadiantFailure> {
        let index = self.settings.index.clone().unwrap_or_else(|| "unset".to_owned());
        let answer = self.query(&index, &json!({"size": 0, "query": {"match_all": {}}})).await;
        match answer {
            Ok(answer) if answer.value.searched_nothing && is_pattern(&index) => {
                Err(self.failure(RadiantError::NoIndex, answer.evidence))
            }
            Ok(answer) => Ok(answer.map(|_| ())),
            Err(failure)
                if self.settings.index.is_none()
                    && matches!(failure.error, RadiantError::Entry { status: 404, .. }) =>
            {
                Ok(Answer { value: (), partial: None, evidence: failure.evidence })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Searches events by Okta's `uuid` and returns those found. Radiant may have an event several times, so that there may be
    /// more documents than events.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn find(
        &self,
        uuids: &[String],
        since: DateTime<Utc>,
    ) -> Result<Answer<BTreeSet<String>>, RadiantFailure> {
        let body = |way: Way| Ok(json!({"size": MAX_HITS, "query": self.within(since, Some(way.uuids(uuids)), way)?}));
        let answer = self.search(body).await?;
        // Documents that were not returned may be of the events that seem to be missing.
        let returned = u64::try_from(answer.value.hits.len()).unwrap_or(u64::MAX);
        let cut = answer.value.total.filter(|total| *total > returned).map(|_| PartialResults::CutShort);
        let partial = answer.partial.or(cut);
        Ok(Answer { partial, ..answer.map(|found| self::uuids(&found, uuids)) })
    }

    /// Returns the time of the newest event of the connector type; `None` when there is none.
    ///
    /// # Errors
    /// Why there is no answer; that a part of the data was not searched if nothing was found in the rest.
    pub async fn newest(&self, since: DateTime<Utc>) -> Result<Answer<Option<DateTime<Utc>>>, RadiantFailure> {
        let body = |way: Way| {
            let mut query = json!({"size": 1, "query": self.within(since, None, way)?});
            if let Some(field) = &self.settings.timestamp_field {
                query["sort"] = json!([{field: {"order": "desc"}}]);
            }
            Ok(query)
        };
        let answer = self.search(body).await?;
        match (answer.value.hits.first(), answer.partial) {
            (Some(hit), _) if hit.published.is_some() => Ok(answer.map(|found| found.hits[0].published)),
            // An event with an unreadable time is still an event, so the answer cannot be `None`.
            (Some(_), _) => Err(self.failure(RadiantError::Unreadable, answer.evidence)),
            (None, Some(partial)) => Err(self.partial(partial, answer.evidence)),
            (None, None) => Ok(answer.map(|_| None)),
        }
    }

    /// Returns the connector types with events since then, the most frequent first.
    ///
    /// # Errors
    /// Why there is no answer; [`Code::RadiantAggregationRefused`] where the field cannot be aggregated.
    pub async fn connector_types(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Answer<Vec<ObservedConnectorType>>, RadiantFailure> {
        let terms = json!({"types": {"terms": {"field": "rs_connectorType", "size": 100}}});
        let query = json!({"size": 0, "query": self.range(since), "aggs": terms});
        let index = self.index()?;
        let answer = self.query(&index, &query).await?;
        let (is_pattern, found) = (is_pattern(&index), &answer.value);
        let error = match (&found.buckets, found.partial) {
            (Some(_), _) => {
                return Ok(answer.map(|found| {
                    let mut types = found.buckets.unwrap_or_default();
                    types.sort_by_key(|kind| std::cmp::Reverse(kind.events));
                    types
                }));
            }
            (None, Some(partial)) => RadiantError::Partial(partial),
            // An answer without the aggregation comes from no index at all.
            (None, None) if is_pattern => RadiantError::NoIndex,
            (None, None) => RadiantError::Entry { status: 200, cause: RefusalCause::Other, aggregated: true },
        };
        Err(self.failure(error, answer.evidence))
    }

    /// Returns the failure of a search that found nothing in the part of the data that it covered.
    #[must_use]
    pub fn partial(&self, partial: PartialResults, evidence: Evidence) -> RadiantFailure {
        self.failure(RadiantError::Partial(partial), evidence)
    }

    /// Searches for phrases and, where an index cannot do that, for terms. A term that is not found there may still be in the
    /// index in another form, so only a hit counts.
    pub(super) async fn search(
        &self,
        body: impl Fn(Way) -> Result<Value, RadiantFailure>,
    ) -> Result<Answer<SearchResult>, RadiantFailure> {
        let index = self.index()?;
        let answer = match self.query(&index, &body(Way::Phrase)?).await {
            Err(failure) if failure.code() == Code::RadiantNoPositions => {
                let answer = self.query(&index, &body(Way::Term)?).await;
                answer.ok().filter(|answer| !answer.value.hits.is_empty()).ok_or(failure)?
            }
            answer => answer?,
        };
        // A search within a period has nothing to search either where the index has no events in that period.
        if answer.value.searched_nothing && answer.value.hits.is_empty() && is_pattern(&index) {
            self.verify_token().await?;
        }
        Ok(answer)
    }

    fn index(&self) -> Result<String, RadiantFailure> {
        self.settings.index.clone().ok_or_else(|| self.unset(Code::RadiantIndexUnset))
    }

    /// Restricts a search to the connector type and, if the timestamp field is known, to the time since then.
    fn within(&self, since: DateTime<Utc>, uuids: Option<Value>, way: Way) -> Result<Value, RadiantFailure> {
        let kind = self.settings.connector_type.as_deref().ok_or_else(|| self.unset(Code::RadiantTypeUnset))?;
        let mut filter: Vec<Value> = std::iter::once(way.connector_type(kind)).chain(uuids).collect();
        if self.settings.timestamp_field.is_some() {
            filter.push(self.range(since));
        }
        Ok(json!({"bool": {"filter": filter}}))
    }

    fn range(&self, since: DateTime<Utc>) -> Value {
        match &self.settings.timestamp_field {
            Some(field) => json!({"range": {field: {"gte": since.to_rfc3339_opts(SecondsFormat::Secs, true)}}}),
            None => json!({"match_all": {}}),
        }
    }

    fn unset(&self, code: Code) -> RadiantFailure {
        self.failure(RadiantError::Unset(code), evidence(None, 0))
    }

    fn failure(&self, error: RadiantError, evidence: Evidence) -> RadiantFailure {
        let (index, field) = (self.settings.index.clone(), self.settings.timestamp_field.clone());
        let host = self.url.host_str().unwrap_or_default().to_owned();
        RadiantFailure { error, evidence, host, index, field }
    }

    /// Sends one search and returns its entry.
    pub(super) async fn query(&self, index: &str, query: &Value) -> Result<Answer<SearchResult>, RadiantFailure> {
        let watch = self.clock.stopwatch();
        let body = format!("{}\n{query}\n", json!({"index": index}));
        let mut request =
            self.client.request(Method::POST, self.url.clone()).header(CONTENT_TYPE, "application/x-ndjson").body(body);
        let Some(bearer) = authorization(&self.token) else {
            return Err(self.failure(RadiantError::NoAnswer(Code::RadiantTokenRefused), evidence(None, 0)));
        };
        request = request.header(AUTHORIZATION, bearer);
        if self.settings.byob {
            request = request.header("x-rs-is-byob", "true");
        }
        let response =
            self.client.send(request).await.map_err(|error| self.failure(error.into(), evidence(None, watch.ms())))?;
        let evidence = evidence(Some(response.status), watch.ms());
        if response.status != 200 {
            return Err(self.failure(RadiantError::of_refusal(&response), evidence));
        }
        match SearchResult::parse(&response.body, query.get("aggs").is_some()) {
            Ok(found) => Ok(Answer { partial: found.partial, value: found, evidence }),
            Err(error) => Err(self.failure(error, evidence)),
        }
    }
}

impl<T> Answer<T> {
    fn map<U>(self, map: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: map(self.value), partial: self.partial, evidence: self.evidence }
    }
}

/// How values are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As phrases, which needs the positions of words in the index.
    Phrase,
    /// As terms, which finds a value only where the index has it as one word.
    Term,
}

impl Way {
    /// Returns the query of events by their `uuid`.
    pub(super) fn uuids(self, uuids: &[String]) -> Value {
        let plain = uuids.iter().filter(|uuid| is_searchable(uuid)).take(MAX_HITS);
        match self {
            Self::Phrase => {
                let quoted: Vec<String> = plain.map(|uuid| format!("\"{uuid}\"")).collect();
                json!({"query_string": {"query": format!("uuid:({})", quoted.join(" OR "))}})
            }
            Self::Term => {
                let terms: Vec<Value> = plain.map(|uuid| json!({"term": {"uuid": {"value": uuid}}})).collect();
                json!({"bool": {"should": terms}})
            }
        }
    }

    fn connector_type(self, kind: &str) -> Value {
        match self {
            Self::Phrase => {
                let kind = format!("rs_connectorType:\"{}\"", kind.replace(['"', '\\'], ""));
                json!({"query_string": {"query": kind}})
            }
            Self::Term => json!({"term": {"rs_connectorType": {"value": kind}}}),
        }
    }
}

/// Returns the searched `uuid`s that are among the hits. A hit whose `uuid` only resembles one is none.
pub(super) fn uuids(found: &SearchResult, searched: &[String]) -> BTreeSet<String> {
    let hits = found.hits.iter().filter_map(|hit| hit.uuid.as_ref());
    hits.filter(|uuid| searched.contains(uuid)).cloned().collect()
}

/// Returns whether an index is a pattern: a search of one that matches nothing is no error to Radiant.
fn is_pattern(index: &str) -> bool {
    index.contains(['*', '?'])
}

/// Returns whether a `uuid` contains nothing that could change a query. No other one is searched.
#[must_use]
pub fn is_searchable(uuid: &str) -> bool {
    !uuid.is_empty() && uuid.len() <= 64 && uuid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// The one place where the search token is exposed.
#[expect(clippy::disallowed_methods, reason = "the Radiant header is one of the named places")]
fn authorization(token: &SecretString) -> Option<HeaderValue> {
    // Written into a text of its final size, which is wiped: one that grows would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(7 + token.expose_secret().len()));
    text.push_str("Bearer ");
    text.push_str(token.expose_secret());
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn evidence(status: Option<u16>, ms: u32) -> Evidence {
    Evidence { endpoint: "POST /_msearch".to_owned(), status, okta_code: None, request_id: None, ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_cannot_carry_a_query() {
        assert!(is_searchable("5f3c0d1e-0000-11ee-be56-0242ac120002"));
        assert!(!is_searchable("a\" OR *:*"));
    }

    #[test]
    fn only_a_uuid_that_was_searched_is_found() {
        let body =
            br#"{"responses":[{"hits":{"hits":[{"_source":{"uuid":"5f3c-0d1e"}},{"_source":{"uuid":"5f3c"}}]}}]}"#;
        let found = SearchResult::parse(body, false).unwrap();
        assert_eq!(uuids(&found, &["5f3c".to_owned(), "0d1e".to_owned()]), BTreeSet::from(["5f3c".to_owned()]));
    }
}

//! The Search Query API: a Quickwit-compatible multi-search with one entry, as NDJSON of exactly two lines.
//!
//! `ignore_unavailable` is never sent because a wrong index would look like an empty one.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::{Host, Url};

use super::error::{RadiantError, RadiantFailure};
use super::search_address::check_address;
use http_client::{AcceptedIssuers, AnsweredBy, Handshake, HttpClient, HttpSettings, SecretClient, TransportError};
use model::check::Evidence;
use model::code::Code;
use model::inspection::Issuer;
use model::problem::Problem;
use model::radiant::{ObservedConnectorType, RadiantSearch};
use runtime::Clock;

/// What Radiant answered, with the request behind it.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The parsed entry.
    pub value: T,
    /// The request behind it.
    pub evidence: Evidence,
}

/// The client of one tenant's search.
#[derive(Clone)]
pub struct Search {
    client: SecretClient,
    http: HttpSettings,
    accepted: AcceptedIssuers,
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
        accepted: &AcceptedIssuers,
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
                Ok(Some(Answer { value: (answered_by, issuer), evidence: evidence(Some(status)) }))
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
    /// a 404 of the entry then proves that the token was accepted.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn verify_token(&self) -> Result<Answer<()>, RadiantFailure> {
        let index = self.settings.index.clone().unwrap_or_else(|| "unset".to_owned());
        let answer = self.query(&index, &json!({"size": 0, "query": {"match_all": {}}})).await;
        match answer {
            Ok(answer) => Ok(Answer { value: (), evidence: answer.evidence }),
            Err(failure) if self.settings.index.is_none() && matches!(failure.error, RadiantError::Entry { .. }) => {
                Ok(Answer { value: (), evidence: failure.evidence })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Searches events by Okta's `uuid` and returns those found.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn find(
        &self,
        uuids: &[String],
        since: DateTime<Utc>,
    ) -> Result<Answer<BTreeSet<String>>, RadiantFailure> {
        let quoted: Vec<String> =
            uuids.iter().filter(|uuid| is_plain(uuid)).map(|uuid| format!("\"{uuid}\"")).collect();
        let query = format!("uuid:({})", quoted.join(" OR "));
        let body = json!({"size": uuids.len().min(1000), "query": self.within(since, &[query])?});
        let answer = self.query(&self.index()?, &body).await?;
        Ok(Answer { value: hits(&answer.value, uuids), evidence: answer.evidence })
    }

    /// Returns the time of the newest event of the connector type; `None` when there is none.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn newest(&self, since: DateTime<Utc>) -> Result<Answer<Option<DateTime<Utc>>>, RadiantFailure> {
        let mut query = json!({"size": 1, "query": self.within(since, &[])?});
        if let Some(field) = &self.settings.timestamp_field {
            query["sort"] = json!([{field: {"order": "desc"}}]);
        }
        let answer = self.query(&self.index()?, &query).await?;
        let Some(hit) = answer.value.pointer("/hits/hits/0") else {
            return Ok(Answer { value: None, evidence: answer.evidence });
        };
        // An event with an unreadable time is still an event, so the answer cannot be `None`.
        match hit.pointer("/_source/published").and_then(Value::as_str).and_then(|at| at.parse().ok()) {
            Some(at) => Ok(Answer { value: Some(at), evidence: answer.evidence }),
            None => Err(self.failure(RadiantError::Unreadable, answer.evidence)),
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
        let answer = self.query(&self.index()?, &query).await?;
        let buckets = answer.value.pointer("/aggregations/types/buckets").and_then(Value::as_array);
        let Some(buckets) = buckets else {
            return Err(
                self.failure(RadiantError::Entry { status: 200, field: false, aggregated: true }, answer.evidence)
            );
        };
        let value = buckets.iter().filter_map(|bucket| {
            let name = bucket.get("key")?.as_str()?.to_owned();
            let events = bucket.get("doc_count")?.as_u64()?;
            Some(ObservedConnectorType { name, events: u32::try_from(events).unwrap_or(u32::MAX) })
        });
        let mut value: Vec<_> = value.collect();
        value.sort_by_key(|kind| std::cmp::Reverse(kind.events));
        Ok(Answer { value, evidence: answer.evidence })
    }

    fn index(&self) -> Result<String, RadiantFailure> {
        self.settings.index.clone().ok_or_else(|| self.unset(Code::RadiantIndexUnset))
    }

    /// Restricts a search to the connector type and, if the timestamp field is known, to the time since then.
    fn within(&self, since: DateTime<Utc>, more: &[String]) -> Result<Value, RadiantFailure> {
        let kind = self.settings.connector_type.as_deref().ok_or_else(|| self.unset(Code::RadiantTypeUnset))?;
        let kind = format!("rs_connectorType:\"{}\"", kind.replace(['"', '\\'], ""));
        let texts = std::iter::once(&kind).chain(more).map(|text| json!({"query_string": {"query": text}}));
        let mut filter: Vec<Value> = texts.collect();
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
        RadiantFailure { error, evidence, index, field }
    }

    /// Sends one search and returns its entry.
    pub(super) async fn query(&self, index: &str, query: &Value) -> Result<Answer<Value>, RadiantFailure> {
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
        // The search refuses in JSON, so a page comes from a gateway, whatever its status.
        if (400..=499).contains(&response.status) && response.is_page() {
            return Err(self.failure(RadiantError::Unreadable, evidence));
        }
        if response.status != 200 {
            return Err(self.failure(RadiantError::Status(response.status), evidence));
        }
        match entry(&response.body, query.get("aggs").is_some()) {
            Ok(entry) => Ok(Answer { value: entry, evidence }),
            Err(error) => Err(self.failure(error, evidence)),
        }
    }
}

/// Parses the one entry of a multi-search response.
pub(super) fn entry(body: &[u8], aggregated: bool) -> Result<Value, RadiantError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| RadiantError::Unreadable)?;
    let entry = body.pointer("/responses/0").ok_or(RadiantError::Unreadable)?;
    let status = match entry.get("status").and_then(Value::as_u64) {
        Some(status) => u16::try_from(status).map_err(|_| RadiantError::Unreadable)?,
        None => 200,
    };
    if status == 200 && entry.get("error").is_none_or(Value::is_null) {
        // Every search result has a list of hits, if only an empty one.
        return match entry.pointer("/hits/hits") {
            Some(Value::Array(_)) => Ok(entry.clone()),
            _ => Err(RadiantError::Unreadable),
        };
    }
    let reason = entry.pointer("/error/reason").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let field = ["timestamp", "field", "sort"].iter().any(|word| reason.contains(word));
    Err(RadiantError::Entry { status, field, aggregated })
}

/// Returns the searched `uuid`s that are among the hits of an entry.
pub(super) fn hits(entry: &Value, uuids: &[String]) -> BTreeSet<String> {
    let hits = entry.pointer("/hits/hits").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let found = hits.iter().filter_map(|hit| hit.pointer("/_source/uuid").and_then(Value::as_str));
    found.filter(|uuid| uuids.iter().any(|searched| searched == uuid)).map(str::to_owned).collect()
}

/// Returns whether a `uuid` contains nothing that could change a query.
fn is_plain(uuid: &str) -> bool {
    !uuid.is_empty() && uuid.len() <= 64 && uuid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// The one place where the search token is exposed.
#[expect(clippy::disallowed_methods, reason = "the Radiant header is one of the named places")]
fn authorization(token: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn evidence(status: Option<u16>, ms: u32) -> Evidence {
    Evidence { endpoint: "POST /_msearch".to_owned(), status, okta_code: None, request_id: None, ms }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_entry_has_its_own_status() {
        let missing = br#"{"responses":[{"status":404,"error":{"reason":"index not found"}}]}"#;
        assert_eq!(entry(missing, false), Err(RadiantError::Entry { status: 404, field: false, aggregated: false }));
        assert!(entry(br#"{"responses":[{"status":200,"hits":{"hits":[]}}]}"#, false).is_ok());
        assert_eq!(entry(b"{}", false), Err(RadiantError::Unreadable));
    }

    #[test]
    fn an_entry_without_hits_is_unreadable() {
        let beyond = br#"{"responses":[{"status":65736,"hits":{"hits":[]}}]}"#;
        assert_eq!(entry(beyond, false), Err(RadiantError::Unreadable), "no HTTP status");
        for body in [r#"{"responses":[null]}"#, r#"{"responses":[{}]}"#, r#"{"responses":[{"status":200,"hits":{}}]}"#]
        {
            assert_eq!(entry(body.as_bytes(), false), Err(RadiantError::Unreadable), "{body}");
        }
        assert!(entry(br#"{"responses":[{"status":200,"error":null,"hits":{"hits":[]}}]}"#, false).is_ok());
    }

    #[test]
    fn a_uuid_cannot_carry_a_query() {
        assert!(is_plain("5f3c0d1e-0000-11ee-be56-0242ac120002"));
        assert!(!is_plain("a\" OR *:*"));
    }

    proptest! {
        #[test]
        fn any_response_is_parsed_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let parsed = entry(&body, false);
            prop_assert!(parsed.is_ok() || parsed.is_err());
        }
    }
}

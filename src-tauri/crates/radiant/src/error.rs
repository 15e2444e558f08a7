//! The meaning of Radiant's errors. HTTP 200 does not mean success: each entry of a multi-search has its own status.

use super::partial_results::PartialResults;
use super::refusal_cause::RefusalCause;
use http_client::{AnsweredBy, HttpResponse, TransportError};
use model::certificate_issuer::RefusedIssuer;
use model::check::Evidence;
use model::code::Code;
use model::problem::Problem;
use serde_json::Value;

/// The fields that every search uses, besides the timestamp field, which is a setting.
const FIXED_FIELDS: [&str; 2] = ["uuid", "rs_connectorType"];

/// Why a request to Radiant failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RadiantError {
    /// There was no response.
    #[error("no response")]
    NoAnswer(Code),
    /// The connection was refused before the search token was sent: nobody accepted the issuer of the server's certificate.
    #[error("an issuer that nobody accepted")]
    Inspected(Box<RefusedIssuer>),
    /// The request was refused as a whole.
    #[error("status {0}")]
    Status(u16),
    /// The edge in front of the search refused the request, with a web page.
    #[error("rejected with status {0}")]
    Rejected(u16),
    /// The entry was refused, with its own status.
    #[error("entry status {status}")]
    Entry {
        /// The entry's status.
        status: u16,
        /// The cause, as far as its reason says.
        cause: RefusalCause,
        /// Whether it was an aggregation and not a search.
        aggregated: bool,
    },
    /// Nothing was found, but a part of the data was not searched.
    #[error("a partial search")]
    Partial(PartialResults),
    /// Nothing was searched: the pattern matches no index.
    #[error("no index")]
    NoIndex,
    /// The response is no multi-search response, or perhaps not Radiant's.
    #[error("an unreadable response")]
    Unreadable,
    /// A setting that the request needs is unknown.
    #[error("a setting is missing")]
    Unset(Code),
}

impl From<TransportError> for RadiantError {
    fn from(error: TransportError) -> Self {
        let specific = [
            Code::NetworkDown,
            Code::TlsUntrusted,
            Code::TlsChainIncomplete,
            Code::TlsExpired,
            Code::TlsWrongHost,
            Code::ProxyFailed,
            Code::AnswerTooLarge,
        ];
        if let TransportError::Inspected(refused) = error {
            return Self::Inspected(refused);
        }
        let code = error.code();
        if [Code::AnswerTruncated, Code::AnswerUnreadable].contains(&code) {
            return Self::Unreadable;
        }
        Self::NoAnswer(if specific.contains(&code) { code } else { Code::RadiantUnreachable })
    }
}

impl RadiantError {
    /// Interprets a response that is no success: by who answered, then by the status, then by the body.
    ///
    /// Radiant names no header of its own. Where the certificate is not the host's, only the form tells: the search refuses in
    /// JSON, a network's sign-in page and an inspecting proxy with a page, a redirect or nothing.
    pub(crate) fn of_refusal(response: &HttpResponse) -> Self {
        let status = response.status;
        let (is_page, is_redirect) = (response.is_page(), (300..400).contains(&status));
        let is_radiant = match response.answered_by {
            AnsweredBy::Host => true,
            AnsweredBy::AcceptedInspection | AnsweredBy::Unknown => response.json::<Value>().is_some() && !is_redirect,
            // A portal is the only other responder there.
            AnsweredBy::Loopback => !is_redirect && status != 511 && (!is_page || status >= 500),
        };
        match status {
            _ if !is_radiant => Self::Unreadable,
            // Any part of Radiant that answers these means the same.
            401 | 429 => Self::Status(status),
            400..=499 if is_page => Self::Rejected(status),
            _ => Self::Status(status),
        }
    }
}

/// A failed request with what is known about it.
#[derive(Debug, Clone)]
pub struct RadiantFailure {
    /// Why.
    pub error: RadiantError,
    /// The request.
    pub evidence: Evidence,
    /// The host that was asked.
    pub host: String,
    /// The index that was searched.
    pub index: Option<String>,
    /// The timestamp field that was used.
    pub field: Option<String>,
}

impl RadiantFailure {
    /// Returns the code shown to the user.
    #[must_use]
    pub fn code(&self) -> Code {
        match &self.error {
            RadiantError::NoAnswer(code) | RadiantError::Unset(code) => *code,
            RadiantError::Inspected(_) => Code::RadiantTlsInspected,
            RadiantError::Status(401 | 403) => Code::RadiantTokenRefused,
            RadiantError::Status(300..=399) => Code::RedirectRefused,
            RadiantError::Status(429 | 500..=599) => Code::RadiantUnavailable,
            RadiantError::Status(404) | RadiantError::Entry { status: 404, .. } => Code::RadiantIndexWrong,
            RadiantError::Entry { status: 401 | 403, .. } => Code::RadiantTokenRefused,
            RadiantError::Entry { status: 429, .. } => Code::RadiantUnavailable,
            RadiantError::Entry { status, cause, aggregated } => self.entry_code(*status, cause, *aggregated),
            RadiantError::Status(_) => Code::RadiantQueryRefused,
            RadiantError::Partial(PartialResults::Shards { .. }) => Code::RadiantSearchPartial,
            RadiantError::Partial(PartialResults::Clusters { .. }) => Code::RadiantClustersPartial,
            RadiantError::Partial(PartialResults::CutShort) => Code::RadiantSearchCutShort,
            RadiantError::NoIndex => Code::RadiantIndexNoMatch,
            RadiantError::Rejected(_) => Code::RadiantRequestRejected,
            RadiantError::Unreadable => Code::RadiantAnswerUnreadable,
        }
    }

    /// Interprets a refused entry by the field that its reason names.
    fn entry_code(&self, status: u16, cause: &RefusalCause, aggregated: bool) -> Code {
        let named = self.named_field(cause);
        match (cause, status) {
            (RefusalCause::NoPositions(_), _) if named.is_some() => Code::RadiantNoPositions,
            _ if named.is_some() && named == self.field.as_deref() => Code::RadiantFieldWrong,
            (_, 500..=599) => Code::RadiantUnavailable,
            _ if aggregated => Code::RadiantAggregationRefused,
            _ if named.is_some() => Code::RadiantFieldMissing,
            _ => Code::RadiantQueryRefused,
        }
    }

    /// Returns the one field of the search that a reason names.
    fn named_field(&self, cause: &RefusalCause) -> Option<&str> {
        let used: Vec<&str> = self.field.as_deref().into_iter().chain(FIXED_FIELDS).collect();
        cause.field(&used)
    }

    /// Returns whether there was no response: the request then has no result.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        // The search token itself could not be sent.
        let is_unsent = matches!(self.error, RadiantError::NoAnswer(Code::RadiantTokenRefused));
        matches!(self.error, RadiantError::NoAnswer(_) | RadiantError::Inspected(_)) && !is_unsent
    }

    /// Returns the problem with the values for its texts.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.code());
        let cause = if let RadiantError::Entry { cause, .. } = &self.error { cause } else { &RefusalCause::Other };
        let named = self.named_field(cause);
        let parts = if let RadiantError::Partial(missing) = self.error { missing.parts() } else { None };
        let values = [
            ("host", Some(self.host.clone())),
            ("index", self.index.clone()),
            ("field", named.or(self.field.as_deref()).map(str::to_owned)),
            ("searched", parts.map(|(searched, _)| searched.to_string())),
            ("total", parts.map(|(_, total)| total.to_string())),
            ("status", self.evidence.status.map(|status| status.to_string())),
        ];
        for (key, value) in values {
            if let Some(value) = value {
                problem = problem.arg(key, value);
            }
        }
        match &self.error {
            RadiantError::Inspected(refused) => refused.describe(problem),
            RadiantError::NoAnswer(_)
            | RadiantError::Status(_)
            | RadiantError::Rejected(_)
            | RadiantError::Entry { .. }
            | RadiantError::Partial(_)
            | RadiantError::NoIndex
            | RadiantError::Unreadable
            | RadiantError::Unset(_) => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    const PAGE: &str = "<html><h1>Forbidden</h1></html>";
    const JSON: &str = r#"{"message":"Forbidden"}"#;

    fn code(answered_by: AnsweredBy, status: u16, body: &str) -> Code {
        let response =
            HttpResponse { answered_by, status, headers: HeaderMap::new(), body: body.into(), certificate: None };
        let evidence =
            Evidence { endpoint: String::new(), status: Some(status), okta_code: None, request_id: None, ms: 0 };
        let error = RadiantError::of_refusal(&response);
        RadiantFailure { error, evidence, host: "search.example".to_owned(), index: None, field: None }.code()
    }

    #[test]
    fn a_page_of_the_host_is_radiants_answer_and_is_judged_by_its_status() {
        let host = |status, body| code(AnsweredBy::Host, status, body);
        assert_eq!(host(401, PAGE), Code::RadiantTokenRefused);
        assert_eq!(host(429, PAGE), Code::RadiantUnavailable);
        for status in [400, 403, 404, 405, 410, 413, 431] {
            assert_eq!(host(status, PAGE), Code::RadiantRequestRejected, "{status}");
        }
        assert_eq!(host(403, JSON), Code::RadiantTokenRefused);
        assert_eq!(host(302, ""), Code::RedirectRefused);
        assert_eq!(host(503, PAGE), Code::RadiantUnavailable);
    }

    #[test]
    fn nothing_is_concluded_from_a_page_or_a_redirect_of_somebody_else() {
        for answered_by in [AnsweredBy::AcceptedInspection, AnsweredBy::Unknown, AnsweredBy::Loopback] {
            for (status, body) in
                [(302, ""), (307, JSON), (401, PAGE), (403, PAGE), (404, PAGE), (429, PAGE), (511, "")]
            {
                assert_eq!(code(answered_by, status, body), Code::RadiantAnswerUnreadable, "{answered_by:?} {status}");
            }
            assert_eq!(code(answered_by, 401, JSON), Code::RadiantTokenRefused, "the search refuses in JSON");
        }
        for answered_by in [AnsweredBy::AcceptedInspection, AnsweredBy::Unknown] {
            for status in [401, 403, 429, 502] {
                assert_eq!(code(answered_by, status, ""), Code::RadiantAnswerUnreadable, "{answered_by:?} {status}");
            }
        }
    }
}

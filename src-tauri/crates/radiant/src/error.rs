//! The meaning of Radiant's errors. HTTP 200 does not mean success: each entry of a multi-search has its own status.

use super::refusal::Cause;
use super::shortfall::Shortfall;
use http_client::TransportError;
use model::check::Evidence;
use model::code::Code;
use model::problem::Problem;

/// The fields that every search uses, besides the timestamp field, which is a setting.
const FIXED_FIELDS: [&str; 2] = ["uuid", "rs_connectorType"];

/// Why a request to Radiant failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RadiantError {
    /// There was no response.
    #[error("no response")]
    NoAnswer(Code),
    /// The request was refused as a whole.
    #[error("status {0}")]
    Status(u16),
    /// The entry was refused, with its own status.
    #[error("entry status {status}")]
    Entry {
        /// The entry's status.
        status: u16,
        /// The cause, as far as its reason says.
        cause: Cause,
        /// Whether it was an aggregation and not a search.
        aggregated: bool,
    },
    /// Nothing was found, but a part of the data was not searched.
    #[error("a partial search")]
    Partial(Shortfall),
    /// Nothing was searched: the pattern matches no index.
    #[error("no index")]
    NoIndex,
    /// The response is no multi-search response.
    #[error("an unreadable response")]
    Unreadable,
    /// A setting that the request needs is unknown.
    #[error("a setting is missing")]
    Unset(Code),
}

impl From<TransportError> for RadiantError {
    fn from(error: TransportError) -> Self {
        let specific = [Code::NetworkDown, Code::TlsUntrusted, Code::TlsExpired, Code::TlsWrongHost, Code::ProxyFailed];
        let code = error.code();
        if [Code::AnswerTruncated, Code::AnswerUnreadable].contains(&code) {
            return Self::Unreadable;
        }
        Self::NoAnswer(if specific.contains(&code) { code } else { Code::RadiantUnreachable })
    }
}

/// A failed request with what is known about it.
#[derive(Debug, Clone)]
pub struct RadiantFailure {
    /// Why.
    pub error: RadiantError,
    /// The request.
    pub evidence: Evidence,
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
            RadiantError::Status(401 | 403) => Code::RadiantTokenRefused,
            RadiantError::Status(300..=399) => Code::RedirectRefused,
            RadiantError::Status(429 | 500..=599) => Code::RadiantUnavailable,
            RadiantError::Status(404) | RadiantError::Entry { status: 404, .. } => Code::RadiantIndexWrong,
            RadiantError::Entry { status: 401 | 403, .. } => Code::RadiantTokenRefused,
            RadiantError::Entry { status: 429, .. } => Code::RadiantUnavailable,
            RadiantError::Entry { status, cause, aggregated } => self.entry_code(*status, cause, *aggregated),
            RadiantError::Status(_) => Code::RadiantQueryRefused,
            RadiantError::Partial(Shortfall::Shards { .. }) => Code::RadiantSearchPartial,
            RadiantError::Partial(Shortfall::Clusters { .. }) => Code::RadiantClustersPartial,
            RadiantError::Partial(Shortfall::CutShort) => Code::RadiantSearchCutShort,
            RadiantError::NoIndex => Code::RadiantIndexNoMatch,
            RadiantError::Unreadable => Code::RadiantAnswerUnreadable,
        }
    }

    /// Interprets a refused entry by the field that its reason names.
    fn entry_code(&self, status: u16, cause: &Cause, aggregated: bool) -> Code {
        let named = self.named_field(cause);
        match (cause, status) {
            (Cause::NoPositions(_), _) if named.is_some() => Code::RadiantNoPositions,
            _ if named.is_some() && named == self.field.as_deref() => Code::RadiantFieldWrong,
            (_, 500..=599) => Code::RadiantUnavailable,
            _ if aggregated => Code::RadiantAggregationRefused,
            _ if named.is_some() => Code::RadiantFieldMissing,
            _ => Code::RadiantQueryRefused,
        }
    }

    /// Returns the one field of the search that a reason names.
    fn named_field(&self, cause: &Cause) -> Option<&str> {
        let used: Vec<&str> = self.field.as_deref().into_iter().chain(FIXED_FIELDS).collect();
        cause.field(&used)
    }

    /// Returns whether there was no response: the request then has no result.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        // The search token itself could not be sent.
        matches!(self.error, RadiantError::NoAnswer(code) if code != Code::RadiantTokenRefused)
    }

    /// Returns the problem with the values for its texts.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.code());
        let cause = if let RadiantError::Entry { cause, .. } = &self.error { cause } else { &Cause::Other };
        let named = self.named_field(cause);
        let parts = if let RadiantError::Partial(missing) = self.error { missing.parts() } else { None };
        let values = [
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
        problem
    }
}

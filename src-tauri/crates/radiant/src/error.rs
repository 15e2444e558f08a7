//! The meaning of Radiant's errors. HTTP 200 does not mean success: each entry of a multi-search has its own status.

use http_client::TransportError;
use model::check::Evidence;
use model::code::Code;
use model::inspection::RefusedIssuer;
use model::problem::Problem;

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
    /// The entry was refused, with its own status.
    #[error("entry status {status}")]
    Entry {
        /// The entry's status.
        status: u16,
        /// Whether the reason names the timestamp field.
        field: bool,
        /// Whether it was an aggregation and not a search.
        aggregated: bool,
    },
    /// The response is no multi-search response.
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
            RadiantError::Inspected(_) => Code::RadiantTlsInspected,
            RadiantError::Status(401 | 403) => Code::RadiantTokenRefused,
            RadiantError::Status(300..=399) => Code::RedirectRefused,
            RadiantError::Status(429 | 500..=599) => Code::RadiantUnavailable,
            RadiantError::Status(404) | RadiantError::Entry { status: 404, .. } => Code::RadiantIndexWrong,
            RadiantError::Entry { aggregated: true, .. } => Code::RadiantAggregationRefused,
            RadiantError::Entry { field: true, .. } => Code::RadiantFieldWrong,
            RadiantError::Entry { status: 500..=599, .. } => Code::RadiantUnavailable,
            RadiantError::Status(_) | RadiantError::Entry { .. } => Code::RadiantQueryRefused,
            RadiantError::Unreadable => Code::RadiantAnswerUnreadable,
        }
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
        let values = [
            ("index", self.index.clone()),
            ("field", self.field.clone()),
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
            | RadiantError::Entry { .. }
            | RadiantError::Unreadable
            | RadiantError::Unset(_) => problem,
        }
    }
}

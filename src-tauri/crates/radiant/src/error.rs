//! Why Radiant's answer is no answer. HTTP 200 does not mean success: each entry of a multi-search has its own status.

use http_client::TransportError;
use model::check::Evidence;
use model::code::Code;
use model::problem::Problem;

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RadiantError {
    /// No answer came.
    #[error("no answer")]
    NoAnswer(Code),
    /// The request was refused as a whole.
    #[error("status {0}")]
    Status(u16),
    /// The entry was refused, with its own status. `aggregated` tells a refused aggregation from a refused search.
    #[error("entry status {status}")]
    Entry {
        /// The entry's status.
        status: u16,
        /// Whether the reason names the timestamp field.
        field: bool,
        /// Whether an aggregation was asked for.
        aggregated: bool,
    },
    /// The answer is no multi-search answer.
    #[error("an unreadable answer")]
    Unreadable,
    /// A setting the question needs is not known.
    #[error("a setting is missing")]
    Unset(Code),
}

impl From<TransportError> for RadiantError {
    fn from(lost: TransportError) -> Self {
        let told = [Code::NetworkDown, Code::TlsUntrusted, Code::TlsExpired, Code::TlsWrongHost, Code::ProxyFailed];
        let code = lost.code();
        if [Code::AnswerTruncated, Code::AnswerUnreadable].contains(&code) {
            return Self::Unreadable;
        }
        Self::NoAnswer(if told.contains(&code) { code } else { Code::RadiantUnreachable })
    }
}

/// A question Radiant did not answer.
#[derive(Debug, Clone)]
pub struct RadiantFailure {
    /// Why.
    pub error: RadiantError,
    /// The request.
    pub evidence: Evidence,
    /// The index that was asked.
    pub index: Option<String>,
    /// The timestamp field that was used.
    pub field: Option<String>,
}

impl RadiantFailure {
    /// Returns the code a person meets.
    #[must_use]
    pub fn code(&self) -> Code {
        match &self.error {
            RadiantError::NoAnswer(code) | RadiantError::Unset(code) => *code,
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

    /// Tells whether nobody answered: nothing is known then of what was asked.
    #[must_use]
    pub fn lost(&self) -> bool {
        // The search token itself could not be sent.
        matches!(self.error, RadiantError::NoAnswer(code) if code != Code::RadiantTokenRefused)
    }

    /// Returns the problem with the values its sentences need.
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
        problem
    }
}

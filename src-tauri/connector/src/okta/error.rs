//! What Okta's refusals mean. Only `errorCode` is a contract; the texts beside it may change and are never shown.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Code, Evidence, Problem};
use crate::web::Lost;

/// Requests left in the minute, as the three `X-Rate-Limit-*` headers say. Missing and garbled headers are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Requests per window.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// When the window ends, by Okta's clock.
    pub reset: Option<DateTime<Utc>>,
}

/// Why Okta's answer is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OktaError {
    /// No answer came, or it broke off.
    #[error("no answer: {0:?}")]
    NoAnswer(Code),
    /// Okta refused with one of its codes.
    #[error("status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Okta's `errorCode`.
        code: Option<String>,
        /// Whether the System Log was asked.
        logs: bool,
    },
    /// The answer pointed to another address and was not followed.
    #[error("redirected")]
    Redirected {
        /// The host it pointed to.
        host: Option<String>,
        /// Whether the request could have met a network's sign-in page.
        open: bool,
    },
    /// The `next` link pointed to another origin.
    #[error("a next link to another origin")]
    ForeignNext {
        /// Its host.
        host: Option<String>,
    },
    /// A web page answered where JSON was due.
    #[error("a web page")]
    Page,
    /// The answer is not what the specification says.
    #[error("an unreadable answer")]
    Unreadable,
}

impl From<Lost> for OktaError {
    fn from(lost: Lost) -> Self {
        Self::NoAnswer(lost.code())
    }
}

impl OktaError {
    /// Returns the code a person meets.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NoAnswer(code) => *code,
            Self::Refused { status, code, logs } => refused(*status, code.as_deref(), *logs),
            Self::Redirected { open: true, .. } | Self::Page => Code::CaptivePortal,
            Self::Redirected { open: false, .. } => Code::RedirectRefused,
            Self::ForeignNext { .. } => Code::NextLinkForeign,
            Self::Unreadable => Code::AnswerUnreadable,
        }
    }
}

/// Okta's codes, by the table of its error code reference. A 401 alone never means that the token is dead.
fn refused(status: u16, code: Option<&str>, logs: bool) -> Code {
    match (status, code) {
        (401, Some("E0000015")) => Code::FeatureRefused,
        (401, Some("E0000011")) => Code::TokenRefused,
        (401, _) | (403, Some("E0000005")) => Code::TokenNotAccepted,
        (403, _) => Code::PermissionRefused,
        (404, _) => Code::OrgUnknown,
        (429, _) => Code::OktaRateLimited,
        (503, Some("E0000010")) => Code::OktaReadOnly,
        (500, Some("E0000009")) if logs => Code::LogsSlow,
        (500..=599, _) => Code::OktaUnavailable,
        _ => Code::AnswerUnexpected,
    }
}

/// A question Okta did not answer, with what was seen of it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub error: OktaError,
    /// The request.
    pub evidence: Evidence,
    /// Head-room, if it was told.
    pub rate: Option<Rate>,
    /// Okta's clock, if it was told.
    pub server_time: Option<DateTime<Utc>>,
}

impl Failure {
    /// Returns the code a person meets.
    #[must_use]
    pub fn code(&self) -> Code {
        self.error.code()
    }

    /// Returns the problem with the values its sentences need.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.code()).arg("path", self.evidence.endpoint.clone());
        if let Some(status) = self.evidence.status {
            problem = problem.arg("status", status.to_string());
        }
        if let OktaError::Redirected { host: Some(host), .. } | OktaError::ForeignNext { host: Some(host) } =
            &self.error
        {
            problem = problem.arg("host", host.clone());
        }
        if let (Code::OktaRateLimited, Some(wait)) = (self.code(), self.wait()) {
            problem = problem.arg("seconds", wait.num_seconds().to_string());
            problem.retry_at = Some(Utc::now() + wait);
        }
        problem.request_id.clone_from(&self.evidence.request_id);
        problem
    }

    /// How long Okta asks to wait, by Okta's own clock: never negative, at most two minutes.
    pub(super) fn wait(&self) -> Option<TimeDelta> {
        let reset = self.rate.as_ref()?.reset?;
        let wait = reset - self.server_time? + TimeDelta::seconds(1);
        Some(wait.clamp(TimeDelta::seconds(1), TimeDelta::seconds(120)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_401_is_told_apart_by_its_code() {
        assert_eq!(refused(401, Some("E0000011"), false), Code::TokenRefused);
        assert_eq!(refused(401, Some("E0000015"), false), Code::FeatureRefused);
        assert_eq!(refused(401, Some("E0000004"), false), Code::TokenNotAccepted);
        assert_eq!(refused(401, None, false), Code::TokenNotAccepted);
        assert_eq!(refused(403, Some("E0000005"), false), Code::TokenNotAccepted);
        assert_eq!(refused(403, Some("E0000006"), false), Code::PermissionRefused);
    }

    #[test]
    fn a_500_of_the_system_log_is_a_slow_query_only_with_its_code() {
        assert_eq!(refused(500, Some("E0000009"), true), Code::LogsSlow);
        assert_eq!(refused(500, Some("E0000053"), true), Code::OktaUnavailable);
        assert_eq!(refused(503, Some("E0000010"), false), Code::OktaReadOnly);
    }
}

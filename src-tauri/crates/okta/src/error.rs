//! What Okta's refusals mean. Only `errorCode` is a contract; the texts beside it may change and are never shown.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::server_time::ServerTime;
use http_client::TransportError;
use model::check::Evidence;
use model::code::Code;
use model::problem::Problem;

/// Requests left in the minute, as the three `X-RateLimit-Limit-*` headers say. Missing and garbled headers are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests per window.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// When the window ends, by Okta's clock.
    pub reset: Option<DateTime<Utc>>,
}

impl RateLimit {
    /// How long the window lasts yet, by Okta's own clock: never negative, at most two minutes.
    #[must_use]
    pub fn wait(&self, server_time: Option<DateTime<Utc>>) -> Option<TimeDelta> {
        let wait = self.reset? - server_time? + TimeDelta::seconds(1);
        Some(wait.clamp(TimeDelta::seconds(1), TimeDelta::seconds(120)))
    }
}

/// What was asked, as far as it changes what a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Who the org is; no token was sent.
    Org,
    /// The System Log.
    Logs,
    /// Anything else.
    Other,
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
        /// What was asked.
        asked: Endpoint,
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

impl From<TransportError> for OktaError {
    fn from(lost: TransportError) -> Self {
        Self::NoAnswer(lost.code())
    }
}

impl OktaError {
    /// Returns the code a person meets.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NoAnswer(code) => *code,
            Self::Refused { status, code, asked } => refused(*status, code.as_deref(), *asked),
            Self::Redirected { open: true, .. } | Self::Page => Code::CaptivePortal,
            Self::Redirected { open: false, .. } => Code::RedirectRefused,
            Self::ForeignNext { .. } => Code::NextLinkForeign,
            Self::Unreadable => Code::AnswerUnreadable,
        }
    }
}

/// Okta's codes, by the table of its error code reference. A 401 alone never means that the token is dead.
fn refused(status: u16, code: Option<&str>, asked: Endpoint) -> Code {
    match (status, code) {
        (401, Some("E0000015")) => Code::FeatureRefused,
        (401, Some("E0000011")) => Code::TokenRefused,
        (401, _) | (403, Some("E0000005")) => Code::TokenNotAccepted,
        (403, _) => Code::PermissionRefused,
        // An org that was recognised is not unknown because one of its paths is.
        (404, _) if asked == Endpoint::Org => Code::OrgUnknown,
        (429, _) => Code::OktaRateLimited,
        (503, Some("E0000010")) => Code::OktaReadOnly,
        (500, Some("E0000009")) if asked == Endpoint::Logs => Code::LogsSlow,
        (500..=599, _) => Code::OktaUnavailable,
        _ => Code::AnswerUnexpected,
    }
}

/// Returns Okta's `errorCode` of an error body (DOCS reference/error-codes); `None` where there is none.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.get("errorCode").and_then(Value::as_str).map(str::to_owned)
}

/// A question Okta did not answer, with what was seen of it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub error: OktaError,
    /// The request.
    pub evidence: Evidence,
    /// Head-room, if it was told.
    pub rate: Option<RateLimit>,
    /// Okta's clock, if it was told.
    pub server_time: Option<ServerTime>,
}

impl Failure {
    /// Returns the code a person meets.
    #[must_use]
    pub fn code(&self) -> Code {
        self.error.code()
    }

    /// Tells whether nobody answered, or somebody other than Okta did: nothing is known then of what was asked.
    #[must_use]
    pub fn lost(&self) -> bool {
        match self.error {
            // The token itself could not be sent.
            OktaError::NoAnswer(code) => code != Code::TokenOddShape,
            OktaError::Page | OktaError::Redirected { .. } => true,
            OktaError::Refused { .. } | OktaError::ForeignNext { .. } | OktaError::Unreadable => false,
        }
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
            problem.retry_at = self.server_time.map(|told| told.received + wait);
        }
        problem.request_id.clone_from(&self.evidence.request_id);
        problem
    }

    /// How long Okta asks to wait, by Okta's own clock: never negative, at most two minutes.
    pub(super) fn wait(&self) -> Option<TimeDelta> {
        self.rate.as_ref()?.wait(self.server_time.map(|told| told.okta))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_401_is_told_apart_by_its_code() {
        assert_eq!(refused(401, Some("E0000011"), Endpoint::Other), Code::TokenRefused);
        assert_eq!(refused(401, Some("E0000015"), Endpoint::Other), Code::FeatureRefused);
        assert_eq!(refused(401, Some("E0000004"), Endpoint::Other), Code::TokenNotAccepted);
        assert_eq!(refused(401, None, Endpoint::Other), Code::TokenNotAccepted);
        assert_eq!(refused(403, Some("E0000005"), Endpoint::Other), Code::TokenNotAccepted);
        assert_eq!(refused(403, Some("E0000006"), Endpoint::Other), Code::PermissionRefused);
    }

    #[test]
    fn when_to_ask_again_is_told_by_this_computers_clock_however_far_it_is_off() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let failure = Failure {
            error: OktaError::Refused { status: 429, code: None, asked: Endpoint::Other },
            evidence: Evidence {
                endpoint: "GET /".to_owned(),
                status: Some(429),
                okta_code: None,
                request_id: None,
                ms: 1,
            },
            rate: Some(RateLimit { limit: 60, remaining: 0, reset: Some(at(30)) }),
            // Ten hours behind Okta's.
            server_time: Some(ServerTime { okta: at(10), sent: at(-36_001), received: at(-36_000) }),
        };
        let problem = failure.problem();
        assert_eq!((problem.args["seconds"].as_str(), problem.retry_at), ("21", Some(at(-36_000 + 21))));
    }

    #[test]
    fn a_path_that_is_not_found_does_not_make_the_org_unknown() {
        assert_eq!(refused(404, None, Endpoint::Org), Code::OrgUnknown);
        assert_eq!(refused(404, Some("E0000007"), Endpoint::Other), Code::AnswerUnexpected);
    }

    #[test]
    fn a_500_of_the_system_log_is_a_slow_query_only_with_its_code() {
        assert_eq!(refused(500, Some("E0000009"), Endpoint::Logs), Code::LogsSlow);
        assert_eq!(refused(500, Some("E0000053"), Endpoint::Logs), Code::OktaUnavailable);
        assert_eq!(refused(503, Some("E0000010"), Endpoint::Other), Code::OktaReadOnly);
    }
}

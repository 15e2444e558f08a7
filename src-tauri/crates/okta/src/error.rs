//! The meaning of Okta's errors. Only `errorCode` is a contract; the texts beside it may change and are never shown.

use chrono::{DateTime, TimeDelta, Utc};

use super::server_time::ServerTime;
use http_client::TransportError;
use model::check::Evidence;
use model::code::Code;
use model::problem::Problem;
use model::raw_json;

/// Less than the limit divided by this is little, as in the rate limit check.
const LITTLE_LEFT_DIVISOR: u32 = 5;

/// The rate limit of a minute, by the three `X-Rate-Limit-*` headers.
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
    /// Returns the time until the window ends by Okta's own clock, at least one second and at most two minutes.
    #[must_use]
    pub fn wait(&self, server_time: Option<DateTime<Utc>>) -> Option<TimeDelta> {
        Some(bounded_wait(self.reset? - server_time?))
    }

    /// Returns whether enough is left for a request that could be omitted.
    pub(crate) fn has_headroom(&self) -> bool {
        self.remaining.saturating_mul(LITTLE_LEFT_DIVISOR) >= self.limit
    }
}

/// Returns a wait that certainly reaches the time that Okta named, in whole seconds, and that a person would accept.
fn bounded_wait(wait: TimeDelta) -> TimeDelta {
    (wait + TimeDelta::seconds(1)).clamp(TimeDelta::seconds(1), TimeDelta::seconds(120))
}

/// The kinds of requests whose errors differ in meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// The org's description of itself, requested without a token.
    Org,
    /// The System Log.
    Logs,
    /// Any other read.
    Other,
    /// A change.
    Write,
}

/// Why a request to Okta failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OktaError {
    /// There was no whole response.
    #[error("no response: {0:?}")]
    NoAnswer(Code),
    /// Okta responded with an error.
    #[error("status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Okta's `errorCode`.
        code: Option<String>,
        /// The kind of request.
        endpoint: Endpoint,
    },
    /// The response was a redirect, which was not followed.
    #[error("redirected")]
    Redirected {
        /// The host it leads to.
        host: Option<String>,
        /// Whether it may lead to a network's sign-in page.
        may_be_sign_in: bool,
    },
    /// The `next` link leads to another origin.
    #[error("a next link to another origin")]
    ForeignNext {
        /// Its host.
        host: Option<String>,
    },
    /// The response is a web page instead of JSON.
    #[error("a web page")]
    Page,
    /// The response does not match the specification.
    #[error("an unreadable response")]
    Unreadable,
}

impl From<TransportError> for OktaError {
    fn from(error: TransportError) -> Self {
        Self::NoAnswer(error.code())
    }
}

impl OktaError {
    /// Returns the code shown to the user.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NoAnswer(code) => *code,
            Self::Refused { status, code, endpoint } => refusal_code(*status, code.as_deref(), *endpoint),
            Self::Redirected { may_be_sign_in: true, .. } | Self::Page => Code::CaptivePortal,
            Self::Redirected { may_be_sign_in: false, .. } => Code::RedirectRefused,
            Self::ForeignNext { .. } => Code::NextLinkForeign,
            Self::Unreadable => Code::AnswerUnreadable,
        }
    }
}

/// Interprets Okta's codes by the table of its error code reference. A 401 alone never means that the token is invalid.
fn refusal_code(status: u16, code: Option<&str>, endpoint: Endpoint) -> Code {
    match (status, code) {
        (401, Some("E0000015")) if endpoint == Endpoint::Logs => Code::LogsFeatureOff,
        (401, Some("E0000015")) => Code::FeatureRefused,
        (401, Some("E0000011")) => Code::TokenRefused,
        (401, _) | (403, Some("E0000005")) => Code::TokenNotAccepted,
        (403, _) => Code::PermissionRefused,
        // An org that was recognized is not unknown because one of its paths is.
        (404, _) if endpoint == Endpoint::Org => Code::OrgUnknown,
        (429, _) => Code::OktaRateLimited,
        (503, Some("E0000010")) if endpoint == Endpoint::Write => Code::OktaReadOnly,
        (503, Some("E0000010")) => Code::OktaReadRefused,
        // The query has no part that a person typed, so it says nothing about the token.
        (400, Some("E0000001" | "E0000030" | "E0000031" | "E0000053")) if endpoint == Endpoint::Logs => {
            Code::LogsQueryRefused
        }
        (500, Some("E0000009")) if endpoint == Endpoint::Logs => Code::LogsSlow,
        (500..=599, _) => Code::OktaUnavailable,
        _ => Code::AnswerUnexpected,
    }
}

/// Returns Okta's `errorCode` of an error body (DOCS reference/error-codes); `None` where there is none.
pub(crate) fn error_code(body: &[u8]) -> Option<String> {
    raw_json::text_at(body, "/errorCode")
}

/// A failed request with what is known about it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub error: OktaError,
    /// The request.
    pub evidence: Evidence,
    /// The rate limit, if the headers named it.
    pub rate: Option<RateLimit>,
    /// The wait that `Retry-After` asks for, if the response had that header.
    pub retry_after: Option<TimeDelta>,
    /// Okta's clock, if the headers named it.
    pub server_time: Option<ServerTime>,
}

impl Failure {
    pub(crate) fn without_response(error: OktaError, evidence: Evidence) -> Self {
        Self { error, evidence, rate: None, retry_after: None, server_time: None }
    }

    /// Returns the code shown to the user.
    #[must_use]
    pub fn code(&self) -> Code {
        self.error.code()
    }

    /// Returns whether there was no response, or one that is not Okta's: the request then has no result.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        match self.error {
            // The token itself could not be sent.
            OktaError::NoAnswer(code) => code != Code::TokenOddShape,
            OktaError::Page | OktaError::Redirected { .. } => true,
            OktaError::Refused { .. } | OktaError::ForeignNext { .. } | OktaError::Unreadable => false,
        }
    }

    /// Returns the problem with the values for its texts.
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
            problem.retry_at = self.server_time.map(|time| time.received + wait);
        }
        problem.request_id.clone_from(&self.evidence.request_id);
        problem
    }

    /// Returns how long Okta asks to wait, as [`RateLimit::wait`] does, or by `Retry-After` where there is nothing else.
    pub(crate) fn wait(&self) -> Option<TimeDelta> {
        let by_reset = self.rate.as_ref().and_then(|rate| rate.wait(self.server_time.map(|time| time.okta)));
        by_reset.or_else(|| self.retry_after.map(bounded_wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_code_decides_what_a_401_means() {
        assert_eq!(refusal_code(401, Some("E0000011"), Endpoint::Other), Code::TokenRefused);
        assert_eq!(refusal_code(401, Some("E0000015"), Endpoint::Other), Code::FeatureRefused);
        assert_eq!(refusal_code(401, Some("E0000004"), Endpoint::Other), Code::TokenNotAccepted);
        assert_eq!(refusal_code(401, None, Endpoint::Other), Code::TokenNotAccepted);
        assert_eq!(refusal_code(403, Some("E0000005"), Endpoint::Other), Code::TokenNotAccepted);
        assert_eq!(refusal_code(403, Some("E0000006"), Endpoint::Other), Code::PermissionRefused);
    }

    #[test]
    fn the_retry_time_is_in_this_computers_time_however_wrong_its_clock_is() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let failure = Failure {
            error: OktaError::Refused { status: 429, code: None, endpoint: Endpoint::Other },
            evidence: Evidence {
                endpoint: "GET /".to_owned(),
                status: Some(429),
                okta_code: None,
                request_id: None,
                ms: 1,
            },
            rate: Some(RateLimit { limit: 60, remaining: 0, reset: Some(at(30)) }),
            retry_after: None,
            // Ten hours behind Okta's.
            server_time: Some(ServerTime { okta: at(10), sent: at(-36_001), received: at(-36_000) }),
        };
        let problem = failure.problem();
        assert_eq!((problem.args["seconds"].as_str(), problem.retry_at), ("21", Some(at(-36_000 + 21))));
        let retry_after = Failure { rate: None, retry_after: Some(TimeDelta::seconds(40)), ..failure };
        assert_eq!(retry_after.problem().retry_at, Some(at(-36_000 + 41)), "where there is nothing else");
    }

    #[test]
    fn a_path_that_is_not_found_does_not_make_the_org_unknown() {
        assert_eq!(refusal_code(404, None, Endpoint::Org), Code::OrgUnknown);
        assert_eq!(refusal_code(404, Some("E0000007"), Endpoint::Other), Code::AnswerUnexpected);
    }

    #[test]
    fn a_500_of_the_system_log_is_a_slow_query_only_with_its_code() {
        assert_eq!(refusal_code(500, Some("E0000009"), Endpoint::Logs), Code::LogsSlow);
        assert_eq!(refusal_code(500, Some("E0000053"), Endpoint::Logs), Code::OktaUnavailable);
    }

    #[test]
    fn a_read_that_is_refused_in_read_only_mode_is_not_called_possible() {
        assert_eq!(refusal_code(503, Some("E0000010"), Endpoint::Write), Code::OktaReadOnly);
        for read in [Endpoint::Org, Endpoint::Logs, Endpoint::Other] {
            assert_eq!(refusal_code(503, Some("E0000010"), read), Code::OktaReadRefused);
        }
    }

    #[test]
    fn a_feature_that_is_off_and_a_refused_query_have_their_own_meaning_at_the_system_log() {
        assert_eq!(refusal_code(401, Some("E0000015"), Endpoint::Logs), Code::LogsFeatureOff);
        for code in ["E0000001", "E0000030", "E0000031", "E0000053"] {
            assert_eq!(refusal_code(400, Some(code), Endpoint::Logs), Code::LogsQueryRefused);
            assert_eq!(refusal_code(400, Some(code), Endpoint::Other), Code::AnswerUnexpected);
        }
    }
}

//! The meaning of Okta's errors. Only `errorCode` is a contract; the texts beside it may change and are never shown.

use chrono::TimeDelta;

use super::rate_limit::{RateLimit, bounded_wait};
use super::server_time::ServerTime;
use http_client::TransportError;
use model::certificate_issuer::RefusedIssuer;
use model::check::Evidence;
use model::code::Code;
use model::json_part_reader;
use model::problem::Problem;

/// The kinds of requests whose errors differ in meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// The org's description of itself, requested without a token.
    Org,
    /// The account that the token belongs to, which exists in every org.
    Me,
    /// The System Log, which exists in every org.
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
    /// The connection was refused before the token was sent: nobody accepted the issuer of the server's certificate.
    #[error("an issuer that nobody accepted")]
    Inspected(Box<RefusedIssuer>),
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
    /// Okta redirected the request, which was not followed.
    #[error("redirected")]
    Redirected {
        /// The host it leads to.
        host: Option<String>,
    },
    /// The `next` link leads to another origin.
    #[error("a next link to another origin")]
    ForeignNext {
        /// Its host.
        host: Option<String>,
    },
    /// The network answered instead of Okta: by a page or by a redirect, it asks for a sign-in.
    #[error("a network's sign-in page")]
    SignInPage,
    /// Okta answered, or somebody on the way there.
    #[error("an unknown responder")]
    UnknownResponder,
    /// The response does not match the specification.
    #[error("an unreadable response")]
    Unreadable,
}

impl From<TransportError> for OktaError {
    fn from(error: TransportError) -> Self {
        if let TransportError::Inspected(refused) = error {
            return Self::Inspected(refused);
        }
        Self::NoAnswer(error.code())
    }
}

impl OktaError {
    /// Returns the code shown to the user.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NoAnswer(code) => *code,
            Self::Inspected(_) => Code::TlsInspected,
            Self::Refused { status, code, endpoint } => refusal_code(*status, code.as_deref(), *endpoint),
            Self::SignInPage => Code::CaptivePortal,
            Self::UnknownResponder => Code::ResponderUnknown,
            Self::Redirected { .. } => Code::RedirectRefused,
            Self::ForeignNext { .. } => Code::NextLinkForeign,
            Self::Unreadable => Code::AnswerUnreadable,
        }
    }
}

/// Interprets a refusal of Okta by its status and, if the API named one, by its code (DOCS error code reference). A 401 alone
/// never means that the token is invalid.
///
/// Okta's API always names a code, so a refusal without one comes from Okta's edge in front of it. An address in a blocked zone
/// gets 403 on every path (HELP create-ip-zone; whether with a page, with JSON or with nothing is UNVERIFIED), and an org that
/// is gone gets 404 on every path; the description of an org needs no permission. Another path may be refused on its own.
fn refusal_code(status: u16, code: Option<&str>, endpoint: Endpoint) -> Code {
    let exists_in_every_org = endpoint != Endpoint::Other;
    match (status, code) {
        (403, _) if endpoint == Endpoint::Org => Code::AddressBlocked,
        (404, _) if endpoint == Endpoint::Org => Code::OrgUnknown,
        (401, Some("E0000015")) if endpoint == Endpoint::Logs => Code::LogsFeatureOff,
        (401, Some("E0000015")) => Code::FeatureRefused,
        (401, Some("E0000011")) => Code::TokenRefused,
        (401, _) | (403, Some("E0000005")) => Code::TokenNotAccepted,
        (403, Some(_)) => Code::PermissionRefused,
        (403, None) if exists_in_every_org => Code::AddressBlocked,
        (404, None) if exists_in_every_org => Code::OrgUnknown,
        (429, _) => Code::OktaRateLimited,
        (503, Some("E0000010")) if endpoint == Endpoint::Write => Code::OktaReadOnly,
        (503, Some("E0000010")) => Code::OktaReadRefused,
        // The query has no part that a person typed, so it says nothing about the token.
        (400, Some("E0000001" | "E0000030" | "E0000031" | "E0000053")) if endpoint == Endpoint::Logs => {
            Code::LogsQueryRefused
        }
        (500, Some("E0000009")) if endpoint == Endpoint::Logs => Code::LogsSlow,
        (500..=599, _) => Code::OktaUnavailable,
        (400..=499, None) => Code::RequestRejected,
        _ => Code::AnswerUnexpected,
    }
}

/// Returns Okta's `errorCode` of an error body (DOCS reference/error-codes); `None` where there is none.
pub(crate) fn error_code(body: &[u8]) -> Option<String> {
    json_part_reader::text_at(body, "/errorCode")
}

/// A failed request with what is known about it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub error: OktaError,
    /// The request.
    pub evidence: Evidence,
    /// The host that was asked.
    pub host: Option<String>,
    /// The rate limit, if the headers named it.
    pub rate: Option<RateLimit>,
    /// The wait that `Retry-After` asks for, if the response had that header.
    pub retry_after: Option<TimeDelta>,
    /// Okta's clock, if the headers named it.
    pub server_time: Option<ServerTime>,
}

impl Failure {
    pub(crate) fn without_response(error: OktaError, evidence: Evidence) -> Self {
        Self { error, evidence, host: None, rate: None, retry_after: None, server_time: None }
    }

    /// Names the host that was asked.
    #[must_use]
    pub(crate) fn at(self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self }
    }

    /// Returns the code shown to the user.
    #[must_use]
    pub fn code(&self) -> Code {
        self.error.code()
    }

    /// Returns whether there was no response, or one that may not be Okta's: the request then has no result.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        match self.error {
            // The token itself could not be sent.
            OktaError::NoAnswer(code) => code != Code::TokenOddShape,
            OktaError::Inspected(_)
            | OktaError::SignInPage
            | OktaError::UnknownResponder
            | OktaError::Redirected { .. } => true,
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
        let host = match &self.error {
            // The host that the answer named is the one in question.
            OktaError::Redirected { host: Some(host) } | OktaError::ForeignNext { host: Some(host) } => Some(host),
            OktaError::Redirected { host: None }
            | OktaError::ForeignNext { host: None }
            | OktaError::NoAnswer(_)
            | OktaError::Inspected(_)
            | OktaError::Refused { .. }
            | OktaError::SignInPage
            | OktaError::UnknownResponder
            | OktaError::Unreadable => self.host.as_ref(),
        };
        if let Some(host) = host {
            problem = problem.arg("host", host.clone());
        }
        if let OktaError::Inspected(refused) = &self.error {
            problem = refused.describe(problem);
        }
        if let (Code::OktaRateLimited, Some(wait)) = (self.code(), self.wait()) {
            problem = problem.arg("seconds", wait.num_seconds().to_string());
            problem.retry_at = self.server_time.map(|time| time.received + wait);
        }
        problem.request_id.clone_from(&self.evidence.request_id);
        problem
    }

    /// Returns how long Okta asks to wait, as [`RateLimit::wait`] does, or by `Retry-After` where there is nothing else.
    #[must_use]
    pub fn wait(&self) -> Option<TimeDelta> {
        let by_reset = self.rate.as_ref().and_then(|rate| rate.wait(self.server_time.map(|time| time.okta)));
        by_reset.or_else(|| self.retry_after.map(bounded_wait))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

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
            host: None,
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
    fn an_org_is_unknown_without_its_description_or_when_the_edge_does_not_find_what_every_org_has() {
        assert_eq!(refusal_code(404, None, Endpoint::Org), Code::OrgUnknown);
        assert_eq!(refusal_code(404, Some("E0000007"), Endpoint::Org), Code::OrgUnknown);
        assert_eq!(refusal_code(404, None, Endpoint::Me), Code::OrgUnknown);
        assert_eq!(refusal_code(404, None, Endpoint::Logs), Code::OrgUnknown);
        assert_eq!(refusal_code(404, Some("E0000007"), Endpoint::Me), Code::AnswerUnexpected, "the API answered");
        assert_eq!(refusal_code(404, None, Endpoint::Other), Code::RequestRejected, "one path is not the org");
    }

    #[test]
    fn a_403_without_a_code_of_the_api_is_no_missing_permission() {
        for endpoint in [Endpoint::Org, Endpoint::Me, Endpoint::Logs] {
            assert_eq!(refusal_code(403, None, endpoint), Code::AddressBlocked, "{endpoint:?}");
        }
        assert_eq!(refusal_code(403, Some("E0000006"), Endpoint::Org), Code::AddressBlocked);
        assert_eq!(refusal_code(403, Some("E0000006"), Endpoint::Me), Code::PermissionRefused);
        assert_eq!(refusal_code(403, None, Endpoint::Other), Code::RequestRejected);
    }

    #[test]
    fn a_refusal_of_the_edge_says_nothing_about_the_token() {
        for status in [400, 405, 406, 408, 410, 411, 413, 414, 415, 417, 421, 431, 451] {
            for endpoint in [Endpoint::Org, Endpoint::Me, Endpoint::Logs, Endpoint::Other] {
                assert_eq!(refusal_code(status, None, endpoint), Code::RequestRejected, "{status} {endpoint:?}");
            }
            assert_eq!(refusal_code(status, Some("E0000001"), Endpoint::Other), Code::AnswerUnexpected, "{status}");
        }
        assert_eq!(refusal_code(429, None, Endpoint::Me), Code::OktaRateLimited);
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

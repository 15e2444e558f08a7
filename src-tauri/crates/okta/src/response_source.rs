//! Decides who answered a request, before its status and its body are judged.
//!
//! The certificate chain decides first. Where it does not name the host, only Okta's request id does: Okta sends it with every
//! response (DOCS core-okta-api), and neither a proxy nor the sign-in page of a network does.

use http_client::{AnsweredBy, HttpResponse};

use super::error::error_code;

/// The status by which a network asks for a sign-in (RFC 6585). An origin server never sends it.
const NETWORK_AUTHENTICATION_REQUIRED: u16 = 511;

/// Who answered a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseSource {
    /// Okta's API, or Okta's edge in front of it.
    Okta,
    /// This computer's network, such as its sign-in page.
    Network,
    /// Okta, or somebody on the way there: nothing is concluded from the response.
    Unknown,
}

impl ResponseSource {
    /// Returns who sent the response.
    pub(crate) fn of(response: &HttpResponse) -> Self {
        let has_request_id = response.header("x-okta-request-id").is_some_and(|id| !id.trim().is_empty());
        match response.answered_by {
            AnsweredBy::Host => Self::Okta,
            AnsweredBy::AcceptedInspection | AnsweredBy::Unknown | AnsweredBy::Loopback if has_request_id => Self::Okta,
            AnsweredBy::AcceptedInspection | AnsweredBy::Unknown | AnsweredBy::Loopback
                if response.status == NETWORK_AUTHENTICATION_REQUIRED =>
            {
                Self::Network
            }
            AnsweredBy::AcceptedInspection | AnsweredBy::Unknown => Self::Unknown,
            AnsweredBy::Loopback => without_request_id(response),
        }
    }
}

/// Judges a response of a practice organization by its form, because loopback has no certificate: a portal answers with a page
/// or a redirect, the API with a code.
fn without_request_id(response: &HttpResponse) -> ResponseSource {
    let is_redirect = (300..400).contains(&response.status);
    // The body of a success is judged when it is parsed.
    let may_be_api = matches!(response.status, 200..=299 | 500..=599);
    if response.is_page() || is_redirect {
        ResponseSource::Network
    } else if may_be_api || error_code(&response.body).is_some() {
        ResponseSource::Okta
    } else {
        ResponseSource::Unknown
    }
}

#[cfg(test)]
mod tests {
    use http_client::HttpResponse;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    const PAGE: &str = "<!doctype html><title>Sign in</title>";
    const ALL: [AnsweredBy; 4] =
        [AnsweredBy::Host, AnsweredBy::AcceptedInspection, AnsweredBy::Unknown, AnsweredBy::Loopback];

    fn source(answered_by: AnsweredBy, status: u16, body: &str, request_id: Option<&str>) -> ResponseSource {
        let mut headers = HeaderMap::new();
        if let Some(id) = request_id {
            headers.insert(HeaderName::from_static("x-okta-request-id"), HeaderValue::from_str(id).unwrap());
        }
        ResponseSource::of(&HttpResponse { answered_by, status, headers, body: body.into(), certificate: None })
    }

    #[test]
    fn the_certificate_of_the_host_decides_whatever_the_status_and_the_body() {
        for status in [200, 204, 302, 400, 401, 403, 404, 410, 429, 431, 500, 503, 511] {
            for body in ["", "{}", PAGE] {
                assert_eq!(source(AnsweredBy::Host, status, body, None), ResponseSource::Okta, "{status} {body}");
            }
        }
    }

    #[test]
    fn the_request_id_decides_where_the_certificate_does_not() {
        for answered_by in ALL {
            for (status, body) in [(200, "{}"), (403, PAGE), (404, ""), (302, "")] {
                assert_eq!(source(answered_by, status, body, Some("aBc1")), ResponseSource::Okta, "{answered_by:?}");
            }
        }
        for answered_by in [AnsweredBy::AcceptedInspection, AnsweredBy::Unknown] {
            for (status, body) in [(200, "{}"), (403, PAGE), (404, ""), (302, ""), (503, "{}")] {
                assert_eq!(
                    source(answered_by, status, body, None),
                    ResponseSource::Unknown,
                    "{answered_by:?} {status}"
                );
                assert_eq!(
                    source(answered_by, status, body, Some(" ")),
                    ResponseSource::Unknown,
                    "an empty id is none"
                );
            }
        }
    }

    #[test]
    fn a_portal_on_loopback_is_one_thing_whether_it_answers_or_redirects() {
        for (status, body) in [(200, PAGE), (302, ""), (307, PAGE), (403, PAGE), (404, PAGE), (511, ""), (503, PAGE)] {
            assert_eq!(source(AnsweredBy::Loopback, status, body, None), ResponseSource::Network, "{status}");
        }
        for (status, body) in [(200, "[]"), (401, r#"{"errorCode":"E0000011"}"#), (502, "")] {
            assert_eq!(source(AnsweredBy::Loopback, status, body, None), ResponseSource::Okta, "{status}");
        }
        for (status, body) in [(403, ""), (404, "not found"), (404, r#"{"error":"sign in"}"#), (400, "{}")] {
            assert_eq!(source(AnsweredBy::Loopback, status, body, None), ResponseSource::Unknown, "{status}");
        }
    }

    #[test]
    fn only_a_network_asks_for_a_sign_in_by_status() {
        for answered_by in [AnsweredBy::AcceptedInspection, AnsweredBy::Unknown, AnsweredBy::Loopback] {
            assert_eq!(source(answered_by, 511, PAGE, None), ResponseSource::Network, "{answered_by:?}");
        }
    }
}

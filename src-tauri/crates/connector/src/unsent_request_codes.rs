//! Which failures of a write say that it did not reach Okta: rotation and response actions judge a lost answer by them.

use model::code::Code;

/// Tells whether the request did not reach Okta.
pub(crate) fn was_never_sent(code: Code) -> bool {
    matches!(
        code,
        Code::TlsInspected
            | Code::NetworkDown
            | Code::DnsNotFound
            | Code::DnsUnavailable
            | Code::ConnectionRefused
            | Code::TlsFailed
            | Code::TlsUntrusted
            | Code::TlsChainIncomplete
            | Code::TlsExpired
            | Code::TlsWrongHost
            | Code::ProxyFailed
            | Code::TokenOddShape
    )
}

#[cfg(test)]
mod tests {
    use http_client::TransportError;

    use super::*;

    #[test]
    fn only_failures_before_a_connection_stood_say_that_a_change_was_not_sent() {
        for (failure, is_never_sent) in [
            (TransportError::NoNetwork, true),
            (TransportError::HostNotFound, true),
            (TransportError::NoResolver, true),
            (TransportError::Refused, true),
            (TransportError::Tls, true),
            (TransportError::Untrusted, true),
            (TransportError::IncompleteChain, true),
            (TransportError::Expired, true),
            (TransportError::WrongHost, true),
            (TransportError::Proxy, true),
            (TransportError::Reset, false),
            (TransportError::TimedOut, false),
            (TransportError::Truncated, false),
            (TransportError::TooLarge, false),
            (TransportError::NotHttp, false),
        ] {
            assert_eq!(was_never_sent(failure.code()), is_never_sent, "{failure:?}");
        }
        for code in [Code::TlsInspected, Code::TokenOddShape] {
            assert!(was_never_sent(code), "{code:?}");
        }
        for code in [Code::OktaUnavailable, Code::AnswerUnreadable, Code::Internal] {
            assert!(!was_never_sent(code), "{code:?}");
        }
    }
}

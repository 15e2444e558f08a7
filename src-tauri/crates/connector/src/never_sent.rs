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

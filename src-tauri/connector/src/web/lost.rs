//! Why no answer came.

use std::error::Error;
use std::io;

use crate::model::Code;

/// A request without a usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lost {
    #[error("the computer has no network")]
    NoNetwork,
    #[error("the name does not exist")]
    NoName,
    #[error("names could not be looked up")]
    NoResolver,
    #[error("the connection was refused")]
    Refused,
    #[error("the connection broke")]
    Reset,
    #[error("no answer came in time")]
    TimedOut,
    #[error("the encrypted connection failed")]
    Tls,
    #[error("the certificate's issuer is not trusted")]
    Untrusted,
    #[error("the certificate is out of date")]
    Expired,
    #[error("the certificate is for another host")]
    WrongHost,
    #[error("the proxy did not let the request through")]
    Proxy,
    #[error("the answer broke off")]
    Truncated,
    #[error("the answer is too large")]
    TooLarge,
    #[error("the request could not be made")]
    NotMade,
}

impl Lost {
    /// Reads a failure to send.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut;
        }
        let text = chain(error);
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if let Some(kind) = io_kind(error) {
            return kind;
        }
        if has(&["dns error", "failed to lookup address"]) {
            return dns(&text);
        }
        if has(&["certificate", "tls", "handshake", "ssl"]) {
            return certificate(&text);
        }
        if has(&["proxy", "tunnel"]) {
            return Self::Proxy;
        }
        if error.is_body()
            || error.is_decode()
            || has(&["end of file before message length", "incomplete message", "connection closed"])
        {
            return Self::Reset;
        }
        if error.is_builder() { Self::NotMade } else { Self::Reset }
    }

    /// Reads a failure while the answer was coming.
    pub(crate) fn while_reading(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Truncated }
    }

    /// Returns the code a person meets.
    pub(crate) fn code(self) -> Code {
        match self {
            Self::NoNetwork => Code::NetworkDown,
            Self::NoName => Code::DnsNotFound,
            Self::NoResolver => Code::DnsUnavailable,
            Self::Refused => Code::ConnectionRefused,
            Self::Reset => Code::ConnectionReset,
            Self::TimedOut => Code::TimedOut,
            Self::Tls => Code::TlsFailed,
            Self::Untrusted => Code::TlsUntrusted,
            Self::Expired => Code::TlsExpired,
            Self::WrongHost => Code::TlsWrongHost,
            Self::Proxy => Code::ProxyFailed,
            Self::Truncated => Code::AnswerTruncated,
            Self::TooLarge => Code::AnswerUnexpected,
            Self::NotMade => Code::Internal,
        }
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(" / ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text.to_lowercase()
}

fn io_kind(error: &reqwest::Error) -> Option<Lost> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            let among = |kinds: &[io::ErrorKind]| kinds.contains(&error.kind());
            if among(&[io::ErrorKind::ConnectionRefused]) {
                return Some(Lost::Refused);
            }
            if among(&[io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionAborted, io::ErrorKind::BrokenPipe]) {
                return Some(Lost::Reset);
            }
            if among(&[io::ErrorKind::NetworkUnreachable, io::ErrorKind::HostUnreachable, io::ErrorKind::NetworkDown]) {
                return Some(Lost::NoNetwork);
            }
            if among(&[io::ErrorKind::TimedOut]) {
                return Some(Lost::TimedOut);
            }
        }
        next = error.source();
    }
    None
}

/// `EAI_NONAME` and its kin say that the name does not exist; anything else that no name server answered.
fn dns(text: &str) -> Lost {
    let absent =
        ["name or service not known", "no address associated", "nodename nor servname", "no such host", "not known"];
    if absent.iter().any(|word| text.contains(word)) { Lost::NoName } else { Lost::NoResolver }
}

fn certificate(text: &str) -> Lost {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&[
        "unknownissuer",
        "unknown issuer",
        "self-signed",
        "self signed",
        "not trusted",
        "unknown ca",
        "unable to get local issuer",
    ]) {
        Lost::Untrusted
    } else if has(&["not valid for name", "notvalidforname", "certificate not valid for", "hostname"]) {
        Lost::WrongHost
    } else if has(&["expired", "not valid yet", "notvalidyet"]) {
        Lost::Expired
    } else {
        Lost::Tls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustls_words_for_certificates_are_told_apart() {
        assert_eq!(certificate("invalid peer certificate: unknownissuer"), Lost::Untrusted);
        assert_eq!(certificate("invalid peer certificate: certificate not valid for name \"a\""), Lost::WrongHost);
        assert_eq!(certificate("invalid peer certificate: certificate expired: verified at"), Lost::Expired);
        assert_eq!(certificate("received fatal alert: handshakefailure"), Lost::Tls);
    }

    #[test]
    fn a_name_that_does_not_exist_is_not_a_name_server_that_does_not_answer() {
        assert_eq!(dns("dns error / failed to lookup address information: name or service not known"), Lost::NoName);
        assert_eq!(dns("dns error / temporary failure in name resolution"), Lost::NoResolver);
    }
}

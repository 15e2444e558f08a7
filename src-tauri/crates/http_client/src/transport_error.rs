//! Why no answer came.

use std::error::Error;
use std::io;

use model::code::Code;

/// A request without a usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
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
    #[error("the answer is not HTTP")]
    Garbled,
    #[error("the request could not be made")]
    NotMade,
}

impl TransportError {
    /// Reads a failure to send: by the types of its causes, and by their words where they have no public type.
    pub fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut;
        }
        let text = words(error);
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        // Whatever went wrong on the way to the proxy is the proxy's: nothing is known of the host behind it.
        if has(&["tunnel error", "proxy"]) {
            return Self::Proxy;
        }
        // A client that cannot be built for TLS's sake found no authority on this computer at all.
        let nothing_trusted = error.is_builder();
        if let Some(error) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return if nothing_trusted { Self::Untrusted } else { encrypted(error) };
        }
        if has(&["dns error", "failed to lookup address"]) {
            return causes(error).find_map(absent).unwrap_or_else(|| dns(&text));
        }
        if has(&["handshake"]) {
            return Self::Tls;
        }
        if let Some(kind) = causes(error).find_map(io_kind) {
            return kind;
        }
        if has(&["invalid http", "invalid content-length", "head is too large"]) {
            return Self::Garbled;
        }
        if error.is_builder() { Self::NotMade } else { Self::Reset }
    }

    /// Reads a failure while the answer was coming.
    pub fn while_reading(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Truncated }
    }

    /// Returns the code a person meets.
    pub fn code(self) -> Code {
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
            Self::TooLarge | Self::Garbled => Code::AnswerUnreadable,
            Self::NotMade => Code::Internal,
        }
    }
}

/// What lies below an error, outermost first; the error itself is left out.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(below(error), |error| below(*error))
}

/// An `io::Error` names the cause of what it wraps as its own cause, and so hides what it wraps.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// The words of the causes, lower case. reqwest's own line is left out: it bears the address, and a host called
/// `tunnel.example.com` is no broken tunnel.
fn words(error: &(dyn Error + 'static)) -> String {
    causes(error).map(|cause| cause.to_string().to_lowercase()).collect::<Vec<_>>().join(" / ")
}

fn io_kind(cause: &(dyn Error + 'static)) -> Option<TransportError> {
    let kind = cause.downcast_ref::<io::Error>()?.kind();
    let among = |kinds: &[io::ErrorKind]| kinds.contains(&kind);
    if among(&[io::ErrorKind::ConnectionRefused]) {
        Some(TransportError::Refused)
    } else if among(&[
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::UnexpectedEof,
    ]) {
        Some(TransportError::Reset)
    } else if among(&[io::ErrorKind::NetworkUnreachable, io::ErrorKind::HostUnreachable, io::ErrorKind::NetworkDown]) {
        Some(TransportError::NoNetwork)
    } else if among(&[io::ErrorKind::TimedOut]) {
        Some(TransportError::TimedOut)
    } else {
        None
    }
}

/// Windows numbers what other systems only say: `WSAHOST_NOT_FOUND` and `WSANO_DATA`.
fn absent(cause: &(dyn Error + 'static)) -> Option<TransportError> {
    let number = cause.downcast_ref::<io::Error>()?.raw_os_error()?;
    (cfg!(windows) && [11_001, 11_004].contains(&number)).then_some(TransportError::NoName)
}

/// `EAI_NONAME` and its kin say that the name does not exist; anything else that no name server answered. The C library
/// says it in the language of the desktop, so German stands beside English.
fn dns(text: &str) -> TransportError {
    let absent = [
        "name or service not known",
        "no address associated",
        "nodename nor servname",
        "no such host",
        "not known",
        "name oder der dienst ist nicht bekannt",
        "zu diesem hostnamen gehört keine adresse",
    ];
    if absent.iter().any(|word| text.contains(word)) { TransportError::NoName } else { TransportError::NoResolver }
}

/// Tells certificates apart by rustls's own types. A certificate that is wrong in any other way is not to be trusted.
fn encrypted(error: &rustls::Error) -> TransportError {
    use rustls::CertificateError as Wrong;
    let rustls::Error::InvalidCertificate(wrong) = error else { return TransportError::Tls };
    if matches!(wrong, Wrong::NotValidForName | Wrong::NotValidForNameContext { .. }) {
        TransportError::WrongHost
    } else if matches!(
        wrong,
        Wrong::Expired | Wrong::ExpiredContext { .. } | Wrong::NotValidYet | Wrong::NotValidYetContext { .. }
    ) {
        TransportError::Expired
    } else {
        TransportError::Untrusted
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn certificates_are_told_apart_by_type() {
        use rustls::CertificateError as Wrong;
        let of = |wrong| encrypted(&rustls::Error::InvalidCertificate(wrong));
        assert_eq!(of(Wrong::UnknownIssuer), TransportError::Untrusted);
        assert_eq!(of(Wrong::NotValidForName), TransportError::WrongHost);
        assert_eq!(of(Wrong::NotValidYet), TransportError::Expired);
        assert_eq!(of(Wrong::Expired), TransportError::Expired);
        let other = rustls::OtherError(Arc::new(io::Error::other("a self-signed authority as a server")));
        assert_eq!(of(Wrong::Other(other)), TransportError::Untrusted);
        assert_eq!(encrypted(&rustls::Error::HandshakeNotComplete), TransportError::Tls);
    }

    #[test]
    fn what_an_io_error_wraps_is_found() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        let outer = io::Error::other(inner);
        assert!(causes(&outer).any(|cause| cause.downcast_ref::<rustls::Error>().is_some()));
        assert_eq!(words(&outer).matches("decrypt").count(), 2, "{}", words(&outer));
    }

    #[test]
    fn a_name_that_does_not_exist_is_not_a_name_server_that_does_not_answer() {
        assert_eq!(
            dns("dns error / failed to lookup address information: name or service not known"),
            TransportError::NoName
        );
        assert_eq!(
            dns("failed to lookup address information: zu diesem hostnamen gehört keine adresse"),
            TransportError::NoName
        );
        assert_eq!(dns("dns error / temporary failure in name resolution"), TransportError::NoResolver);
        assert_eq!(dns("dns error / temporärer fehler bei der namensauflösung"), TransportError::NoResolver);
    }
}

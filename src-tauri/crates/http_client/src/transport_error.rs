//! Failures to get an HTTP response.

use std::error::Error;
use std::io;

use model::certificate_issuer::RefusedIssuer;
use model::code::Code;

use crate::handshake_refusal::{Incomplete, Refused};

/// Why a request has no usable response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("the computer has no network")]
    NoNetwork,
    #[error("the host name does not exist")]
    HostNotFound,
    #[error("no name server responded")]
    NoResolver,
    #[error("the connection was refused")]
    Refused,
    #[error("the connection was reset")]
    Reset,
    #[error("the request timed out")]
    TimedOut,
    #[error("the encrypted connection failed")]
    Tls,
    #[error("the certificate's issuer is not trusted")]
    Untrusted,
    #[error("the server left out the certificates of its issuers")]
    IncompleteChain,
    #[error("an issuer that nobody accepted")]
    Inspected(Box<RefusedIssuer>),
    #[error("the certificate is not valid at this time")]
    Expired,
    #[error("the certificate is for another host")]
    WrongHost,
    #[error("the proxy did not forward the request")]
    Proxy,
    #[error("the response was cut off")]
    Truncated,
    #[error("the response is too large")]
    TooLarge,
    #[error("the response is not HTTP")]
    NotHttp,
    #[error("the request could not be built")]
    InvalidRequest,
}

impl TransportError {
    /// Classifies a failure to send, by the types of its causes and, where they have no public type, by their texts.
    pub fn from_send(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::of_causes(error, error.is_builder()) }
    }

    /// Classifies a failure to send a request that may change something. After the connection stood the request may have arrived,
    /// so that no class says that it was not sent.
    pub fn from_change(error: &reqwest::Error) -> Self {
        let class = Self::from_send(error);
        if error.is_connect() || error.is_builder() || class == Self::TimedOut { class } else { class.after_connect() }
    }

    fn after_connect(self) -> Self {
        match self {
            Self::NoNetwork
            | Self::HostNotFound
            | Self::NoResolver
            | Self::Refused
            | Self::Tls
            | Self::Untrusted
            | Self::IncompleteChain
            | Self::Expired
            | Self::WrongHost
            | Self::Proxy
            | Self::InvalidRequest => Self::Reset,
            // The issuer is refused in the handshake alone.
            class @ (Self::Inspected(_)
            | Self::Reset
            | Self::TimedOut
            | Self::Truncated
            | Self::TooLarge
            | Self::NotHttp) => class,
        }
    }

    /// Classifies a failure by its causes. A client whose TLS cannot be built found no certificate authority on this computer
    /// at all.
    fn of_causes(error: &(dyn Error + 'static), is_builder: bool) -> Self {
        if let Some(refused) = causes(error).find_map(refused_issuer) {
            return Self::Inspected(Box::new(refused.clone()));
        }
        let text = texts(error);
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        // A failure on the way to the proxy says nothing about the host behind it.
        if causes(error).any(|cause| cause.to_string().starts_with("tunnel error")) {
            return Self::Proxy;
        }
        // By its type first: its text has the names of the certificate, and a host may be named `proxy.example.com`.
        if let Some(error) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return if is_builder { Self::Untrusted } else { tls_error(error) };
        }
        if has(&["proxy"]) {
            return Self::Proxy;
        }
        if has(&["dns error", "failed to lookup address"]) {
            return causes(error).find_map(windows_host_not_found).unwrap_or_else(|| dns_error(&text));
        }
        if has(&["handshake"]) {
            return Self::Tls;
        }
        if let Some(kind) = causes(error).find_map(io_error) {
            return kind;
        }
        if has(&["invalid http", "invalid content-length", "head is too large"]) {
            return Self::NotHttp;
        }
        if is_builder { Self::InvalidRequest } else { Self::Reset }
    }

    /// Classifies a failure to read the response body.
    pub fn from_read(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Truncated }
    }

    /// Returns the code shown to the user.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NoNetwork => Code::NetworkDown,
            Self::HostNotFound => Code::DnsNotFound,
            Self::NoResolver => Code::DnsUnavailable,
            Self::Refused => Code::ConnectionRefused,
            Self::Reset => Code::ConnectionReset,
            Self::TimedOut => Code::TimedOut,
            Self::Tls => Code::TlsFailed,
            Self::Untrusted => Code::TlsUntrusted,
            Self::IncompleteChain => Code::TlsChainIncomplete,
            Self::Inspected(_) => Code::TlsInspected,
            Self::Expired => Code::TlsExpired,
            Self::WrongHost => Code::TlsWrongHost,
            Self::Proxy => Code::ProxyFailed,
            Self::Truncated => Code::AnswerTruncated,
            Self::TooLarge => Code::AnswerTooLarge,
            Self::NotHttp => Code::AnswerUnreadable,
            Self::InvalidRequest => Code::Internal,
        }
    }
}

/// Returns the causes of an error, outermost first, without the error itself.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(cause(error), |error| cause(*error))
}

/// Returns the direct cause. An `io::Error` returns the cause of the error that it wraps, and so hides the wrapped error.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Returns the texts of the causes in lower case. The text of reqwest's own error is left out because it contains the
/// address: a host named `tunnel.example.com` is no broken tunnel.
fn texts(error: &(dyn Error + 'static)) -> String {
    causes(error).map(|cause| cause.to_string().to_lowercase()).collect::<Vec<_>>().join(" / ")
}

fn io_error(cause: &(dyn Error + 'static)) -> Option<TransportError> {
    let kind = cause.downcast_ref::<io::Error>()?.kind();
    let is = |kinds: &[io::ErrorKind]| kinds.contains(&kind);
    if is(&[io::ErrorKind::ConnectionRefused]) {
        Some(TransportError::Refused)
    } else if is(&[
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::UnexpectedEof,
    ]) {
        Some(TransportError::Reset)
    } else if is(&[io::ErrorKind::NetworkUnreachable, io::ErrorKind::HostUnreachable, io::ErrorKind::NetworkDown]) {
        Some(TransportError::NoNetwork)
    } else if is(&[io::ErrorKind::TimedOut]) {
        Some(TransportError::TimedOut)
    } else {
        None
    }
}

/// Recognizes `WSAHOST_NOT_FOUND` and `WSANO_DATA`: Windows has numbers for what other systems report as text.
fn windows_host_not_found(cause: &(dyn Error + 'static)) -> Option<TransportError> {
    let number = cause.downcast_ref::<io::Error>()?.raw_os_error()?;
    (cfg!(windows) && [11_001, 11_004].contains(&number)).then_some(TransportError::HostNotFound)
}

/// Distinguishes `EAI_NONAME` and the like (the host does not exist) from a name server that did not respond. The C library
/// uses the language of the desktop, so the list has German texts beside the English ones.
fn dns_error(text: &str) -> TransportError {
    let not_found = [
        "name or service not known",
        "no address associated",
        "nodename nor servname",
        "no such host",
        "not known",
        "name oder der dienst ist nicht bekannt",
        "zu diesem hostnamen gehört keine adresse",
    ];
    if not_found.iter().any(|words| text.contains(words)) {
        TransportError::HostNotFound
    } else {
        TransportError::NoResolver
    }
}

/// Returns the issuer that the verifier of this crate refused.
fn refused_issuer<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a RefusedIssuer> {
    let rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) = cause.downcast_ref()? else {
        return None;
    };
    other.0.downcast_ref::<Refused>().map(|refused| &refused.0)
}

/// Returns whether the server left out the certificates of its issuers.
pub(crate) fn is_incomplete(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) = error else { return false };
    other.0.is::<Incomplete>()
}

/// Classifies certificate errors by the types of rustls. A certificate that is invalid in any other way is untrusted.
fn tls_error(error: &rustls::Error) -> TransportError {
    use rustls::CertificateError as Invalid;
    let rustls::Error::InvalidCertificate(invalid) = error else { return TransportError::Tls };
    if is_incomplete(error) {
        return TransportError::IncompleteChain;
    }
    if matches!(invalid, Invalid::NotValidForName | Invalid::NotValidForNameContext { .. }) {
        TransportError::WrongHost
    } else if matches!(
        invalid,
        Invalid::Expired | Invalid::ExpiredContext { .. } | Invalid::NotValidYet | Invalid::NotValidYetContext { .. }
    ) {
        TransportError::Expired
    } else {
        TransportError::Untrusted
    }
}

#[cfg(test)]
mod tests;

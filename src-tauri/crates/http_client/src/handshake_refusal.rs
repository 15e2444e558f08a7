//! The reasons of refused handshakes, as they stand inside rustls's errors.

use std::sync::Arc;

use model::certificate_issuer::RefusedIssuer;
use rustls::{CertificateError, Error, OtherError};

/// The reason of a refused handshake, inside rustls's error. Its text names nobody, because errors are classified by their
/// texts too.
#[derive(Debug, thiserror::Error)]
#[error("an issuer that nobody accepted")]
pub(crate) struct Refused(pub(crate) RefusedIssuer);

/// The reason of a refused handshake in which the server left out certificates.
#[derive(Debug, thiserror::Error)]
#[error("a certificate without those of its issuers")]
pub(crate) struct Incomplete;

pub(crate) fn incomplete() -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Incomplete))))
}

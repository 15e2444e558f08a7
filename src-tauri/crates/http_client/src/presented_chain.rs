//! What a server presents in its handshake: its certificate and those above it.

use model::certificate_issuer::Issuer;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error};
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS, Oid};

use crate::AnsweredBy;
use crate::handshake_record::Handshake;
use crate::handshake_refusal::incomplete;

/// The access method that names issuers (id-ad-caIssuers).
const ISSUERS: Oid<'static> = OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS;

/// What a server presents in its handshake.
pub(crate) struct PresentedChain<'a> {
    pub(crate) end_entity: &'a CertificateDer<'a>,
    pub(crate) intermediates: &'a [CertificateDer<'a>],
    pub(crate) server_name: &'a ServerName<'a>,
    pub(crate) ocsp_response: &'a [u8],
    pub(crate) now: UnixTime,
}

impl PresentedChain<'_> {
    pub(crate) fn verify(&self, by: &dyn ServerCertVerifier) -> Result<(), Error> {
        let Self { end_entity, intermediates, server_name, ocsp_response, now } = self;
        let verified = by.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, *now);
        verified.map(drop).map_err(|error| if self.is_incomplete(&error) { incomplete() } else { error })
    }

    /// Returns whether the issuer is unknown only because the server left out the certificates above its own: it sent none, and its
    /// own names the place of its issuer's, as those of public authorities do.
    fn is_incomplete(&self, error: &Error) -> bool {
        *error == Error::InvalidCertificate(CertificateError::UnknownIssuer)
            && self.intermediates.is_empty()
            && names_place_of_issuer(self.end_entity)
    }

    pub(crate) fn public(&self) -> Handshake {
        let issuer = Issuer { name: issuer_name(self.end_entity), key: None };
        Handshake { answered_by: AnsweredBy::Host, issuer }
    }
}

/// Returns whether a certificate names where its issuer's certificate is (RFC 5280, 4.2.2.1).
fn names_place_of_issuer(certificate: &[u8]) -> bool {
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else { return false };
    parsed.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::AuthorityInfoAccess(access)
            if access.accessdescs.iter().any(|one| one.access_method == ISSUERS))
    })
}

/// Returns the issuer's organization, or its common name.
pub(crate) fn issuer_name(certificate: &[u8]) -> String {
    let name = x509_parser::parse_x509_certificate(certificate).ok().and_then(|(_, parsed)| {
        let issuer = parsed.issuer();
        let first = issuer.iter_organization().chain(issuer.iter_common_name()).find_map(|name| name.as_str().ok());
        first.map(str::to_owned)
    });
    name.unwrap_or_else(|| "?".to_owned())
}

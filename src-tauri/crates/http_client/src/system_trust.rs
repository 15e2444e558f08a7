//! What a server presents in its handshake, and what the operating system trusts of it.

use std::sync::{Arc, OnceLock};

use model::inspection::Issuer;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, Error};
use sha2::{Digest as _, Sha256};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS, Oid};

use crate::AnsweredBy;
use crate::handshakes::Handshake;
use crate::refusal::incomplete;

/// Returns whether a certificate names where its issuer's certificate is (RFC 5280, 4.2.2.1).
fn names_place_of_issuer(certificate: &[u8]) -> bool {
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else { return false };
    parsed.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::AuthorityInfoAccess(access)
            if access.accessdescs.iter().any(|one| one.access_method == ISSUERS))
    })
}

/// The access method that names issuers (id-ad-caIssuers).
const ISSUERS: Oid<'static> = OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS;

/// What a server presents in its handshake.
pub(crate) struct Server<'a> {
    pub(crate) end_entity: &'a CertificateDer<'a>,
    pub(crate) intermediates: &'a [CertificateDer<'a>],
    pub(crate) server_name: &'a ServerName<'a>,
    pub(crate) ocsp_response: &'a [u8],
    pub(crate) now: UnixTime,
}

impl Server<'_> {
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

/// The trust of the operating system. It is loaded when it is needed first: most connections have a public certificate.
#[derive(Debug)]
pub(crate) struct SystemTrust {
    extra_roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<Option<rustls_platform_verifier::Verifier>>,
}

impl SystemTrust {
    pub(crate) fn new(extra_roots: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Self {
        Self { extra_roots, provider, verifier: OnceLock::new() }
    }

    /// Returns the verifier of the operating system.
    ///
    /// # Errors
    /// An unknown issuer, where this computer has no authority at all.
    pub(crate) fn verifier(&self) -> Result<&rustls_platform_verifier::Verifier, Error> {
        let build = || {
            let (roots, provider) = (self.extra_roots.clone(), Arc::clone(&self.provider));
            rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider).ok()
        };
        let verifier = self.verifier.get_or_init(build).as_ref();
        verifier.ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    /// Returns the issuer of a certificate that this system trusts. Its key is that of the certificate above the server's in
    /// the verified path; servers often leave out the root, so that the anchors come from the system.
    pub(crate) fn issuer(&self, server: &Server<'_>) -> Issuer {
        let roots = self.extra_roots.iter().cloned().chain(rustls_native_certs::load_native_certs().certs);
        let roots: Vec<CertificateDer<'static>> = roots.collect();
        let anchors: Vec<TrustAnchor<'_>> =
            roots.iter().filter_map(|root| webpki::anchor_from_trusted_cert(root).ok()).collect();
        Issuer { name: issuer_name(server.end_entity), key: self.issuer_key(server, &anchors) }
    }

    fn issuer_key(&self, server: &Server<'_>, anchors: &[TrustAnchor<'_>]) -> Option<String> {
        let end_entity = EndEntityCert::try_from(server.end_entity).ok()?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let usage = KeyUsage::server_auth();
        let path =
            end_entity.verify_for_usage(algorithms, anchors, server.intermediates, server.now, usage, None, None);
        Some(hex(&Sha256::digest(&*path.ok()?.issuer_spki())))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn certificates(list: &[Vec<u8>]) -> Vec<CertificateDer<'static>> {
    list.iter().map(|der| CertificateDer::from(der.clone())).collect()
}

/// Returns the issuer's organization, or its common name.
fn issuer_name(certificate: &[u8]) -> String {
    let name = x509_parser::parse_x509_certificate(certificate).ok().and_then(|(_, parsed)| {
        let issuer = parsed.issuer();
        let first = issuer.iter_organization().chain(issuer.iter_common_name()).find_map(|name| name.as_str().ok());
        first.map(str::to_owned)
    });
    name.unwrap_or_else(|| "?".to_owned())
}

//! What the operating system trusts of the chain that a server presents.

use std::sync::{Arc, OnceLock};

use model::certificate_issuer::Issuer;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use rustls::{CertificateError, Error};
use sha2::{Digest as _, Sha256};
use webpki::{EndEntityCert, KeyUsage};

use crate::presented_chain::{PresentedChain, issuer_name};

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
    pub(crate) fn issuer(&self, server: &PresentedChain<'_>) -> Issuer {
        let roots = self.extra_roots.iter().cloned().chain(rustls_native_certs::load_native_certs().certs);
        let roots: Vec<CertificateDer<'static>> = roots.collect();
        let anchors: Vec<TrustAnchor<'_>> =
            roots.iter().filter_map(|root| webpki::anchor_from_trusted_cert(root).ok()).collect();
        Issuer { name: issuer_name(server.end_entity), key: self.issuer_key(server, &anchors) }
    }

    fn issuer_key(&self, server: &PresentedChain<'_>, anchors: &[TrustAnchor<'_>]) -> Option<String> {
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

//! The certificate authority of one run, and the server certificate it issues.

use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::options::Tls;

/// A certificate authority and its server certificate.
pub(crate) struct Authority {
    authority: Vec<u8>,
    pem: String,
    server: Vec<u8>,
    key: Vec<u8>,
}

impl Authority {
    pub(crate) fn new(tls: &Tls) -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Practice Inspection");
        params.distinguished_name.push(DnType::CommonName, "Practice Inspection CA");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let mut names = tls.names.clone();
        names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
        let mut leaf = CertificateParams::new(names)?;
        // Python 3.13 and others that check strictly require these extensions (RFC 5280).
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if tls.expired {
            leaf.not_before = rcgen::date_time_ymd(2020, 1, 1);
            leaf.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate()?;
        let server = leaf.signed_by(&key, &issuer)?;
        Ok(Self {
            authority: issuer.der().to_vec(),
            pem: issuer.pem(),
            server: server.der().to_vec(),
            key: key.serialize_der(),
        })
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.authority.clone()
    }

    pub(crate) fn pem(&self) -> String {
        self.pem.clone()
    }

    pub(crate) fn acceptor(&self) -> anyhow::Result<TlsAcceptor> {
        let chain = vec![CertificateDer::from(self.server.clone()), CertificateDer::from(self.authority.clone())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("TLS versions")?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("TLS certificate")?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

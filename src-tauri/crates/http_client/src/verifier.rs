//! Decides in the TLS handshake whether a server may be talked to, before anything is sent to it.
//!
//! A connection for a secret is accepted if a public authority (Mozilla's list) vouches for the host; otherwise if the operating
//! system does and the administrator accepted the issuer's key for this host. A connection without a secret needs the trust of
//! the operating system alone, and records who answered.

use std::sync::Arc;

use model::certificate_issuer::RefusedIssuer;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

use crate::accepted_proxy_issuers::AcceptedProxyIssuers;
use crate::handshake_record::{Handshake, HandshakeRecord};
use crate::handshake_refusal::Refused;
use crate::presented_chain::PresentedChain;
use crate::system_trust::{SystemTrust, certificates};
use crate::{AnsweredBy, HttpSettings};

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Requests with a secret, to this host alone. Any other name is that of a proxy on the way.
    Secret(String),
    /// Requests without a secret.
    NoSecret,
}

/// The verifier of one client.
#[derive(Debug)]
pub(crate) struct Verifier {
    purpose: Purpose,
    accepted: AcceptedProxyIssuers,
    provider: Arc<CryptoProvider>,
    public: Arc<WebPkiServerVerifier>,
    system: SystemTrust,
    handshakes: HandshakeRecord,
}

impl Verifier {
    /// Builds a verifier that records its decisions in `handshakes`.
    ///
    /// # Errors
    /// When the list of public authorities cannot be used; without a secret also when this computer has no authority at all.
    pub(crate) fn new(
        purpose: Purpose,
        settings: &HttpSettings,
        accepted: &AcceptedProxyIssuers,
        provider: &Arc<CryptoProvider>,
        handshakes: &HandshakeRecord,
    ) -> Result<Self, Error> {
        // The list is in the program, so that a client costs little memory and parses nothing.
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(certificates(&settings.extra_public_roots));
        let public = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
        let public = public.map_err(|error| Error::Other(OtherError(Arc::new(error))))?;
        let system = SystemTrust::new(certificates(&settings.extra_roots), Arc::clone(provider));
        if purpose == Purpose::NoSecret {
            system.verifier()?;
        }
        let (accepted, provider, handshakes) = (accepted.clone(), Arc::clone(provider), handshakes.clone());
        Ok(Self { purpose, accepted, provider, public, system, handshakes })
    }

    /// Decides about a server whose certificate the operating system accepts and no public authority issued.
    fn inspected(&self, host: &str, server: &PresentedChain<'_>) -> Handshake {
        let issuer = self.system.issuer(server);
        let is_accepted = issuer.key.as_ref().is_some_and(|key| self.accepted.contains(host, key));
        let answered_by = if is_accepted { AnsweredBy::AcceptedInspection } else { AnsweredBy::Unknown };
        Handshake { answered_by, issuer }
    }

    /// Decides about the host that a secret is for.
    fn verify_for_secret(&self, host: &str, server: &PresentedChain<'_>) -> Result<Handshake, Error> {
        let refused = match server.verify(&*self.public) {
            Ok(()) => return Ok(server.public()),
            Err(error) => error,
        };
        let Ok(system) = self.system.verifier() else { return Err(refused) };
        server.verify(system)?;
        let handshake = self.inspected(host, server);
        if handshake.answered_by == AnsweredBy::AcceptedInspection {
            return Ok(handshake);
        }
        let refused = Refused(RefusedIssuer { host: host.to_owned(), issuer: handshake.issuer });
        Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refused)))))
    }

    fn verify_without_secret(&self, host: &str, server: &PresentedChain<'_>) -> Result<Handshake, Error> {
        server.verify(self.system.verifier()?)?;
        Ok(match server.verify(&*self.public) {
            Ok(()) => server.public(),
            Err(_) => self.inspected(host, server),
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let server = PresentedChain { end_entity, intermediates, server_name, ocsp_response, now };
        let host = normalized(&server_name.to_str());
        let handshake = match &self.purpose {
            Purpose::Secret(target) if normalized(target) == host => self.verify_for_secret(&host, &server)?,
            // A proxy on the way gets no secret: it forwards the encrypted connection.
            Purpose::Secret(_) => {
                server.verify(self.system.verifier()?)?;
                return Ok(ServerCertVerified::assertion());
            }
            Purpose::NoSecret => self.verify_without_secret(&host, &server)?,
        };
        self.handshakes.record(end_entity, &host, handshake);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Returns a host in one spelling: lower case, without the dot that ends an absolute name.
pub(crate) fn normalized(host: &str) -> String {
    host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

    use super::*;

    const HOST: &str = "acme.okta.com";

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
    }

    fn authority_params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::OrganizationName, name);
        params
    }

    fn certificate(host: &str, by: &CertifiedIssuer<'static, KeyPair>) -> CertificateDer<'static> {
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        params.signed_by(&KeyPair::generate().unwrap(), by).unwrap().der().clone()
    }

    fn trusting(system: &CertifiedIssuer<'static, KeyPair>, public: Option<&CertificateDer<'static>>) -> HttpSettings {
        let extra_public_roots = public.iter().map(|root| root.to_vec()).collect();
        HttpSettings { extra_roots: vec![system.der().to_vec()], extra_public_roots, ..HttpSettings::default() }
    }

    fn verifier(
        purpose: Purpose,
        settings: &HttpSettings,
        accepted: &AcceptedProxyIssuers,
    ) -> (Verifier, HandshakeRecord) {
        let (provider, handshakes) =
            (Arc::new(rustls::crypto::aws_lc_rs::default_provider()), HandshakeRecord::default());
        (Verifier::new(purpose, settings, accepted, &provider, &handshakes).unwrap(), handshakes)
    }

    fn verify(
        verifier: &Verifier,
        name: &str,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> Result<(), Option<RefusedIssuer>> {
        let name = ServerName::try_from(name).map_err(|_| None)?;
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_790_000_000));
        let verified = verifier.verify_server_cert(certificate, intermediates, &name, &[], now);
        verified.map(drop).map_err(|error| {
            let Error::InvalidCertificate(CertificateError::Other(other)) = error else { return None };
            other.0.downcast_ref::<Refused>().map(|refused| refused.0.clone())
        })
    }

    fn for_secret() -> Purpose {
        Purpose::Secret(HOST.to_owned())
    }

    #[test]
    fn a_secret_goes_to_a_public_authoritys_certificate_and_to_an_issuer_that_was_accepted_by_its_key() {
        let (proxy, other) = (authority("Gateway"), authority("Gateway"));
        let (by_proxy, by_other) = (certificate(HOST, &proxy), certificate(HOST, &other));
        let settings =
            HttpSettings { extra_roots: vec![proxy.der().to_vec(), other.der().to_vec()], ..HttpSettings::default() };
        let (strict, _) = verifier(for_secret(), &settings, &AcceptedProxyIssuers::default());
        let refused = verify(&strict, HOST, &by_proxy, &[]).unwrap_err().unwrap();
        assert_eq!((refused.host.as_str(), refused.issuer.name.as_str()), (HOST, "Gateway"));
        let mut accepted = AcceptedProxyIssuers::default();
        accepted.insert(HOST, refused.issuer.key.as_deref().unwrap());
        let (lenient, handshakes) = verifier(for_secret(), &settings, &accepted);
        assert_eq!(verify(&lenient, HOST, &by_proxy, &[]), Ok(()));
        assert_eq!(handshakes.find(Some(&by_proxy), HOST).unwrap().answered_by, AnsweredBy::AcceptedInspection);
        assert!(verify(&lenient, HOST, &by_other, &[]).is_err(), "another authority of the same name is another one");
        let public = trusting(&proxy, Some(proxy.der()));
        let (strict, handshakes) = verifier(for_secret(), &public, &AcceptedProxyIssuers::default());
        assert_eq!(verify(&strict, HOST, &by_proxy, &[]), Ok(()));
        assert_eq!(handshakes.find(Some(&by_proxy), HOST).unwrap().answered_by, AnsweredBy::Host);
    }

    #[test]
    fn an_acceptance_is_for_one_host() {
        let proxy = authority("Gateway");
        let settings = trusting(&proxy, None);
        let (strict, _) = verifier(for_secret(), &settings, &AcceptedProxyIssuers::default());
        let key = verify(&strict, HOST, &certificate(HOST, &proxy), &[]).unwrap_err().unwrap().issuer.key.unwrap();
        let mut accepted = AcceptedProxyIssuers::default();
        accepted.insert("other.okta.com", &key);
        let (verifier, _) = verifier(for_secret(), &settings, &accepted);
        assert!(verify(&verifier, HOST, &certificate(HOST, &proxy), &[]).is_err());
    }

    #[test]
    fn the_issuer_is_the_authority_directly_above_the_certificate() {
        let root = authority("Corporate Root");
        let signed = |name| CertifiedIssuer::signed_by(authority_params(name), KeyPair::generate().unwrap(), &root);
        let (one, other) = (signed("Gateway One").unwrap(), signed("Gateway Two").unwrap());
        let settings = trusting(&root, None);
        let (strict, _) = verifier(for_secret(), &settings, &AcceptedProxyIssuers::default());
        let refused = |by: &CertifiedIssuer<'static, KeyPair>| {
            let above = [by.der().clone()];
            let refused = verify(&strict, HOST, &certificate(HOST, by), &above).unwrap_err().unwrap();
            (refused.issuer.name, refused.issuer.key.unwrap())
        };
        let ((first_name, first), (_, second)) = (refused(&one), refused(&other));
        assert_eq!(first_name, "Gateway One");
        assert_ne!(first, second);
        assert_eq!(first, refused(&one).1, "the key does not depend on the server's certificate");
    }

    #[test]
    fn a_proxy_on_the_way_is_judged_under_its_own_name_and_no_spelling_of_the_host_is_taken_for_one() {
        let proxy = authority("Gateway");
        let (verifier, handshakes) = verifier(for_secret(), &trusting(&proxy, None), &AcceptedProxyIssuers::default());
        let own = certificate("proxy.example.com", &proxy);
        assert_eq!(verify(&verifier, "proxy.example.com", &own, &[]), Ok(()));
        assert_eq!(handshakes.find(Some(&own), "proxy.example.com"), None);
        assert_eq!(
            verify(&verifier, "proxy.example.com", &certificate("proxy.example.com", &authority("x")), &[]),
            Err(None)
        );
        for spelling in [HOST, "ACME.okta.com", "acme.okta.com."] {
            let refused = verify(&verifier, spelling, &certificate(HOST, &proxy), &[]).unwrap_err();
            assert!(refused.is_some(), "{spelling}");
        }
    }

    #[test]
    fn without_a_secret_the_system_is_trusted_and_who_answered_is_recorded() {
        let proxy = authority("Gateway");
        let own = certificate(HOST, &proxy);
        let judged = |settings: &HttpSettings, accepted: &AcceptedProxyIssuers| {
            let (verifier, handshakes) = verifier(Purpose::NoSecret, settings, accepted);
            assert_eq!(verify(&verifier, HOST, &own, &[]), Ok(()));
            handshakes.find(Some(&own), HOST).unwrap()
        };
        let unknown = judged(&trusting(&proxy, None), &AcceptedProxyIssuers::default());
        assert_eq!(unknown.answered_by, AnsweredBy::Unknown);
        let mut accepted = AcceptedProxyIssuers::default();
        accepted.insert(HOST, unknown.issuer.key.as_deref().unwrap());
        assert_eq!(judged(&trusting(&proxy, None), &accepted).answered_by, AnsweredBy::AcceptedInspection);
        let public = trusting(&proxy, Some(proxy.der()));
        assert_eq!(judged(&public, &AcceptedProxyIssuers::default()).answered_by, AnsweredBy::Host);
        let (verifier, _) = verifier(Purpose::NoSecret, &trusting(&proxy, None), &accepted);
        assert!(verify(&verifier, HOST, &certificate(HOST, &authority("Gateway")), &[]).is_err());
    }

    #[test]
    fn a_server_that_leaves_out_its_issuers_certificate_is_told_apart_from_an_unknown_issuer() {
        let (root, between) = (authority("Root"), authority_params("Between"));
        let between = CertifiedIssuer::signed_by(between, KeyPair::generate().unwrap(), &root).unwrap();
        let leaf = |names_issuer: bool| {
            let mut params = CertificateParams::new([HOST.to_owned()]).unwrap();
            if names_issuer {
                params.custom_extensions.push(place_of_issuer(b"http://x.example/i"));
            }
            params.signed_by(&KeyPair::generate().unwrap(), &between).unwrap().der().clone()
        };
        let settings = trusting(&root, None);
        let (verifier, _) = verifier(Purpose::NoSecret, &settings, &AcceptedProxyIssuers::default());
        let is_incomplete = |certificate: &CertificateDer<'_>, others: &[CertificateDer<'_>]| {
            let name = ServerName::try_from(HOST).unwrap();
            let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_790_000_000));
            let error = verifier.verify_server_cert(certificate, others, &name, &[], now).unwrap_err();
            crate::transport_error::is_incomplete(&error)
        };
        assert!(is_incomplete(&leaf(true), &[]));
        assert!(!is_incomplete(&leaf(false), &[]), "the certificates of an inspecting proxy name no place");
        let other = authority("Other");
        assert!(!is_incomplete(&leaf(true), &[other.der().clone()]), "it sent certificates, but not the right ones");
        assert!(verify(&verifier, HOST, &leaf(true), &[between.der().clone()]).is_ok());
    }

    /// Returns the extension that names where the issuer's certificate is, in DER.
    fn place_of_issuer(url: &[u8]) -> rcgen::CustomExtension {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let mut access = vec![0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02, 0x86, length(url)];
        access.extend_from_slice(url);
        let mut content = vec![0x30, length(&access) + 2, 0x30, length(&access)];
        content.extend(access);
        rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
    }
}

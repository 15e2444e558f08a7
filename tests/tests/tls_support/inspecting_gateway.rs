//! A network that may put a TLS-inspecting proxy in front of Okta and Radiant, on every connection or on every second one.
//!
//! Both hosts are behind one gateway that ends TLS. A direct connection presents a certificate of a public authority; an
//! inspected one presents that of an authority which this computer alone trusts, and everything sent over it is recorded.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use http_client::HttpSettings;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Which connections are inspected, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inspection {
    None,
    All,
    EverySecond,
    /// All, by a proxy of the same name with another key.
    AllByAnother,
}

/// The hosts behind the gateway.
pub(crate) const OKTA: &str = "acme.okta.com";
pub(crate) const RADIANT: &str = "plugin.radiantsecurity.ai";

/// The gateway. Dropping it closes it.
pub(crate) struct Gateway {
    state: Arc<Mutex<Traffic>>,
    addresses: [SocketAddr; 2],
    roots: [Vec<u8>; 3],
    _listeners: JoinSet<()>,
}

struct Traffic {
    okta: Inspection,
    radiant: Inspection,
    connections: usize,
    inspected: usize,
    recorded: Vec<Vec<u8>>,
}

/// An authority and the acceptor with its certificate for both hosts.
struct Authority {
    root: Vec<u8>,
    acceptor: TlsAcceptor,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::OrganizationName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new([OKTA.to_owned(), RADIANT.to_owned()]).unwrap();
        let server = server.signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        // The root is not sent, as with most servers.
        let config = config.with_no_client_auth().with_single_cert(vec![server.der().clone()], key).unwrap();
        Self { root: issuer.der().to_vec(), acceptor: TlsAcceptor::from(Arc::new(config)) }
    }
}

impl Gateway {
    /// Starts a gateway in front of Okta, which answers over TLS with its own authority, and of Radiant, which answers over plain
    /// http.
    pub(crate) async fn start(okta: SocketAddr, okta_authority: Vec<u8>, radiant: SocketAddr) -> Self {
        let upstream = connector(okta_authority);
        let authorities = ["Public Authority", "Example Gateway", "Example Gateway"].map(Authority::new);
        let roots = [&authorities[0], &authorities[1], &authorities[2]].map(|one| one.root.clone());
        let authorities = Arc::new(authorities);
        let traffic = Traffic {
            okta: Inspection::None,
            radiant: Inspection::None,
            connections: 0,
            inspected: 0,
            recorded: Vec::new(),
        };
        let state = Arc::new(Mutex::new(traffic));
        let (mut listeners, mut addresses) = (JoinSet::new(), Vec::new());
        for to in [okta, radiant] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            let (state, authorities, is_okta) = (Arc::clone(&state), Arc::clone(&authorities), to == okta);
            let upstream = is_okta.then(|| upstream.clone());
            listeners.spawn(async move {
                let mut connections = JoinSet::new();
                while let Ok((near, _)) = listener.accept().await {
                    let by = inspector(&state, is_okta);
                    let acceptor = authorities[by].acceptor.clone();
                    let record = (by > 0).then(|| Arc::clone(&state));
                    let upstream = upstream.clone();
                    connections.spawn(async move {
                        let far = TcpStream::connect(to).await?;
                        let near = acceptor.accept(near).await?;
                        match upstream {
                            Some(upstream) => {
                                let name = ServerName::try_from(OKTA).map_err(std::io::Error::other)?;
                                forward(near, upstream.connect(name, far).await?, record).await;
                            }
                            None => forward(near, far, record).await,
                        }
                        std::io::Result::Ok(())
                    });
                }
            });
        }
        Self { state, addresses: [addresses[0], addresses[1]], roots, _listeners: listeners }
    }

    /// The way through this network: only the first authority is public, all are trusted by this computer.
    pub(crate) fn settings(&self) -> HttpSettings {
        let hosts = [OKTA, RADIANT].map(str::to_owned);
        HttpSettings {
            resolve: hosts.into_iter().zip(self.addresses).collect(),
            extra_roots: self.roots.to_vec(),
            extra_public_roots: vec![self.roots[0].clone()],
            ..HttpSettings::default()
        }
    }

    /// Inspects the connections to both hosts from now on.
    pub(crate) fn inspect(&self, which: Inspection) {
        self.inspect_each(which, which);
    }

    pub(crate) fn inspect_each(&self, okta: Inspection, radiant: Inspection) {
        let mut state = self.state.lock().unwrap();
        (state.okta, state.radiant) = (okta, radiant);
        // Of every second connection the first is inspected, however many there were before.
        state.connections = 0;
    }

    /// The number of connections that were inspected.
    pub(crate) fn inspected(&self) -> usize {
        self.state.lock().unwrap().inspected
    }

    /// The number of inspected connections over which this text was sent.
    pub(crate) fn seen(&self, text: &str) -> usize {
        let has = |bytes: &&Vec<u8>| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        self.state.lock().unwrap().recorded.iter().filter(has).count()
    }
}

/// Returns the authority of the next connection: 0 is the public one.
fn inspector(state: &Mutex<Traffic>, is_okta: bool) -> usize {
    let mut state = state.lock().unwrap();
    state.connections += 1;
    let by = match if is_okta { state.okta } else { state.radiant } {
        Inspection::None => 0,
        Inspection::All => 1,
        Inspection::EverySecond => state.connections % 2,
        Inspection::AllByAnother => 2,
    };
    state.inspected += usize::from(by > 0);
    by
}

/// Returns a client of the org itself.
fn connector(authority: Vec<u8>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(authority.into()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// Forwards both ways until one side ends; `record` keeps what the client sends.
async fn forward(near: impl Stream, far: impl Stream, record: Option<Arc<Mutex<Traffic>>>) {
    let (mut near_in, mut near_out) = tokio::io::split(near);
    let (mut far_in, mut far_out) = tokio::io::split(far);
    let place = record.as_ref().map(|state| {
        let mut state = state.lock().unwrap();
        state.recorded.push(Vec::new());
        state.recorded.len() - 1
    });
    let sent = async {
        let mut part = [0; 4096];
        while let Ok(read @ 1..) = near_in.read(&mut part).await {
            if let (Some(state), Some(place)) = (&record, place) {
                state.lock().unwrap().recorded[place].extend_from_slice(&part[..read]);
            }
            if far_out.write_all(&part[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = sent => {}
        _ = tokio::io::copy(&mut far_in, &mut near_out) => {}
    }
}

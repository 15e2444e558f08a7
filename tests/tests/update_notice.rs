//! The notice of newer versions: fetched over TLS from a real server, with signatures of a key that is made here.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Cursor;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector::power_events::{EventSource, PowerEvents};
use connector::{Audience, Connector, ConnectorConfig, RoundSummary, UpdateSource, WorkerHost};
use http_client::HttpSettings;
use minisign::KeyPair;
use model::code::Code;
use model::connection::ConnectionId;
use model::monitor_settings::MonitorSettingsPatch;
use model::update_notice::{UpdateNotice, UpdateView};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyUsagePurpose};
use runtime::Clock;
use secrets::Keychain;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_util::sync::CancellationToken;

const HOST: &str = "downloads.example.com";

/// A server with files. Every other path is answered with 404.
#[derive(Clone)]
struct FileServer {
    address: SocketAddr,
    root: Vec<u8>,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FileServer {
    async fn start() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::OrganizationName, "Public Authority");
        let issuer = CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate().unwrap()).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let leaf = CertificateParams::new([HOST.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            root: issuer.der().to_vec(),
            files: Arc::default(),
            requests: Arc::default(),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream, acceptor.clone()));
            }
        });
        server
    }

    async fn serve(self, stream: TcpStream, acceptor: TlsAcceptor) -> Option<()> {
        let mut stream = acceptor.accept(stream).await.ok()?;
        let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
        while !head.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
            head.extend_from_slice(&buffer[..read]);
        }
        let path = String::from_utf8_lossy(&head).split(' ').nth(1)?.to_owned();
        let file = self.files.lock().unwrap().get(&path).cloned();
        self.requests.lock().unwrap().push(path);
        let (status, body) = file.map_or((404, Vec::new()), |file| (200, file));
        let head = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(&body).await.ok()?;
        stream.shutdown().await.ok()
    }

    fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.lock().unwrap().insert(path.to_owned(), bytes.into());
    }

    /// Publishes a version, signed with a key.
    fn publish(&self, pair: &KeyPair, version: &str, date: &str) {
        let text = format!(r#"{{"version": "{version}", "date": "{date}", "link": "https://{HOST}/{version}"}}"#);
        let signature = minisign::sign(Some(&pair.pk), &pair.sk, Cursor::new(&text), None, None).unwrap();
        self.put("/latest.json", text);
        self.put("/latest.json.minisig", signature.into_string());
    }

    fn request_count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

/// A server, a key, and a data folder of an app that asks that server.
struct Fixture {
    server: FileServer,
    pair: KeyPair,
    clock: Clock,
    folder: tempfile::TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let start: DateTime<Utc> = "2026-03-10T10:00:00Z".parse().unwrap();
        Self {
            server: FileServer::start().await,
            pair: KeyPair::generate_unencrypted_keypair().unwrap(),
            clock: Clock::offset(start - Clock::system().now()),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Opens the data folder as one process does.
    fn connector(&self) -> Connector {
        let http = HttpSettings {
            timeout: Duration::from_secs(5),
            resolve: vec![(HOST.to_owned(), self.server.address)],
            extra_roots: vec![self.server.root.clone()],
            extra_public_roots: Vec::new(),
        };
        let connector = Connector::open(ConnectorConfig {
            data_dir: self.folder.path().to_owned(),
            keychain: Keychain::memory(),
            http,
            clock: self.clock.clone(),
            operator: "admin".to_owned(),
            policy: None,
        })
        .unwrap();
        connector.updates().set_package_source(Some(self.source(&format!("https://{HOST}/latest.json"))));
        connector
    }

    fn source(&self, url: &str) -> UpdateSource {
        UpdateSource { url: url.to_owned(), key: self.pair.pk.to_base64() }
    }
}

async fn check(connector: &Connector) -> UpdateView {
    connector.updates().check_now().await.unwrap()
}

fn code(view: &UpdateView) -> Option<Code> {
    view.problem.as_ref().map(|problem| problem.code)
}

fn version(view: &UpdateView) -> Option<&str> {
    view.newer.as_ref().map(|notice| notice.version.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_newer_version_is_shown_and_nothing_else_is_fetched() {
    let fixture = Fixture::new().await;
    let connector = fixture.connector();
    assert_eq!(connector.updates().view().await.unwrap().host.as_deref(), Some(HOST));
    fixture.server.publish(&fixture.pair, "99.1.0", "2026-03-09");
    let view = check(&connector).await;
    assert_eq!((version(&view), code(&view), view.checked.is_some()), (Some("99.1.0"), None, true));
    assert_eq!(*fixture.server.requests.lock().unwrap(), ["/latest.json", "/latest.json.minisig"]);
    // The version of this build is no newer one.
    fixture.server.publish(&fixture.pair, "99.1.0", "2026-03-09");
    assert_eq!(version(&connector.updates().view().await.unwrap()), Some("99.1.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_by_the_key_is_refused_with_its_reason() {
    let fixture = Fixture::new().await;
    let connector = fixture.connector();
    fixture.server.publish(&KeyPair::generate_unencrypted_keypair().unwrap(), "99.1.0", "2026-03-09");
    assert_eq!(code(&check(&connector).await), Some(Code::UpdateSignatureInvalid));
    fixture.server.publish(&fixture.pair, "99.1.0", "2026-03-09");
    fixture
        .server
        .put("/latest.json", r#"{"version": "99.2.0", "date": "2026-03-09", "link": "https://evil.example"}"#);
    assert_eq!(code(&check(&connector).await), Some(Code::UpdateSignatureInvalid));
    fixture.server.put("/latest.json.minisig", [0xff, 0xfe, 0x00]);
    assert_eq!(code(&check(&connector).await), Some(Code::UpdateSignatureInvalid));
    fixture.server.put("/latest.json", vec![b' '; 20_000]);
    assert_eq!(code(&check(&connector).await), Some(Code::UpdateTooLarge));
    fixture.server.files.lock().unwrap().clear();
    let view = check(&connector).await;
    assert_eq!((code(&view), version(&view)), (Some(Code::UpdateUnreachable), None));
    fixture.server.publish(&fixture.pair, "99.1.0", "2026-03-09");
    let view = check(&connector).await;
    assert_eq!((code(&view), version(&view)), (None, Some("99.1.0")), "a problem ends with the next success");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_or_date_than_before_is_refused_also_by_the_next_process() {
    let fixture = Fixture::new().await;
    fixture.server.publish(&fixture.pair, "99.2.0", "2026-03-09");
    check(&fixture.connector()).await;
    let next = fixture.connector();
    for (older, date) in [("99.1.0", "2026-03-10"), ("99.2.0", "2026-03-01")] {
        fixture.server.publish(&fixture.pair, older, date);
        let view = check(&next).await;
        assert_eq!((code(&view), version(&view)), (Some(Code::UpdateOlder), Some("99.2.0")), "{older} {date}");
    }
    fixture.server.publish(&fixture.pair, "99.3.0", "2026-03-10");
    assert_eq!(version(&check(&next).await), Some("99.3.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_off_without_an_address_and_refuses_one_that_is_not_https() {
    let fixture = Fixture::new().await;
    let connector = fixture.connector();
    connector.updates().set_package_source(None);
    assert_eq!(check(&connector).await, UpdateView::default());
    connector.updates().set_package_source(Some(fixture.source(&format!("http://{HOST}/latest.json"))));
    assert_eq!(code(&check(&connector).await), Some(Code::UpdateSourceInvalid));
    connector.updates().set_package_source(Some(fixture.source("https://unknown.invalid/latest.json")));
    assert_eq!(code(&check(&connector).await), Some(Code::UpdateUnreachable));
    assert_eq!(fixture.server.request_count(), 0);
}

/// Collects the newer versions that a notification is to be shown for.
#[derive(Default)]
struct Host {
    notified: Mutex<Vec<String>>,
    is_silent: bool,
    is_in_front: bool,
}

impl WorkerHost for Host {
    fn audience(&self) -> Audience {
        if self.is_silent { Audience::Nobody } else { Audience::Desktop { in_front: self.is_in_front } }
    }

    fn hosts(&self, _id: &ConnectionId) -> bool {
        true
    }

    fn on_round(&self, _round: RoundSummary) {}

    fn on_update(&self, notice: &UpdateNotice) {
        self.notified.lock().unwrap().push(notice.version.clone());
    }
}

/// Runs the workers of a process for a while, or until a notification.
async fn run(connector: &Connector, host: &Arc<Host>) {
    let end = CancellationToken::new();
    let power_events = PowerEvents::from_source(EventSource::Polling);
    let workers = connector.workers(Arc::<Host>::clone(host), power_events, end.clone());
    let running = tokio::spawn(workers.run());
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(25)).await;
        if !host.notified.lock().unwrap().is_empty() {
            break;
        }
    }
    end.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_asks_once_a_day_and_one_process_notifies_once_for_each_version() {
    let fixture = Fixture::new().await;
    fixture.server.publish(&fixture.pair, "99.1.0", "2026-03-09");
    let silent = Arc::new(Host { is_silent: true, ..Host::default() });
    run(&fixture.connector(), &silent).await;
    assert_eq!((fixture.server.request_count(), silent.notified.lock().unwrap().len()), (2, 0));
    // What a process without notifications found is notified by the next one that shows them, without another request.
    let desktop = Arc::new(Host::default());
    run(&fixture.connector(), &desktop).await;
    assert_eq!(
        (fixture.server.request_count(), desktop.notified.lock().unwrap().clone()),
        (2, vec!["99.1.0".to_owned()])
    );
    let again = Arc::new(Host::default());
    run(&fixture.connector(), &again).await;
    assert!(again.notified.lock().unwrap().is_empty(), "once");
    fixture.server.publish(&fixture.pair, "99.2.0", "2026-03-11");
    fixture.clock.advance(TimeDelta::hours(23));
    run(&fixture.connector(), &again).await;
    assert_eq!(fixture.server.request_count(), 2);
    fixture.clock.advance(TimeDelta::hours(2));
    run(&fixture.connector(), &again).await;
    assert_eq!(
        (fixture.server.request_count(), again.notified.lock().unwrap().clone()),
        (4, vec!["99.2.0".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_notified_later_when_notifications_are_off_or_the_window_is_in_front() {
    let fixture = Fixture::new().await;
    fixture.server.publish(&fixture.pair, "99.1.0", "2026-03-09");
    let connector = fixture.connector();
    let notices = |on: bool| MonitorSettingsPatch { notices: Some(on), ..MonitorSettingsPatch::default() };
    connector.settings().patch_monitor(notices(false)).await.unwrap();
    let desktop = Arc::new(Host::default());
    run(&connector, &desktop).await;
    connector.settings().patch_monitor(notices(true)).await.unwrap();
    let in_front = Arc::new(Host { is_in_front: true, ..Host::default() });
    run(&connector, &in_front).await;
    assert_eq!((desktop.notified.lock().unwrap().len(), in_front.notified.lock().unwrap().len()), (0, 0));
    assert_eq!(version(&connector.updates().view().await.unwrap()), Some("99.1.0"), "the window shows it meanwhile");
    run(&connector, &desktop).await;
    assert_eq!(*desktop.notified.lock().unwrap(), ["99.1.0"]);
}

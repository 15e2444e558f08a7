//! Network faults: unknown host, closed port, interrupted connection, recovered connection, and the system's proxy.
//!
//! Each scene with a proxy runs in its own process, because the system's proxy and list of authorities are read from the
//! environment.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod tls_support;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_client::HttpSettings;
use model::check::{CheckId, Outcome, Skip};
use model::code::Code;
use practice::Practice;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use tls_support::tcp_proxy::TcpProxy;
use tls_support::{Guide, ORG, Trusted, org, tls, web, web_at};

#[tokio::test]
async fn an_unknown_host_is_distinguished_from_a_resolver_that_does_not_answer() {
    // A resolver may take long to give up; a fixed name keeps a proxy of this machine out of it.
    let nowhere = vec![(ORG.to_owned(), SocketAddr::from((Ipv4Addr::LOCALHOST, 1)))];
    let guide =
        Guide::begin(HttpSettings { timeout: Duration::from_secs(40), resolve: nowhere, ..HttpSettings::default() })
            .await;
    let name = "sign-in.example-corp.invalid";
    let (code, host) = guide.refused(name).await;
    assert_eq!(host.as_deref(), Some(name));
    match tokio::net::lookup_host((name, 443)).await.map(Iterator::count).map_err(|error| error.to_string()) {
        Ok(found) => panic!("this machine's resolver finds {found} addresses for {name}"),
        // By its number on Windows, which says it in the language of the desktop.
        Err(said) if ["not known", "No address", "11001"].iter().any(|words| said.contains(words)) => {
            assert_eq!(code, Code::DnsNotFound);
        }
        // Where no name server answers at all, the app may give up before the resolver does.
        Err(said) => assert!([Code::DnsUnavailable, Code::TimedOut].contains(&code), "{code}: {said}"),
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let org = org(tls(ORG)).await;
    let guide = Guide::with_token(web(Trusted::Everywhere, &[(ORG, &org)]), &org).await;
    let mut tunnel = TcpProxy::start(org.okta_addr(), None).await;
    tunnel.close().await;
    let guide = guide.moved(web_at(Trusted::Everywhere, &org, tunnel.address()));
    assert_eq!(guide.refused(ORG).await, (Code::ConnectionRefused, Some(ORG.to_owned())));
    let report = guide.check().await;
    let domain = report.row(CheckId::Domain).unwrap();
    assert_eq!((domain.outcome, domain.code), (Outcome::Failed, Some(Code::ConnectionRefused)));
    assert_eq!(report.row(CheckId::Tls).unwrap().outcome, Outcome::Unknown, "nobody showed a certificate");
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::Depends));
}

#[tokio::test]
async fn a_network_that_is_gone_and_comes_back_costs_nothing() {
    let org = org(tls(ORG)).await;
    let mut tunnel = TcpProxy::start(org.okta_addr(), None).await;
    let guide = Guide::with_token(web_at(Trusted::Everywhere, &org, tunnel.address()), &org).await;
    assert_eq!(guide.check().await.worst(), Outcome::Passed);
    let before = guide.connector.connections().get(&guide.id).await.unwrap();

    tunnel.close().await;
    let gone = guide.check().await;
    assert_eq!(gone.row(CheckId::Domain).unwrap().outcome, Outcome::Failed);
    assert_eq!(gone.row(CheckId::SystemLog).unwrap().skipped, Some(Skip::Depends));
    let during = guide.connector.connections().get(&guide.id).await.unwrap();
    assert_eq!(
        (&during.setup, &during.secrets, &during.connection),
        (&before.setup, &before.secrets, &before.connection)
    );

    tunnel.open(None).await;
    assert_eq!(guide.check().await.worst(), Outcome::Passed, "the next run needs no help");
}

#[tokio::test]
async fn a_tls_stream_that_ends_in_the_middle_is_a_truncated_answer() {
    let org = org(tls(ORG)).await;
    // Enough for every small answer of a connection, too little for a page of the System Log.
    let tunnel = TcpProxy::start(org.okta_addr(), Some(24 * 1024)).await;
    let guide = Guide::with_token(web_at(Trusted::Everywhere, &org, tunnel.address()), &org).await;
    let report = guide.check().await;
    let row = report.row(CheckId::SystemLog).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerTruncated)));
    assert_eq!(report.row(CheckId::Token).unwrap().outcome, Outcome::Passed);
}

#[tokio::test]
async fn a_stream_that_ends_within_the_handshake_is_no_encrypted_connection() {
    let org = org(tls(ORG)).await;
    let tunnel = TcpProxy::start(org.okta_addr(), Some(200)).await;
    let guide = Guide::begin(web_at(Trusted::Everywhere, &org, tunnel.address())).await;
    assert_eq!(guide.refused(ORG).await, (Code::TlsFailed, Some(ORG.to_owned())));
}

#[tokio::test]
async fn what_does_not_speak_tls_is_no_encrypted_connection() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let greeting = tokio::task::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // Whether anybody still listens is no matter.
            drop(socket.write_all(b"220 mail.example.com ESMTP ready\r\n").await);
        }
    });
    let guide =
        Guide::begin(HttpSettings { resolve: vec![(ORG.to_owned(), address)], ..HttpSettings::default() }).await;
    assert_eq!(guide.refused(ORG).await, (Code::TlsFailed, Some(ORG.to_owned())));
    greeting.abort();
}

#[tokio::test]
async fn a_server_that_never_answers_is_waited_for_until_the_timeout() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let resolve = vec![(ORG.to_owned(), silent.local_addr().unwrap())];
    let guide =
        Guide::begin(HttpSettings { timeout: Duration::from_millis(400), resolve, ..HttpSettings::default() }).await;
    assert_eq!(guide.refused(ORG).await, (Code::TimedOut, Some(ORG.to_owned())));
}

/// Linux has no way to a multicast address for a stream, whatever network there is.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_way_to_the_address_is_no_network() {
    let resolve = vec![(ORG.to_owned(), SocketAddr::from((Ipv4Addr::new(224, 0, 0, 1), 443)))];
    let guide = Guide::begin(HttpSettings { resolve, ..HttpSettings::default() }).await;
    assert_eq!(guide.refused(ORG).await, (Code::NetworkDown, Some(ORG.to_owned())));
}

/// A proxy that answers every CONNECT with the same line, or leads it to an organization.
struct Proxy {
    url: String,
    heard: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    async fn start(line: &'static str, to: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&heard);
        let task = tokio::task::spawn(async move {
            let mut pairs = tokio::task::JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let mut head = vec![0; 8 * 1024];
                let read = near.read(&mut head).await.unwrap_or(0);
                keeps.lock().unwrap().extend_from_slice(&head[..read]);
                let answer = format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n");
                let answer = if to.is_some() { format!("HTTP/1.1 {line}\r\n\r\n") } else { answer };
                // Whether the client still listens is no matter.
                drop(near.write_all(answer.as_bytes()).await);
                if let Some(to) = to {
                    pairs.spawn(async move {
                        let mut far = TcpStream::connect(to).await.unwrap();
                        drop(tokio::io::copy_bidirectional(&mut near, &mut far).await);
                    });
                }
            }
        });
        Self { url, heard, task }
    }

    fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs one ignored test of this file in a process of its own, behind a proxy, and passes its verdict on.
async fn behind(proxy: &str, scene: &'static str, more: Vec<(&'static str, String)>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", scene]);
    for name in ["NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "https_proxy", "REQUEST_METHOD"] {
        command.env_remove(name);
    }
    // After the lower-case twin was removed: to Windows both are one.
    command.env("HTTPS_PROXY", proxy).envs(more);
    let told = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&told.stdout) + String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success() && said.contains("1 passed"), "{scene}: {said}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_as_the_proxy() {
    for line in ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"] {
        let proxy = Proxy::start(line, None).await;
        behind(&proxy.url, "scene_refused_by_the_proxy", Vec::new()).await;
        assert!(proxy.heard().starts_with("CONNECT acme.okta.com:443 "), "{}", proxy.heard());
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_not_taken_for_okta() {
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    behind(&format!("http://{gone}"), "scene_refused_by_the_proxy", Vec::new()).await;
}

#[tokio::test]
#[ignore = "a scene: runs behind the proxies of the tests above"]
async fn scene_refused_by_the_proxy() {
    let guide = Guide::begin(HttpSettings { timeout: Duration::from_secs(40), ..HttpSettings::default() }).await;
    assert_eq!(guide.refused(ORG).await, (Code::ProxyFailed, Some(ORG.to_owned())));
}

/// The token and the file with the authority's certificate, for the scene.
#[cfg(target_os = "linux")]
fn given(org: &Practice, folder: &tempfile::TempDir) -> Vec<(&'static str, String)> {
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, org.ca_pem().unwrap()).unwrap();
    let token = org.card().tokens.super_admin.clone();
    vec![("SSL_CERT_FILE", file.to_string_lossy().into_owned()), ("SCENE_TOKEN", token)]
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn behind_a_proxy_the_whole_guide_uses_its_tunnel_and_the_proxy_receives_no_token() {
    let org = org(tls(ORG)).await;
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start("200 Connection established", Some(org.okta_addr())).await;
    behind(&proxy.url, "scene_through_the_tunnel", given(&org, &folder)).await;
    assert!(tls_support::tokens_seen(&org) > 0);
    let heard = proxy.heard();
    assert!(heard.starts_with("CONNECT acme.okta.com:443 "), "{heard}");
    assert!(!heard.contains("SSWS") && !heard.contains(&org.card().tokens.super_admin));
}

/// Trusts what the computer trusts and nothing else: the product's own way out, with nothing set for tests.
#[tokio::test]
#[ignore = "a scene: runs behind the proxy of the test above"]
async fn scene_through_the_tunnel() {
    let guide = Guide::begin(HttpSettings::default()).await;
    guide.set_domain(ORG).await.unwrap();
    let token = std::env::var("SCENE_TOKEN").unwrap();
    let name = model::secret_name::SecretName::OktaToken;
    guide.connector.tokens().store(&guide.id, name, token.into(), false).await.unwrap();
    let report = guide.check().await;
    assert_eq!(report.row(CheckId::Tls).unwrap().code, Some(Code::TlsInspected));
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::Depends));
    guide.accept_inspection(true).await;
    assert_eq!(guide.check().await.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_computer_without_any_authority_trusts_nobody_and_can_still_practise() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing.pem");
    std::fs::write(&nothing, "").unwrap();
    let nothing = nothing.to_string_lossy().into_owned();
    let empty = folder.path().to_string_lossy().into_owned();
    let gone = "http://127.0.0.1:1";
    behind(gone, "scene_without_authorities", vec![("SSL_CERT_FILE", nothing), ("SSL_CERT_DIR", empty)]).await;
}

#[tokio::test]
#[ignore = "a scene: runs without authorities, for the test above"]
async fn scene_without_authorities() {
    let guide = Guide::begin(HttpSettings::default()).await;
    assert_eq!(guide.refused(ORG).await.0, Code::TlsUntrusted);
    let practice = Practice::start(practice::Options::default()).await.unwrap();
    let once = connector::OneOffCheck {
        domain: practice.card().okta.clone(),
        token: practice.card().tokens.super_admin.clone().into(),
        profile: model::connection::Profile::Response,
        radiant: model::radiant_search_settings::RadiantSearch::default(),
        radiant_token: None,
        inspection_accepted: false,
        is_practice: true,
        keychain: secrets::Keychain::memory(),
        http: HttpSettings::default(),
        clock: runtime::Clock::system(),
        time_limit: Duration::from_secs(60),
        watch: runtime::Clock::system().stopwatch(),
    };
    let (origin, _) = connector::recognize_org(&once).await.unwrap();
    let cancel = tokio_util::sync::CancellationToken::new();
    let report = connector::run_one_off_check(once, origin, &cancel, &|_| {}).await.unwrap();
    assert_eq!(report.row(CheckId::Token).unwrap().outcome, Outcome::Passed);
}

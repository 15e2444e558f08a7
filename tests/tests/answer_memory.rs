//! The memory that an answer needs: less than 64 MiB more than a usual one, whatever it contains.
//!
//! The size of this process is compared, so that this file has one test. Only Linux tells its largest size and lets it be reset.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::net::Ipv4Addr;
use std::time::Duration;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use model::check::{CheckId, CheckReport, Outcome};
use model::connection::ConnectionId;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use runtime::Clock;
use secrets::Keychain;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The size of a large answer: almost the largest that is read.
const SIZE: usize = 16 * 1024 * 1024 - 1024;
/// Most memory that it may need, in KiB.
const LIMIT: u64 = 64 * 1024;

const WELL_KNOWN: &str = "/.well-known/okta-organization";
const ME: &str = "/api/v1/users/me";
const ROLES: &str = "/api/v1/users/00u1/roles";
const TOKENS: &str = "/api/v1/api-tokens";
const LOGS: &str = "/api/v1/logs";
const SEARCH: &str = "/_msearch";

fn usual(path: &str) -> &'static str {
    match path {
        WELL_KNOWN => r#"{"id":"00o1","pipeline":"idx","_links":{"organization":{"href":"https://acme.okta.com"}}}"#,
        ME => r#"{"id":"00u1","status":"ACTIVE","profile":{"login":"svc-radiant@example.com"}}"#,
        ROLES => r#"[{"type":"SUPER_ADMIN","label":"Super Administrator","status":"ACTIVE"}]"#,
        LOGS => r#"[{"uuid":"5f3c0d1e","published":"2026-01-01T00:00:00Z","eventType":"a"}]"#,
        SEARCH => r#"{"responses":[{"hits":{"hits":[{"_source":{"uuid":"5f3c0d1e"}}]}}]}"#,
        _ => "[]",
    }
}

/// An answer whose middle part is repeated until it is large.
#[derive(Debug, Clone, Copy)]
struct Large {
    path: &'static str,
    status: u16,
    parts: [&'static str; 3],
}

fn large(path: &'static str, parts: [&'static str; 3]) -> Large {
    Large { path, status: 200, parts }
}

async fn answer(mut socket: TcpStream, strange: Option<Large>) -> std::io::Result<()> {
    let mut request = vec![0; 64 * 1024];
    let length = socket.read(&mut request).await?;
    let head = String::from_utf8_lossy(&request[..length]).into_owned();
    let path = head.split([' ', '?']).nth(1).unwrap_or_default();
    let strange = strange.filter(|strange| strange.path == path);
    let Large { status, parts, .. } = strange.unwrap_or(Large { path: "", status: 200, parts: [usual(path), "", ""] });
    let block = parts[1].repeat(16 * 1024);
    let count = if block.is_empty() { 0 } else { SIZE / block.len() };
    let length = parts[0].len() + count * block.len() + parts[2].len();
    let head = format!(
        "HTTP/1.1 {status} ?\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(parts[0].as_bytes()).await?;
    for _ in 0..count {
        socket.write_all(block.as_bytes()).await?;
    }
    socket.write_all(parts[2].as_bytes()).await
}

/// Starts a server for Okta and Radiant. Its answers are usual except for the one that is set.
async fn server() -> (String, watch::Sender<Option<Large>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (set, strange) = watch::channel(None);
    tokio::task::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let strange = *strange.borrow();
            // A client may end the connection early.
            tokio::task::spawn(async move { drop(answer(socket, strange).await) });
        }
    });
    (url, set)
}

async fn connected(url: &str) -> (Connector, ConnectionId, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let connector = Connector::open(ConnectorConfig {
        data_dir: folder.path().to_owned(),
        keychain: Keychain::memory(),
        http: HttpSettings { timeout: Duration::from_secs(50), ..HttpSettings::default() },
        clock: Clock::system(),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap();
    let (radiant_search, radiant_docs) = (format!("{url}{SEARCH}"), format!("{url}/docs"));
    let at = PracticeAddresses { okta: url.to_owned(), radiant_search: radiant_search.clone(), radiant_docs };
    let id = connector.connections().begin_practice(at, "Practice".to_owned()).await.unwrap().connection.id;
    for (name, token) in [
        (SecretName::OktaToken, "00a-practice-token-0123456789abcdefghijklmn"),
        (SecretName::RadiantSearchToken, "a-search-token"),
    ] {
        connector.tokens().store(&id, name, token.into(), false).await.unwrap();
    }
    let text = |text: &str| Some(text.to_owned());
    let search = RadiantSearch {
        url: radiant_search,
        index: text("i"),
        connector_type: text("okta"),
        ..RadiantSearch::default()
    };
    connector.guide().set_radiant_search(&id, search).await.unwrap();
    (connector, id, folder)
}

/// Returns a size of this process, in KiB.
fn process_size(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Runs every check and returns the report with the largest size of this process meanwhile.
async fn check(connector: &Connector, id: &ConnectionId) -> (CheckReport, u64) {
    // Makes the largest size the present one.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let report = connector.checks().run(id, None, CancellationToken::new(), |_| {}).await.unwrap();
    (report, process_size("VmHWM"))
}

#[tokio::test]
async fn no_answer_needs_more_than_64_mib() {
    let (url, set) = server().await;
    let (connector, id, _folder) = connected(&url).await;
    let (report, usual) = check(&connector, &id).await;
    assert_eq!(report.worst(), Outcome::Passed, "{:#?}", report.rows);
    let list = |path| large(path, ["[", "{},", "{}]"]);
    let cases = [
        list(LOGS),
        list(ROLES),
        large(
            LOGS,
            ["[", concat!(r#"{"uuid":"5f3c0d1e","published":"2026-01-01T00:00:00Z","eventType":"a"}"#, ","), EVENT_END],
        ),
        large(
            LOGS,
            [r#"[{"uuid":"5f3c0d1e","published":"2026-01-01T00:00:00Z","eventType":"a","target":["#, "{},", "{}]}]"],
        ),
        large(LOGS, ["", "[", ""]),
        large(ROLES, ["[", r#"{"type":"SUPER_ADMIN","label":"{needed}"},"#, r#"{"type":"A"}]"#]),
        large(TOKENS, ["[", r#"{"id":"00T1","userId":"00u1"},"#, "{}]"]),
        large(ME, [r#"{"id":"00u1","status":"ACTIVE","profile":{"login":"a","x":["#, "{},", "{}]}}"]),
        large(ME, [r#"{"id":""#, "a", "\"}"]),
        Large { status: 400, ..large(ME, [r#"{"errorCode":["#, "{},", "{}]}"]) },
        large(WELL_KNOWN, [r#"{"id":"00o1","settings":["#, "{},", "{}]}"]),
        large(SEARCH, [r#"{"responses":[{"hits":{"hits":["#, "{},", "{}]}}]}"]),
        large(SEARCH, [r#"{"responses":[{"status":400,"error":{"reason":""#, "field ", "\"}}]}"]),
    ];
    for strange in cases {
        set.send(Some(strange)).unwrap();
        let (report, size) = check(&connector, &id).await;
        let more = size.saturating_sub(usual);
        assert!(more < LIMIT, "{strange:?} needed {more} KiB");
        assert!(report.row(CheckId::Domain).is_some(), "{strange:?}");
    }
}

const EVENT_END: &str = concat!(r#"{"uuid":"5f3c0d1e","published":"2026-01-01T00:00:00Z","eventType":"a"}"#, "]");

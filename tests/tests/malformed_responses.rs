//! Malformed responses: HTML pages, empty bodies, other shapes, too large or compressed bodies, statuses with a wrong body.
//!
//! A mock stands for Okta or Radiant; every other response of it is valid, so that one row shows the effect of one response. A
//! response that cannot be read makes a check unknown, never failed.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

#[path = "tls_support/placeholders.rs"]
mod placeholders;
mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use mockito::{Matcher, Mock, Server, ServerGuard};
use model::check::{CheckId, CheckReport, CheckRow, Outcome};
use model::code::Code;
use model::connection::ConnectionId;
use model::secret::SecretName;
use practice::{Fault, FaultKind, Side};
use runtime::Clock;
use secrets::Keychain;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use support::Story;

const WELL_KNOWN: &str = "/.well-known/okta-organization";
const ME: &str = "/api/v1/users/me";
const LOGS: &str = "/api/v1/logs";

/// What a healthy org answers.
const HEALTHY: [(&str, &str); 7] = [
    (WELL_KNOWN, r#"{"id":"00oSTRANGE","pipeline":"idx","_links":{"organization":{"href":"https://acme.okta.com"}}}"#),
    (ME, r#"{"id":"00uSTRANGE","status":"ACTIVE","profile":{"login":"svc-radiant@example.com"}}"#),
    ("/api/v1/users/00uSTRANGE/roles", r#"[{"type":"SUPER_ADMIN","label":"Super Administrator","status":"ACTIVE"}]"#),
    ("/api/v1/api-tokens", "[]"),
    (LOGS, r#"[{"uuid":"5f3c0d1e-0000-11ee-be56-0242ac120002","published":"2026-01-01T00:00:00Z","eventType":"a"}]"#),
    ("/api/v1/users", "[]"),
    ("/api/v1/zones", "[]"),
];

/// A mocked org, and a connection to it with a token.
struct Strange {
    server: ServerGuard,
    connector: Connector,
    id: ConnectionId,
    _folder: tempfile::TempDir,
}

impl Strange {
    /// An org that is healthy but for one path.
    async fn at(path: &str, strange: impl FnOnce(Mock) -> Mock) -> Self {
        let mut server = Server::new_async().await;
        for (healthy, body) in HEALTHY.iter().filter(|(healthy, _)| *healthy != path) {
            let mock = server.mock("GET", *healthy).match_query(Matcher::Any);
            mock.with_header("content-type", "application/json").with_body(body).create_async().await;
        }
        strange(server.mock("GET", path).match_query(Matcher::Any)).create_async().await;
        let (connector, id, folder) = connected(&server.url()).await;
        Self { server, connector, id, _folder: folder }
    }

    async fn check(&self) -> CheckReport {
        let report = self.connector.checks().run(&self.id, None, CancellationToken::new(), |_| {}).await.unwrap();
        placeholders::assert_filled_in_report(&report);
        report
    }

    async fn row(&self, check: CheckId) -> CheckRow {
        self.check().await.row(check).unwrap().clone()
    }
}

async fn connected(okta: &str) -> (Connector, ConnectionId, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let connector = Connector::open(ConnectorConfig {
        data_dir: folder.path().to_owned(),
        keychain: Keychain::memory(),
        http: HttpSettings { timeout: Duration::from_secs(10), ..HttpSettings::default() },
        clock: Clock::system(),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap();
    let elsewhere = || format!("{okta}/radiant");
    let at = PracticeAddresses { okta: okta.to_owned(), radiant_search: elsewhere(), radiant_docs: elsewhere() };
    let id = connector.connections().begin_practice(at, "Practice".to_owned()).await.unwrap().connection.id;
    let token = "00strange-practice-token-0123456789abcdefgh";
    connector.tokens().store(&id, SecretName::OktaToken, token.into(), false).await.unwrap();
    (connector, id, folder)
}

/// Asks with one strange answer of Okta, which bears its request id, and compares what the row says.
async fn says(check: CheckId, path: &str, (status, kind, body): (usize, &str, &str), expected: (Outcome, Code)) {
    let answer = |mock: Mock| mock.with_status(status).with_header("content-type", kind).with_body(body);
    let strange = Strange::at(path, |mock| answer(mock).with_header(REQUEST_ID.0, REQUEST_ID.1)).await;
    let row = strange.row(check).await;
    assert_eq!((row.outcome, row.code), (expected.0, Some(expected.1)), "{path}: {status} {kind} {body}");
}

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const REQUEST_ID: (&str, &str) = ("x-okta-request-id", "aBcDeF0123456789");
const PAGE: &str = "<!doctype html><title>Access denied</title>";

fn refusal(code: &str) -> String {
    format!(r#"{{"errorCode":"{code}","errorSummary":"?","errorLink":"{code}","errorId":"oae1","errorCauses":[]}}"#)
}

#[tokio::test]
async fn the_healthy_mock_passes() {
    let strange = Strange::at("/none", |mock| mock).await;
    assert_eq!(strange.check().await.worst(), Outcome::Passed);
}

#[tokio::test]
async fn an_unreadable_owner_leaves_the_token_unknown() {
    let cases = [
        ((200, HTML, PAGE), Code::AnswerUnreadable),
        ((200, JSON, PAGE), Code::AnswerUnreadable),
        ((403, HTML, PAGE), Code::AddressBlocked),
        ((403, JSON, "{}"), Code::AddressBlocked),
        ((403, JSON, ""), Code::AddressBlocked),
        ((400, HTML, PAGE), Code::RequestRejected),
        ((405, HTML, PAGE), Code::RequestRejected),
        ((410, HTML, PAGE), Code::RequestRejected),
        ((413, HTML, ""), Code::RequestRejected),
        ((431, HTML, PAGE), Code::RequestRejected),
        ((429, HTML, PAGE), Code::OktaRateLimited),
        ((511, HTML, PAGE), Code::OktaUnavailable),
        ((200, JSON, "null"), Code::AnswerUnreadable),
        ((200, JSON, "[]"), Code::AnswerUnreadable),
        ((200, JSON, "{}"), Code::AnswerUnreadable),
        ((200, JSON, r#"{"id":7}"#), Code::AnswerUnreadable),
        ((200, JSON, ""), Code::AnswerUnreadable),
        ((204, JSON, ""), Code::AnswerUnreadable),
        ((200, JSON, "\u{feff}{\"id\":\"00u\"}"), Code::AnswerUnreadable),
        ((404, JSON, &refusal("E0000007")), Code::AnswerUnexpected),
        ((418, JSON, "{}"), Code::RequestRejected),
        ((418, JSON, &refusal("E9999999")), Code::AnswerUnexpected),
        ((503, HTML, PAGE), Code::OktaUnavailable),
        ((502, JSON, ""), Code::OktaUnavailable),
        ((500, JSON, &refusal("E0000009")), Code::OktaUnavailable),
        ((503, JSON, &refusal("E0000010")), Code::OktaReadOnly),
        ((429, JSON, &refusal("E0000047")), Code::OktaRateLimited),
        ((400, JSON, &refusal("E9999999")), Code::AnswerUnexpected),
    ];
    for (answer, code) in cases {
        says(CheckId::Token, ME, answer, (Outcome::Unknown, code)).await;
    }
    says(CheckId::Token, ME, (401, HTML, PAGE), (Outcome::Failed, Code::TokenNotAccepted)).await;
    says(CheckId::Token, ME, (404, HTML, PAGE), (Outcome::Failed, Code::OrgUnknown)).await;
}

#[tokio::test]
async fn a_refusal_with_an_unknown_code_goes_by_its_status() {
    let unknown = refusal("E9999999");
    says(CheckId::Token, ME, (401, JSON, &unknown), (Outcome::Failed, Code::TokenNotAccepted)).await;
    says(CheckId::Zones, "/api/v1/zones", (403, JSON, &unknown), (Outcome::Failed, Code::ZonesRefused)).await;
    says(CheckId::SystemLog, LOGS, (403, JSON, &unknown), (Outcome::Failed, Code::LogsRefused)).await;
    says(CheckId::SystemLog, LOGS, (500, JSON, &unknown), (Outcome::Unknown, Code::OktaUnavailable)).await;
    // A code of another kind is no code, and is not shown as one.
    let strange = Strange::at(ME, |mock| {
        mock.with_status(401).with_header(REQUEST_ID.0, REQUEST_ID.1).with_body(r#"{"errorCode":{"is":"an object"}}"#)
    });
    let strange = strange.await;
    let row = strange.row(CheckId::Token).await;
    assert_eq!((row.code, &row.evidence[0].okta_code), (Some(Code::TokenNotAccepted), &None));
}

#[tokio::test]
async fn a_system_log_of_another_shape_is_unknown_and_never_empty() {
    for body in ["null", "{}", r#"{"events":[]}"#, "[1", "[null]", r#"[{"uuid":null}]"#, r#"[{"uuid":"a"}, 7]"#] {
        says(CheckId::SystemLog, LOGS, (200, JSON, body), (Outcome::Unknown, Code::AnswerUnreadable)).await;
    }
    says(CheckId::SystemLog, LOGS, (200, JSON, "[]"), (Outcome::Attention, Code::LogsEmpty)).await;
}

#[tokio::test]
async fn a_host_without_org_metadata_gets_no_token() {
    let id = REQUEST_ID.0;
    let cases = [
        ((200, HTML, PAGE, ""), Code::CaptivePortal),
        ((404, HTML, PAGE, ""), Code::CaptivePortal),
        ((403, JSON, "", ""), Code::ResponderUnknown),
        ((200, HTML, PAGE, id), Code::NotOkta),
        ((200, JSON, "null", ""), Code::NotOkta),
        ((200, JSON, r#"{"id":""}"#, id), Code::NotOkta),
        ((401, JSON, &refusal("E9999999"), id), Code::NotOkta),
        ((403, HTML, PAGE, id), Code::AddressBlocked),
        ((403, JSON, &refusal("E0000006"), id), Code::AddressBlocked),
        ((403, JSON, "", id), Code::AddressBlocked),
        ((400, HTML, PAGE, id), Code::RequestRejected),
        ((404, HTML, PAGE, id), Code::OrgUnknown),
        ((404, JSON, &refusal("E0000007"), id), Code::OrgUnknown),
        ((429, HTML, PAGE, id), Code::OktaRateLimited),
        ((500, JSON, &refusal("E0000009"), id), Code::OktaUnavailable),
    ];
    for ((status, kind, body, id), code) in cases {
        let answer = |mock: Mock| {
            let mock = mock.with_status(status).with_header("content-type", kind).with_body(body);
            if id.is_empty() { mock } else { mock.with_header(id, REQUEST_ID.1) }
        };
        let mut strange = Strange::at(WELL_KNOWN, answer).await;
        let bore = strange.server.mock("GET", Matcher::Any).match_header("authorization", a_token()).expect(0);
        let bore = bore.create_async().await;
        let row = strange.row(CheckId::Domain).await;
        assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(code)), "{status} {body}");
        assert_eq!(row.args["host"], "127.0.0.1");
        let told = strange.connector.guide().discover_domain(&strange.id, "").await.unwrap_err();
        placeholders::assert_filled(told.code, &told.args);
        assert_eq!(told.code, code, "the guide and the check say the same");
        bore.assert_async().await;
    }
    // The mock knows a token when it sees one.
    let with_token = Strange::at(ME, |mock| mock.match_header("authorization", a_token()).with_body("null")).await;
    assert_eq!(with_token.row(CheckId::Token).await.code, Some(Code::AnswerUnreadable));
}

fn a_token() -> Matcher {
    Matcher::Regex("^SSWS .+".to_owned())
}

#[tokio::test]
async fn an_invalid_next_link_refuses_the_page_and_other_links_are_ignored() {
    let json = |mock: Mock| mock.with_header("content-type", JSON).with_body(HEALTHY[4].1);
    let garbled = Strange::at(LOGS, |mock| json(mock).with_header("link", "<::not an address>; rel=\"next\"")).await;
    let row = garbled.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerUnreadable)));
    for link in ["", ",,,;;;", "<>", "rel=\"next\"", "<http://127.0.0.1/x", "<https://a.example/>; rel=\"self\""] {
        let strange = Strange::at(LOGS, |mock| json(mock).with_header("link", link)).await;
        assert_eq!(strange.row(CheckId::SystemLog).await.outcome, Outcome::Passed, "{link}");
    }
    let foreign = "<https://acme.okta.com.example.com/api/v1/logs?after=1>; title=\"a, b\"; rel=\"prev next\"";
    let twice =
        |mock: Mock| json(mock).with_header("link", "<https://a.example/>; rel=\"self\"").with_header("link", foreign);
    let row = Strange::at(LOGS, twice).await.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::NextLinkForeign)));
    assert_eq!(row.args["host"], "acme.okta.com.example.com");
}

#[tokio::test]
async fn a_response_over_the_size_limit_is_not_read_to_its_end() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let much = move |out: &mut dyn std::io::Write| {
        let megabyte = vec![b' '; 1024 * 1024];
        (0..512).try_for_each(|_| {
            counted.fetch_add(1, Ordering::Relaxed);
            out.write_all(&megabyte)
        })
    };
    let strange = Strange::at(LOGS, |mock| mock.with_header("content-type", JSON).with_chunked_body(much)).await;
    let report = strange.check().await;
    let row = report.row(CheckId::SystemLog).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerUnreadable)));
    assert!((16..512).contains(&sent.load(Ordering::Relaxed)), "{sent:?} MB were sent");
    assert_eq!(report.row(CheckId::Users).unwrap().outcome, Outcome::Passed, "the others are asked all the same");
}

/// `[]` as gzip.
const SQUEEZED: &[u8] = &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 139, 142, 5, 0, 41, 187, 76, 13, 2, 0, 0, 0];

#[tokio::test]
async fn a_compressed_response_is_neither_requested_nor_unpacked() {
    let squeezed = |mock: Mock| {
        let plain = mock.match_header("accept-encoding", Matcher::Missing).with_header("content-type", JSON);
        plain.with_header("content-encoding", "gzip").with_body(SQUEEZED)
    };
    let row = Strange::at(LOGS, squeezed).await.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerUnreadable)));
}

#[tokio::test]
async fn a_malformed_or_missing_clock_is_unknown_and_affects_no_other_check() {
    let garbled = Strange::at(WELL_KNOWN, |mock| mock.with_body(HEALTHY[0].1).with_header("date", "yesterday")).await;
    let report = garbled.check().await;
    assert_eq!(report.row(CheckId::Clock).unwrap().code, Some(Code::ClockUnknown));
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
    // No server library leaves the header out, so this one is written by hand.
    let body = HEALTHY[0].1;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let row = by_hand(answer, CheckId::Clock).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::ClockUnknown)));
}

#[tokio::test]
async fn what_is_not_even_http_is_unreadable() {
    for answer in ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n"] {
        let row = by_hand(answer.to_owned(), CheckId::Domain).await;
        assert_eq!(row.code, Some(Code::NotOkta), "{answer}");
    }
}

/// The row of a check, when every request is answered with the same bytes.
async fn by_hand(answer: String, check: CheckId) -> CheckRow {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (connector, id, _folder) = connected(&format!("http://{}", listener.local_addr().unwrap())).await;
    let server = tokio::task::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            // Whether the client still listens is no matter.
            drop(socket.read(&mut request).await);
            drop(socket.write_all(answer.as_bytes()).await);
        }
    });
    let report = connector.checks().run(&id, None, CancellationToken::new(), |_| {}).await.unwrap();
    server.abort();
    report.row(check).unwrap().clone()
}

/// A healthy org beside a mocked Radiant that gives one answer.
async fn radiant_says(check: CheckId, status: usize, kind: &str, body: &str) -> CheckRow {
    let mut server = Server::new_async().await;
    let mock = server.mock("POST", "/quickwit-api-proxy/_msearch").with_status(status);
    mock.with_header("content-type", kind).with_body(body).create_async().await;
    let story = Story::begin().await;
    story.paste_super_admin().await;
    let url = format!("{}/quickwit-api-proxy/_msearch", server.url());
    story.search(|search| model::radiant::RadiantSearch { url, ..search }).await;
    let token = "strange-search-token".to_owned().into();
    story.connector.tokens().store(&story.id, SecretName::RadiantSearchToken, token, false).await.unwrap();
    story.row(check).await
}

#[tokio::test]
async fn a_malformed_response_of_radiant_proves_nothing_about_the_search_token() {
    let cases = [
        ((200, HTML, PAGE), Code::RadiantAnswerUnreadable),
        ((403, HTML, PAGE), Code::RadiantAnswerUnreadable),
        ((404, HTML, PAGE), Code::RadiantAnswerUnreadable),
        ((200, JSON, "null"), Code::RadiantAnswerUnreadable),
        ((200, JSON, r#"{"responses":[]}"#), Code::RadiantAnswerUnreadable),
        ((200, JSON, r#"{"responses":[null]}"#), Code::RadiantAnswerUnreadable),
        ((200, JSON, r#"{"responses":[{"status":200}]}"#), Code::RadiantAnswerUnreadable),
        ((502, HTML, PAGE), Code::RadiantUnavailable),
        ((429, JSON, "{}"), Code::RadiantUnavailable),
    ];
    for ((status, kind, body), code) in cases {
        let row = radiant_says(CheckId::RadiantSearch, status, kind, body).await;
        assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(code)), "{status} {kind} {body}");
    }
    let row = radiant_says(CheckId::RadiantSearch, 403, JSON, r#"{"message":"Forbidden"}"#).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::RadiantTokenRefused)));
}

#[tokio::test]
async fn an_event_whose_time_cannot_be_read_is_not_no_event() {
    let body = r#"{"responses":[{"status":200,"hits":{"hits":[{"_source":{"uuid":"another","published":17}}]}}]}"#;
    let row = radiant_says(CheckId::Arrival, 200, JSON, body).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantAnswerUnreadable)));
    let none = r#"{"responses":[{"status":200,"hits":{"hits":[]}}]}"#;
    let row = radiant_says(CheckId::Arrival, 200, JSON, none).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::RadiantNoEvents)));
}

#[tokio::test]
async fn a_path_that_is_called_proxy_is_no_proxy() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.control().fault(Some(Fault::on(Side::Radiant, FaultKind::Reset)));
    let row = story.row(CheckId::RadiantSearch).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantUnreachable)));
    story.control().fault(Some(Fault::on(Side::Radiant, FaultKind::Truncate)));
    let row = story.row(CheckId::RadiantSearch).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantAnswerUnreadable)));
}

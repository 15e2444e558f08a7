//! Malformed responses: HTML pages, empty bodies, other shapes, too large or compressed bodies, statuses with a wrong body.
//!
//! A mock stands for Okta or Radiant; every other response of it is valid, so that one row shows the effect of one response. A
//! response that cannot be read makes a check unknown, never failed.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

#[path = "support/message_placeholders.rs"]
mod message_placeholders;
#[path = "support/mocked_org.rs"]
mod mocked_org;
mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mockito::{Matcher, Mock, Server};
use model::check::{CheckId, CheckRow, Outcome};
use model::code::Code;
use model::secret_name::SecretName;
use practice::{Fault, FaultKind, Side};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use mocked_org::{HEALTHY, HTML, JSON, LOGS, ME, PAGE, REQUEST_ID, Strange, WELL_KNOWN, connected, refusal, says};
use support::TestConnection;

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
        ((403, HTML, PAGE), Code::RequestRejected),
        ((403, JSON, "{}"), Code::RequestRejected),
        ((403, JSON, ""), Code::RequestRejected),
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
        ((503, JSON, &refusal("E0000010")), Code::OktaReadRefused),
        ((429, JSON, &refusal("E0000047")), Code::OktaRateLimited),
        ((400, JSON, &refusal("E9999999")), Code::AnswerUnexpected),
    ];
    for (answer, code) in cases {
        says(CheckId::Token, ME, answer, (Outcome::Unknown, code)).await;
    }
    says(CheckId::Token, ME, (401, HTML, PAGE), (Outcome::Failed, Code::TokenNotAccepted)).await;
    says(CheckId::Token, ME, (404, HTML, PAGE), (Outcome::Unknown, Code::RequestRejected)).await;
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
        // Only Okta counts requests, so this refusal is no failure of the domain.
        let outcome = if code == Code::OktaRateLimited { Outcome::Unknown } else { Outcome::Failed };
        assert_eq!((row.outcome, row.code), (outcome, Some(code)), "{status} {body}");
        assert_eq!(row.args["host"], "127.0.0.1");
        let told = strange.connector.guide().discover_domain(&strange.id, "").await.unwrap_err();
        message_placeholders::assert_filled(told.code, &told.args);
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
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerTooLarge)));
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
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    let url = format!("{}/quickwit-api-proxy/_msearch", server.url());
    story.search(|search| model::radiant_search_settings::RadiantSearch { url, ..search }).await;
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
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.control().fault(Some(Fault::on(Side::Radiant, FaultKind::Reset)));
    let row = story.row(CheckId::RadiantSearch).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantUnreachable)));
    story.control().fault(Some(Fault::on(Side::Radiant, FaultKind::Truncate)));
    let row = story.row(CheckId::RadiantSearch).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantAnswerUnreadable)));
}

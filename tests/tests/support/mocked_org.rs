//! A mocked Okta org that is healthy but for one response.
#![allow(dead_code, reason = "each test program uses what it needs")]

use std::time::Duration;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use mockito::{Matcher, Mock, Server, ServerGuard};
use model::check::{CheckId, CheckReport, CheckRow, Outcome};
use model::code::Code;
use model::connection::ConnectionId;
use model::secret_name::SecretName;
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use super::message_placeholders;

pub(crate) const WELL_KNOWN: &str = "/.well-known/okta-organization";
pub(crate) const ME: &str = "/api/v1/users/me";
pub(crate) const LOGS: &str = "/api/v1/logs";
pub(crate) const TOKENS: &str = "/api/v1/api-tokens";
pub(crate) const ROLES: &str = "/api/v1/users/00uSTRANGE/roles";

/// What a healthy org answers.
pub(crate) const HEALTHY: [(&str, &str); 7] = [
    (WELL_KNOWN, r#"{"id":"00oSTRANGE","pipeline":"idx","_links":{"organization":{"href":"https://acme.okta.com"}}}"#),
    (ME, r#"{"id":"00uSTRANGE","status":"ACTIVE","profile":{"login":"svc-radiant@example.com"}}"#),
    ("/api/v1/users/00uSTRANGE/roles", r#"[{"type":"SUPER_ADMIN","label":"Super Administrator","status":"ACTIVE"}]"#),
    ("/api/v1/api-tokens", "[]"),
    (LOGS, r#"[{"uuid":"5f3c0d1e-0000-11ee-be56-0242ac120002","published":"2026-01-01T00:00:00Z","eventType":"a"}]"#),
    ("/api/v1/users", "[]"),
    ("/api/v1/zones", "[]"),
];

/// A mocked org, and a connection to it with a token.
pub(crate) struct Strange {
    pub(crate) server: ServerGuard,
    pub(crate) connector: Connector,
    pub(crate) id: ConnectionId,
    _folder: tempfile::TempDir,
}

impl Strange {
    /// An org that is healthy but for one path.
    pub(crate) async fn at(path: &str, strange: impl FnOnce(Mock) -> Mock) -> Self {
        let mut server = Server::new_async().await;
        for (healthy, body) in HEALTHY.iter().filter(|(healthy, _)| *healthy != path) {
            let mock = server.mock("GET", *healthy).match_query(Matcher::Any);
            mock.with_header("content-type", "application/json").with_body(body).create_async().await;
        }
        strange(server.mock("GET", path).match_query(Matcher::Any)).create_async().await;
        let (connector, id, folder) = connected(&server.url()).await;
        Self { server, connector, id, _folder: folder }
    }

    pub(crate) async fn check(&self) -> CheckReport {
        let report = self.connector.checks().run(&self.id, None, CancellationToken::new(), |_| {}).await.unwrap();
        message_placeholders::assert_filled_in_report(&report);
        report
    }

    pub(crate) async fn row(&self, check: CheckId) -> CheckRow {
        self.check().await.row(check).unwrap().clone()
    }
}

pub(crate) async fn connected(okta: &str) -> (Connector, ConnectionId, tempfile::TempDir) {
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
pub(crate) async fn says(
    check: CheckId,
    path: &str,
    (status, kind, body): (usize, &str, &str),
    expected: (Outcome, Code),
) {
    let answer = |mock: Mock| mock.with_status(status).with_header("content-type", kind).with_body(body);
    let strange = Strange::at(path, |mock| answer(mock).with_header(REQUEST_ID.0, REQUEST_ID.1)).await;
    let row = strange.row(check).await;
    assert_eq!((row.outcome, row.code), (expected.0, Some(expected.1)), "{path}: {status} {kind} {body}");
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html; charset=utf-8";
/// The header that Okta's own responses have.
pub(crate) const REQUEST_ID: (&str, &str) = ("x-okta-request-id", "aBcDeF0123456789");
pub(crate) const PAGE: &str = "<!doctype html><title>Access denied</title>";

pub(crate) fn refusal(code: &str) -> String {
    format!(r#"{{"errorCode":"{code}","errorSummary":"?","errorLink":"{code}","errorId":"oae1","errorCauses":[]}}"#)
}

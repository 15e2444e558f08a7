//! Status x body x who answered, for a check and for monitoring: no OK without a good answer of Okta.
//!
//! Every answer is sent over the wire by the practice organization: over TLS with a public authority (Okta), over TLS with an
//! issuer that was accepted for inspection, with and without Okta's request id, and over loopback without it (a portal). The
//! table is printed in Markdown: `cargo nextest run -p tests --test who_answered --no-capture`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the matrix is printed as a table")]

mod support;
mod tls_support;

use std::collections::BTreeSet;

use connector::{Audience, Connector};
use http_client::HttpSettings;
use messages::Messages;
use model::check::{CheckId, CheckReport, Outcome};
use model::code::Code;
use model::connection::{ConnectionId, Keep};
use model::monitor::ProbeKind;
use model::preferences::Language;
use model::status::{State, Status};
use practice::{Change, Control, EdgeBody, Fault, FaultKind, Options, Practice, Side};
use runtime::Clock;
use tokio_util::sync::CancellationToken;

use support::TestConnection;
use tls_support::{Guide, ORG, Trusted, tls, web};

const STATUSES: [u16; 12] = [200, 302, 400, 401, 403, 404, 405, 410, 429, 431, 500, 511];
const BODIES: [EdgeBody; 3] = [EdgeBody::Empty, EdgeBody::Json, EdgeBody::Page];
/// Probes after which a transient problem is shown.
const PROBES: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Responder {
    Okta,
    InspectedOkta,
    Inspection,
    Portal,
}

impl Responder {
    fn name(self) -> &'static str {
        match self {
            Self::Okta => "Okta (public authority)",
            Self::InspectedOkta => "accepted inspection, request ID",
            Self::Inspection => "accepted inspection, no request ID",
            Self::Portal => "portal",
        }
    }

    fn has_request_id(self) -> bool {
        self == Self::InspectedOkta
    }

    /// The status without a fault: an accepted inspection is shown as long as it lasts.
    fn usual(self) -> (State, Option<Code>) {
        match self {
            Self::Okta | Self::Portal => (State::Ok, None),
            Self::InspectedOkta | Self::Inspection => (State::Attention, Some(Code::TlsInspectionAccepted)),
        }
    }

    /// The code that monitoring shows for a cell.
    fn expected_in_monitoring(self, status: u16, body: EdgeBody) -> Code {
        let (code, usual) = (self.expected(status, body), self.usual().1);
        if code == Code::NotOkta && status == 401 && usual.is_none() {
            // The heartbeat sends the token, and what it found stays while the org cannot be recognized. Where there was a
            // problem before, the org is asked first.
            Code::TokenNotAccepted
        } else if code == Code::CaptivePortal {
            // Without a network a known problem stays.
            usual.unwrap_or(Code::CaptivePortal)
        } else {
            code
        }
    }

    /// The code that a check shows for a cell, in the row of the domain.
    fn expected(self, status: u16, body: EdgeBody) -> Code {
        match self {
            Self::Okta | Self::InspectedOkta => expected_of_okta(status),
            Self::Inspection if status == 511 => Code::CaptivePortal,
            Self::Inspection => Code::ResponderUnknown,
            Self::Portal => expected_of_portal(status, body),
        }
    }
}

/// The status decides, whatever the body.
fn expected_of_okta(status: u16) -> Code {
    match status {
        200 | 401 => Code::NotOkta,
        302 => Code::RedirectRefused,
        403 => Code::AddressBlocked,
        404 => Code::OrgUnknown,
        429 => Code::OktaRateLimited,
        500.. => Code::OktaUnavailable,
        _ => Code::RequestRejected,
    }
}

/// On loopback a page, a redirect and 511 are a portal; a refusal without a code of the API is nobody's.
fn expected_of_portal(status: u16, body: EdgeBody) -> Code {
    match (status, body) {
        (302 | 511, _) | (_, EdgeBody::Page) => Code::CaptivePortal,
        (200 | 500.., _) | (_, EdgeBody::ApiError) => expected_of_okta(status),
        (_, EdgeBody::Empty | EdgeBody::Json) => Code::ResponderUnknown,
    }
}

/// A monitored connection without a problem, and the practice organization that answers it.
struct Subject {
    connector: Connector,
    id: ConnectionId,
    practice: Practice,
    _folder: Box<dyn std::any::Any>,
}

impl Subject {
    async fn of(responder: Responder) -> Self {
        let subject = match responder {
            // Boxed, because a test thread has little stack.
            Responder::Portal => Box::pin(Self::on_loopback()).await,
            Responder::Okta => Box::pin(Self::over_tls(Trusted::Everywhere)).await,
            Responder::InspectedOkta | Responder::Inspection => Box::pin(Self::over_tls(Trusted::Here)).await,
        };
        subject.connector.guide().finish(&subject.id, Keep::Token).await.unwrap();
        assert_eq!(subject.recovered().await, responder.usual(), "{}", responder.name());
        subject
    }

    async fn on_loopback() -> Self {
        let story = TestConnection::over(options(), Clock::system(), HttpSettings::default()).await;
        story.paste_super_admin().await;
        story.check().await;
        let TestConnection { practice, connector, id, folder, .. } = story;
        Self { connector, id, practice, _folder: Box::new(folder) }
    }

    async fn over_tls(trusted: Trusted) -> Self {
        let organization_href = Some(format!("https://{ORG}"));
        let practice = Practice::start(Options { tls: Some(tls(ORG)), organization_href, ..options() }).await.unwrap();
        let guide = Guide::with_token(web(trusted, &[(ORG, &practice)]), &practice).await;
        guide.check().await;
        guide.accept_inspection(trusted == Trusted::Here).await;
        guide.check().await;
        let (connector, id) = (guide.connector.clone(), guide.id.clone());
        Self { connector, id, practice, _folder: Box::new(guide) }
    }

    fn control(&self) -> Control {
        self.practice.control()
    }

    fn fault(&self, status: u16, body: EdgeBody, okta_headers: bool) {
        let kind = FaultKind::Edge { status, body, okta_headers };
        self.control().fault(Some(Fault::on(Side::Okta, kind)));
    }

    async fn probe(&self) -> Status {
        self.probe_of(ProbeKind::Heartbeat).await
    }

    async fn probe_of(&self, kind: ProbeKind) -> Status {
        let cancel = CancellationToken::new();
        let monitor = self.connector.monitor();
        Box::pin(monitor.probe_now(&self.id, kind, Audience::AWAY, &cancel)).await.unwrap().unwrap().after
    }

    /// Checks everything, and returns the worst outcome and the code of the domain's row.
    async fn check(&self) -> (Outcome, Option<Code>) {
        let report = self.report().await;
        (report.worst(), report.row(CheckId::Domain).unwrap().code)
    }

    async fn report(&self) -> CheckReport {
        let checks = self.connector.checks();
        let report = Box::pin(checks.run(&self.id, None, CancellationToken::new(), |_| {})).await.unwrap();
        tls_support::message_placeholders::assert_filled_in_report(&report);
        report
    }

    async fn recovered(&self) -> (State, Option<Code>) {
        self.control().fault(None);
        self.check().await;
        let status = self.connector.connections().get(&self.id).await.unwrap().status;
        (status.state, code(&status))
    }
}

fn options() -> Options {
    Options { events_per_second: 0.0, rate_limit: 1_000_000, ..Options::default() }
}

fn code(status: &Status) -> Option<Code> {
    status.problem.as_ref().map(|problem| problem.code)
}

/// Exit code of `connectorctl check` by the worst row.
fn exit_of_check(worst: Outcome) -> u8 {
    match worst {
        Outcome::Passed | Outcome::Skipped => 0,
        Outcome::Attention | Outcome::Unknown => 1,
        Outcome::Failed => 2,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn okta_is_judged_by_status_whatever_the_body() {
    assert_matrix(Responder::Okta, &BODIES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_with_json_and_a_request_id_is_oktas_behind_an_accepted_inspection() {
    assert_matrix(Responder::InspectedOkta, &[EdgeBody::Json]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_refusal_with_a_request_id_is_oktas_behind_an_accepted_inspection() {
    assert_matrix(Responder::InspectedOkta, &[EdgeBody::Empty]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_a_request_id_is_oktas_behind_an_accepted_inspection() {
    assert_matrix(Responder::InspectedOkta, &[EdgeBody::Page]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_without_a_request_id_is_nobodys_behind_an_accepted_inspection() {
    assert_matrix(Responder::Inspection, &[EdgeBody::Json]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_without_a_request_id_is_nobodys_behind_an_accepted_inspection() {
    assert_matrix(Responder::Inspection, &[EdgeBody::Empty]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_request_id_is_nobodys_behind_an_accepted_inspection() {
    assert_matrix(Responder::Inspection, &[EdgeBody::Page]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_is_neither_ok_nor_an_alarm() {
    assert_matrix(Responder::Portal, &BODIES).await;
}

/// Asserts and prints the cells of one responder with these bodies.
async fn assert_matrix(responder: Responder, bodies: &[EdgeBody]) {
    let messages = Messages::load(Language::En);
    let mut sentences = BTreeSet::new();
    let subject = Subject::of(responder).await;
    println!(
        "| who answered | status | body | check | monitoring, first probe | third probe |\n|---|---|---|---|---|---|"
    );
    for (status, body) in STATUSES.into_iter().flat_map(|status| bodies.iter().map(move |body| (status, *body))) {
        subject.fault(status, body, responder.has_request_id());
        let first = subject.probe().await;
        for _ in 2..PROBES {
            subject.probe().await;
        }
        let last = subject.probe().await;
        let check = subject.check().await;
        println!("| {} | {status} | {body:?} | {} |", responder.name(), cells(check, [&first, &last]));
        assert_cell(responder, (status, body), check, &last);
        let problem = last.problem.as_ref().unwrap();
        sentences.insert((problem.code.to_string(), messages.code(problem.code, &problem.args).title));
        assert_eq!(subject.recovered().await, responder.usual(), "after {status} {body:?}");
    }
    sentences.iter().for_each(|(code, title)| println!("`{code}`: {title}"));
}

fn assert_cell(
    responder: Responder,
    (status, body): (u16, EdgeBody),
    (worst, found): (Outcome, Option<Code>),
    last: &Status,
) {
    let cell = format!("{}: {status} {body:?}", responder.name());
    assert_eq!(found, Some(responder.expected(status, body)), "check of {cell}");
    // Okta counts its requests, so that one too many leaves the org unknown and not failed; neither is OK.
    let exit = if found == Some(Code::OktaRateLimited) { 1 } else { 2 };
    assert_eq!(exit_of_check(worst), exit, "check of {cell}");
    let expected = responder.expected_in_monitoring(status, body);
    assert_eq!(code(last), Some(expected), "monitoring of {cell}");
    assert_eq!(is_right(last.state, expected), Ok(()), "monitoring of {cell}");
}

fn cells((worst, found): (Outcome, Option<Code>), probes: [&Status; 2]) -> String {
    let found = found.map_or("-".to_owned(), |code| code.to_string());
    format!("`{found}`, exit {} | {}", exit_of_check(worst), probes.map(state).join(" | "))
}

fn state(status: &Status) -> String {
    let state = serde_json::to_value(status.state).unwrap();
    let code = code(status).map_or(String::new(), |code| format!(" `{code}`"));
    format!("{}{code}, exit {}", state.as_str().unwrap(), status.state.exit_code())
}

/// Only a portal is no alarm, because it says nothing about Okta; it is not OK either.
fn is_right(state: State, code: Code) -> Result<(), State> {
    let right = if code == Code::CaptivePortal {
        state != State::Ok && state != State::Stopped
    } else if [Code::OrgUnknown, Code::TokenNotAccepted].contains(&code) {
        state == State::Stopped
    } else {
        state == State::Attention
    };
    if right { Ok(()) } else { Err(state) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_about_the_token_keeps_a_known_problem() {
    for (responder, answers) in [
        (
            Responder::Portal,
            vec![(200, EdgeBody::Page), (302, EdgeBody::Empty), (511, EdgeBody::Empty), (403, EdgeBody::Empty)],
        ),
        (Responder::Inspection, vec![(403, EdgeBody::Page), (302, EdgeBody::Empty), (404, EdgeBody::Page)]),
        (
            Responder::Okta,
            vec![(403, EdgeBody::Page), (400, EdgeBody::Page), (429, EdgeBody::Page), (503, EdgeBody::Page)],
        ),
    ] {
        let subject = Subject::of(responder).await;
        subject.control().set(Change::Revoke { principal: "super_admin".to_owned() });
        assert_eq!(code(&subject.probe().await), Some(Code::TokenRefused));
        for (status, body) in answers {
            subject.fault(status, body, false);
            for _ in 0..=PROBES {
                let after = subject.probe().await;
                assert_eq!(
                    (after.state, code(&after)),
                    (State::Stopped, Some(Code::TokenRefused)),
                    "{}: {status} {body:?}",
                    responder.name()
                );
            }
        }
        subject.control().set(Change::Revive { principal: "super_admin".to_owned() });
        assert_eq!(subject.recovered().await, responder.usual());
    }
}

#[tokio::test]
async fn a_path_that_the_edge_refuses_is_not_the_whole_org() {
    let subject = Subject::of(Responder::Okta).await;
    for (path, check) in [("/api/v1/logs", CheckId::SystemLog), ("/api/v1/zones", CheckId::Zones)] {
        for status in [400, 403, 404] {
            let kind = FaultKind::Edge { status, body: EdgeBody::Page, okta_headers: false };
            subject.control().fault(Some(Fault::on(Side::Okta, kind).at(path)));
            let report = subject.report().await;
            let row = report.row(check).unwrap();
            assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RequestRejected)), "{path} {status}");
            assert_ne!(report.worst(), Outcome::Passed);
        }
    }
}

#[tokio::test]
async fn a_path_that_the_edge_refuses_never_stops_monitoring_and_leaves_nothing() {
    let subject = Subject::of(Responder::Okta).await;
    for (path, kind) in [("/api/v1/logs", ProbeKind::Freshness), ("/api/v1/users/me", ProbeKind::Heartbeat)] {
        for status in [403, 404] {
            let edge = FaultKind::Edge { status, body: EdgeBody::Page, okta_headers: false };
            subject.control().fault(Some(Fault::on(Side::Okta, edge).at(path)));
            for _ in 0..=PROBES {
                let after = subject.probe_of(kind).await;
                assert!(
                    [(State::Ok, None), (State::Attention, Some(Code::RequestRejected))]
                        .contains(&(after.state, code(&after))),
                    "{path} {status}: {after:?}"
                );
            }
            subject.control().fault(None);
            let after = subject.probe_of(kind).await;
            assert_eq!((after.state, code(&after)), (State::Ok, None), "{path} {status} is over");
        }
    }
}

#[tokio::test]
async fn without_a_trusted_chain_nothing_is_asked_and_nothing_is_ok() {
    let subject = Subject::over_tls(Trusted::Everywhere).await;
    let other = tls_support::org(tls(ORG)).await;
    let guide = Guide::with_token(web(Trusted::Everywhere, &[(ORG, &subject.practice)]), &subject.practice).await;
    guide.check().await;
    guide.connector.guide().finish(&guide.id, Keep::Token).await.unwrap();
    let guide = guide.moved(web(Trusted::Nowhere, &[(ORG, &other)]));
    let (connector, id) = (guide.connector.clone(), guide.id.clone());
    let moved = Subject { connector, id, practice: other, _folder: Box::new(guide) };
    let after = moved.probe().await;
    assert_eq!((after.state, code(&after)), (State::Attention, Some(Code::TlsUntrusted)));
    assert_eq!(moved.check().await, (Outcome::Failed, Some(Code::TlsUntrusted)));
    assert_eq!(moved.control().counters().requests.len(), 0);
}

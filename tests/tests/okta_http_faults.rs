//! Faults between the app and Okta: captive portals, proxies, interrupted responses, rate limits, redirects, clocks.
//!
//! The real client calls the practice organization over HTTP; the database is real SQLite in a temporary folder.

mod support;

use std::time::Duration;

use chrono::TimeDelta;
use http_client::HttpSettings;
use model::check::{CheckId, Outcome, Skip};
use model::code::Code;
use practice::{Change, CredentialTrap, Fault, FaultKind, Options, Side};
use runtime::Clock;

use support::TestConnection;

async fn faulty(kind: FaultKind, path: &str) -> TestConnection {
    with_fault(TestConnection::begin().await, kind, path).await
}

async fn with_fault(story: TestConnection, kind: FaultKind, path: &str) -> TestConnection {
    story.paste_super_admin().await;
    story.control().fault(Some(Fault::on(Side::Okta, kind).at(path)));
    story
}

#[tokio::test]
async fn okta_down_fails_the_domain_and_asks_nothing_else() {
    let story = faulty(FaultKind::Status { status: 503, code: String::new() }, "/").await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Domain).unwrap().code, Some(Code::OktaUnavailable));
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::Depends));
}

#[tokio::test]
async fn a_captive_portal_is_not_taken_for_an_okta_org() {
    let story = faulty(FaultKind::CaptivePage, "/").await;
    assert_eq!(story.row(CheckId::Domain).await.code, Some(Code::CaptivePortal));
    let other = FaultKind::Redirect { to: "http://portal.example/login".to_owned() };
    story.control().fault(Some(Fault::on(Side::Okta, other)));
    assert_eq!(story.row(CheckId::Domain).await.code, Some(Code::CaptivePortal));
}

#[tokio::test]
async fn a_truncated_response_is_unknown_not_failed() {
    let story = faulty(FaultKind::Truncate, "/api/v1/logs").await;
    let row = story.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerTruncated)));
}

#[tokio::test]
async fn an_interrupted_connection_is_retried_and_then_unknown() {
    let story = faulty(FaultKind::Reset, "/api/v1/zones").await;
    let row = story.row(CheckId::Zones).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::ConnectionReset)));
    assert!(story.control().counters().requests["okta /api/v1/zones"] >= 2);
}

#[tokio::test]
async fn a_single_interruption_is_not_reported() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    let once = Fault { times: Some(1), ..Fault::on(Side::Okta, FaultKind::Reset).at("/api/v1/users/me") };
    story.control().fault(Some(once));
    assert_eq!(story.row(CheckId::Token).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn a_slow_answer_times_out_as_unknown() {
    let web = HttpSettings { timeout: Duration::from_secs(3), ..HttpSettings::default() };
    let story =
        TestConnection::over(Options { events_per_second: 0.0, ..Options::default() }, Clock::system(), web).await;
    let story = with_fault(story, FaultKind::Slow { ms: 60_000 }, "/api/v1/logs").await;
    let row = story.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::TimedOut)));
}

#[tokio::test]
async fn a_used_up_rate_limit_says_when_to_come_back() {
    let story = faulty(FaultKind::RateLimited { reset_s: 48 }, "/api/v1/logs").await;
    let row = story.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::OktaRateLimited)));
    let seconds: u32 = row.args["seconds"].parse().unwrap();
    assert!((40..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_reset_in_the_past_does_not_break_the_wait() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    let past = FaultKind::RateLimited { reset_s: -30 };
    story.control().fault(Some(Fault { times: Some(1), ..Fault::on(Side::Okta, past).at("/api/v1/logs") }));
    assert_eq!(story.row(CheckId::SystemLog).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn malformed_rate_limit_headers_are_unknown() {
    let story = faulty(FaultKind::GarbageRateHeaders, "/api/v1/logs").await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::RateLimit).unwrap().code, Some(Code::RateNotTold));
}

#[tokio::test]
async fn other_api_clients_and_little_headroom_are_reported() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::OtherConsumers { requests: 40 });
    assert_eq!(story.row(CheckId::RateLimit).await.code, Some(Code::RateOtherConsumers));
    story.control().set(Change::OtherConsumers { requests: 52 });
    assert_eq!(story.row(CheckId::RateLimit).await.code, Some(Code::RateLow));
}

#[tokio::test]
async fn read_only_mode_is_unknown_and_named() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::ReadOnlyMode { on: true });
    let row = story.row(CheckId::Token).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::OktaReadRefused)));
}

#[tokio::test]
async fn a_slow_query_of_the_system_log_is_named() {
    let story = faulty(FaultKind::Status { status: 500, code: "E0000009".to_owned() }, "/api/v1/logs").await;
    assert_eq!(story.row(CheckId::SystemLog).await.code, Some(Code::LogsSlow));
}

#[tokio::test]
async fn a_401_for_a_missing_feature_is_not_a_dead_token() {
    let story = faulty(FaultKind::Status { status: 401, code: "E0000015".to_owned() }, "/api/v1/users/me").await;
    let row = story.row(CheckId::Token).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::FeatureRefused)));
}

#[tokio::test]
async fn a_foreign_next_link_is_refused_and_the_other_host_sees_nothing() {
    let foreign = CredentialTrap::start().await.unwrap();
    let story = faulty(FaultKind::ForeignNext { to: foreign.url().to_owned() }, "/api/v1/").await;
    let report = story.check().await;
    let row = report.row(CheckId::TokenEntry).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::NextLinkForeign)));
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed, "only one page of it is read");
    assert_eq!(foreign.requests(), 0);
    assert!(!foreign.received_token());
}

#[tokio::test]
async fn a_redirect_is_refused_and_the_other_host_sees_nothing() {
    let foreign = CredentialTrap::start().await.unwrap();
    let to = || format!("{}/take", foreign.url());
    let story = faulty(FaultKind::OktaRedirect { to: to() }, "/api/v1/").await;
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::RedirectRefused));
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::Redirect { to: to() }).at("/api/v1/")));
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::CaptivePortal), "a portal, as one that answers is");
    assert_eq!(foreign.requests(), 0);
    assert!(!foreign.received_token());
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_unknown() {
    let story = faulty(FaultKind::Unreadable, "/api/v1/users/me").await;
    let row = story.row(CheckId::Token).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerUnreadable)));
}

#[tokio::test]
async fn a_clock_ten_minutes_off_needs_attention_and_affects_no_other_check() {
    let clock = Clock::offset(TimeDelta::minutes(10));
    let story = TestConnection::with(Options { events_per_second: 0.0, ..Options::default() }, clock).await;
    story.paste_super_admin().await;
    let report = story.check().await;
    let row = report.row(CheckId::Clock).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::ClockOff)));
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
}

#[tokio::test]
async fn a_stopped_practice_organization_is_reported() {
    let story = TestConnection::begin().await;
    let TestConnection { practice, connector, id, folder, .. } = story;
    practice.stop().await;
    let found = connector.guide().discover_domain(&id, "").await;
    assert_eq!(found.unwrap_err().code, Code::PracticeEnded);
    drop(folder);
}

#[tokio::test]
async fn a_network_fault_is_never_reported_as_a_missing_permission() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    let elsewhere = FaultKind::ForeignNext { to: "https://elsewhere.example".to_owned() };
    story.control().fault(Some(Fault::on(Side::Okta, elsewhere).at("/api/v1/users")));
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Roles).unwrap().code, Some(Code::NextLinkForeign));
    assert_ne!(report.row(CheckId::Capabilities).unwrap().code, Some(Code::CapabilityRefused));
}

#[tokio::test]
async fn a_run_that_ends_early_shows_no_capabilities_of_an_earlier_one() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    assert!(!story.check().await.capabilities.is_empty());
    let down = FaultKind::Status { status: 503, code: String::new() };
    story.control().fault(Some(Fault::on(Side::Okta, down)));
    assert!(story.check().await.capabilities.is_empty());
}

#[tokio::test]
async fn the_org_id_is_stored_once_it_is_known() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.check().await;
    assert!(story.connector.connections().get(&story.id).await.unwrap().connection.org_id.is_some());
}

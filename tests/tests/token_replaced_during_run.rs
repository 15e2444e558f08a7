//! A token is stored or forgotten while something runs with the one before it: the run ends, and what it found does not count.
//! A run of another process is not ended, but nothing of it is kept.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use connector::{Audience, Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::check::{CheckId, CheckProgress, CheckReport};
use model::code::Code;
use model::connection::{Keep, Profile};
use model::connection_view::ConnectionView;
use model::guide::GuideStep;
use model::guide_rules::{MissingItem, StepMark, StepView};
use model::monitor::ProbeKind;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::rotation::RotationStep;
use model::secret_name::SecretName;
use model::status::State;
use practice::{Change, Fault, FaultKind, Options, Side};
use runtime::Clock;
use secrets::Keychain;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use support::{TestConnection, addresses};

/// Longer than any of these tests takes, so that only a cancelled run ends.
const FOR_EVER: u64 = 120_000;

/// Longer than a change of a token takes, also on a busy machine.
const SLOW_MS: u64 = 3_000;

/// Returns how many requests Okta and Radiant have had.
fn requests(story: &TestConnection) -> u64 {
    let (okta, radiant) = support::monitored::requests(story);
    okta + radiant
}

/// Waits until Okta or Radiant was asked again.
async fn until_asked(story: &TestConnection, before: u64) {
    let is_asked = async {
        while requests(story) == before {
            story.clock.sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(Clock::system().within(Duration::from_secs(60), is_asked).await.is_some(), "nothing was asked");
}

/// A connection with both tokens, and a second process over the same folder and keychain.
async fn two_processes() -> (TestConnection, Connector) {
    let keychain = Keychain::memory();
    let options = Options { events_per_second: 0.0, backfill: 30, ..Options::default() };
    let story = TestConnection::keeping(options, Clock::system(), HttpSettings::default(), keychain.clone()).await;
    let other = Connector::open(ConnectorConfig {
        data_dir: story.folder.path().to_owned(),
        keychain,
        http: HttpSettings::default(),
        clock: Clock::system(),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap();
    other.connections().join_practice(addresses(&story.practice));
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    story.paste_super_admin().await;
    story.profile(Profile::Response).await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    (story, other)
}

fn slow(story: &TestConnection, side: Side, path: Option<&str>, ms: u64) {
    let fault = Fault { path: path.map(str::to_owned), ..Fault::on(side, FaultKind::Slow { ms }) };
    story.control().fault(Some(fault));
}

async fn view(story: &TestConnection) -> ConnectionView {
    story.connector.connections().get(&story.id).await.unwrap()
}

async fn step(story: &TestConnection, step: GuideStep) -> StepView<GuideStep> {
    view(story).await.guide.steps.into_iter().find(|one| one.step == step).unwrap()
}

/// Starts all checks in a process and waits until Okta is asked with the token.
async fn begin_checks(connector: &Connector, story: &TestConnection) -> JoinHandle<Result<CheckReport, Problem>> {
    let (connector, id) = (connector.clone(), story.id.clone());
    let (sender, asked) = oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let on_progress = move |progress| {
        if matches!(progress, CheckProgress::Running(CheckId::Token)) {
            sender.lock().unwrap().take().map(|sender| sender.send(()));
        }
    };
    let run = async move { connector.checks().run(&id, None, CancellationToken::new(), on_progress).await };
    let task = tokio::task::spawn_local(run);
    asked.await.unwrap();
    task
}

async fn paste_org_admin(story: &TestConnection) {
    story.paste(&story.practice.card().tokens.org_admin.clone()).await;
}

#[tokio::test]
async fn storing_or_forgetting_a_token_and_changing_radiants_host_end_running_checks() {
    tokio::task::LocalSet::new()
        .run_until(async {
            let (story, _) = two_processes().await;
            slow(&story, Side::Okta, Some("/api/v1/users"), FOR_EVER);
            let tokens = story.connector.tokens();

            let checks = begin_checks(&story.connector, &story).await;
            paste_org_admin(&story).await;
            assert_eq!(checks.await.unwrap().unwrap_err().code, Code::Cancelled);

            let checks = begin_checks(&story.connector, &story).await;
            tokens.forget(&story.id, SecretName::RadiantSearchToken).await.unwrap();
            assert_eq!(checks.await.unwrap().unwrap_err().code, Code::Cancelled);

            let checks = begin_checks(&story.connector, &story).await;
            let search = RadiantSearch { url: "http://127.0.0.1:9".to_owned(), ..RadiantSearch::default() };
            story.connector.guide().set_radiant_search(&story.id, search).await.unwrap();
            assert_eq!(checks.await.unwrap().unwrap_err().code, Code::Cancelled);

            let checks = begin_checks(&story.connector, &story).await;
            tokens.forget(&story.id, SecretName::OktaToken).await.unwrap();
            assert_eq!(checks.await.unwrap().unwrap_err().code, Code::Cancelled);
            assert_eq!(view(&story).await.report, None, "nothing of these runs is kept");
        })
        .await;
}

#[tokio::test]
async fn the_report_of_another_process_about_the_token_before_is_not_kept() {
    tokio::task::LocalSet::new()
        .run_until(async {
            let (story, other) = two_processes().await;
            slow(&story, Side::Okta, Some("/api/v1/users"), SLOW_MS);
            let checks = begin_checks(&other, &story).await;
            paste_org_admin(&story).await;
            assert_eq!(checks.await.unwrap().unwrap_err().code, Code::Cancelled);
            assert_eq!(view(&story).await.report, None);
            // The same token is stored anew: it is dated anew, and may be another one for all that anybody knows.
            let checks = begin_checks(&other, &story).await;
            paste_org_admin(&story).await;
            assert_eq!(checks.await.unwrap().unwrap_err().code, Code::Cancelled);
            // Without a change the report is kept.
            let report = begin_checks(&other, &story).await.await.unwrap().unwrap();
            assert_eq!(view(&story).await.report.unwrap().finished, report.finished);
        })
        .await;
}

#[tokio::test]
async fn a_probe_with_a_token_that_is_forgotten_meanwhile_leaves_nothing() {
    tokio::task::LocalSet::new()
        .run_until(async {
            let (story, other) = two_processes().await;
            story.check().await;
            story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
            let before = view(&story).await;
            slow(&story, Side::Okta, Some("/api/v1/users"), SLOW_MS);
            let asked = requests(&story);
            let id = story.id.clone();
            let probe = tokio::task::spawn_local(async move {
                let cancel = CancellationToken::new();
                other.monitor().probe_now(&id, ProbeKind::Heartbeat, Audience::AWAY, &cancel).await
            });
            until_asked(&story, asked).await;
            story.connector.tokens().forget(&story.id, SecretName::OktaToken).await.unwrap();
            assert!(probe.await.unwrap().unwrap().is_none());
            let after = view(&story).await;
            assert_eq!(after.report.unwrap().finished, before.report.unwrap().finished);
            assert_eq!(after.monitor.last, before.monitor.last);
        })
        .await;
}

#[tokio::test]
async fn only_a_run_with_the_current_token_completes_the_guides_step() {
    let (story, _) = two_processes().await;
    story.check().await;
    let paste = || step(&story, GuideStep::PasteToken);
    assert_eq!(paste().await.mark, StepMark::Verified);
    paste_org_admin(&story).await;
    let StepView { mark, missing, .. } = paste().await;
    assert_eq!((mark, missing), (StepMark::Open, vec![MissingItem::Checks]));
    // A part of the checks does not bring the rows of the token before back.
    let only = Some(vec![CheckId::Domain]);
    story.connector.checks().run(&story.id, only, CancellationToken::new(), |_| {}).await.unwrap();
    assert_eq!(paste().await.missing, [MissingItem::Checks]);
    story.check().await;
    assert_eq!(paste().await.missing, []);
}

#[tokio::test]
async fn a_finished_connection_is_not_ok_with_a_token_that_nothing_was_asked_with() {
    let (story, _) = two_processes().await;
    story.check().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    assert_eq!(view(&story).await.status.state, State::Ok);
    story.paste(&story.practice.card().tokens.expired.clone()).await;
    assert_eq!(view(&story).await.status.state, State::Working);
    story.check().await;
    assert_eq!(view(&story).await.status.state, State::Stopped);
}

#[tokio::test]
async fn a_choice_of_another_token_drops_what_okta_answered_to_the_one_before() {
    let (story, _) = two_processes().await;
    story.check().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    let own = story.practice.card().tokens.org_admin.clone();
    story.connector.tokens().store(&story.id, SecretName::MonitoringToken, own.into(), false).await.unwrap();
    assert_eq!(view(&story).await.status.state, State::Ok, "Okta is not asked with it yet");
    story.connector.guide().finish(&story.id, Keep::MonitoringToken).await.unwrap();
    let chosen = view(&story).await;
    assert_eq!((chosen.status.state, chosen.report), (State::Working, None));
}

#[tokio::test]
async fn a_switch_of_tokens_and_the_switch_back_drop_what_okta_answered_to_the_one_before() {
    let (story, _) = two_processes().await;
    story.check().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    let (rotation, id) = (story.connector.rotation(), &story.id);
    rotation.begin(id).await.unwrap();
    let next = story.practice.card().tokens.super_admin_next.clone();
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.connector.tokens().store(id, SecretName::NextOktaToken, next.into(), false).await.unwrap();
    rotation.check_new_token(id, CancellationToken::new(), |_| {}).await.unwrap();
    rotation.go_to_step(id, RotationStep::Update).await.unwrap();
    assert_eq!(view(&story).await.status.state, State::Ok, "the old token is still in use");
    rotation.confirm_credential_updated(id, true).await.unwrap();
    for step in [RotationStep::Watch, RotationStep::Update] {
        rotation.go_to_step(id, step).await.unwrap();
        let switched = view(&story).await;
        assert_eq!((switched.status.state, switched.report), (State::Working, None), "{step:?}");
        story.check().await;
        assert_eq!(view(&story).await.status.state, State::Ok, "{step:?}");
    }
}

#[tokio::test]
async fn a_forgotten_or_replaced_search_token_ends_a_verified_arrival() {
    let (story, _) = two_processes().await;
    let is_verified = async || {
        let mark = step(&story, GuideStep::Arrival).await.mark;
        (mark == StepMark::Verified, view(&story).await.status.arrival_verified)
    };
    let prove = async || {
        story.check().await;
        let found = story.connector.guide().watch_arrival(&story.id, CancellationToken::new(), |_| {}).await;
        assert!(found.unwrap().is_some());
        assert_eq!(is_verified().await, (true, true));
    };
    prove().await;
    story.connector.tokens().forget(&story.id, SecretName::RadiantSearchToken).await.unwrap();
    assert_eq!(is_verified().await, (false, false));
    let report = view(&story).await.report.unwrap();
    assert!(report.row(CheckId::Arrival).is_none() && report.row(CheckId::Token).is_some());

    story.join_radiant().await;
    prove().await;
    let token = story.practice.card().radiant_search_token.clone();
    story.connector.tokens().store(&story.id, SecretName::RadiantSearchToken, token.into(), false).await.unwrap();
    assert_eq!(is_verified().await, (false, false), "the new search token was not used yet");

    prove().await;
    paste_org_admin(&story).await;
    assert_eq!(is_verified().await, (false, false), "the event arrived with another API token");
}

#[tokio::test]
async fn an_event_found_with_tokens_that_were_replaced_meanwhile_verifies_no_arrival() {
    tokio::task::LocalSet::new()
        .run_until(async {
            let (story, other) = two_processes().await;
            slow(&story, Side::Radiant, None, SLOW_MS);
            let asked = requests(&story);
            let id = story.id.clone();
            let watch = tokio::task::spawn_local(async move {
                other.guide().watch_arrival(&id, CancellationToken::new(), |_| {}).await
            });
            until_asked(&story, asked).await;
            paste_org_admin(&story).await;
            assert_eq!(watch.await.unwrap().unwrap(), None);
            assert_eq!(view(&story).await.setup.arrival, None);
        })
        .await;
}

#[tokio::test]
async fn a_rotations_check_of_a_token_that_is_replaced_meanwhile_is_not_kept() {
    tokio::task::LocalSet::new()
        .run_until(async {
            let (story, other) = two_processes().await;
            story.check().await;
            story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
            story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
            story.connector.rotation().begin(&story.id).await.unwrap();
            let paste = async |token: &str| {
                let token = token.to_owned().into();
                story.connector.tokens().store(&story.id, SecretName::NextOktaToken, token, false).await.unwrap();
            };
            paste(&story.practice.card().tokens.super_admin_next).await;
            slow(&story, Side::Okta, Some("/api/v1/users"), SLOW_MS);
            let asked = requests(&story);
            let id = story.id.clone();
            let check = tokio::task::spawn_local(async move {
                other.rotation().check_new_token(&id, CancellationToken::new(), |_| {}).await
            });
            until_asked(&story, asked).await;
            paste(&story.practice.card().tokens.expired).await;
            assert_eq!(check.await.unwrap().unwrap_err().code, Code::Cancelled);
            assert_eq!(view(&story).await.rotation.unwrap().report, None);
        })
        .await;
}

//! Team alerts over the wire: real receivers on loopback, whose requests are verified independently of the app.

mod support;

use std::time::Duration;

use chrono::TimeDelta;
use connector::{Audience, RunAlertChannel};
use http_client::HttpSettings;
use model::alert::{AlertChannel, AlertChannelPatch, AlertChannelView, AlertKind, AlertSecret, AlertTestResult};
use model::code::Code;
use model::condition_registry::Severity;
use model::status::State;
use practice::Change;
use secrets::Keychain;
use serde_json::json;

use support::TestConnection;
use support::alert_channels::{break_token, channel, channel_when, failure, store, turn_on};
use support::alert_receiver::{AlertReceiver, Behavior};
use support::simulated_process::{
    SimulatedProcess, make_heartbeat_due, monitored, other_process, process_under_policy,
};

const KEY: &str = "a signing key of the receiver";
const OWNER: &str = "super_admin";

/// A monitored connection with a webhook that is on, and a process that watches it.
async fn alerted(receiver: &AlertReceiver) -> (TestConnection, SimulatedProcess) {
    let story = monitored(Keychain::memory(), false).await;
    store(&story.connector, AlertSecret::WebhookUrl, &receiver.url()).await;
    store(&story.connector, AlertSecret::WebhookKey, KEY).await;
    turn_on(&story.connector, AlertKind::Webhook, AlertChannelPatch::default()).await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    process.pass().await;
    (story, process)
}

/// Lets time pass for every process, and wakes the workers.
async fn pass_time(story: &TestConnection, process: &SimulatedProcess, time: TimeDelta) {
    story.clock.advance(time);
    process.pass().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_and_its_end_are_sent_once_each_and_are_signed() {
    let receiver = AlertReceiver::start().await;
    let (story, process) = alerted(&receiver).await;
    break_token(&story, &process).await;
    let [worse] = receiver.wait_for(1).await.try_into().unwrap();
    assert!(worse.is_signed_with(KEY), "{worse:?}");
    assert!(!worse.is_signed_with("another key of sixteen"));
    assert_eq!(
        (worse.path.as_str(), worse.headers["content-type"].as_str()),
        ("/services/T0CANARY/secret-path", "application/json")
    );
    let sent_at: i64 = worse.headers["okta-connector-timestamp"].parse().unwrap();
    assert!((story.clock.now().timestamp() - sent_at).abs() < 60);
    let body = worse.json();
    assert_eq!(
        (&body["event"], &body["severity"], &body["code"], &body["practice"]),
        (&json!("worse"), &json!("stopped"), &json!("token_refused"), &json!(true))
    );
    assert_eq!((&body["id"], &body["connection"]), (&json!(worse.id()), &json!({"id": story.id})));
    // The same problem is found again and not sent again.
    for _ in 0..2 {
        make_heartbeat_due(&story, &story.id).await;
        process.pass().await;
    }
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    process.pass().await;
    let received = receiver.wait_for(2).await;
    let over = received[1].json();
    assert_eq!(
        (&over["event"], &over["severity"], &over["code"]),
        (&json!("recovered"), &json!("stopped"), &json!("token_refused"))
    );
    assert!(received[1].is_signed_with(KEY) && received[1].id() != worse.id());
    let view = channel_when(&story.connector, AlertKind::Webhook, |view| view.waiting == 0).await;
    assert_eq!((view.delivered.is_some(), failure(&view), receiver.received().len()), (true, None, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_and_no_name_is_sent_or_shown_without_a_choice() {
    let receiver = AlertReceiver::start().await;
    let (story, process) = alerted(&receiver).await;
    let slack = AlertReceiver::start().await;
    store(&story.connector, AlertSecret::SlackUrl, &slack.url()).await;
    turn_on(&story.connector, AlertKind::Slack, AlertChannelPatch { with_names: Some(true), ..Default::default() })
        .await;
    let tokens = story.practice.card().tokens.clone();
    break_token(&story, &process).await;
    let (webhook, slack) = (receiver.wait_for(1).await, slack.wait_for(1).await);
    for request in webhook.iter().chain(&slack) {
        for secret in [tokens.super_admin.as_str(), KEY, "T0CANARY", "secret-path"] {
            assert!(!request.body.contains(secret), "{secret}");
            assert!(request.headers.values().all(|value| !value.contains(secret)), "{secret}");
        }
    }
    let body = slack[0].json();
    assert!(!slack[0].headers.contains_key("okta-connector-signature"));
    assert_eq!(body["mrkdwn"], json!(false));
    let text = body["text"].as_str().unwrap();
    // The story's connection is named after the practice organization.
    assert!(text.starts_with("Stopped: PRACTICE \u{b7} Practice: "), "{text}");
    assert!(webhook[0].json()["connection"].get("name").is_none());
    let shown = serde_json::to_string(&story.connector.alerts().view().await.unwrap()).unwrap();
    assert!(shown.contains("127.0.0.1") && !shown.contains("CANARY") && !shown.contains("secret-path"), "{shown}");
    let database = std::fs::read(story.folder.path().join("connector.db")).unwrap();
    for file in [database, std::fs::read(story.folder.path().join("connector.db-wal")).unwrap_or_default()] {
        assert!(!String::from_utf8_lossy(&file).contains("secret-path"), "the address is in the keychain only");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_gets_what_is_severe_enough_for_it() {
    let receiver = AlertReceiver::start().await;
    let story = monitored(Keychain::memory(), false).await;
    store(&story.connector, AlertSecret::SlackUrl, &receiver.url()).await;
    let only_stopped = AlertChannelPatch { minimum: Some(Severity::Stopped), ..Default::default() };
    turn_on(&story.connector, AlertKind::Slack, only_stopped).await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    process.pass().await;
    // The token is restricted to another network: events may not be arriving.
    story.control().set(Change::Restrict { principal: OWNER.to_owned(), on: true });
    make_heartbeat_due(&story, &story.id).await;
    let found = process.pass_until_found().await;
    assert_ne!(found.after.state, State::Ok, "{found:?}");
    assert_ne!(found.after.state, State::Stopped, "{found:?}");
    break_token(&story, &process).await;
    let received = receiver.wait_for(1).await;
    assert!(received[0].json()["text"].as_str().unwrap().starts_with("Stopped: "), "{received:?}");
    assert_eq!(received.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_error_and_a_lost_answer_are_tried_again_with_the_same_id() {
    let receiver = AlertReceiver::start().await;
    receiver.then([Behavior::Status(500), Behavior::Close, Behavior::Status(204)]);
    let (story, process) = alerted(&receiver).await;
    break_token(&story, &process).await;
    receiver.wait_for(1).await;
    let view = channel_when(&story.connector, AlertKind::Webhook, |view| view.failure.is_some()).await;
    assert_eq!((failure(&view), view.waiting), (Some((Code::AlertRefused, false)), 1));
    // Before its time it is not sent again.
    process.pass().await;
    assert_eq!(receiver.received().len(), 1);
    pass_time(&story, &process, TimeDelta::seconds(16)).await;
    receiver.wait_for(2).await;
    let unreachable = |view: &AlertChannelView| failure(view) == Some((Code::AlertUnreachable, false));
    channel_when(&story.connector, AlertKind::Webhook, unreachable).await;
    pass_time(&story, &process, TimeDelta::seconds(61)).await;
    let received = receiver.wait_for(3).await;
    let view = channel_when(&story.connector, AlertKind::Webhook, |view| view.waiting == 0).await;
    assert_eq!((failure(&view), view.delivered.is_some()), (None, true));
    assert!(received.iter().all(|one| one.id() == received[0].id() && one.is_signed_with(KEY)), "{received:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_down_is_shown_and_given_up_after_six_attempts() {
    let receiver = AlertReceiver::start().await;
    receiver.then(std::iter::repeat_n(Behavior::Close, 6));
    let (story, process) = alerted(&receiver).await;
    break_token(&story, &process).await;
    let mut latest = None;
    for attempt in 1..=5 {
        receiver.wait_for(attempt).await;
        // Newer than that of the attempt before, so the end of this attempt is stored.
        let is_newer = |view: &AlertChannelView| view.failure.as_ref().map(|failure| failure.at) > latest;
        latest = channel_when(&story.connector, AlertKind::Webhook, is_newer).await.failure.map(|failure| failure.at);
        pass_time(&story, &process, TimeDelta::minutes(61)).await;
    }
    receiver.wait_for(6).await;
    let view = channel_when(&story.connector, AlertKind::Webhook, |view| view.waiting == 0).await;
    assert_eq!(failure(&view), Some((Code::AlertUnreachable, true)));
    pass_time(&story, &process, TimeDelta::hours(3)).await;
    assert_eq!(receiver.received().len(), 6, "given up, and no alert about the alert");
    // A test that succeeds ends what is shown.
    let result = story.connector.alerts().test(AlertKind::Webhook).await.unwrap();
    assert_eq!(result, AlertTestResult::Accepted { status: 200 });
    assert_eq!(failure(&channel(&story.connector, AlertKind::Webhook).await), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_and_a_refusal_is_final() {
    let [receiver, elsewhere] = [AlertReceiver::start().await, AlertReceiver::start().await];
    receiver.then([Behavior::Redirect(elsewhere.url())]);
    let (story, process) = alerted(&receiver).await;
    break_token(&story, &process).await;
    let view = channel_when(&story.connector, AlertKind::Webhook, |view| view.failure.is_some()).await;
    let problem = &view.failure.as_ref().unwrap().problem;
    assert_eq!((failure(&view), problem.args["status"].as_str()), (Some((Code::AlertRefused, true)), "307"));
    assert_eq!((receiver.received().len(), elsewhere.received().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_delays_neither_monitoring_nor_the_other_channel() {
    let [slow, slack] = [AlertReceiver::start().await, AlertReceiver::start().await];
    slow.then([Behavior::Silence]);
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let http = HttpSettings { timeout: Duration::from_secs(3), ..HttpSettings::default() };
    let connector = other_process(&story, keychain, http);
    store(&connector, AlertSecret::WebhookUrl, &slow.url()).await;
    store(&connector, AlertSecret::SlackUrl, &slack.url()).await;
    turn_on(&connector, AlertKind::Webhook, AlertChannelPatch::default()).await;
    turn_on(&connector, AlertKind::Slack, AlertChannelPatch::default()).await;
    let process = SimulatedProcess::start(connector.clone(), Audience::Nobody);
    process.pass().await;
    break_token(&story, &process).await;
    slow.wait_for(1).await;
    slack.wait_for(1).await;
    make_heartbeat_due(&story, &story.id).await;
    assert_eq!(process.pass().await.len(), 1, "a probe ran while the receiver was silent");
    let view = channel_when(&connector, AlertKind::Webhook, |view| view.failure.is_some()).await;
    assert_eq!(failure(&view), Some((Code::AlertUnreachable, false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_send_an_alert_once_and_the_next_one_does_not_repeat_it() {
    let receiver = AlertReceiver::start().await;
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    store(&story.connector, AlertSecret::WebhookUrl, &receiver.url()).await;
    turn_on(&story.connector, AlertKind::Webhook, AlertChannelPatch::default()).await;
    let one = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    one.pass().await;
    let other = SimulatedProcess::start(other_process(&story, keychain, HttpSettings::default()), Audience::Nobody);
    other.pass().await;
    break_token(&story, &one).await;
    for _ in 0..3 {
        other.pass().await;
        one.pass().await;
    }
    receiver.wait_for(1).await;
    one.end().await;
    make_heartbeat_due(&story, &story.id).await;
    other.pass_until_found().await;
    other.pass().await;
    channel_when(&story.connector, AlertKind::Webhook, |view| view.waiting == 0 && view.delivered.is_some()).await;
    assert_eq!(receiver.received().len(), 1);
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    other.pass().await;
    assert_eq!(receiver.wait_for(2).await[1].json()["event"], "recovered");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_waits_for_a_process_that_watches_its_connection() {
    let receiver = AlertReceiver::start().await;
    receiver.then([Behavior::Status(503)]);
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    store(&story.connector, AlertSecret::WebhookUrl, &receiver.url()).await;
    turn_on(&story.connector, AlertKind::Webhook, AlertChannelPatch::default()).await;
    let one = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    one.pass().await;
    break_token(&story, &one).await;
    channel_when(&story.connector, AlertKind::Webhook, |view| view.failure.is_some()).await;
    one.end().await;
    story.clock.advance(TimeDelta::minutes(1));
    let other = SimulatedProcess::start(other_process(&story, keychain, HttpSettings::default()), Audience::Nobody);
    other.pass().await;
    let received = receiver.wait_for(2).await;
    assert_eq!(received[0].id(), received[1].id());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_that_exists_when_alerts_are_turned_on_is_sent() {
    let receiver = AlertReceiver::start().await;
    let story = monitored(Keychain::memory(), false).await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    process.pass().await;
    break_token(&story, &process).await;
    store(&story.connector, AlertSecret::WebhookUrl, &receiver.url()).await;
    assert!(receiver.received().is_empty());
    turn_on(&story.connector, AlertKind::Webhook, AlertChannelPatch::default()).await;
    process.pass().await;
    assert_eq!(receiver.wait_for(1).await[0].json()["event"], "worse");
    // Without a key there is no signature.
    assert!(!receiver.received()[0].headers.contains_key("okta-connector-signature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_and_waits_while_the_policy_cannot_be_read_is_sent_afterwards() {
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let finding = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    finding.pass().await;
    break_token(&story, &finding).await;
    finding.end().await;
    let policy = story.folder.path().join("policy.json");
    let connector = process_under_policy(&story, keychain, &policy);
    let run = RunAlertChannel {
        channel: AlertChannel { enabled: true, minimum: Severity::Attention, with_names: false },
        address: "https://nowhere.invalid/x".to_owned().into(),
        key: None,
    };
    connector.alerts().use_for_this_run(AlertKind::Webhook, run).await.unwrap();
    std::fs::write(&policy, "not readable").unwrap();
    let process = SimulatedProcess::start(connector.clone(), Audience::Nobody);
    process.pass().await;
    assert_eq!(channel(&connector, AlertKind::Webhook).await.waiting, 0, "nothing is decided meanwhile");
    std::fs::remove_file(&policy).unwrap();
    process.pass().await;
    let unreachable = |view: &AlertChannelView| failure(view) == Some((Code::AlertUnreachable, false));
    assert_eq!(channel_when(&connector, AlertKind::Webhook, unreachable).await.waiting, 1);
    std::fs::write(&policy, "not readable").unwrap();
    pass_time(&story, &process, TimeDelta::seconds(16)).await;
    let forbidden = |view: &AlertChannelView| failure(view) == Some((Code::AlertsForbidden, false));
    assert_eq!(channel_when(&connector, AlertKind::Webhook, forbidden).await.waiting, 1);
    std::fs::remove_file(&policy).unwrap();
    pass_time(&story, &process, TimeDelta::seconds(61)).await;
    channel_when(&connector, AlertKind::Webhook, unreachable).await;
    process.end().await;
}

//! Team alert channels that a process was given for its run: used by it alone, whichever process decides the alerts.
#![expect(clippy::disallowed_methods, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use connector::{Audience, RunAlertChannel};
use http_client::HttpSettings;
use model::alert::{AlertChannel, AlertChannelPatch, AlertKind, AlertSecret};
use model::code::Code;
use model::condition_registry::Severity;
use model::connection::ConnectionId;
use practice::Change;
use secrets::Keychain;

use support::alert_channels::{break_token, channel, channel_when, failure, store, turn_on};
use support::alert_receiver::{AlertReceiver, Behavior, Received};
use support::simulated_process::{SimulatedProcess, another_connection, make_heartbeats_due, monitored, other_process};

const KEY: &str = "a signing key of the receiver";

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_the_channel_leaves_its_alerts_to_the_one_that_has_it() {
    let receiver = AlertReceiver::start().await;
    receiver.then([Behavior::Status(503), Behavior::Status(204)]);
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let run = || RunAlertChannel {
        channel: AlertChannel { enabled: true, minimum: Severity::Attention, with_names: false },
        address: receiver.url().into(),
        key: None,
    };
    story.connector.alerts().use_for_this_run(AlertKind::Webhook, run()).await.unwrap();
    let process = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    process.pass().await;
    break_token(&story, &process).await;
    let view = channel_when(&story.connector, AlertKind::Webhook, |view| view.failure.is_some()).await;
    assert_eq!((failure(&view), view.waiting), (Some((Code::AlertRefused, false)), 1));
    process.end().await;
    story.clock.advance(TimeDelta::minutes(1));
    let without =
        SimulatedProcess::start(other_process(&story, keychain.clone(), HttpSettings::default()), Audience::Nobody);
    for _ in 0..3 {
        without.pass().await;
    }
    without.end().await;
    assert_eq!(channel(&story.connector, AlertKind::Webhook).await.waiting, 1);
    let next = other_process(&story, keychain, HttpSettings::default());
    next.alerts().use_for_this_run(AlertKind::Webhook, run()).await.unwrap();
    let next = SimulatedProcess::start(next, Audience::Nobody);
    next.pass().await;
    let received = receiver.wait_for(2).await;
    assert_eq!(received[0].id(), received[1].id());
    next.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_with_a_channel_of_its_run_sends_what_another_process_decides() {
    let (stored, of_run) = (AlertReceiver::start().await, AlertReceiver::start().await);
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    // It watches the connection, first without any channel of its own.
    let watching = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    watching.pass().await;
    let server = other_process(&story, keychain, HttpSettings::default());
    let run = RunAlertChannel {
        channel: AlertChannel { enabled: true, minimum: Severity::Attention, with_names: false },
        address: of_run.url().into(),
        key: None,
    };
    server.alerts().use_for_this_run(AlertKind::Webhook, run).await.unwrap();
    let server = SimulatedProcess::start(server, Audience::Nobody);
    server.pass().await;
    break_token(&story, &watching).await;
    server.pass().await;
    assert_eq!(of_run.wait_for(1).await[0].json()["event"], "worse");
    // A stored channel of the same kind gets the next one too, each once.
    store(&story.connector, AlertSecret::WebhookUrl, &stored.url()).await;
    turn_on(&story.connector, AlertKind::Webhook, AlertChannelPatch::default()).await;
    watching.pass().await;
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    for _ in 0..2 {
        watching.pass().await;
        server.pass().await;
    }
    let is_recovered = |request: &Received| request.json()["event"] == "recovered";
    while !of_run.received().iter().any(is_recovered) || !stored.received().iter().any(is_recovered) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for received in [of_run.received(), stored.received()] {
        assert_eq!(received.iter().filter(|one| is_recovered(one)).count(), 1);
    }
    // The stored channel is not the first one, so the problem that existed is not sent again.
    let is_worse = |request: &Received| request.json()["event"] == "worse";
    assert_eq!(of_run.received().iter().filter(|one| is_worse(one)).count(), 1);
    let waiting = channel_when(&server.connector, AlertKind::Webhook, |view| view.waiting == 0).await;
    assert!(waiting.delivered.is_some() && waiting.this_run_only, "{waiting:?}");
    server.end().await;
    watching.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_of_this_run_is_used_and_never_stored() {
    let receiver = AlertReceiver::start().await;
    let story = monitored(Keychain::memory(), false).await;
    let run = RunAlertChannel {
        channel: AlertChannel { enabled: true, minimum: Severity::Attention, with_names: false },
        address: receiver.url().into(),
        key: Some(KEY.to_owned().into()),
    };
    story.connector.alerts().use_for_this_run(AlertKind::Webhook, run).await.unwrap();
    let process = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    process.pass().await;
    break_token(&story, &process).await;
    assert!(receiver.wait_for(1).await[0].is_signed_with(KEY));
    let view = channel(&story.connector, AlertKind::Webhook).await;
    assert_eq!((view.this_run_only, view.signed, view.host.as_deref()), (true, true, Some("127.0.0.1")));
    let next_run = other_process(&story, Keychain::memory(), HttpSettings::default());
    let view = channel(&next_run, AlertKind::Webhook).await;
    assert_eq!((view.settings.enabled, view.host, view.signed), (false, None, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_a_channel_of_a_run_is_shown_by_others_until_a_day_after_that_run() {
    let (dead, stored) = (AlertReceiver::start().await, AlertReceiver::start().await);
    dead.then([Behavior::Status(404)]);
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let server = other_process(&story, keychain, HttpSettings::default());
    let run = RunAlertChannel {
        channel: AlertChannel { enabled: true, minimum: Severity::Attention, with_names: false },
        address: dead.url().into(),
        key: None,
    };
    server.alerts().use_for_this_run(AlertKind::Webhook, run).await.unwrap();
    store(&story.connector, AlertSecret::WebhookUrl, &stored.url()).await;
    turn_on(&story.connector, AlertKind::Webhook, AlertChannelPatch::default()).await;
    let server = SimulatedProcess::start(server, Audience::Nobody);
    server.pass().await;
    break_token(&story, &server).await;
    let given_up = Some((Code::AlertRefused, true));
    channel_when(&story.connector, AlertKind::Webhook, |view| failure(view) == given_up).await;
    server.end().await;
    assert!(story.connector.alerts().failure().await.unwrap().is_some());
    story.clock.advance(TimeDelta::hours(25));
    assert_eq!(failure(&channel(&story.connector, AlertKind::Webhook).await), None);
    assert_eq!(story.connector.alerts().failure().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_waits_for_the_process_that_watches_its_connection_and_not_for_another_with_its_own_receiver() {
    let (first_team, second_team) = (AlertReceiver::start().await, AlertReceiver::start().await);
    second_team.then([Behavior::Status(503), Behavior::Status(204)]);
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let second_id = another_connection(&story).await;
    let start = async |receiver: &AlertReceiver, minimum, other: &ConnectionId| {
        let connector = other_process(&story, keychain.clone(), HttpSettings::default());
        let run = RunAlertChannel {
            channel: AlertChannel { enabled: true, minimum, with_names: false },
            address: receiver.url().into(),
            key: None,
        };
        connector.alerts().use_for_this_run(AlertKind::Webhook, run).await.unwrap();
        let process = SimulatedProcess::start(connector, Audience::Nobody);
        process.set_hosts(other, false);
        process.pass().await;
        process
    };
    let first = start(&first_team, Severity::Attention, &second_id).await;
    let second = start(&second_team, Severity::Stopped, &story.id).await;
    story.control().set(Change::Revoke { principal: "super_admin".to_owned() });
    make_heartbeats_due(&story, &[story.id.clone(), second_id.clone()]).await;
    second.pass_until_found().await;
    second_team.wait_for(1).await;
    channel_when(&second.connector, AlertKind::Webhook, |view| view.failure.is_some()).await;
    second.end().await;
    first.pass().await;
    first_team.wait_for(1).await;
    story.clock.advance(TimeDelta::minutes(1));
    for _ in 0..3 {
        first.pass().await;
    }
    assert_eq!(channel(&first.connector, AlertKind::Webhook).await.waiting, 1);
    let second = start(&second_team, Severity::Stopped, &story.id).await;
    let attempts = second_team.wait_for(2).await;
    assert_eq!(attempts[0].id(), attempts[1].id());
    channel_when(&second.connector, AlertKind::Webhook, |view| view.waiting == 0).await;
    second.end().await;
    first.end().await;
    let about = |receiver: &AlertReceiver| -> BTreeSet<String> {
        let id = |one: &Received| one.json()["connection"]["id"].as_str().unwrap().to_owned();
        receiver.received().iter().map(id).collect()
    };
    assert_eq!([about(&first_team), about(&second_team)], [[story.id.0.clone()].into(), [second_id.0.clone()].into()]);
}

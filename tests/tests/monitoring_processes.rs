//! Who monitors: two processes over one data folder, each with its own workers. One of them watches a connection, between
//! probes too; the other one takes over as soon as it may.

mod support;

use chrono::TimeDelta;
use connector::Audience;
use http_client::HttpSettings;
use model::app_change::AppChange;
use model::code::Code;
use model::monitor::ProbeKind;
use model::notification_event::NotificationEvent;
use model::status::State;
use practice::Change;
use secrets::Keychain;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use support::TestConnection;
use support::monitored::code;
use support::simulated_process::{SimulatedProcess, make_heartbeat_due, monitored, other_process};

const OWNER: &str = "super_admin";

/// Two processes that share a keychain. The first one watches the connection.
async fn two_processes() -> (TestConnection, SimulatedProcess, SimulatedProcess) {
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let one = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    assert_eq!(one.pass().await.len(), 0, "nothing is due yet");
    let other = SimulatedProcess::start(other_process(&story, keychain, HttpSettings::default()), Audience::AWAY);
    (story, one, other)
}

fn received(changes: &mut broadcast::Receiver<AppChange>) -> Vec<AppChange> {
    std::iter::from_fn(|| changes.try_recv().ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_processes_probes_a_connection_and_the_other_one_publishes_what_it_found() {
    let (story, one, other) = two_processes().await;
    other.pass().await;
    let mut changes = other.connector.changes();
    for _ in 0..3 {
        make_heartbeat_due(&story, &story.id).await;
        assert_eq!(other.pass().await.len(), 0, "the lock is held between probes");
        assert_eq!(one.pass().await.len(), 1);
        received(&mut changes);
        assert_eq!(other.pass().await.len(), 0);
        assert_eq!(received(&mut changes), [AppChange::Connection(story.id.clone())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_its_process_no_longer_hosts_is_taken_over_and_not_taken_back() {
    let (story, one, other) = two_processes().await;
    one.set_hosts(&story.id, false);
    one.pass().await;
    make_heartbeat_due(&story, &story.id).await;
    assert_eq!(one.pass().await.len(), 0);
    assert_eq!(other.pass().await.len(), 1);
    one.set_hosts(&story.id, true);
    make_heartbeat_due(&story, &story.id).await;
    assert_eq!(one.pass().await.len(), 0, "the other process watches it");
    assert_eq!(other.pass().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connections_of_a_process_that_ended_are_taken_over() {
    let (story, one, other) = two_processes().await;
    assert_eq!(other.pass().await.len(), 0);
    one.end().await;
    make_heartbeat_due(&story, &story.id).await;
    assert_eq!(other.pass_until_found().await.after.state, State::Ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_a_removed_connection_is_released() {
    let (story, one, _other) = two_processes().await;
    assert!(store::lock_monitoring(story.folder.path(), &story.id).is_err());
    one.connector.connections().remove(&story.id).await.unwrap();
    one.pass().await;
    // The other process no longer knows the connection either.
    assert!(store::lock_monitoring(story.folder.path(), &story.id).is_ok());
}

/// Runs a probe that finds a problem, with a window that is in front, or is not, once Okta has the request of the probe.
async fn notification_of_probe(in_front_before: bool, in_front_after: bool) -> Option<Code> {
    let story = monitored(Keychain::memory(), false).await;
    let control = story.control();
    let requests = move || control.counters().requests.values().sum::<u64>();
    let before = requests();
    let audience = move || {
        let in_front = if requests() == before { in_front_before } else { in_front_after };
        Audience::Desktop { in_front }
    };
    let process = SimulatedProcess::start_for(story.connector.clone(), audience);
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    make_heartbeat_due(&story, &story.id).await;
    let outcome = process.pass_until_found().await;
    assert_eq!(code(&outcome.after), Some(Code::TokenRefused));
    let notified = outcome.notification.map(|event| match event {
        NotificationEvent::Worse { problem, .. } => problem.code,
        NotificationEvent::Recovered { .. } | NotificationEvent::Remind { .. } => panic!("{event:?}"),
    });
    assert_eq!(process.pass().await.len(), 0, "it is notified once or not at all");
    notified
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_is_notified_if_the_window_closed_while_it_was_looked_for() {
    assert_eq!(notification_of_probe(true, false).await, Some(Code::TokenRefused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_is_not_notified_if_the_window_came_to_the_front_while_it_was_looked_for() {
    assert_eq!(notification_of_probe(false, true).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_notifies_only_about_the_connections_that_it_watches() {
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let silent = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    silent.pass().await;
    let desktop = SimulatedProcess::start(other_process(&story, keychain, HttpSettings::default()), Audience::AWAY);
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    make_heartbeat_due(&story, &story.id).await;
    assert_eq!(silent.pass().await.iter().map(|one| code(&one.after)).collect::<Vec<_>>(), [Some(Code::TokenRefused)]);
    assert_eq!(desktop.pass().await.len(), 0, "its notification is not shown by this process");
    silent.end().await;
    let found = desktop.pass_until_found().await;
    assert!(matches!(found.notification, Some(NotificationEvent::Worse { .. })), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_process_with_a_secret_for_this_run_the_next_one_reports_that_the_secret_is_gone() {
    let story = monitored(Keychain::memory(), true).await;
    let window = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    window.pass().await;
    let agent =
        SimulatedProcess::start(other_process(&story, Keychain::memory(), HttpSettings::default()), Audience::AWAY);
    let has_secret = |process: &SimulatedProcess| process.connector.tokens().kept_for_this_run(&story.id);
    assert_eq!((has_secret(&window), has_secret(&agent)), (true, false));
    for _ in 0..3 {
        make_heartbeat_due(&story, &story.id).await;
        assert_eq!(agent.pass().await.len(), 0);
        assert_eq!(window.pass().await.len(), 1);
        let view = agent.connector.connections().get(&story.id).await.unwrap();
        assert_eq!((view.status.state, code(&view.status)), (State::Ok, None), "no false status");
    }
    window.end().await;
    make_heartbeat_due(&story, &story.id).await;
    let taken_over = agent.pass_until_found().await;
    assert_eq!((taken_over.after.state, code(&taken_over.after)), (State::Attention, Some(Code::TokenMissing)));
    agent.connector.monitor().request_full_check(&story.id).await.unwrap();
    let cancel = CancellationToken::new();
    let full = agent.connector.monitor().probe_now(&story.id, ProbeKind::Full, Audience::AWAY, &cancel).await;
    let full = full.unwrap().unwrap().after;
    assert_eq!(code(&full), Some(Code::TokenMissing), "{full:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_settings_and_the_end_of_a_pause_are_published_whoever_made_them() {
    let (story, one, other) = two_processes().await;
    one.pass().await;
    let mut changes = one.connector.changes();
    let pause = |until| other.connector.settings().pause_notifications(until);
    pause(Some(story.clock.now() + TimeDelta::hours(1))).await.unwrap();
    one.pass().await;
    assert_eq!(received(&mut changes), [AppChange::Settings]);
    one.pass().await;
    assert_eq!(received(&mut changes), [], "once");
    story.clock.advance(TimeDelta::minutes(61));
    one.pass().await;
    assert_eq!(received(&mut changes).iter().filter(|one| **one == AppChange::Settings).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_cannot_be_locked_is_a_problem_of_the_round() {
    let story = monitored(Keychain::memory(), false).await;
    let lock = story.folder.path().join(format!("monitoring-{}.lock", story.id.0));
    std::fs::create_dir(&lock).unwrap();
    make_heartbeat_due(&story, &story.id).await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    assert_eq!(process.pass().await.len(), 0);
    let problem = || process.host.problem.lock().unwrap().clone();
    assert!(problem().is_some());
    std::fs::remove_dir(&lock).unwrap();
    assert_eq!(process.pass().await.len(), 1);
    assert_eq!(problem(), None);
}

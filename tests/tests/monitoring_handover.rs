//! How a connection changes hands: what its process still does after giving it up, and what the others leave alone until then.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails the test")]

mod support;

use std::path::Path;
use std::time::Duration;

use connector::Audience;
use http_client::HttpSettings;
use model::code::Code;
use model::connection::ConnectionId;
use model::monitor::MonitorState;
use model::status::State;
use practice::Change;
use secrets::Keychain;
use store::Store;

use support::TestConnection;
use support::monitored::{code, requests};
use support::simulated_process::{
    SimulatedProcess, another_connection, make_heartbeat_due, make_heartbeats_due, monitored, other_process,
};

/// Longer than any of these tests: a request that is sent meanwhile gets no response.
const NO_RESPONSE: Change = Change::Latency { ms: 600_000 };

fn is_watched(folder: &Path, id: &ConnectionId) -> bool {
    store::lock_monitoring(folder, id).is_err()
}

fn is_probed(folder: &Path, id: &ConnectionId) -> bool {
    store::lock(folder, id).is_err()
}

/// Waits until Okta received a number of further requests. Taking the lock of a probe to see whether it runs would keep it from
/// running.
async fn until_requested(story: &TestConnection, before: u64, count: u64) {
    until(story, || requests(story).0 >= before + count).await;
}

/// Waits until a condition holds.
async fn until(story: &TestConnection, holds: impl Fn() -> bool) {
    while !holds() {
        story.clock.sleep(Duration::from_millis(10)).await;
    }
}

async fn state_of(story: &TestConnection, id: &ConnectionId) -> MonitorState {
    let (store, id) = (Store::open(story.folder.path()).unwrap(), id.clone());
    store.read(move |tx| tx.monitor_state(&id)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_released_after_its_own_probe_and_not_after_those_of_others() {
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let (folder, slow, idle) = (story.folder.path(), &story.id, another_connection(&story).await);
    let one = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    one.pass().await;
    let other = SimulatedProcess::start(other_process(&story, keychain, HttpSettings::default()), Audience::AWAY);
    other.pass().await;
    assert!(is_watched(folder, slow) && is_watched(folder, &idle));

    story.control().set(NO_RESPONSE);
    make_heartbeat_due(&story, slow).await;
    let before = requests(&story).0;
    one.wake.now();
    until_requested(&story, before, 1).await;
    other.set_hosts(&idle, false);
    other.pass().await;
    one.set_hosts(&idle, false);
    one.set_hosts(slow, false);
    until(&story, || !is_watched(folder, &idle)).await;
    assert!(is_probed(folder, slow) && is_watched(folder, slow), "its probe is in progress");

    story.control().set(Change::Latency { ms: 0 });
    other.set_hosts(&idle, true);
    make_heartbeat_due(&story, &idle).await;
    let found = other.pass_until_found().await;
    assert_eq!((&found.id, found.after.state), (&idle, State::Ok));
    assert!(is_probed(folder, slow) && is_watched(folder, slow), "its probe is still in progress");

    let before = state_of(&story, slow).await;
    one.end().await;
    assert!(!is_probed(folder, slow), "the end cancels the probe");
    make_heartbeat_due(&story, slow).await;
    assert_eq!(other.pass_until_found().await.id, *slow);
    assert_ne!(state_of(&story, slow).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_waits_for_its_turn_does_not_run_after_its_connection_was_given_up() {
    let keychain = Keychain::memory();
    let story = monitored(keychain.clone(), false).await;
    let (folder, mut ids) = (story.folder.path(), vec![story.id.clone()]);
    while ids.len() < 5 {
        ids.push(another_connection(&story).await);
    }
    // Long enough that none of the four ends before the fifth is given up, however busy the machine is.
    let impatient = HttpSettings { timeout: Duration::from_secs(6), ..HttpSettings::default() };
    let one = SimulatedProcess::start(other_process(&story, keychain, impatient), Audience::AWAY);
    one.pass().await;
    story.control().set(NO_RESPONSE);
    make_heartbeats_due(&story, &ids).await;
    let before = requests(&story).0;
    one.wake.now();
    until_requested(&story, before, 4).await;
    let waiting: Vec<_> = ids.iter().filter(|id| !is_probed(folder, id)).collect();
    assert_eq!(waiting.len(), 1, "four probes run at once");
    let given_up = waiting[0].clone();
    one.set_hosts(&given_up, false);
    until(&story, || !is_watched(folder, &given_up)).await;
    let before = state_of(&story, &given_up).await;
    let mut found = one.pass().await;
    found.retain(|one| one.id == given_up);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(state_of(&story, &given_up).await, before);

    story.control().set(Change::Latency { ms: 0 });
    let other = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    let taken_over = other.pass_until_found().await;
    assert_eq!((taken_over.id, taken_over.after.state), (given_up, State::Ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_watches_is_shown_as_stored_and_never_written() {
    let story = monitored(Keychain::memory(), true).await;
    let watching = store::lock_monitoring(story.folder.path(), &story.id).unwrap();
    // Without the secret this process would find that it is missing.
    let without_secret = other_process(&story, Keychain::memory(), HttpSettings::default());
    let process = SimulatedProcess::start(without_secret, Audience::AWAY);
    make_heartbeat_due(&story, &story.id).await;
    story.connector.monitor().request_full_check(&story.id).await.unwrap();
    let before = state_of(&story, &story.id).await;
    for _ in 0..3 {
        assert_eq!(process.pass().await.len(), 0);
        assert_eq!(state_of(&story, &story.id).await, before);
        let [here, there] = [&process.connector, &story.connector].map(|one| one.connections().get(&story.id));
        let (here, there) = (here.await.unwrap().status, there.await.unwrap().status);
        assert_eq!((here.state, here.as_of, code(&here)), (State::Ok, there.as_of, None));
    }
    drop(watching);
    assert_eq!(code(&process.pass_until_found().await.after), Some(Code::TokenMissing));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_or_written_after_the_end() {
    let story = monitored(Keychain::memory(), false).await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    process.pass().await;
    story.control().set(NO_RESPONSE);
    make_heartbeat_due(&story, &story.id).await;
    let before = state_of(&story, &story.id).await;
    let requested = requests(&story).0;
    process.wake.now();
    until_requested(&story, requested, 1).await;
    process.end().await;
    assert!(!is_watched(story.folder.path(), &story.id) && !is_probed(story.folder.path(), &story.id));
    assert_eq!(state_of(&story, &story.id).await, before);
}

//! A locked keychain: reported once, as the root cause, by the checks and by monitoring; resolved as soon as it is unlocked.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connector::Audience;
use http_client::HttpSettings;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{CredentialStore, Entry, Error, mock};
use model::check::{CheckId, CheckReport, Outcome, Skip};
use model::code::Code;
use model::connection::{Keep, Profile};
use model::monitor::ProbeKind;
use model::relay::{RelayHold, RelayView};
use model::relay_settings::{RelaySettings, WebhookSettings};
use model::secret_name::SecretName;
use model::status::State;
use practice::Options;
use runtime::Clock;
use secrets::Keychain;
use store::lock_relay;
use tokio_util::sync::CancellationToken;

use support::TestConnection;
use support::simulated_process::SimulatedProcess;

/// The library's mock store behind a lock.
struct Lockable {
    inner: Arc<mock::Store>,
    locked: Arc<AtomicBool>,
    /// Whether the API token is there twice; the copy that is found first cannot be read.
    twice: Arc<AtomicBool>,
    /// Whether the token of the events webhook alone cannot be read.
    webhook_denied: Arc<AtomicBool>,
}

impl Lockable {
    fn copy(&self, of: &Entry, user: &str) -> Result<Entry, Error> {
        let copy = self.inner.build("readable copy", user, None)?;
        copy.set_secret(&of.get_secret()?)?;
        Ok(copy)
    }
}

impl CredentialStoreApi for Lockable {
    fn vendor(&self) -> String {
        self.inner.vendor()
    }

    fn id(&self) -> String {
        self.inner.id()
    }

    fn build(&self, service: &str, user: &str, more: Option<&HashMap<&str, &str>>) -> Result<Entry, Error> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(Error::NoStorageAccess("locked".into()));
        }
        if self.webhook_denied.load(Ordering::SeqCst) && user.ends_with("/events_webhook_token") {
            return Err(Error::NoStorageAccess("denied".into()));
        }
        let entry = self.inner.build(service, user, more)?;
        if self.twice.load(Ordering::SeqCst) && user.ends_with("/okta_token") {
            let copies = Error::Ambiguous(vec![self.inner.build("copy", user, more)?, self.copy(&entry, user)?]);
            entry.as_any().downcast_ref::<mock::Cred>().unwrap().set_error(copies);
        }
        Ok(entry)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A connection that is watched and joined to Radiant, and the lock of its keychain.
async fn watched() -> (TestConnection, Arc<AtomicBool>) {
    let (story, locked, ..) = watched_over().await;
    (story, locked)
}

/// As [`watched`], with what doubles the API token and what denies the token of the events webhook.
async fn watched_over() -> (TestConnection, Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicBool>) {
    let [locked, twice, webhook_denied] = [(); 3].map(|()| Arc::new(AtomicBool::new(false)));
    let (inner, doubled, denied) = (mock::Store::new().unwrap(), Arc::clone(&twice), Arc::clone(&webhook_denied));
    let store = Arc::new(Lockable { inner, locked: Arc::clone(&locked), twice: doubled, webhook_denied: denied });
    let keychain = Keychain::opened_by("test", move || Ok(Arc::clone(&store) as Arc<CredentialStore>));
    let options = Options { events_per_second: 0.0, ..Options::default() };
    let story = TestConnection::keeping(options, Clock::system(), HttpSettings::default(), keychain).await;
    story.paste_super_admin().await;
    story.profile(Profile::Response).await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    assert_eq!(story.check().await.worst(), Outcome::Passed);
    (story, locked, twice, webhook_denied)
}

fn told(report: &CheckReport) -> Vec<CheckId> {
    let rows = report.rows.iter().filter(|row| row.code == Some(Code::KeychainLocked));
    rows.map(|row| row.check).collect()
}

async fn standing(story: &TestConnection) -> Vec<CheckId> {
    let view = story.connector.connections().get(&story.id).await.unwrap();
    view.monitor
        .conditions
        .iter()
        .filter(|one| one.condition.problem.code == Code::KeychainLocked)
        .map(|one| one.condition.row)
        .collect()
}

async fn heartbeat(story: &TestConnection) -> (State, Option<Code>) {
    let cancel = CancellationToken::new();
    let tended = story
        .connector
        .monitor()
        .probe_now(&story.id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel)
        .await
        .unwrap()
        .unwrap();
    (tended.after.state, tended.after.problem.map(|problem| problem.code))
}

#[tokio::test]
async fn a_locked_keychain_is_one_row_and_what_needs_a_secret_points_to_it() {
    let (story, locked) = watched().await;
    locked.store(true, Ordering::SeqCst);
    let report = story.check().await;
    assert_eq!(told(&report), [CheckId::Keychain]);
    assert_eq!(report.row(CheckId::Keychain).unwrap().outcome, Outcome::Failed);
    for check in [CheckId::Token, CheckId::SystemLog, CheckId::RadiantSearch, CheckId::Arrival] {
        assert_eq!(report.row(check).unwrap().skipped, Some(Skip::Keychain), "{check:?}");
    }
    assert_eq!(report.row(CheckId::Domain).unwrap().outcome, Outcome::Passed, "what needs no secret is asked");
    assert_eq!(standing(&story).await, [CheckId::Keychain]);
    // One row alone brings the root along.
    let one = story.connector.checks().run(&story.id, Some(vec![CheckId::Token]), CancellationToken::new(), |_| {});
    assert_eq!(told(&one.await.unwrap()), [CheckId::Keychain]);
}

#[tokio::test]
async fn monitoring_notifies_a_locked_keychain_once_and_runs_every_check_after_it_is_unlocked() {
    let (story, locked) = watched().await;
    locked.store(true, Ordering::SeqCst);
    let mut last = (State::Ok, None);
    for _ in 0..3 {
        last = heartbeat(&story).await;
        assert_eq!(standing(&story).await, [CheckId::Keychain]);
    }
    assert_eq!(last, (State::Attention, Some(Code::KeychainLocked)));
    locked.store(false, Ordering::SeqCst);
    assert_eq!(heartbeat(&story).await, (State::Ok, None));
    let report = story.connector.connections().get(&story.id).await.unwrap().report.unwrap();
    assert!(report.rows.iter().all(|row| row.skipped != Some(Skip::Keychain)), "{:#?}", report.rows);
}

#[tokio::test]
async fn a_token_that_is_stored_twice_is_used_and_reported_until_it_is_stored_once() {
    let (story, _, twice, _) = watched_over().await;
    twice.store(true, Ordering::SeqCst);
    let report = story.check().await;
    let keychain = report.row(CheckId::Keychain).unwrap();
    assert_eq!((keychain.outcome, keychain.code), (Outcome::Attention, Some(Code::KeychainStoredTwice)));
    assert_eq!(report.row(CheckId::Token).unwrap().outcome, Outcome::Passed, "the readable one is used");
    twice.store(false, Ordering::SeqCst);
    assert_eq!(story.check().await.row(CheckId::Keychain).unwrap().outcome, Outcome::Passed);
}

/// Waits until the relay of a connection shows something.
async fn relay_until(story: &TestConnection, is_met: impl Fn(&RelayView) -> bool) {
    for _ in 0..1_200 {
        if is_met(&story.connector.relay().state(&story.id).await.unwrap()) {
            return;
        }
        story.clock.sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", story.connector.relay().state(&story.id).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_whose_tokens_cannot_be_read_says_so_locks_nothing_and_begins_once_they_can() {
    let (story, locked, _, webhook_denied) = watched_over().await;
    let url = story.practice.card().radiant.events_webhook.clone();
    let webhook = WebhookSettings { url, ..WebhookSettings::default() };
    let settings = RelaySettings { webhook, is_only_reader: true, ..RelaySettings::default() };
    let relay = story.connector.relay();
    relay.configure(&story.id, settings).await.unwrap();
    let token = story.practice.card().radiant_events_token.clone();
    story.connector.tokens().store(&story.id, SecretName::EventsWebhookToken, token.into(), false).await.unwrap();
    relay.start(&story.id).await.unwrap();
    for switch in [&locked, &webhook_denied] {
        switch.store(true, Ordering::SeqCst);
        let process = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
        relay_until(&story, |view| view.state.delivery_hold.as_ref().is_some_and(is_keychain)).await;
        // The next attempt may hold it for a moment.
        while lock_relay(story.folder.path(), &story.id).is_err() {
            story.clock.sleep(Duration::from_millis(20)).await;
        }
        switch.store(false, Ordering::SeqCst);
        story.control().emit(5);
        let before = relay.state(&story.id).await.unwrap().state.counters.delivered;
        process.wake.now();
        relay_until(&story, |view| {
            let state = &view.state;
            state.counters.delivered >= before + 5 && state.poll_hold.is_none() && state.delivery_hold.is_none()
        })
        .await;
        process.end().await;
    }
}

fn is_keychain(hold: &RelayHold) -> bool {
    [Code::KeychainLocked, Code::KeychainDenied].contains(&hold.problem.code)
}

//! Simulated processes: connectors over one data folder within the process of the test, each with its own workers.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use connector::paths::PolicyPlace;
use connector::power_events::{EventSource, PowerEvents};
use connector::{Audience, Connector, ConnectorConfig, ProbeOutcome, RoundSummary, WorkerHost};
use http_client::HttpSettings;
use model::connection::{ConnectionId, Keep, Profile};
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use model::secret_name::SecretName;
use model::status::State;
use practice::Options;
use runtime::{Clock, Wake};
use secrets::Keychain;
use store::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{TestConnection, addresses};

/// A host that hosts every connection but those that it gave up, and collects what the rounds found.
pub(crate) struct SimulatedHost {
    audience: Box<dyn Fn() -> Audience + Send + Sync>,
    given_up: Mutex<BTreeSet<ConnectionId>>,
    rounds: watch::Sender<usize>,
    outcomes: Mutex<Vec<ProbeOutcome>>,
    pub(crate) problem: Mutex<Option<Problem>>,
}

impl WorkerHost for SimulatedHost {
    fn audience(&self) -> Audience {
        (self.audience)()
    }

    fn hosts(&self, id: &ConnectionId) -> bool {
        !self.given_up.lock().unwrap().contains(id)
    }

    fn on_round(&self, round: RoundSummary) {
        self.outcomes.lock().unwrap().extend(round.outcomes);
        *self.problem.lock().unwrap() = round.problem;
        self.rounds.send_modify(|rounds| *rounds += 1);
    }
}

/// A simulated process: a connector with its workers.
pub(crate) struct SimulatedProcess {
    pub(crate) connector: Connector,
    pub(crate) host: Arc<SimulatedHost>,
    pub(crate) wake: Wake,
    pub(crate) power_events: PowerEvents,
    end: CancellationToken,
    running: JoinHandle<()>,
}

impl SimulatedProcess {
    pub(crate) fn start(connector: Connector, audience: Audience) -> Self {
        Self::start_for(connector, move || audience)
    }

    /// Starts a process that asks `audience` whenever it wants to know to whom notifications are shown.
    pub(crate) fn start_for(connector: Connector, audience: impl Fn() -> Audience + Send + Sync + 'static) -> Self {
        let host = Arc::new(SimulatedHost {
            audience: Box::new(audience),
            given_up: Mutex::default(),
            rounds: watch::Sender::new(0),
            outcomes: Mutex::default(),
            problem: Mutex::default(),
        });
        let end = CancellationToken::new();
        let power_events = PowerEvents::from_source(EventSource::Polling);
        let workers = connector.workers(Arc::<SimulatedHost>::clone(&host), power_events.clone(), end.clone());
        let (wake, running) = (workers.wake(), tokio::spawn(workers.run()));
        Self { connector, host, wake, power_events, end, running }
    }

    /// Waits for a pass that began after this call, and returns what the passes found.
    pub(crate) async fn pass(&self) -> Vec<ProbeOutcome> {
        let mut rounds = self.host.rounds.subscribe();
        // The first one may have begun before.
        for _ in 0..2 {
            rounds.mark_unchanged();
            self.wake.now();
            rounds.changed().await.unwrap();
        }
        std::mem::take(&mut *self.host.outcomes.lock().unwrap())
    }

    /// Runs passes until one finds something.
    pub(crate) async fn pass_until_found(&self) -> ProbeOutcome {
        loop {
            if let Some(found) = self.pass().await.pop() {
                return found;
            }
        }
    }

    /// Gives up a connection, or hosts it again, and wakes the workers.
    pub(crate) fn set_hosts(&self, id: &ConnectionId, hosts: bool) {
        let mut given_up = self.host.given_up.lock().unwrap();
        if hosts {
            given_up.remove(id)
        } else {
            given_up.insert(id.clone())
        };
        drop(given_up);
        self.wake.now();
    }

    pub(crate) async fn end(self) {
        self.end.cancel();
        self.running.await.unwrap();
    }
}

/// Makes a heartbeat due, and nothing else.
pub(crate) async fn make_heartbeat_due(story: &TestConnection, id: &ConnectionId) {
    make_heartbeats_due(story, std::slice::from_ref(id)).await;
}

/// Makes heartbeats due at the same time, so that a pass that begins meanwhile finds all of them or none.
pub(crate) async fn make_heartbeats_due(story: &TestConnection, ids: &[ConnectionId]) {
    let (store, ids, then) =
        (Store::open(story.folder.path()).unwrap(), ids.to_vec(), story.clock.now() - TimeDelta::hours(2));
    let due = move |state: MonitorState| MonitorState { heartbeat: Some(then), ..state };
    store.write(move |tx| ids.iter().try_for_each(|id| tx.update(id, due).map(drop))).await.unwrap();
}

/// Another process over the story's data folder.
pub(crate) fn other_process(story: &TestConnection, keychain: Keychain, http: HttpSettings) -> Connector {
    let connector = Connector::open(ConnectorConfig {
        data_dir: story.folder.path().to_owned(),
        keychain,
        http,
        clock: story.clock.clone(),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap();
    connector.connections().join_practice(addresses(&story.practice));
    connector
}

/// Another process over the story's data folder, outside practice, because practice has no policy.
pub(crate) fn process_under_policy(story: &TestConnection, keychain: Keychain, policy: &Path) -> Connector {
    Connector::open(ConnectorConfig {
        data_dir: story.folder.path().to_owned(),
        keychain,
        http: HttpSettings::default(),
        clock: story.clock.clone(),
        operator: "admin".to_owned(),
        policy: Some(PolicyPlace { file: policy.to_owned(), owner: None }),
    })
    .unwrap()
}

/// A monitored connection whose probes were run, and whose next one is due in an hour; its token is kept in `keychain`.
pub(crate) async fn monitored(keychain: Keychain, this_run_only: bool) -> TestConnection {
    let options = Options { events_per_second: 0.0, ..Options::default() };
    let story = TestConnection::keeping(options, Clock::system(), HttpSettings::default(), keychain).await;
    monitor(&story, &story.id, this_run_only).await;
    story
}

/// Another monitored connection to the same org.
pub(crate) async fn another_connection(story: &TestConnection) -> ConnectionId {
    let connections = story.connector.connections();
    let id = connections.begin_practice(addresses(&story.practice), "Another".to_owned()).await.unwrap().connection.id;
    monitor(story, &id, false).await;
    id
}

/// Stores the token of a connection, finishes its guide, and runs its probes.
async fn monitor(story: &TestConnection, id: &ConnectionId, this_run_only: bool) {
    let token = story.practice.card().tokens.super_admin.clone().into();
    story.connector.tokens().store(id, SecretName::OktaToken, token, this_run_only).await.unwrap();
    story.connector.guide().set_profile(id, Profile::Ingestion).await.unwrap();
    let settings =
        MonitorSettings { heartbeat_s: 3_600, freshness_s: 86_400, full_s: 604_800, ..MonitorSettings::practice() };
    story.connector.settings().set_monitor(settings).await.unwrap();
    story.connector.guide().finish(id, Keep::Token).await.unwrap();
    let cancel = CancellationToken::new();
    let first = story.connector.monitor().probe_now(id, ProbeKind::Full, Audience::AWAY, &cancel).await;
    assert_eq!(first.unwrap().unwrap().after.state, State::Ok);
}

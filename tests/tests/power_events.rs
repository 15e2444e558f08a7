//! Sleep, wake-up and network changes, sent over a real bus by stand-ins for logind and NetworkManager.
//!
//! Needs `CONNECTOR_PRIVATE_DESKTOP=1`, which promises dbus and Python's dbus module; skipped otherwise.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use connector::power_events::{EventSource, PowerEvents};
use model::connection::Keep;
use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::status::State;
use practice::{Fault, FaultKind, Options, Side};
use runtime::{Clock, Worker};
use store::Store;
use tokio_util::sync::CancellationToken;

use support::TestConnection;

/// How long the database is left alone while no look is due; no test waits for it.
const REST: Duration = Duration::from_secs(300);
const MACHINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/desktop/power_and_network_signals.py");
/// `NM_STATE_DISCONNECTED`, `NM_STATE_CONNECTED_SITE`, `NM_STATE_CONNECTED_GLOBAL`.
const NOWHERE: &str = "network 20";
const SITE: &str = "network 60";
const EVERYWHERE: &str = "network 70";

/// A bus that starts no service by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// A bus with logind and NetworkManager on it, both ended with it.
struct Machine {
    _folder: tempfile::TempDir,
    bus: Child,
    machine: Child,
    words: ChildStdin,
    said: Receiver<String>,
    address: String,
}

impl Machine {
    /// Starts both, or says that the test is skipped.
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    fn begin() -> Option<Self> {
        if std::env::var_os("CONNECTOR_PRIVATE_DESKTOP").is_none_or(|value| value != "1") {
            eprintln!("skipped: needs CONNECTOR_PRIVATE_DESKTOP=1, dbus-daemon and Python's dbus module");
            return None;
        }
        Some(Self::start())
    }

    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("bus.conf");
        std::fs::write(&configuration, BUS).unwrap();
        let configured = format!("--config-file={}", configuration.display());
        let (bus, heard) = started(Command::new("dbus-daemon").args([&configured, "--nofork", "--print-address=1"]));
        let address = heard.recv_timeout(Duration::from_secs(20)).unwrap();
        let mut command = Command::new("/usr/bin/python3");
        let (mut machine, said) = started(command.arg(MACHINE).arg(&address).stdin(Stdio::piped()));
        assert_eq!(said.recv_timeout(Duration::from_secs(20)).as_deref(), Ok("ready"));
        let words = machine.stdin.take().unwrap();
        Self { _folder: folder, bus, machine, words, said, address }
    }

    /// Lets the computer go through something.
    fn goes_through(&mut self, word: &str) {
        writeln!(self.words, "{word}").unwrap();
        assert_eq!(self.said.recv_timeout(Duration::from_secs(20)).as_deref(), Ok(word));
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        for child in [&mut self.machine, &mut self.bus] {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Starts a program whose lines are heard.
fn started(command: &mut Command) -> (Child, Receiver<String>) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let (tell, told) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    (child, told)
}

/// What the watch did: each look's tier as the requests show it, and the state it found.
type Looks = Arc<Mutex<Vec<State>>>;

/// A watched connection that nothing is due of for hours, and the watch over it.
struct MonitorState {
    story: TestConnection,
    looks: Looks,
    end: CancellationToken,
    watch: tokio::task::JoinHandle<()>,
}

impl MonitorState {
    async fn begin(source: EventSource) -> Self {
        let options = Options { events_per_second: 0.0, ..Options::default() };
        let story = TestConnection::with(options, Clock::system()).await;
        story.paste_super_admin().await;
        let settings =
            MonitorSettings { heartbeat_s: 3_600, freshness_s: 3_600, full_s: 86_400, ..MonitorSettings::practice() };
        story.connector.settings().set_monitor(settings).await.unwrap();
        story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
        story
            .connector
            .monitor()
            .probe_now(&story.id, ProbeKind::Full, connector::Audience::AWAY, &CancellationToken::new())
            .await
            .unwrap()
            .unwrap();
        ten_minutes_ago(&story).await;
        let (looks, end) = (Looks::default(), CancellationToken::new());
        let power_events = PowerEvents::from_source(source);
        let (connector, seen, events, cancel) =
            (story.connector.clone(), Arc::clone(&looks), power_events.clone(), end.clone());
        let pass = move || {
            let (connector, seen, burst, cancel) =
                (connector.clone(), Arc::clone(&seen), events.burst(), cancel.clone());
            async move {
                let round = connector
                    .monitor()
                    .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, burst, &cancel)
                    .await
                    .unwrap();
                seen.lock().unwrap().extend(round.outcomes.iter().map(|one| one.after.state));
                round.next
            }
        };
        let worker = Worker::new("test", REST, pass);
        let watch = tokio::spawn(power_events.supervise(vec![worker], Clock::system(), end.clone()));
        // The first pass, and the bus.
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(looks.lock().unwrap().len(), 0, "nothing is due yet");
        Self { story, looks, end, watch }
    }

    fn count(&self) -> usize {
        self.looks.lock().unwrap().len()
    }

    fn okta_requests(&self) -> u64 {
        let all = self.story.control().counters().requests;
        all.iter().filter(|(path, _)| path.starts_with("okta /api/")).map(|(_, count)| count).sum()
    }

    /// Waits for so many probes.
    async fn looked(&self, count: usize) {
        let start = Instant::now();
        while self.count() < count {
            assert!(start.elapsed() < Duration::from_secs(60), "{} of {count} probes", self.count());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn end(self) {
        self.end.cancel();
        self.watch.await.unwrap();
    }
}

/// Moves the looks that were taken back in time.
async fn ten_minutes_ago(story: &TestConnection) {
    let store = Store::open(story.folder.path()).unwrap();
    let earlier = |mut watched: model::monitor::MonitorState| {
        for at in [&mut watched.full, &mut watched.delivery, &mut watched.heartbeat] {
            *at = at.map(|at| at - TimeDelta::minutes(10));
        }
        watched
    };
    let id = story.id.clone();
    store.write(move |tx| tx.update(&id, earlier)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_sleep_a_full_probe_waits_until_the_network_is_back() {
    let Some(mut machine) = Machine::begin() else { return };
    let watched = MonitorState::begin(EventSource::Bus(machine.address.clone())).await;
    let before = watched.okta_requests();
    machine.goes_through("suspend");
    machine.goes_through("stranger");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let resumed = Instant::now();
    machine.goes_through("resume");
    machine.goes_through(SITE);
    machine.goes_through(EVERYWHERE);
    // Far sooner than the longest wait of the watch.
    watched.looked(1).await;
    let took = resumed.elapsed();
    assert!(took >= Duration::from_secs(4), "the network had no moment: {took:?}");
    assert!(watched.okta_requests() >= before + 6, "all checks were asked");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(watched.count(), 1, "a wake and the network after it are one reason to look");
    assert_eq!(*watched.looks.lock().unwrap(), [State::Ok], "and no alarm");
    watched.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_comes_and_goes_causes_one_probe_and_no_alarm() {
    let Some(mut machine) = Machine::begin() else { return };
    let watched = MonitorState::begin(EventSource::Bus(machine.address.clone())).await;
    for _ in 0..8 {
        machine.goes_through(NOWHERE);
        machine.goes_through(EVERYWHERE);
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    watched.looked(1).await;
    for _ in 0..4 {
        machine.goes_through(NOWHERE);
        machine.goes_through(EVERYWHERE);
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(*watched.looks.lock().unwrap(), [State::Ok]);
    watched.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_back_ends_being_offline_at_once() {
    let Some(mut machine) = Machine::begin() else { return };
    let watched = MonitorState::begin(EventSource::Bus(machine.address.clone())).await;
    let (story, cancel) = (&watched.story, CancellationToken::new());
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::CaptivePage)));
    story
        .connector
        .monitor()
        .probe_now(&story.id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel)
        .await
        .unwrap()
        .unwrap();
    ten_minutes_ago(story).await;
    assert!(story.connector.connections().get(&story.id).await.unwrap().monitor.offline_since.is_some());
    story.control().fault(None);
    machine.goes_through(EVERYWHERE);
    watched.looked(1).await;
    assert_eq!(*watched.looks.lock().unwrap(), [State::Ok]);
    assert_eq!(story.connector.connections().get(&story.id).await.unwrap().monitor.offline_since, None);
    watched.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_is_missing_or_goes_away_is_no_fault() {
    let Some(mut machine) = Machine::begin() else { return };
    let missing = MonitorState::begin(EventSource::Bus("unix:path=/no/such/bus".to_owned())).await;
    let left = MonitorState::begin(EventSource::Bus(machine.address.clone())).await;
    machine.bus.kill().unwrap();
    machine.bus.wait().unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    for watched in [missing, left] {
        assert!(!watched.watch.is_finished(), "the watch goes on");
        watched.end().await;
    }
}

//! Kills the relay with `kill -9` at random instants while both sides fail at random: no event is lost, the order is that of
//! Okta's pages, and an event is sent twice only within the batch that was in flight.
//!
//! The relay is a process of its own over one folder; this process runs the practice organization and counts what its webhook
//! accepted. `cargo xtask drill relay` relays more events and kills more often.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the drill prints its figures")]

#[path = "relay_support/kill_process.rs"]
mod kill_process;
#[path = "relay_support/process.rs"]
mod process;

use std::process::Child;
use std::time::{Duration, Instant};

use practice::{Change, Control, Options, Practice, RandomFaults, VolumeLog, WebhookRecord};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use process::RelayPlan;

/// Most events of one request to the webhook.
const BATCH: u64 = 1_000;
/// Pause between two looks at the webhook.
const PAUSE: Duration = Duration::from_millis(2);
/// Without any progress for this long, the relay is stuck.
const STUCK: Duration = Duration::from_secs(100);
/// Longest time between the instant at which a kill is due by the number of events and the kill.
const LATEST_MS: u64 = 60;

/// What is relayed, and how it is disturbed.
#[derive(Debug, Clone, Copy)]
struct Drill {
    events: u64,
    kills: u32,
    seed: u64,
}

/// What came of it.
#[derive(Debug)]
struct Outcome {
    kills: u32,
    /// Kills while no event had arrived since the kill before.
    kills_without_progress: u32,
    seconds: f64,
    record: WebhookRecord,
    log_requests: u64,
}

impl Drill {
    /// Relays all events, or until the relay is stuck, and kills it meanwhile.
    fn run(self, practice: &Practice) -> Outcome {
        let control = practice.control();
        let folder = tempfile::tempdir().unwrap();
        let plan = RelayPlan::new(practice, folder.path(), "scene_relay", self.disturb(&control));
        let mut rng = StdRng::seed_from_u64(self.seed);
        let (start, mut kills, mut without_progress) = (Instant::now(), 0, 0);
        let mut relay = plan.command().spawn().unwrap();
        for number in 0..self.kills {
            // A kill in each part of the events, so that all of them happen.
            let part = self.events / u64::from(self.kills + 1);
            let due = part * u64::from(number) + rng.random_range(0..part.max(1));
            let before = control.webhook().volume_events;
            if !wait_for(&control, due, &mut relay) {
                break;
            }
            std::thread::sleep(Duration::from_micros(rng.random_range(0..LATEST_MS * 1_000)));
            kill_process::kill(&mut relay);
            kills += 1;
            without_progress += u32::from(control.webhook().volume_events == before);
            relay = plan.command().spawn().unwrap();
        }
        wait_for(&control, self.events, &mut relay);
        // Whatever would arrive once more has the time to.
        std::thread::sleep(Duration::from_secs(1));
        kill_process::kill(&mut relay);
        let log_requests = control.counters().requests.get("okta /api/v1/logs").copied().unwrap_or_default();
        let (seconds, record) = (start.elapsed().as_secs_f64(), control.webhook());
        Outcome { kills, kills_without_progress: without_progress, seconds, record, log_requests }
    }

    /// Fills the log and switches the faults on; returns the time from which the log is read.
    fn disturb(self, control: &Control) -> String {
        let log = VolumeLog { seed: self.seed, events: self.events, ..VolumeLog::default() };
        let since = chrono::TimeDelta::seconds(i64::from(log.seconds) + 60);
        control.set(Change::VolumeLog { log: Some(log) });
        let faults = RandomFaults { seed: self.seed, log_per_mille: 150, webhook_per_mille: 150 };
        control.set(Change::RandomFaults { faults: Some(faults) });
        (runtime::Clock::system().now() - since).to_rfc3339()
    }
}

impl Outcome {
    fn lost(&self, drill: Drill) -> u64 {
        drill.events - self.record.volume_events
    }

    /// Returns what is wrong.
    fn problems(&self, drill: Drill) -> Vec<String> {
        let record = &self.record;
        let in_flight = u64::from(self.kills) + record.dropped_responses;
        let mut problems = Vec::new();
        let mut check = |is_right: bool, what: String| {
            if !is_right {
                problems.push(what);
            }
        };
        check(self.lost(drill) == 0, format!("{} events were lost", self.lost(drill)));
        check(self.kills == drill.kills, format!("only {} kills", self.kills));
        check(record.order_breaks == 0, format!("{} events came before an earlier one", record.order_breaks));
        let outside = record.repeated_outside_last_batch;
        check(outside == 0, format!("{outside} events came again although they were in no batch in flight"));
        let repeated = record.repeated;
        check(repeated <= in_flight * BATCH, format!("{repeated} events came again after {in_flight} interruptions"));
        check(record.key_conflicts == 0, format!("{} idempotency keys name other events", record.key_conflicts));
        check(record.without_key == 0, format!("{} requests without an idempotency key", record.without_key));
        check(record.largest_batch <= BATCH, format!("a request with {} events", record.largest_batch));
        problems
    }

    fn json(&self, drill: Drill) -> Value {
        let record = &self.record;
        json!({"drill": "relay", "events": drill.events, "seed": drill.seed, "kills": self.kills,
            "kills_without_progress": self.kills_without_progress, "lost": self.lost(drill), "sent_twice": record.repeated,
            "sent_twice_outside_the_batch_in_flight": record.repeated_outside_last_batch, "order_breaks": record.order_breaks,
            "dropped_responses": record.dropped_responses, "refused": record.refused, "batches": record.batches,
            "key_conflicts": record.key_conflicts, "log_requests": self.log_requests, "seconds": self.seconds.round(),
            "problems": self.problems(drill)})
    }
}

/// Waits until the webhook accepted this many events; false when nothing arrives any more. A relay that ended by itself is an
/// error.
fn wait_for(control: &Control, events: u64, relay: &mut Child) -> bool {
    let (mut last, mut progress) = (control.webhook().volume_events, Instant::now());
    while last < events {
        assert!(relay.try_wait().unwrap().is_none(), "the relay ended by itself");
        if progress.elapsed() > STUCK {
            return false;
        }
        std::thread::sleep(PAUSE);
        let now = control.webhook().volume_events;
        if now > last {
            (last, progress) = (now, Instant::now());
        }
    }
    true
}

async fn run(drill: Drill) {
    let options = Options { events_per_second: 0.0, rate_limit: 1_000_000, seed: drill.seed, ..Options::default() };
    let practice = Practice::start(options).await.unwrap();
    let outcome = tokio::task::spawn_blocking(move || drill.run(&practice)).await.unwrap();
    println!("{}", outcome.json(drill));
    assert!(outcome.problems(drill).is_empty(), "{:?}", outcome.problems(drill));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t07_no_event_is_lost_when_the_relay_is_killed_twenty_times_while_both_sides_fail() {
    run(Drill { events: 50_000, kills: 20, seed: 1 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "cargo xtask drill relay"]
async fn drill_relay() {
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let kills = u32::try_from(number("CONNECTOR_RELAY_KILLS", 200)).unwrap();
    let (events, seed) = (number("CONNECTOR_RELAY_EVENTS", 1_000_000), number("CONNECTOR_RELAY_SEED", 1));
    run(Drill { events, kills, seed }).await;
}

#[tokio::test]
#[ignore = "a process that is killed by the tests above"]
async fn scene_relay() {
    process::run().await;
}

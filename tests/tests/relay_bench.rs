//! The speed of the relay beside that of Grove, a public collector of the System Log. `cargo xtask bench relay` runs it (Linux).
//!
//! The relay is a process of its own with a durable database; this process runs the practice organization. It is measured over
//! http and https, without a backlog and with one, and at a limited rate with events that happen meanwhile.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the measurement prints its figures")]

#[path = "relay_bench/grove_collector.rs"]
mod grove_collector;
#[path = "relay_support/kill_process.rs"]
mod kill_process;
#[path = "relay_support/process.rs"]
mod process;
#[path = "relay_support/process_usage.rs"]
mod process_usage;
#[expect(dead_code, reason = "the drill of clients uses more of it")]
#[path = "../../src-tauri/practice/tests/clients/redirecting_proxy.rs"]
mod redirecting_proxy;
#[path = "relay_bench/serving_rate.rs"]
mod serving_rate;

use std::path::{Path, PathBuf};
use std::time::Duration;

use practice::{Change, Control, Options, Practice, Tls, VolumeLog, WebhookReply, WebhookRules};
use serde_json::{Value, json};

use process::{OKTA_HOST, RADIANT_HOST, RelayPlan};
use process_usage::Usage;

/// A run that has not ended after this time is a failure.
const LIMIT: Duration = Duration::from_secs(3_600);
/// The rate limit of the run at a limited rate, in requests per minute for the org; a token gets half.
const RATE_LIMIT: u32 = 120;
/// The duration of that run: a window of the rate limit, and what the start takes.
const LIVE: Duration = Duration::from_secs(75);
/// Events per second that happen in that run.
const LIVE_RATE: f64 = 50.0;

/// One organization and the folder of its relay.
struct Bench {
    practice: Practice,
    folder: tempfile::TempDir,
    is_https: bool,
}

impl Bench {
    async fn start(is_https: bool, rate_limit: u32) -> Self {
        let names = vec![OKTA_HOST.to_owned(), RADIANT_HOST.to_owned()];
        let tls = is_https.then_some(Tls { names, expired: false });
        let options = Options { tls, radiant_tls: is_https, rate_limit, events_per_second: 0.0, ..Options::default() };
        Self { practice: Practice::start(options).await.unwrap(), folder: tempfile::tempdir().unwrap(), is_https }
    }

    /// Sets the log and returns the plan of a relay of all its events.
    fn plan(&self, log: VolumeLog) -> RelayPlan {
        let since = chrono::TimeDelta::seconds(i64::from(log.seconds) + 60);
        self.practice.control().set(Change::VolumeLog { log: Some(log) });
        let since = (runtime::Clock::system().now() - since).to_rfc3339();
        RelayPlan::new(&self.practice, self.folder.path(), "scene_relay", since)
    }

    /// Runs the relay until `progress` reaches `end`.
    async fn measure(
        &self,
        plan: &RelayPlan,
        progress: impl Fn(&Control) -> u64 + Send + 'static,
        end: u64,
        limit: Duration,
    ) -> Usage {
        let (command, control) = (plan.command(), self.practice.control());
        let run = move || process_usage::measure(command, || progress(&control), end, limit);
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    /// Relays events that all are there from the start; before the clock runs, `backlog` of them are read and held.
    async fn run(&self, events: u64, backlog: u64) -> Value {
        let mut plan = self.plan(VolumeLog { events: events + backlog, ..VolumeLog::default() });
        plan.poll_ms = 30_000;
        let control = self.practice.control();
        let mut read = Value::Null;
        if backlog > 0 {
            let reply = WebhookReply::Refuse { status: 503, retry_after_s: None };
            control.set(Change::Webhook { rules: WebhookRules { reply, ..WebhookRules::default() } });
            // The log ends with a full page, so that one more is requested after the last was stored.
            let pages = (events + backlog) / 1_000;
            let usage = self.measure(&plan, log_requests, pages + 1, LIMIT).await;
            read = json!({"events_per_second": rate(events + backlog, usage.seconds), "is_done": usage.is_done,
                "cpu_seconds_per_100k": per_100k(usage.cpu_seconds, events + backlog)});
            control.set(Change::Webhook { rules: WebhookRules::default() });
        }
        let before = log_requests(&control);
        let usage = self.measure(&plan, |control| control.webhook().volume_events, events + backlog, LIMIT).await;
        let requests = log_requests(&control) - before;
        self.figures(events, backlog, (&usage, requests), read)
    }

    fn figures(&self, events: u64, backlog: u64, (usage, requests): (&Usage, u64), read: Value) -> Value {
        let (record, all) = (self.practice.control().webhook(), events + backlog);
        json!({"collector": "relay", "scheme": if self.is_https { "https" } else { "http" }, "events": events,
            "backlog": backlog, "backlog_read": read, "is_done": usage.is_done, "seconds": usage.seconds,
            "events_per_second": rate(all, usage.seconds), "cpu_seconds_per_100k": per_100k(usage.cpu_seconds, all),
            "events_per_cpu_second": rate(all, usage.cpu_seconds), "peak_rss_mb": usage.peak_rss_mb.round(),
            "requests_per_100k": per_100k(number_as_f64(requests), all), "rss_mb_each_eighth": flatness(&usage.rss_mb),
            "repeated": record.repeated, "order_breaks": record.order_breaks})
    }

    /// Relays at a limited rate while events happen, and returns the delay and the share of the limit.
    async fn live(&self) -> Value {
        let log = VolumeLog { events: 1_000, per_second: LIVE_RATE, late_per_mille: 0, ..VolumeLog::default() };
        let mut plan = self.plan(log);
        plan.poll_ms = 5_000;
        let control = self.practice.control();
        drop(self.measure(&plan, |_| 0, 1, LIVE).await);
        let record = control.webhook();
        json!({"delay_p50_ms": record.delay_p50_ms, "delay_p99_ms": record.delay_p99_ms, "poll_seconds": 5,
            "events": record.volume_events})
    }

    /// Relays more events than the limit allows in a minute, and returns the share of the limit that was used.
    async fn paced(&self) -> Value {
        let log = VolumeLog { events: 200_000, ..VolumeLog::default() };
        let plan = self.plan(log);
        let control = self.practice.control();
        drop(self.measure(&plan, |_| 0, 1, Duration::from_secs(58)).await);
        let share = number_as_f64(log_requests(&control)) / f64::from(RATE_LIMIT / 2);
        json!({"permitted_share": plan.rate_share, "used_share": (share * 100.0).round()})
    }
}

fn log_requests(control: &Control) -> u64 {
    control.counters().requests.get("okta /api/v1/logs").copied().unwrap_or_default()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn number_as_f64(number: u64) -> f64 {
    number as f64
}

fn rate(events: u64, seconds: f64) -> f64 {
    (number_as_f64(events) / seconds.max(0.01)).round()
}

fn per_100k(amount: f64, events: u64) -> f64 {
    (amount * 10_000_000.0 / number_as_f64(events.max(1))).round() / 100.0
}

/// Returns the memory whenever another eighth of the events was delivered.
fn flatness(samples: &[f64]) -> Vec<f64> {
    let last = samples.len().saturating_sub(1);
    (1..=8).filter_map(|part| samples.get((last * part).div_ceil(8))).map(|mb| mb.round()).collect()
}

/// Returns the events per second that the practice organization serves over http to a client that only reads.
async fn served(events: u64) -> f64 {
    let bench = Bench::start(false, 1_000_000).await;
    let plan = bench.plan(VolumeLog { events, ..VolumeLog::default() });
    let (address, token) = (bench.practice.okta_addr(), bench.practice.card().tokens.read_only.clone());
    let since = plan.since.replace('+', "%2B");
    let read = tokio::task::spawn_blocking(move || serving_rate::read_all(address, &token, &since));
    let (pages, seconds) = read.await.unwrap();
    assert_eq!(pages, events / 1_000);
    rate(events, seconds)
}

async fn peers(environment: Option<&Path>, events: u64) -> Vec<Value> {
    let mut peers = Vec::new();
    if let Some(environment) = environment {
        for output in [grove_collector::Output::Files, grove_collector::Output::Https] {
            peers.push(grove_collector::measure(environment, events, output).await);
            println!("{}", peers.last().unwrap());
        }
    }
    peers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "cargo xtask bench relay"]
async fn bench_relay() {
    let thousands = |name: &str| number(name, 20_000).next_multiple_of(1_000);
    let (events, backlog) = (thousands("CONNECTOR_RELAY_EVENTS"), thousands("CONNECTOR_RELAY_BACKLOG"));
    let mut runs = Vec::new();
    let plans = [(false, 0), (true, 0), (false, backlog), (true, backlog)];
    for (is_https, backlog) in plans.into_iter().take(if backlog > 0 { 4 } else { 2 }) {
        runs.push(Bench::start(is_https, 1_000_000).await.run(events, backlog).await);
        println!("{}", runs.last().unwrap());
    }
    let live = Bench::start(false, RATE_LIMIT).await.live().await;
    let paced = Bench::start(false, RATE_LIMIT).await.paced().await;
    let environment = std::env::var_os("CONNECTOR_RELAY_PEER").map(PathBuf::from);
    let peers = peers(environment.as_deref(), events).await;
    let ours = |name: &str| runs[0][name].clone();
    let per_cpu = |run: &Value| run["events_per_cpu_second"].as_f64().unwrap_or_default();
    let https = runs[1].clone();
    let times = peers.iter().map(|peer| (per_cpu(&https) / per_cpu(peer).max(1.0) * 10.0).round() / 10.0);
    let result = json!({"bench": "relay", "events_per_second": ours("events_per_second"),
        "cpu_seconds_per_100k": ours("cpu_seconds_per_100k"), "peak_rss_mb": ours("peak_rss_mb"),
        "requests_per_100k": ours("requests_per_100k"), "delay_p50_ms": live["delay_p50_ms"],
        "delay_p99_ms": live["delay_p99_ms"], "permitted_share": paced["permitted_share"],
        "used_share": paced["used_share"], "served_per_second": served(events).await, "runs": runs, "live": live,
        "peers": peers, "times_the_peer_per_cpu_second": times.collect::<Vec<f64>>()});
    println!("{result}");
    assert!(runs.iter().all(|run| run["is_done"] == true && run["order_breaks"] == 0), "{runs:?}");
    assert!(peers.iter().all(|peer| peer["problem"].is_null()), "{peers:?}");
}

#[tokio::test]
#[ignore = "a process that is measured by the test above"]
async fn scene_relay() {
    process::run().await;
}

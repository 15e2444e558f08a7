//! Probes that panic, and a disk on which nothing can be written: the requests to Okta stay few, and the status says that nobody
//! is checking.
//!
//! Time is simulated: it advances to the next pass, as the worker waits.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the drill prints its figures")]

mod support;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use connector::{Audience, PassScope, RoundSummary};
use model::code::Code;
use model::monitor_settings::MonitorSettings;
use model::status::{State, Status};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use support::{TestConnection, monitored};

/// The longest wait of the worker.
const MAX_WAIT: TimeDelta = TimeDelta::minutes(5);
/// The signal that ends a process which writes beyond its limit, unless it is handled.
const SIGXFSZ: i32 = 25;

/// Panics when a probe of a connection ends, after its requests and before it is stored.
#[derive(Clone)]
struct PanicAfterProbe(Arc<AtomicBool>);

impl Subscriber for PanicAfterProbe {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("connector::monitor") && *metadata.level() == Level::DEBUG
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        assert!(!self.0.load(Ordering::SeqCst), "this probe panics");
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What an hour of passes did.
#[derive(Default)]
struct Hour {
    passes: u32,
    /// The requests to Okta in each minute that had any.
    requests: Vec<u64>,
    last: RoundSummary,
    /// When the status was unknown first.
    unknown_at: Option<DateTime<Utc>>,
}

impl Hour {
    fn total(&self) -> u64 {
        self.requests.iter().sum()
    }

    fn most_in_a_minute(&self) -> u64 {
        self.requests.iter().copied().max().unwrap_or_default()
    }
}

async fn story() -> TestConnection {
    let story = monitored::watched().await;
    story.connector.settings().set_monitor(MonitorSettings::default()).await.unwrap();
    story.pass(TimeDelta::minutes(9));
    story
}

async fn status(story: &TestConnection) -> Status {
    story.connector.connections().get(&story.id).await.unwrap().status
}

/// Runs the passes of an hour.
async fn hour(story: &TestConnection) -> Hour {
    let (mut hour, end) = (Hour::default(), story.clock.now() + TimeDelta::hours(1));
    let (mut minute, mut in_minute) = (0, 0);
    while story.clock.now() < end {
        let before = monitored::requests(story).0;
        let (monitor, cancel) = (story.connector.monitor(), CancellationToken::new());
        hour.last = monitor.run_due_probes(&PassScope::Every, Audience::AWAY, None, &cancel).await.unwrap();
        hour.passes += 1;
        let now = story.clock.now();
        if minute != now.timestamp() / 60 {
            hour.requests.push(std::mem::take(&mut in_minute));
            minute = now.timestamp() / 60;
        }
        in_minute += monitored::requests(story).0 - before;
        if hour.unknown_at.is_none() && status(story).await.state == State::Unknown {
            hour.unknown_at = Some(now);
        }
        let next = hour.last.next.map_or(MAX_WAIT, |next| next - now);
        story.pass(next.clamp(TimeDelta::seconds(2), MAX_WAIT));
    }
    hour.requests.push(in_minute);
    hour
}

fn check(what: &str, story: &TestConnection, began: DateTime<Utc>, hour: &Hour, status: &Status) {
    println!(
        "{what}: {} passes, {} requests in an hour, {} at most in a minute, status {:?} after {} minutes",
        hour.passes,
        hour.total(),
        hour.most_in_a_minute(),
        status.problem.as_ref().map(|problem| problem.code),
        hour.unknown_at.map_or(-1, |at| (at - began).num_minutes()),
    );
    let failure = hour.last.failures.get(&story.id).unwrap();
    assert!(failure.count >= 5 && hour.last.problem.is_some(), "{what}: {failure:?}");
    // A heartbeat is one request, a delivery probe two, and every check eight.
    assert!(hour.total() <= 60 && hour.most_in_a_minute() <= 10, "{what}: {:?}", hour.requests);
    assert!(hour.passes <= 120, "{what}: {} passes", hour.passes);
    assert!(status.is_stale() && status.state.exit_code() == 3, "{what}: {status:?}");
    let late = hour.unknown_at.unwrap() - began;
    assert!((21..=27).contains(&late.num_minutes()), "{what}: after three intervals of ten minutes: {late}");
}

/// Lets each file of this process grow to so many bytes at most.
fn limit_file_size(bytes: &str) {
    let process = std::process::id().to_string();
    let limited = Command::new("prlimit").args(["--pid", &process, &format!("--fsize={bytes}:")]).status().unwrap();
    assert!(limited.success());
}

#[tokio::test]
async fn a_probe_that_panics_backs_off_and_its_requests_count() {
    let (story, panics) = (story().await, Arc::new(AtomicBool::new(false)));
    let _subscriber = tracing::subscriber::set_default(PanicAfterProbe(Arc::clone(&panics)));
    panics.store(true, Ordering::SeqCst);
    let began = story.clock.now();
    let failing = hour(&story).await;
    check("a panic", &story, began, &failing, &status(&story).await);
    assert_eq!(failing.last.problem.as_ref().map(|problem| problem.code), Some(Code::Internal));
    panics.store(false, Ordering::SeqCst);
    let healed = hour(&story).await;
    assert!(healed.last.failures.is_empty() && healed.last.problem.is_none());
    assert_eq!(status(&story).await.state, State::Ok);
}

#[tokio::test]
async fn the_failures_of_a_paused_or_removed_connection_are_no_problem_any_more() {
    let (story, panics) = (story().await, Arc::new(AtomicBool::new(false)));
    let _subscriber = tracing::subscriber::set_default(PanicAfterProbe(Arc::clone(&panics)));
    panics.store(true, Ordering::SeqCst);
    let round = async || {
        let (monitor, cancel) = (story.connector.monitor(), CancellationToken::new());
        monitor.run_due_probes(&PassScope::Every, Audience::AWAY, None, &cancel).await.unwrap()
    };
    let fail = async || {
        story.pass(TimeDelta::minutes(10));
        let failing = round().await;
        assert!(failing.failures.contains_key(&story.id) && failing.problem.is_some());
        assert_eq!(failing.monitored.map(|all| all.len()), Some(1));
    };
    let assert_none = async |what: &str| {
        let ended = round().await;
        assert!(ended.failures.is_empty() && ended.problem.is_none(), "{what}: {:?}", ended.problem);
        assert_eq!(ended.monitored.map(|all| all.len()), Some(0), "{what}: the list was read");
    };
    fail().await;
    story.connector.monitor().pause(&story.id, true).await.unwrap();
    assert_none("paused").await;
    story.connector.monitor().pause(&story.id, false).await.unwrap();
    fail().await;
    story.connector.connections().remove(&story.id).await.unwrap();
    assert_none("removed").await;
}

#[test]
fn a_full_disk_causes_few_requests_and_an_unknown_status() {
    // In a process of its own, because the limit of the files holds for the whole process.
    let mut scene = Command::new(std::env::current_exe().unwrap());
    let output = scene.args(["--ignored", "--exact", "--nocapture", "scene_full_disk"]).output().unwrap();
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("1 passed"), "{told}{errors}");
}

#[tokio::test]
#[ignore = "a scene: limits the files of its process, for the test above"]
async fn scene_full_disk() {
    let story = story().await;
    let _handled = signal(SignalKind::from_raw(SIGXFSZ)).unwrap();
    limit_file_size("1");
    let began = story.clock.now();
    let failing = hour(&story).await;
    check("a full disk", &story, began, &failing, &status(&story).await);
    limit_file_size("unlimited");
    let healed = hour(&story).await;
    assert!(healed.last.failures.is_empty() && healed.last.problem.is_none(), "{:?}", healed.last.problem);
    assert_eq!(status(&story).await.state, State::Ok);
}

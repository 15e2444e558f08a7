//! Kills `connectorctl act run` over 100 users with `kill -9` at seeded points. Other commands resolve what is left: the audit has
//! an entry for every user to whom a request was sent, its chain is intact, and every entry names what became of its user.
//!
//! A point is a number of requests that changed something and a few milliseconds after it, so that it does not depend on how fast
//! this computer is. Needs `CONNECTOR_PRIVATE_DESKTOP=1` for a Secret Service of its own; `CONNECTOR_KILLS` sets how many kills.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

#[path = "../../../tests/tests/support/private_bus.rs"]
mod private_bus;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use practice::{Control, Options, Practice};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use tokio::task::JoinSet;

use private_bus::{BusSetup, run_on_private_bus};

/// Kills when nobody asked for more.
const KILLS: usize = 6;
/// Organizations side by side: a kill may wait 20 seconds until the System Log is certain.
const LANES: usize = 6;
const USERS: u32 = 100;
/// Requests that change something in a whole run: two for each user.
const CHANGES: u64 = 200;

#[test]
fn a_run_killed_at_any_instant_leaves_an_audit_that_can_be_resolved_to_the_truth() {
    if let Some(output) = run_on_private_bus(BusSetup::Unlocked, "scene_kills") {
        output.lines().filter(|line| line.starts_with('|')).for_each(|line| println!("{line}"));
    }
}

/// Where a kill falls.
#[derive(Debug, Clone, Copy)]
struct Point {
    number: usize,
    /// After this many requests that change something.
    changes: u64,
    /// And so long.
    delay: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a scene: the test above runs it on a private bus"]
async fn scene_kills() {
    let kills = std::env::var("CONNECTOR_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let mut random = StdRng::seed_from_u64(14);
    let points: Vec<Point> = (0..kills)
        .map(|number| {
            let delay = Duration::from_micros(random.random_range(0..12_000));
            Point { number, changes: random.random_range(1..CHANGES - 5), delay }
        })
        .collect();
    let mut lanes = JoinSet::new();
    for part in points.chunks(points.len().div_ceil(LANES)).map(<[Point]>::to_vec) {
        lanes.spawn(async move {
            for point in part {
                println!("{}", kill(point).await);
            }
        });
    }
    lanes.join_all().await;
}

/// A practice organization and the data folder of the commands.
struct Place {
    practice: Practice,
    folder: tempfile::TempDir,
    /// The ids of the users on whom the run acts.
    users: Vec<String>,
}

impl Place {
    async fn new(seed: u64) -> Self {
        let quiet = Options { seed, users: USERS, backfill: 0, events_per_second: 0.0, ..Options::default() };
        let options = Options { rate_limit: 1_000_000, api_rate_limit: 1_000_000, ..quiet };
        let practice = Practice::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("card.json"), serde_json::to_string(practice.card()).unwrap()).unwrap();
        let is_random = |user: &Value| {
            let login = user["profile"]["login"].as_str().unwrap();
            login.contains(|letter: char| letter.is_ascii_digit()) && !user["id"].as_str().unwrap().contains("PRACTICE")
        };
        let users = practice.control().users();
        let users: Vec<String> =
            users.iter().filter(|user| is_random(user)).map(|user| user["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(users.len(), usize::try_from(USERS).unwrap());
        Self { practice, folder, users }
    }

    fn card(&self) -> PathBuf {
        self.folder.path().join("card.json")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Returns the command that locks down every user.
    fn lock_down(&self) -> Command {
        let mut command = command(&["act", "run", "lock-down", "--reason", "suspicious sign-ins", "--yes"]);
        command.args(self.users.iter().flat_map(|user| ["--user", user]));
        over(&mut command, &self.card(), &self.data());
        command
    }

    /// Runs a command of the audit and returns the JSON of its lines.
    async fn audit(&self, args: &'static [&'static str]) -> Vec<Value> {
        let (card, data) = (self.card(), self.data());
        let output = tokio::task::spawn_blocking(move || {
            let mut command = command(&[&["audit"], args, &["--json"]].concat());
            over(&mut command, &card, &data);
            command.output().unwrap()
        });
        let output = output.await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{args:?}: {text}")));
        let lines: Vec<Value> = lines.collect();
        assert!(output.status.code().is_some_and(|code| code < 3), "{args:?}: {output:?}");
        lines
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn over(command: &mut Command, card: &Path, data: &Path) {
    command.arg("--data-dir").arg(data).arg("--practice-card").arg(card).arg("--practice-keychain");
}

/// What is found after a kill.
struct Found {
    before: Value,
    after: Value,
    entries: Vec<Value>,
}

/// Kills one run, resolves what it left and compares it with the organization. Returns a row of the table.
async fn kill(point: Point) -> String {
    let place = Place::new(u64::try_from(point.number).unwrap() + 1).await;
    let mut runner = place.lock_down().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while changes(&place.practice.control()) < point.changes {
        assert!(runner.try_wait().unwrap().is_none(), "{point:?}: the run ended before it was killed");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(point.delay).await;
    // SIGKILL: nothing is tidied up.
    runner.kill().unwrap();
    runner.wait().unwrap();
    let sent = changes(&place.practice.control());
    let before = place.audit(&["verify"]).await.remove(0);
    place.audit(&["resolve"]).await;
    let after = place.audit(&["verify"]).await.remove(0);
    let entries = place.audit(&["list", "--limit", "1000"]).await;
    let found = Found { before, after, entries };
    assert_truth(&place, &found, point);
    format!(
        "| {:2} | {:3} changes + {:5} µs | {sent:3} sent | {:3} entries | {} open | before: {} | after: {} |",
        point.number,
        point.changes,
        point.delay.as_micros(),
        found.entries.len(),
        found.before["open"],
        found.before["state"],
        found.after["state"]
    )
}

/// Returns how many requests that change a user were received.
fn changes(control: &Control) -> u64 {
    let counted = control.counters().requests;
    counted.iter().filter(|(path, _)| path.ends_with("/suspend") || path.ends_with("/sessions")).map(|(_, n)| n).sum()
}

/// Returns what an entry says about one of its parts.
fn outcome<'a>(entry: &'a Value, part: &str) -> Option<&'a str> {
    let parts = entry["closing"]["parts"].as_array()?;
    parts.iter().find(|one| one["part"] == part)?["outcome"].as_str()
}

/// Compares the resolved audit with the organization, user by user.
fn assert_truth(place: &Place, found: &Found, point: Point) {
    let Found { before, after, entries } = found;
    assert_eq!((&after["state"], &after["open"]), (&"intact".into(), &0.into()), "{point:?}: {after}");
    assert!(["not_sealed_yet", "intact"].contains(&before["state"].as_str().unwrap()), "{point:?}: {before}");
    let control = place.practice.control();
    let counted = control.counters().requests;
    let asked = |path: String| counted.get(&format!("okta {path}")).copied().unwrap_or_default();
    let mut with_entry = 0;
    for user in &place.users {
        let suspensions = asked(format!("/api/v1/users/{user}/lifecycle/suspend"));
        let clearings = asked(format!("/api/v1/users/{user}/sessions"));
        assert!(suspensions <= 1 && clearings <= 1, "{point:?}: {user} twice");
        let of_user: Vec<&Value> =
            entries.iter().filter(|entry| entry["opening"]["target"]["id"] == user.as_str()).collect();
        let [entry] = of_user.as_slice() else {
            assert_eq!((of_user.len(), suspensions, clearings), (0, 0, 0), "{point:?}: {user} without an entry");
            continue;
        };
        with_entry += 1;
        let is_suspended = control.user(user).unwrap()["status"] == "SUSPENDED";
        let is_cleared = control.user_access(user).unwrap().oauth_tokens == 0;
        let truth = |done: bool| Some(if done { "done" } else { "failed" });
        assert_eq!(outcome(entry, "suspend"), truth(is_suspended), "{point:?}: {entry}");
        assert_eq!(outcome(entry, "end_sessions"), truth(is_cleared), "{point:?}: {entry}");
    }
    assert_eq!(with_entry, entries.len(), "{point:?}");
}

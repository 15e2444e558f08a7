//! Kills a run of response actions over 100 users with `kill -9` at seeded points. Another process resolves what is left: the
//! audit has an entry for every user to whom a request was sent, its chain is intact, and every entry names what became of its
//! user.
//!
//! A point is a number of requests that changed something and a few milliseconds after it, so that it does not depend on how fast
//! this computer is. Needs `CONNECTOR_PRIVATE_DESKTOP=1` for a Secret Service of its own; `CONNECTOR_KILLS` sets how many kills.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

#[path = "support/private_bus.rs"]
mod private_bus;
#[path = "actions_killed/processes.rs"]
mod processes;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use connector::PracticeAddresses;
use futures_util::future::join_all;
use practice::{Control, Options, Practice};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use secrets::Keychain;
use serde_json::Value;

use private_bus::{BusSetup, run_on_private_bus};
use processes::{PLAN, Plan, opened};

const SERVICE: &str = "example.connector.actions";
/// Kills when nobody asked for more: a test ends within three minutes also on a busy computer.
const KILLS: usize = 6;
/// Organizations side by side: a kill may wait 20 seconds until the System Log is certain.
const LANES: usize = 6;
const USERS: u32 = 100;
/// Requests that change something in a whole run: two for each user.
const CHANGES: u64 = 200;

#[test]
fn a_run_killed_at_any_instant_leaves_an_audit_that_can_be_resolved_to_the_truth() {
    if let Some(said) = run_on_private_bus(BusSetup::Unlocked, "scene_kills") {
        said.lines().filter(|line| line.starts_with('|')).for_each(|line| println!("{line}"));
    }
}

#[tokio::test]
#[ignore = "a process that is killed by the scene of kills"]
async fn scene_run() {
    processes::run().await;
}

#[tokio::test]
#[ignore = "a process that resolves what a kill left"]
async fn scene_resolve() {
    processes::resolve().await;
}

/// Where a kill falls.
#[derive(Debug, Clone, Copy)]
struct Point {
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
    let points: Vec<(usize, Point)> = (0..kills)
        .map(|number| {
            let delay = Duration::from_micros(random.random_range(0..12_000));
            (number, Point { changes: random.random_range(1..CHANGES - 5), delay })
        })
        .collect();
    let lanes = points.chunks(points.len().div_ceil(LANES)).map(|part| async move {
        let mut rows = Vec::new();
        for (number, point) in part {
            rows.push(kill(*number, *point).await);
        }
        rows
    });
    for row in join_all(lanes).await.into_iter().flatten() {
        println!("{row}");
    }
}

/// Kills one run, resolves what it left and compares it with the organization. Returns a row of the table.
async fn kill(number: usize, point: Point) -> String {
    let seed = u64::try_from(number).unwrap() + 1;
    let quiet = Options { seed, users: USERS, backfill: 0, events_per_second: 0.0, ..Options::default() };
    let options = Options { rate_limit: 1_000_000, api_rate_limit: 1_000_000, ..quiet };
    let practice = Practice::start(options).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(&practice, folder.path().to_owned(), format!("{SERVICE}.{number}")).await;
    let mut runner = start("scene_run", &plan);
    while changes(&practice.control()) < point.changes {
        assert!(runner.try_wait().unwrap().is_none(), "{point:?}: the run ended before it was killed");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(point.delay).await;
    // SIGKILL: nothing is tidied up.
    runner.kill().unwrap();
    runner.wait().unwrap();
    let asked = changes(&practice.control());
    let found = tokio::task::spawn_blocking({
        let plan = plan.clone();
        move || resolved(&plan)
    });
    let found = found.await.unwrap();
    assert_truth(&practice.control(), &found, point);
    assert!(Keychain::system(&plan.service).forget_service().await.unwrap() > 0);
    let text = |name: &str| found[name].to_string();
    format!(
        "| {number:2} | {:3} changes + {:5} µs | {asked:3} sent | {:2} entries | {} open | before: {} | after: {} |",
        point.changes,
        point.delay.as_micros(),
        found["entries"].as_array().unwrap().len(),
        text("open_before"),
        text("before"),
        text("after")
    )
}

async fn plan(practice: &Practice, folder: std::path::PathBuf, service: String) -> Plan {
    let card = practice.card();
    let connector = opened(folder.clone(), &service);
    let at = PracticeAddresses {
        okta: card.okta.clone(),
        radiant_search: card.radiant.search.clone(),
        radiant_docs: card.radiant.docs.clone(),
    };
    let id = connector.connections().begin_practice(at, "Practice".to_owned()).await.unwrap().connection.id;
    connector.guide().set_domain(&id, String::new()).await.unwrap();
    let random = practice.control().users().into_iter().map(|user| user["id"].as_str().unwrap().to_owned());
    let owners_and_fixtures = |id: &String| {
        let user = practice.control().user(id).unwrap();
        user["profile"]["login"].as_str().unwrap().contains(|letter: char| letter.is_ascii_digit())
            && !id.contains("PRACTICE")
    };
    let users: Vec<String> = random.filter(owners_and_fixtures).collect();
    assert_eq!(users.len(), usize::try_from(USERS).unwrap());
    Plan { folder, service, id: id.0, token: card.tokens.super_admin.clone(), users }
}

/// Returns how many requests that change a user were received.
fn changes(control: &Control) -> u64 {
    let counted = control.counters().requests;
    counted.iter().filter(|(path, _)| path.ends_with("/suspend") || path.ends_with("/sessions")).map(|(_, n)| n).sum()
}

/// Compares the resolved audit with the organization, user by user.
fn assert_truth(control: &Control, found: &Value, point: Point) {
    assert_eq!((&found["after"], &found["open_after"]), (&"intact".into(), &0.into()), "{point:?}: {found}");
    assert!(["not_sealed_yet", "intact"].contains(&found["before"].as_str().unwrap()), "{point:?}: {found}");
    let entries = found["entries"].as_array().unwrap();
    let counted = control.counters().requests;
    let asked = |path: String| counted.get(&format!("okta {path}")).copied().unwrap_or_default();
    let mut with_entry = 0;
    for user in found["users"].as_array().unwrap().iter().filter_map(Value::as_str) {
        let suspensions = asked(format!("/api/v1/users/{user}/lifecycle/suspend"));
        let clearings = asked(format!("/api/v1/users/{user}/sessions"));
        assert!(suspensions <= 1 && clearings <= 1, "{point:?}: {user} twice");
        let of_user: Vec<&Value> = entries.iter().filter(|entry| entry["user"] == user).collect();
        let [entry] = of_user.as_slice() else {
            assert_eq!((of_user.len(), suspensions, clearings), (0, 0, 0), "{point:?}: {user} without an entry");
            continue;
        };
        with_entry += 1;
        let is_suspended = control.user(user).unwrap()["status"] == "SUSPENDED";
        let is_cleared = control.user_access(user).unwrap().oauth_tokens == 0;
        let truth = |done: bool| if done { "done" } else { "failed" };
        assert_eq!(entry["suspend"], truth(is_suspended), "{point:?}: {entry}");
        assert_eq!(entry["end_sessions"], truth(is_cleared), "{point:?}: {entry}");
    }
    assert_eq!(with_entry, entries.len(), "{point:?}");
}

fn start(scene: &str, plan: &Plan) -> Child {
    let exe = std::env::current_exe().unwrap();
    let words = ["--ignored", "--exact", "--nocapture", scene];
    Command::new(exe).args(words).env(PLAN, plan.written()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Starts the process that resolves what is left, and returns what it found.
fn resolved(plan: &Plan) -> Value {
    let told = start("scene_resolve", plan).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&told.stdout);
    let line = said.lines().find(|line| line.starts_with('{'));
    let found: Option<Value> = line.and_then(|line| serde_json::from_str(line).ok());
    let mut found = found.unwrap_or_else(|| panic!("it could not resolve: {said}"));
    found["users"] = plan.users.clone().into();
    found
}

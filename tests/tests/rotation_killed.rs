//! Kills the rotation of the API token with `kill -9` at the boundary of every step and at seeded instants inside the steps.
//!
//! One process walks the guide over a real Secret Service, the real database and the practice organization until it is killed;
//! another process examines what is left. At whatever instant: the stored token works, the rotation can be finished or
//! canceled, the old token is not revoked while the new one is unusable, and nothing else has changed. Waiting for Radiant's
//! first event with the new token is left out: it writes one row and moves no token.
//!
//! Needs `CONNECTOR_PRIVATE_DESKTOP=1`; `cargo xtask drill rotation` sets `CONNECTOR_KILLS` and kills more often.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the drill prints its table")]

#[path = "support/private_bus.rs"]
mod private_bus;
#[path = "rotation_killed/processes.rs"]
mod processes;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use connector::{Connector, PracticeAddresses};
use futures_util::future::join_all;
use http_client::{AcceptedProxyIssuers, HttpSettings};
use model::connection::{ConnectionId, Keep};
use model::okta_origin::{Loopback, Origin};
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use okta::Okta;
use practice::{Change, Options, Practice};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use runtime::Clock;
use secrets::{Keychain, Secrets};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use private_bus::{BusSetup, run_on_private_bus};
use processes::{BETWEEN, PLAN, Plan, Step, WALKS, held, opened};

const CURRENT: &str = "/api/v1/api-tokens/current";
const SERVICE: &str = "example.connector.killed";
/// Instants inside the steps, when nobody asked for more.
const KILLS: usize = 16;
/// Organizations side by side.
const LANES: usize = 3;
/// Every answer takes so long, so that kills fall before and after it.
const LATENCY: Duration = Duration::from_millis(5);

#[test]
fn a_rotation_killed_at_any_instant_keeps_a_working_connection_and_can_be_continued() {
    if let Some(said) = run_on_private_bus(BusSetup::Unlocked, "scene_kills") {
        said.lines().filter(|line| line.starts_with(['|', '{'])).for_each(|line| println!("{line}"));
    }
}

#[tokio::test]
#[ignore = "a process that is killed by the scene of kills"]
async fn scene_walk() {
    processes::walk().await;
}

#[tokio::test]
#[ignore = "a process that looks at what a kill left"]
async fn scene_look() {
    processes::look().await;
}

/// Where a kill falls.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// The walker stands still at this boundary.
    At(usize),
    /// So much of the step's usual time after its beginning.
    Inside(usize, f64),
    /// In this step, as soon as the keychain holds this.
    Held(usize, &'static str),
}

/// One kill and what came of it.
struct Outcome {
    walk: usize,
    kill: Kill,
    /// The last boundary the walker came to; `None` when it had ended by itself.
    last: Option<usize>,
    finish: bool,
    old_revoked: bool,
    look: Value,
}

impl Outcome {
    /// What was found is what no step leaves: it was killed between two writes.
    fn is_between(&self) -> bool {
        matches!(self.look["held"].as_str(), Some("ABA" | "BBA"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_kills() {
    let kills = std::env::var("CONNECTOR_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let mut lanes = Vec::new();
    for n in 0..LANES {
        lanes.push(Lane::make(n).await);
    }
    let usual = lanes[0].usual().await;
    let plan = plan(kills, usual.len());
    let parts = plan.chunks(plan.len().div_ceil(LANES));
    let done = join_all(lanes.iter().zip(parts).map(|(lane, part)| lane.kill_all(part, &usual))).await;
    print(&done.into_iter().flatten().collect::<Vec<_>>());
}

/// Every boundary of every walk once, the keychain's states in between (once more for every sixteen), then the instants, by their
/// step's weight; the same for the same number.
fn plan(kills: usize, walks: usize) -> Vec<(usize, Kill)> {
    let mut all: Vec<(usize, Kill)> =
        (0..walks).flat_map(|walk| (0..=WALKS[walk].1.len()).map(move |n| (walk, Kill::At(n)))).collect();
    for (walk, step, held) in BETWEEN.into_iter().cycle().take(BETWEEN.len() * kills.div_ceil(16)) {
        all.extend(WALKS[walk].1.iter().position(|one| *one == step).map(|n| (walk, Kill::Held(n, held))));
    }
    let weighted: Vec<(usize, usize)> = (0..walks)
        .flat_map(|walk| WALKS[walk].1.iter().enumerate().map(move |(n, step)| (walk, n, step.weight())))
        .flat_map(|(walk, n, weight)| std::iter::repeat_n((walk, n), weight))
        .collect();
    let mut dice = StdRng::seed_from_u64(4);
    all.extend((0..kills).map(|_| {
        let (walk, n) = weighted[dice.random_range(0..weighted.len())];
        (walk, Kill::Inside(n, dice.random_range(0.0..1.0)))
    }));
    all
}

/// A practice organization with a finished connection and a neighbour, kept as a folder that each kill gets a copy of.
struct Lane {
    number: usize,
    practice: Practice,
    folder: tempfile::TempDir,
    id: ConnectionId,
    neighbour: ConnectionId,
    url: String,
}

impl Lane {
    async fn make(number: usize) -> Self {
        let seed = u64::try_from(number).unwrap() + 1;
        let quiet = Options { seed, events_per_second: 0.0, backfill: 30, ..Options::default() };
        // Every kill is looked at with checks, so the minute's usual limit is soon used up.
        let options = Options { latency: LATENCY, rate_limit: 1_000_000, ..quiet };
        let practice = Practice::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let connector = opened(folder.path().to_owned(), Keychain::system(&format!("{SERVICE}.template{number}")));
        let id = finished(&connector, &practice).await;
        let neighbour = finished(&connector, &practice).await;
        let url = connector.connections().get(&id).await.unwrap().okta_url.unwrap();
        practice.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
        Self { number, practice, folder, id, neighbour, url }
    }

    /// A copy of the folder, and a keychain service of its own with what the connection and its neighbour keep.
    async fn ground(&self, n: usize, walk: usize, still: Option<usize>) -> (tempfile::TempDir, Plan) {
        let copy = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(self.folder.path()).unwrap().flatten() {
            if file.file_type().unwrap().is_file() {
                std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
            }
        }
        let service = format!("{SERVICE}.{}.{n}", self.number);
        let tokens = &self.practice.card().tokens;
        let keychain = Keychain::system(&service);
        keychain.put(&self.id, SecretName::OktaToken, &self.url, &tokens.super_admin.clone().into()).await.unwrap();
        keychain
            .put(&self.neighbour, SecretName::OktaToken, &self.url, &tokens.org_admin.clone().into())
            .await
            .unwrap();
        self.practice.control().set(Change::Revive { principal: "super_admin".to_owned() });
        let (old, new) = (tokens.super_admin.clone(), tokens.super_admin_next.clone());
        let (folder, id, url) = (copy.path().to_owned(), self.id.clone(), self.url.clone());
        (copy, Plan { folder, service, id, url, old, new, walk, still, finish: n.is_multiple_of(2) })
    }

    /// How long each step usually takes, from a walk that nobody kills.
    async fn usual(&self) -> Vec<Vec<Duration>> {
        let mut all = Vec::new();
        for walk in 0..WALKS.len() {
            let (_copy, plan) = self.ground(10_000 + walk, walk, None).await;
            let marks = tokio::task::spawn_blocking(move || {
                let mut walker = start("scene_walk", &plan);
                let marks: Vec<Instant> = marks(&mut walker).map(|_| Instant::now()).collect();
                assert!(walker.wait().unwrap().success(), "a walk that nobody kills comes to its end");
                marks
            });
            let marks = marks.await.unwrap();
            all.push(marks.windows(2).map(|pair| pair[1] - pair[0]).collect());
        }
        all
    }

    async fn kill_all(&self, kills: &[(usize, Kill)], usual: &[Vec<Duration>]) -> Vec<Outcome> {
        let mut done = Vec::new();
        for (n, (walk, kill)) in kills.iter().enumerate() {
            done.push(self.kill(n, *walk, *kill, usual).await);
        }
        done
    }

    async fn kill(&self, n: usize, walk: usize, kill: Kill, usual: &[Vec<Duration>]) -> Outcome {
        let still = if let Kill::At(n) = kill { Some(n) } else { None };
        let (_copy, plan) = self.ground(n, walk, still).await;
        let asked_before = self.revocations();
        let usual = usual[walk].clone();
        let (finish, service) = (plan.finish, plan.service.clone());
        let walked = tokio::task::spawn_blocking(move || (killed(&plan, kill, &usual), plan)).await;
        let (last, plan) = walked.unwrap();
        let case = format!("{} {kill:?}, last boundary {last:?}", WALKS[walk].0);
        assert!(self.revocations() <= asked_before + 1, "{case}: asked to revoke more than once");
        let (old_revoked, new_works) = (!self.accepts(&plan.old).await, self.accepts(&plan.new).await);
        assert!(new_works, "{case}: the new token was revoked");
        let look = tokio::task::spawn_blocking(move || looked(&plan)).await.unwrap();
        let held = look["held"].as_str().unwrap_or_default();
        assert_eq!(look["works"], true, "{case}: no working token is left: {look}");
        assert!(
            !old_revoked || held.starts_with('B'),
            "{case}: the old one is revoked and the new one not in use: {look}"
        );
        assert_eq!(look["works_after"], true, "{case}: no working token in the end: {look}");
        let end = look["end"].as_str().unwrap_or_default();
        assert!(end == "B--" || (!finish && end == "A--"), "{case}: {look}");
        assert_eq!(look["connections"], 2, "{case}: a connection is gone");
        self.nothing_else(&service, &case).await;
        Outcome { walk, kill, last, finish, old_revoked, look }
    }

    /// The neighbour's token is there, and nothing but the old token was ever changed in Okta.
    async fn nothing_else(&self, service: &str, case: &str) {
        let kept = Keychain::system(service).get(&self.neighbour, SecretName::OktaToken, &self.url).await;
        assert!(Secrets::same(&kept.unwrap(), &self.practice.card().tokens.org_admin.clone().into()), "{case}");
        let asked = self.practice.control().requests();
        let changes = asked.iter().filter(|one| one.side == "okta" && one.method != "GET");
        assert!(changes.clone().all(|one| (one.method.as_str(), one.path.as_str()) == ("DELETE", CURRENT)), "{case}");
        assert!(Keychain::system(service).forget_service().await.unwrap() > 0, "{case}");
    }

    fn revocations(&self) -> u64 {
        self.practice.control().counters().requests.get(&format!("okta {CURRENT}")).copied().unwrap_or(0)
    }

    async fn accepts(&self, token: &str) -> bool {
        let origin = Origin::Practice(Loopback::new(&self.url).unwrap());
        let (settings, clock) = (HttpSettings::default(), Clock::system());
        let okta =
            Okta::new(&origin, Some(token.to_owned().into()), &AcceptedProxyIssuers::default(), &settings, &clock)
                .unwrap();
        okta.me().await.is_ok()
    }
}

/// A connection whose guide is done and that keeps the super administrator's token.
async fn finished(connector: &Connector, practice: &Practice) -> ConnectionId {
    let card = practice.card();
    let at = PracticeAddresses {
        okta: card.okta.clone(),
        radiant_search: card.radiant.search.clone(),
        radiant_docs: card.radiant.docs.clone(),
    };
    let id = connector.connections().begin_practice(at, "Practice".to_owned()).await.unwrap().connection.id;
    connector.guide().set_domain(&id, String::new()).await.unwrap();
    connector.tokens().store(&id, SecretName::OktaToken, card.tokens.super_admin.clone().into(), false).await.unwrap();
    let search = RadiantSearch { url: card.radiant.search.clone(), ..RadiantSearch::default() };
    connector.guide().set_radiant_search(&id, search).await.unwrap();
    connector.checks().run(&id, None, CancellationToken::new(), |_| {}).await.unwrap();
    connector.guide().finish(&id, Keep::Token).await.unwrap();
    id
}

fn start(scene: &str, plan: &Plan) -> Child {
    let exe = std::env::current_exe().unwrap();
    let words = ["--ignored", "--exact", "--nocapture", scene];
    Command::new(exe).args(words).env(PLAN, plan.written()).stdout(Stdio::piped()).spawn().unwrap()
}

/// The boundaries, as the walker tells them.
fn marks(walker: &mut Child) -> impl Iterator<Item = usize> + use<> {
    let lines = BufReader::new(walker.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix("mark ")?.parse().ok())
}

/// Starts a walker and kills it. Returns the last boundary it came to, when it was killed.
fn killed(plan: &Plan, kill: Kill, usual: &[Duration]) -> Option<usize> {
    let mut walker = start("scene_walk", plan);
    let mut marks = marks(&mut walker);
    let (Kill::At(boundary) | Kill::Inside(boundary, _) | Kill::Held(boundary, _)) = kill;
    let there = marks.by_ref().find(|mark| *mark == boundary);
    assert_eq!(there, Some(boundary), "the walker did not come to the boundary");
    match kill {
        Kill::At(_) => {}
        Kill::Inside(step, part) => std::thread::sleep(usual[step].mul_f64(part)),
        Kill::Held(_, state) => {
            let (keychain, runtime) = (Keychain::system(&plan.service), tokio::runtime::Handle::current());
            while runtime.block_on(held(plan, &keychain)) != state && walker.try_wait().unwrap().is_none() {}
        }
    }
    // SIGKILL: nothing is tidied up.
    walker.kill().unwrap();
    let last = marks.last().or(there);
    let ended = walker.wait().unwrap();
    if ended.code().is_some() { None } else { last }
}

fn looked(plan: &Plan) -> Value {
    let told = start("scene_look", plan).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&told.stdout);
    let line = said.lines().find(|line| line.starts_with('{'));
    line.and_then(|line| serde_json::from_str(line).ok()).unwrap_or_else(|| panic!("it could not look: {said}"))
}

fn print(all: &[Outcome]) {
    println!(
        "| step | kills at its beginning | kills inside | of these between two writes of the keychain | found in the keychain (A old, B new; in use, next, previous) | old revoked by then |"
    );
    println!("|---|---|---|---|---|---|");
    let mut rows: BTreeMap<Option<Step>, Vec<&Outcome>> = BTreeMap::new();
    for one in all {
        let step = one.last.and_then(|last| WALKS[one.walk].1.get(last).copied());
        rows.entry(step).or_default().push(one);
    }
    for (step, those) in &rows {
        let at = those.iter().filter(|one| matches!(one.kill, Kill::At(_))).count();
        let revoked = those.iter().filter(|one| one.old_revoked).count();
        let name = step.map_or("after the last".to_owned(), |step| format!("{step:?}"));
        let between = those.iter().filter(|one| one.is_between()).count();
        println!("| {name} | {at} | {} | {between} | {} | {revoked} |", those.len() - at, counted(those));
    }
    let inside = all.iter().filter(|one| !matches!(one.kill, Kill::At(_))).count();
    let late = all.iter().filter(|one| one.last.is_none()).count();
    println!(
        "{}",
        json!({"drill": "rotation", "kills": all.len() - late, "at_boundaries": all.len() - inside,
            "inside": inside - late,
            "between_keychain_writes": all.iter().filter(|one| one.is_between()).count(), "ended_before_the_kill": late, "working_after": all.len(),
            "finished": all.iter().filter(|one| one.finish).count(),
            "canceled": all.iter().filter(|one| !one.finish).count()})
    );
}

fn counted(those: &[&Outcome]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in those {
        *counts.entry(one.look["held"].as_str().unwrap_or_default()).or_default() += 1;
    }
    counts.iter().map(|(held, count)| format!("{held} x{count}")).collect::<Vec<_>>().join(", ")
}

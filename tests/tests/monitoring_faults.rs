//! Monitors fourteen connections in real time, twelve with a fault, with probes every 60 seconds: `cargo xtask drill faults`.
//!
//! Each fault has its own practice organization, connector and monitor; all run side by side. The table shows the time until
//! the status was right, its text and root cause, the number of notifications, the requests meanwhile, and the same for the
//! recovery. The full probe, which runs once a day in production, runs every ten minutes here.
//! `CONNECTOR_FAULTS` selects faults by parts of their names, separated by commas.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the drill prints its table")]

#[path = "monitoring_faults/cases.rs"]
mod cases;
mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use connector::{Connector, RoundSummary};
use futures_util::future::join_all;
use http_client::HttpSettings;
use messages::Messages;
use model::code::Code;
use model::connection::{Keep, Profile};
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use model::preferences::Language;
use model::status::{State, Status};
use practice::Options;
use runtime::Clock;
use runtime::{Worker, supervise};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use cases::{CASES, Case, Repair};
use support::TestConnection;

/// The interval of the heartbeat and of the look at both sides.
const EVERY_S: u32 = 60;
/// How long the database is left alone while no look is due.
const REST: Duration = Duration::from_secs(60);
/// Longest wait for a status, a whole run of all checks included.
const PATIENCE: Duration = Duration::from_secs(900);
/// How long what is no fault must stay untold.
const UNTOLD: Duration = Duration::from_secs(300);
/// How long is listened for a notice too many.
const AFTERWARDS: Duration = Duration::from_secs(75);

/// What one look left behind.
struct Look {
    at: Instant,
    after: Status,
    notice: Option<NotificationEvent>,
}

/// A connection that is being watched.
struct Watch {
    story: TestConnection,
    looks: Arc<Mutex<Vec<Look>>>,
    end: CancellationToken,
}

/// What came of one case.
struct FaultOutcome {
    status: Status,
    told: Duration,
    recovered: Duration,
    worse: Vec<Code>,
    well: Vec<Code>,
    asked: (u64, u64),
}

impl FaultOutcome {
    /// Requests of Okta that so much time gives leave to: a run of all checks, and once more, for each look.
    fn leave(&self) -> u64 {
        (self.told.as_secs() / u64::from(EVERY_S / 2) + 2) * 12
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a drill of a quarter of an hour: cargo xtask drill faults"]
async fn drill_faults() {
    let only = std::env::var("CONNECTOR_FAULTS").unwrap_or_default();
    let cases: Vec<&Case> = CASES.iter().filter(|case| only.split(',').any(|one| case.name.contains(one))).collect();
    assert!(!cases.is_empty(), "no fault is called so: {only}");
    let told = join_all(cases.iter().enumerate().map(|(n, case)| drilled(n, case))).await;
    let messages = Messages::load(Language::En);
    println!(
        "| fault | s to the status | state | root | sentence | notices | s to recovery | recoveries | requests of Okta + Radiant until told |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (case, told) in cases.iter().zip(&told) {
        println!("{}", row(case, told, &messages));
    }
    let faults = || cases.iter().zip(&told).filter(|(case, _)| case.alarms());
    let seconds = |of: fn(&FaultOutcome) -> Duration| faults().map(|(_, told)| of(told).as_secs()).max();
    println!(
        "{}",
        json!({"drill": "faults", "faults": faults().count(), "no_faults": cases.len() - faults().count(),
            "every_s": EVERY_S, "longest_to_status_s": seconds(|told| told.told),
            "longest_to_recovery_s": seconds(|told| told.recovered),
            "notices": told.iter().map(|told| told.worse.len()).sum::<usize>(),
            "recoveries": told.iter().map(|told| told.well.len()).sum::<usize>()})
    );
    for (case, told) in cases.iter().zip(&told) {
        let (worse, well) = (&told.worse, &told.well);
        let one = usize::from(case.alarms());
        assert_eq!((worse.len(), well.len()), (one, one), "{}: told were {worse:?}, then well {well:?}", case.name);
        assert!(told.asked.0 <= told.leave(), "{}: {} requests of Okta", case.name, told.asked.0);
    }
}

fn row(case: &Case, told: &FaultOutcome, messages: &Messages) -> String {
    let (code, sentence) = match &told.status.problem {
        Some(problem) => (problem.code.to_string(), messages.code(problem.code, &problem.args).title),
        None => ("-".to_owned(), "-".to_owned()),
    };
    let row = told.status.row.map_or(String::new(), |row| format!(" ({row:?})"));
    format!(
        "| {} | {} | {:?} | `{code}`{row} | {sentence} | {} | {} | {} | {} + {} |",
        case.name,
        told.told.as_secs(),
        told.status.state,
        told.worse.len(),
        told.recovered.as_secs(),
        told.well.len(),
        told.asked.0,
        told.asked.1
    )
}

async fn drilled(n: usize, case: &Case) -> FaultOutcome {
    let watch = Watch::begin().await;
    watch.until("well at first", Instant::now(), |status| status.state == State::Ok).await;
    // Somewhere between two looks, elsewhere for each case.
    Clock::system().sleep(Duration::from_secs(5 + u64::try_from(n).unwrap() * 37 % 50)).await;
    let (before, began) = (requests(&watch.story), Instant::now());
    (case.put)(&watch.story.control());
    let (status, told) = match case.told {
        Some((state, codes)) => watch.until(case.name, began, |status| is(status, state, codes)).await,
        None => watch.stays_untold(case).await,
    };
    let now = requests(&watch.story);
    let repaired_at = Instant::now();
    repair(&watch.story, &case.repair).await;
    let (_, recovered) = watch.until("well again", repaired_at, |status| status.state == State::Ok).await;
    Clock::system().sleep(AFTERWARDS).await;
    let (worse, well) = watch.notices(began);
    println!(
        "{}: {:?} after {} s, well again after {} s",
        case.name,
        status.state,
        told.as_secs(),
        recovered.as_secs()
    );
    FaultOutcome { status, told, recovered, worse, well, asked: (now.0 - before.0, now.1 - before.1) }
}

fn is(status: &Status, state: State, codes: &[Code]) -> bool {
    status.state == state && status.problem.as_ref().is_some_and(|problem| codes.contains(&problem.code))
}

async fn repair(story: &TestConnection, repair: &Repair) {
    match repair {
        Repair::Change(change) => change(&story.control()),
        Repair::AnotherToken => {
            let next = story.practice.card().tokens.super_admin_next.clone();
            let made = practice::Change::TokenMade { principal: "super_admin_next".to_owned() };
            story.control().set(made);
            story.paste(&next).await;
            story.control().credential(Some(next));
        }
    }
}

fn requests(story: &TestConnection) -> (u64, u64) {
    let of = |side: &str| {
        let all = story.control().counters().requests;
        all.iter().filter(|(path, _)| path.starts_with(side)).map(|(_, count)| count).sum()
    };
    (of("okta "), of("radiant "))
}

impl Watch {
    /// A finished connection of both profiles' rights, joined to Radiant, with a watch of its own.
    #[expect(clippy::disallowed_methods, reason = "the watch runs beside the drill until it is canceled")]
    async fn begin() -> Self {
        let story = TestConnection::over(Options::default(), Clock::system(), HttpSettings::default()).await;
        story.paste_super_admin().await;
        story.profile(Profile::Response).await;
        story.join_radiant().await;
        story.radiant_has_read().await;
        let settings = MonitorSettings {
            heartbeat_s: EVERY_S,
            freshness_s: EVERY_S,
            allowed_lag_s: EVERY_S,
            ..MonitorSettings::practice()
        };
        story.connector.settings().set_monitor(settings).await.unwrap();
        story.check().await;
        story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
        let (looks, end) = (Arc::new(Mutex::new(Vec::new())), CancellationToken::new());
        let (connector, seen, cancel) = (story.connector.clone(), Arc::clone(&looks), end.clone());
        let pass = move || pass(connector.clone(), Arc::clone(&seen), cancel.clone());
        drop(tokio::spawn(supervise(Worker::new("drill", REST, pass), Clock::system(), end.clone())));
        Self { story, looks, end }
    }

    /// Waits for a look from then on that found this; returns its status and how long it took.
    async fn until(&self, what: &str, since: Instant, right: impl Fn(&Status) -> bool) -> (Status, Duration) {
        while since.elapsed() < PATIENCE {
            let found = {
                let looks = self.looks.lock().unwrap();
                let found = looks.iter().find(|look| look.at >= since && right(&look.after));
                found.map(|look| (look.after.clone(), look.at - since))
            };
            if let Some(found) = found {
                return found;
            }
            Clock::system().sleep(Duration::from_millis(200)).await;
        }
        let last = self.looks.lock().unwrap().last().map(|look| look.after.clone());
        panic!("{what}: not within {PATIENCE:?}; the last look found {last:?}")
    }

    /// Watches what is no fault; returns the last status.
    async fn stays_untold(&self, case: &Case) -> (Status, Duration) {
        let since = Instant::now();
        if let Repair::Change(change) = &case.repair
            && let Some(lasts) = case.lasts
        {
            Clock::system().sleep(lasts).await;
            change(&self.story.control());
        }
        Clock::system().sleep(UNTOLD.saturating_sub(since.elapsed())).await;
        let looks = self.looks.lock().unwrap();
        let quiet = |look: &&Look| matches!(look.after.state, State::Ok | State::Working);
        let loud = looks.iter().filter(|look| look.at >= since).find(|look| !quiet(look));
        assert!(loud.is_none(), "{}: {:?}", case.name, loud.map(|look| &look.after));
        (looks.last().unwrap().after.clone(), since.elapsed())
    }

    /// What was told as worse and as well again since then.
    fn notices(&self, since: Instant) -> (Vec<Code>, Vec<Code>) {
        let looks = self.looks.lock().unwrap();
        let (mut worse, mut well) = (Vec::new(), Vec::new());
        for notice in looks.iter().filter(|look| look.at >= since).filter_map(|look| look.notice.as_ref()) {
            match notice {
                NotificationEvent::Worse { problem, .. } => worse.push(problem.code),
                NotificationEvent::Recovered { problem } => well.push(problem.code),
                // What may become a fault some day is asked for elsewhere; a look never tells it.
                NotificationEvent::Remind { .. } => {}
            }
        }
        (worse, well)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

async fn pass(
    connector: Connector,
    looks: Arc<Mutex<Vec<Look>>>,
    cancel: CancellationToken,
) -> Option<chrono::DateTime<chrono::Utc>> {
    let RoundSummary { outcomes: tended, next, .. } = connector
        .monitor()
        .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &cancel)
        .await
        .unwrap();
    let seen = tended.into_iter().map(|one| Look { at: Instant::now(), after: one.after, notice: one.notification });
    looks.lock().unwrap().extend(seen);
    next
}

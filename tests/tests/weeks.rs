//! Simulated weeks of a quiet, a normal and a busy organisation: nothing that is no fault is ever told, and what is one is.
//!
//! The product watches a practice organisation as it does everything else: its own looks, plans and notices, its database, real
//! HTTP. Only the time is simulated, on a clock that both sides share; what happens in it stands in `weeks/org.rs`. A week of
//! each is among the tests, `cargo xtask drill faults` shows four.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the drill prints its table")]

#[path = "weeks/org.rs"]
mod org;
mod support;
#[path = "weeks/watch.rs"]
mod watch;

use chrono::TimeDelta;
use futures_util::future::join_all;
use model::check::CheckId;
use model::code::Code;
use serde_json::json;

use org::{Org, Wrong};
use watch::Watch;

/// Days of a short run: a rhythm is judged once it has been known for a week.
const SHORT: i64 = 8;
const WEEKS: i64 = 4;
/// Other dice, other weeks.
const SEED: u64 = 7;

/// Whether a fault is told as what it is: once, and once more where it turns out to be graver.
fn is_right(wrong: Wrong, told: &[&str]) -> bool {
    match wrong {
        Wrong::TokenRevoked => told == ["token_refused"],
        Wrong::OktaDown => told == ["okta_unavailable"],
        Wrong::FeedStopped => {
            matches!(told, [.., "radiant_no_match" | "radiant_no_events"])
                && (told.len() == 1 || matches!(told, ["radiant_lagging", _]))
        }
        Wrong::Silence => told == ["okta_quiet"],
    }
}

/// Within how many minutes it is told.
fn minutes(wrong: Wrong, org: Org) -> i64 {
    match (wrong, org) {
        (Wrong::TokenRevoked, _) => 11,
        (Wrong::OktaDown, _) => 25,
        // It shows once events are due that did not come, and that takes as long as events take to happen.
        (Wrong::FeedStopped, Org::Quiet) => 24 * 60,
        (Wrong::FeedStopped, Org::Normal | Org::Busy) => 75,
        // More than twice the longest pause, which is a weekend's, or more than a day; then the computer sleeps.
        (Wrong::Silence, Org::Quiet) => (140 + 8) * 60,
        (Wrong::Silence, Org::Normal) => (24 + 16) * 60,
        (Wrong::Silence, Org::Busy) => (24 + 1) * 60,
    }
}

async fn weeks_without_a_fault(org: Org, days: i64) -> Watch {
    let mut watch = Watch::begin(org, SEED, days > SHORT).await;
    watch.on(TimeDelta::days(days)).await;
    watch
}

/// Lets a thing go wrong for long, past a daily run of all checks where what it finds could contradict, and mends it.
async fn is_told(org: Org, wrong: Wrong, watch: &mut Watch) {
    watch.on_to_work().await;
    assert!(watch.told.is_empty(), "{org:?}, before {wrong:?}: {:?}", watch.told);
    let began = watch.now();
    watch.break_down(wrong);
    assert!(
        watch.until(began + TimeDelta::days(14), |watch| !watch.told.is_empty()).await,
        "{org:?}: {wrong:?} is not told"
    );
    let took = (watch.now() - began).num_minutes();
    let long = matches!(wrong, Wrong::OktaDown | Wrong::FeedStopped);
    watch.on(TimeDelta::hours(if long { 30 } else { 4 })).await;
    let worse = std::mem::take(&mut watch.told);
    println!("{org:?} {wrong:?} after {took} simulated minutes: {worse:?}");
    let told: Vec<&str> = worse.iter().map(|one| one.strip_prefix("worse ").unwrap_or(one)).collect();
    assert!(is_right(wrong, &told), "{org:?} {wrong:?}: {worse:?}");
    assert!(took <= minutes(wrong, org), "{org:?} {wrong:?} after {took} minutes");
    let is_quiet = watch.code(CheckId::SystemLog).await == Some(Code::OktaQuiet);
    assert_eq!(is_quiet, wrong == Wrong::Silence, "a System Log that cannot be read is no silence: {org:?} {wrong:?}");
    watch.mend();
    watch.until(watch.now() + TimeDelta::days(4), |watch| !watch.told.is_empty()).await;
    let well = std::mem::take(&mut watch.told);
    assert_eq!(well, [format!("recovered {}", told[told.len() - 1])], "{org:?} {wrong:?}");
}

async fn a_week_of(org: Org) {
    let mut watch = weeks_without_a_fault(org, SHORT).await;
    println!("{org:?}: {} events, {} looks, {} of them amid a trouble", watch.events, watch.looks, watch.troubled);
    assert!(watch.troubled > 10, "hardly any trouble was met: {}", watch.troubled);
    for wrong in Wrong::ALL {
        is_told(org, wrong, &mut watch).await;
    }
}

#[tokio::test]
async fn a_week_of_a_quiet_organisation_is_without_a_notice_and_its_faults_are_told() {
    a_week_of(Org::Quiet).await;
}

#[tokio::test]
async fn a_week_of_a_normal_organisation_is_without_a_notice_and_its_faults_are_told() {
    a_week_of(Org::Normal).await;
}

#[tokio::test]
async fn a_week_of_a_busy_organisation_is_without_a_notice_and_its_faults_are_told() {
    a_week_of(Org::Busy).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a drill of minutes: cargo xtask drill faults"]
async fn drill_weeks() {
    let all = join_all(Org::ALL.map(|org| weeks_without_a_fault(org, WEEKS * 7))).await;
    println!("| organisation | simulated weeks | events | looks | false alarms |\n|---|---|---|---|---|");
    for (org, watch) in Org::ALL.into_iter().zip(&all) {
        println!("| {org:?} | {WEEKS} | {} | {} | {} |", watch.events, watch.looks, watch.told.len());
    }
    let troubled: u64 = all.iter().map(|watch| watch.troubled).sum();
    let alarms: Vec<&String> = all.iter().flat_map(|watch| &watch.told).collect();
    println!("{}", json!({"drill": "weeks", "looks_amid_a_trouble": troubled, "false_alarms": alarms.len()}));
    assert!(alarms.is_empty(), "{alarms:?}");
}

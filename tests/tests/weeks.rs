//! Simulated weeks of a quiet, a normal and a busy organization: transient faults are never notified, incidents always are.
//!
//! The product monitors a practice organization with its own probes, schedule, notifications and database over real HTTP. Only
//! time is simulated, from a fixed Monday, by `weeks/simulation.rs`; what happens is in `weeks/organization.rs`. The tests
//! simulate a week of each organization, `cargo xtask drill faults` four.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the drill prints its table")]

#[path = "weeks/organization.rs"]
mod organization;
#[path = "weeks/simulation.rs"]
mod simulation;
mod support;

use chrono::TimeDelta;
use futures_util::future::join_all;
use model::check::CheckId;
use model::code::Code;
use serde_json::json;

use organization::{Incident, Org};
use simulation::Simulation;

/// Days of a short run: the usual silence is known after a week.
const SHORT_DAYS: i64 = 8;
const WEEKS: i64 = 4;
/// Decides every event and fault.
const SEED: u64 = 1;

/// Tells whether an incident was notified correctly: once, and once more where it turns out to be more severe.
fn is_expected(incident: Incident, codes: &[&str]) -> bool {
    match incident {
        Incident::TokenRevoked => codes == ["token_refused"],
        Incident::OktaDown => codes == ["okta_unavailable"],
        Incident::DeliveryStopped => {
            matches!(codes, [.., "radiant_no_match" | "radiant_no_events"])
                && (codes.len() == 1 || matches!(codes, ["radiant_lagging", _]))
        }
        Incident::Silence => codes == ["okta_quiet"],
    }
}

/// Returns within how many minutes an incident must be notified.
fn longest_minutes(incident: Incident, org: Org) -> i64 {
    match (incident, org) {
        (Incident::TokenRevoked, _) => 11,
        (Incident::OktaDown, _) => 25,
        // It shows when events are overdue, and that takes as long as events take to happen.
        (Incident::DeliveryStopped, Org::Quiet) => 24 * 60,
        (Incident::DeliveryStopped, Org::Normal | Org::Busy) => 75,
        // More than twice the longest silence, which is a weekend's, or more than a day; then the computer sleeps.
        (Incident::Silence, Org::Quiet) => (140 + 8) * 60,
        (Incident::Silence, Org::Normal) => (24 + 16) * 60,
        (Incident::Silence, Org::Busy) => (24 + 1) * 60,
    }
}

async fn simulate_days_without_incident(org: Org, days: i64) -> Simulation {
    let mut simulation = Simulation::new(org, SEED, days > SHORT_DAYS).await;
    simulation.run(TimeDelta::days(days)).await;
    simulation
}

/// Begins an incident, keeps it past a daily run of all checks where their findings could contradict, and resolves it.
async fn is_notified(org: Org, incident: Incident, simulation: &mut Simulation) {
    simulation.run_to_working_hours().await;
    assert!(simulation.notifications.is_empty(), "{org:?}, before {incident:?}: {:?}", simulation.notifications);
    let began = simulation.now();
    simulation.begin(incident);
    let has_notified = |simulation: &Simulation| !simulation.notifications.is_empty();
    assert!(
        simulation.run_until(began + TimeDelta::days(14), has_notified).await,
        "{org:?}: {incident:?} not notified"
    );
    let minutes = (simulation.now() - began).num_minutes();
    let is_long = matches!(incident, Incident::OktaDown | Incident::DeliveryStopped);
    simulation.run(TimeDelta::hours(if is_long { 30 } else { 4 })).await;
    let worse = std::mem::take(&mut simulation.notifications);
    println!("{org:?} {incident:?} after {minutes} simulated minutes: {worse:?}");
    let codes: Vec<&str> = worse.iter().map(|one| one.strip_prefix("worse ").unwrap_or(one)).collect();
    assert!(is_expected(incident, &codes), "{org:?} {incident:?}: {worse:?}");
    assert!(minutes <= longest_minutes(incident, org), "{org:?} {incident:?} after {minutes} minutes");
    let is_quiet = simulation.code(CheckId::SystemLog).await == Some(Code::OktaQuiet);
    assert_eq!(is_quiet, incident == Incident::Silence, "an unreadable System Log is no silence: {org:?} {incident:?}");
    simulation.resolve();
    simulation.run_until(simulation.now() + TimeDelta::days(4), has_notified).await;
    let recovered = std::mem::take(&mut simulation.notifications);
    assert_eq!(recovered, [format!("recovered {}", codes[codes.len() - 1])], "{org:?} {incident:?}");
}

async fn week_of(org: Org) {
    let mut simulation = simulate_days_without_incident(org, SHORT_DAYS).await;
    let Simulation { events, probes, probes_during_faults, .. } = simulation;
    println!("{org:?}: {events} events, {probes} probes, {probes_during_faults} of them during a transient fault");
    assert!(probes_during_faults > 10, "hardly any transient fault was met: {probes_during_faults}");
    for incident in Incident::ALL {
        is_notified(org, incident, &mut simulation).await;
    }
}

#[tokio::test]
async fn a_week_of_a_quiet_organization_has_no_notification_and_its_incidents_are_notified() {
    week_of(Org::Quiet).await;
}

#[tokio::test]
async fn a_week_of_a_normal_organization_has_no_notification_and_its_incidents_are_notified() {
    week_of(Org::Normal).await;
}

#[tokio::test]
async fn a_week_of_a_busy_organization_has_no_notification_and_its_incidents_are_notified() {
    week_of(Org::Busy).await;
}

/// Two days and an incident: events, faults, probes and notifications.
async fn transcript(org: Org) -> Vec<String> {
    let mut simulation = simulate_days_without_incident(org, 2).await;
    is_notified(org, Incident::DeliveryStopped, &mut simulation).await;
    simulation.transcript
}

#[tokio::test]
async fn the_same_seed_gives_the_same_events_probes_and_notifications_at_the_same_times() {
    for org in [Org::Normal, Org::Busy] {
        let (first, second) = (transcript(org).await, transcript(org).await);
        println!("{org:?}: {} lines", first.len());
        let difference = first.iter().zip(&second).find(|(first, second)| first != second);
        assert_eq!(difference, None, "{org:?}");
        assert_eq!(first.len(), second.len(), "{org:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: cargo xtask drill faults"]
async fn drill_weeks() {
    let all = join_all(Org::ALL.map(|org| simulate_days_without_incident(org, WEEKS * 7))).await;
    println!("| organization | simulated weeks | events | probes | false alarms |\n|---|---|---|---|---|");
    for (org, one) in Org::ALL.into_iter().zip(&all) {
        println!("| {org:?} | {WEEKS} | {} | {} | {} |", one.events, one.probes, one.notifications.len());
    }
    let probes: u64 = all.iter().map(|one| one.probes_during_faults).sum();
    let alarms: Vec<&String> = all.iter().flat_map(|one| &one.notifications).collect();
    println!("{}", json!({"drill": "weeks", "probes_during_faults": probes, "false_alarms": alarms.len()}));
    assert!(alarms.is_empty(), "{alarms:?}");
}

//! What monitoring must not lose while others change the connection: the root cause, earlier results, a pause, a new token, and a
//! notification that only another process could have shown.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a broken fixture fails the test, and tests wait for the practice organization's own time"
)]

mod support;

use std::time::Duration;

use chrono::TimeDelta;
use connector::{Audience, PassScope, ProbeOutcome};
use model::check::{CheckId, CheckReport, FactKey, Outcome, Skip};
use model::code::Code;
use model::connection::{Keep, Profile};
use model::history::HourStats;
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use model::problem::Problem;
use model::secret_name::SecretName;
use model::status::{State, Status};
use practice::{Change, Fault, FaultKind, Options, Side};
use store::{MonitorUpdate, Store};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use support::TestConnection;

const OWNER: &str = "super_admin";

async fn watched(options: Options) -> TestConnection {
    let story = TestConnection::simulated(options).await;
    story.paste_super_admin().await;
    story.profile(Profile::Response).await;
    story.join_radiant().await;
    let settings = MonitorSettings { allowed_lag_s: 5, ..MonitorSettings::practice() };
    story.connector.settings().set_monitor(settings).await.unwrap();
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    story
}

/// An org in which nothing happens but what a test lets happen.
fn still() -> Options {
    Options { events_per_second: 0.0, ..Options::default() }
}

/// Simulates seconds in which 30 events happen each.
fn happen(story: &TestConnection, seconds: u32) {
    for _ in 0..seconds {
        story.control().emit(30);
        story.pass(TimeDelta::seconds(1));
    }
}

async fn probe_for(story: &TestConnection, tier: ProbeKind, audience: Audience) -> (Status, Option<NotificationEvent>) {
    let cancel = CancellationToken::new();
    let tended = story.connector.monitor().probe_now(&story.id, tier, audience, &cancel).await.unwrap().unwrap();
    // What follows a probe happens later.
    story.pass(TimeDelta::milliseconds(10));
    (tended.after, tended.notification)
}

async fn probe(story: &TestConnection, tier: ProbeKind) -> (Status, Option<NotificationEvent>) {
    probe_for(story, tier, Audience::AWAY).await
}

async fn report(story: &TestConnection) -> CheckReport {
    story.connector.connections().get(&story.id).await.unwrap().report.unwrap()
}

/// Starts a heartbeat and returns when Okta has its request and takes two seconds for the answer.
async fn start_heartbeat(story: &TestConnection) -> JoinHandle<Result<Option<ProbeOutcome>, Problem>> {
    let received = || story.control().counters().requests.values().sum::<u64>();
    let (connector, id, before) = (story.connector.clone(), story.id.clone(), received());
    story.control().set(Change::Latency { ms: 2_000 });
    let probe = tokio::spawn(async move {
        connector.monitor().probe_now(&id, ProbeKind::Heartbeat, Audience::AWAY, &CancellationToken::new()).await
    });
    while received() == before {
        tokio::task::yield_now().await;
    }
    story.control().set(Change::Latency { ms: 0 });
    probe
}

fn said(status: &Status) -> (State, Option<Code>) {
    (status.state, status.problem.as_ref().map(|problem| problem.code))
}

fn worse(notice: Option<&NotificationEvent>) -> Option<Code> {
    match notice {
        Some(NotificationEvent::Worse { problem, .. }) => Some(problem.code),
        Some(NotificationEvent::Recovered { .. } | NotificationEvent::Remind { .. }) | None => None,
    }
}

#[tokio::test]
async fn an_unusually_long_silence_is_notified_once_and_lasts_until_the_next_event() {
    let story = watched(Options { backfill: 0, ..still() }).await;
    assert_eq!(probe(&story, ProbeKind::Full).await.0.state, State::Ok);
    let (store, now) = (Store::open(story.folder.path()).unwrap(), story.clock.now());
    for hour in (72..400).rev() {
        let (at, newest) = (now - TimeDelta::hours(hour), Some(now - TimeDelta::hours(72)));
        let seen = HourStats { ok: 1, longest_gap_s: Some(600), ..HourStats::default() };
        let id = story.id.clone();
        let probe = store.write(move |tx| {
            let state = MonitorState { newest_in_okta: newest, ..tx.monitor_state(&id)? };
            let update = MonitorUpdate { state, report: None, hour: seen, change: None, okta_time: None };
            tx.record_probe(&id, at, TimeDelta::days(90), &update)
        });
        probe.await.unwrap();
    }
    let (status, notice) = probe(&story, ProbeKind::Freshness).await;
    assert_eq!(said(&status), (State::Attention, Some(Code::OktaQuiet)));
    assert_eq!(worse(notice.as_ref()), Some(Code::OktaQuiet));
    for tier in [ProbeKind::Freshness, ProbeKind::Full, ProbeKind::Heartbeat, ProbeKind::Freshness] {
        let (status, notice) = probe(&story, tier).await;
        assert_eq!((said(&status).1, notice), (Some(Code::OktaQuiet), None), "{tier:?}");
    }
    story.check().await;
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!(said(&view.status).1, Some(Code::OktaQuiet), "a person's checks know it too");
    story.control().emit(1);
    let (status, notice) = probe(&story, ProbeKind::Freshness).await;
    assert_ne!(said(&status).1, Some(Code::OktaQuiet));
    assert!(matches!(notice, Some(NotificationEvent::Recovered { .. })), "{notice:?}");
}

#[tokio::test]
async fn after_an_outage_every_missed_check_runs_again() {
    let story = watched(still()).await;
    story.radiant_has_read().await;
    assert_eq!(probe(&story, ProbeKind::Full).await.0.state, State::Ok);
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::Status { status: 503, code: String::new() })));
    for _ in 0..3 {
        probe(&story, ProbeKind::Heartbeat).await;
    }
    let not_asked = |report: &CheckReport| report.rows.iter().filter(|row| row.skipped == Some(Skip::Depends)).count();
    assert!(not_asked(&report(&story).await) > 5, "what depends on Okta was left out");
    // Meanwhile a right was taken away.
    let roles = vec!["REPORT_ADMIN".to_owned()];
    story.control().set(Change::Roles { principal: OWNER.to_owned(), roles });
    story.control().fault(None);
    let (status, _) = probe(&story, ProbeKind::Heartbeat).await;
    assert_ne!(status.state, State::Ok, "{status:?}");
    let after = report(&story).await;
    assert_eq!(not_asked(&after), 0, "{:?}", after.rows);
    assert!(!after.capabilities.is_empty());
}

#[tokio::test]
async fn all_probes_report_the_same_for_a_stopped_feed_in_a_busy_org() {
    let busy = Options { backfill: 400, radiant_lag: Duration::from_millis(200), ..Options::default() };
    let story = watched(busy).await;
    story.radiant_has_read().await;
    happen(&story, 7);
    assert_eq!(probe(&story, ProbeKind::Full).await.0.state, State::Ok);
    let row = report(&story).await.row(CheckId::Arrival).cloned().unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Passed, None), "due events are looked for by the full run too");
    story.control().set(Change::RadiantPolls { on: false });
    happen(&story, 16);
    for _ in 0..2 {
        probe(&story, ProbeKind::Freshness).await;
    }
    for tier in [ProbeKind::Full, ProbeKind::Freshness, ProbeKind::Full] {
        let (status, notice) = probe(&story, tier).await;
        assert_eq!((status.row, notice), (Some(CheckId::Arrival), None), "{tier:?}: {status:?}");
    }
    story.check().await;
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!(view.status.row, Some(CheckId::Arrival), "{:?}", view.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_during_a_probe_stays_and_the_probe_requests_no_other() {
    let story = watched(still()).await;
    probe(&story, ProbeKind::Full).await;
    let looking = start_heartbeat(&story).await;
    story.connector.monitor().pause(&story.id, true).await.unwrap();
    let after = looking.await.unwrap().unwrap().unwrap().after;
    assert_eq!(after.state, State::Paused, "the look knows what was changed under it");
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert!(view.monitor.paused_since.is_some() && view.status.state == State::Paused, "{:?}", view.monitor);
    let round = story
        .connector
        .monitor()
        .run_due_probes(&PassScope::Every, Audience::AWAY, None, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(round.outcomes.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_with_the_old_token_does_not_affect_the_new_one() {
    let story = watched(still()).await;
    probe(&story, ProbeKind::Full).await;
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let looking = start_heartbeat(&story).await;
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    assert!(looking.await.unwrap().unwrap().is_none(), "it was asked with another token");
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!(said(&view.status), (State::Working, None), "nothing was asked with the new token yet");
    let round = story
        .connector
        .monitor()
        .run_due_probes(&PassScope::Every, Audience::AWAY, None, &CancellationToken::new())
        .await
        .unwrap();
    let [new] = round.outcomes.as_slice() else { panic!("the new token is not looked at: {round:?}") };
    assert_eq!((said(&new.after), &new.notification), ((State::Ok, None), &None));
}

#[tokio::test]
async fn a_finding_of_a_process_without_notifications_is_notified_by_the_desktop_once() {
    let story = watched(still()).await;
    story.radiant_has_read().await;
    let cancel = CancellationToken::new();
    probe(&story, ProbeKind::Full).await;
    story.connector.monitor().run_due_probes(&PassScope::Every, Audience::AWAY, None, &cancel).await.unwrap();
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let seen = probe_for(&story, ProbeKind::Heartbeat, Audience::Nobody).await;
    assert_eq!((said(&seen.0).1, seen.1), (Some(Code::TokenRefused), None));
    let round =
        story.connector.monitor().run_due_probes(&PassScope::Every, Audience::AWAY, None, &cancel).await.unwrap();
    assert_eq!(round.elsewhere.as_slice(), std::slice::from_ref(&story.id), "the tray and the window are told of it");
    let told: Vec<_> = round.outcomes.iter().map(|one| worse(one.notification.as_ref())).collect();
    assert_eq!(told, [Some(Code::TokenRefused)]);
    let round =
        story.connector.monitor().run_due_probes(&PassScope::Every, Audience::AWAY, None, &cancel).await.unwrap();
    assert!(round.outcomes.is_empty() && round.elsewhere.is_empty(), "{round:?}");
}

#[tokio::test]
async fn a_stopped_feed_is_notified_although_a_less_severe_condition_exists() {
    let story = watched(Options { radiant_lag: Duration::from_millis(200), ..still() }).await;
    story.radiant_has_read().await;
    story.paste(&story.practice.card().tokens.person_super_admin.clone()).await;
    let (status, notice) = probe(&story, ProbeKind::Full).await;
    assert_eq!((said(&status).1, worse(notice.as_ref())), (Some(Code::OwnerIsPerson), Some(Code::OwnerIsPerson)));
    story.control().set(Change::RadiantPolls { on: false });
    story.pass(TimeDelta::milliseconds(1_200));
    story.control().emit(30);
    story.pass(TimeDelta::milliseconds(5_500));
    probe(&story, ProbeKind::Freshness).await;
    let (status, notice) = probe(&story, ProbeKind::Freshness).await;
    assert_eq!(said(&status), (State::Attention, Some(Code::RadiantLagging)));
    assert_eq!(worse(notice.as_ref()), Some(Code::RadiantLagging));
}

#[tokio::test]
async fn the_owner_of_a_refused_token_stays_known_and_is_not_required_of_the_next_one() {
    let story = watched(still()).await;
    probe(&story, ProbeKind::Full).await;
    let owner = |report: &CheckReport| {
        let row = report.row(CheckId::Owner).unwrap();
        let known = row.remembered.as_ref().map(|one| (one.at, one.facts.clone()));
        (row.facts.is_empty(), known.map(|(at, facts)| (at, facts.iter().any(|fact| fact.key == FactKey::Owner))))
    };
    let seen = report(&story).await.row(CheckId::Owner).unwrap().at;
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    for tier in [ProbeKind::Heartbeat, ProbeKind::Full] {
        probe(&story, tier).await;
        assert_eq!(owner(&report(&story).await), (true, Some((seen, true))), "{tier:?}");
    }
    // Another token, as dead: nothing is known of its owner.
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.control().set(Change::Revoke { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    probe(&story, ProbeKind::Full).await;
    assert_eq!(owner(&report(&story).await), (true, None));
}

#[tokio::test]
async fn a_refused_monitoring_token_is_not_reported_as_radiants_token() {
    let story = watched(still()).await;
    story.radiant_has_read().await;
    let own = story.practice.card().tokens.read_only.clone();
    story.connector.tokens().store(&story.id, SecretName::MonitoringToken, own.into(), false).await.unwrap();
    story.connector.guide().finish(&story.id, Keep::MonitoringToken).await.unwrap();
    assert_eq!(probe(&story, ProbeKind::Full).await.0.state, State::Ok);
    for (broken, code) in [
        (Change::Revoke { principal: "read_only".to_owned() }, Code::MonitoringTokenRefused),
        (Change::Revive { principal: "read_only".to_owned() }, Code::MonitoringLogsRefused),
    ] {
        story.control().set(broken);
        let roles = vec!["HELP_DESK_ADMIN".to_owned()];
        story.control().set(Change::Roles { principal: "read_only".to_owned(), roles });
        let (status, _) = probe(&story, ProbeKind::Full).await;
        assert_eq!(said(&status), (State::Attention, Some(code)), "Radiant has a token of its own");
        let (status, _) = probe(&story, ProbeKind::Heartbeat).await;
        assert_eq!(said(&status).1, Some(code));
    }
}

//! What a watched connection must not lose, whoever else is at work: the root of a fault, what was known before it, a pause, a new
//! token, a notice that only another process could have shown.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a broken fixture fails the test, and tests wait for the practice organisation's own time"
)]

mod support;

use std::time::Duration;

use chrono::TimeDelta;
use connector::Audience;
use model::check::{CheckId, CheckReport, FactKey, Outcome, Skip};
use model::code::Code;
use model::connection::{Keep, Profile};
use model::history::HourStats;
use model::monitor_settings::MonitorSettings;
use model::monitor::{MonitorState, ProbeKind};
use model::notification::NotificationEvent;
use model::secret::SecretName;
use model::status::{State, Status};
use practice::{Change, Fault, FaultKind, Options, Side};
use runtime::Clock;
use store::{MonitorUpdate, Store};
use tokio_util::sync::CancellationToken;

use support::Story;

const OWNER: &str = "super_admin";

async fn watched(options: Options) -> Story {
    let story = Story::with(options, Clock::system()).await;
    story.paste_super_admin().await;
    story.profile(Profile::Response).await;
    story.join_radiant().await;
    let settings = MonitorSettings { allowed_lag_s: 5, ..MonitorSettings::practice() };
    story.connector.set_monitor_settings(settings).await.unwrap();
    story.connector.finish_setup(&story.id, Keep::Token).await.unwrap();
    story
}

/// An org in which nothing happens but what a test lets happen.
fn still() -> Options {
    Options { events_per_second: 0.0, ..Options::default() }
}

async fn look_for(story: &Story, tier: ProbeKind, audience: Audience) -> (Status, Option<NotificationEvent>) {
    let cancel = CancellationToken::new();
    let tended = story.connector.look_now(&story.id, tier, audience, &cancel).await.unwrap().unwrap();
    (tended.after, tended.notice)
}

async fn look(story: &Story, tier: ProbeKind) -> (Status, Option<NotificationEvent>) {
    look_for(story, tier, Audience::AWAY).await
}

async fn report(story: &Story) -> CheckReport {
    story.connector.connection(&story.id).await.unwrap().report.unwrap()
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
async fn a_silence_beyond_anything_seen_is_told_once_and_stays_until_something_happens() {
    let story = watched(Options { backfill: 0, ..still() }).await;
    assert_eq!(look(&story, ProbeKind::Full).await.0.state, State::Ok);
    let (store, now) = (Store::open(story.folder.path()).unwrap(), Clock::system().now());
    for hour in (72..400).rev() {
        let (at, newest) = (now - TimeDelta::hours(hour), Some(now - TimeDelta::hours(72)));
        let seen = HourStats { ok: 1, longest_gap_s: Some(600), ..HourStats::default() };
        let id = story.id.clone();
        let probe = store.write(move |tx| {
            let state = MonitorState { newest_in_okta: newest, ..tx.monitor_state(&id)? };
            let update = MonitorUpdate { state, report: None, hour: seen, change: None };
            tx.record_probe(&id, at, TimeDelta::days(90), &update)
        });
        probe.await.unwrap();
    }
    let (status, notice) = look(&story, ProbeKind::Freshness).await;
    assert_eq!(said(&status), (State::Attention, Some(Code::OktaQuiet)));
    assert_eq!(worse(notice.as_ref()), Some(Code::OktaQuiet));
    for tier in [ProbeKind::Freshness, ProbeKind::Full, ProbeKind::Heartbeat, ProbeKind::Freshness] {
        let (status, notice) = look(&story, tier).await;
        assert_eq!((said(&status).1, notice), (Some(Code::OktaQuiet), None), "{tier:?}");
    }
    story.check().await;
    let view = story.connector.connection(&story.id).await.unwrap();
    assert_eq!(said(&view.status).1, Some(Code::OktaQuiet), "a person's checks know it too");
    story.control().emit(1);
    let (status, notice) = look(&story, ProbeKind::Freshness).await;
    assert_ne!(said(&status).1, Some(Code::OktaQuiet));
    assert!(matches!(notice, Some(NotificationEvent::Recovered { .. })), "{notice:?}");
}

#[tokio::test]
async fn after_an_outage_everything_that_could_not_be_asked_is_asked_again() {
    let story = watched(still()).await;
    story.radiant_has_read().await;
    assert_eq!(look(&story, ProbeKind::Full).await.0.state, State::Ok);
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::Status { status: 503, code: String::new() })));
    for _ in 0..3 {
        look(&story, ProbeKind::Heartbeat).await;
    }
    let not_asked = |report: &CheckReport| report.rows.iter().filter(|row| row.skipped == Some(Skip::Depends)).count();
    assert!(not_asked(&report(&story).await) > 5, "what depends on Okta was left out");
    // Meanwhile a right was taken away.
    let roles = vec!["REPORT_ADMIN".to_owned()];
    story.control().set(Change::Roles { principal: OWNER.to_owned(), roles });
    story.control().fault(None);
    let (status, _) = look(&story, ProbeKind::Heartbeat).await;
    assert_ne!(status.state, State::Ok, "{status:?}");
    let after = report(&story).await;
    assert_eq!(not_asked(&after), 0, "{:?}", after.rows);
    assert!(!after.capabilities.is_empty());
}

#[tokio::test]
async fn all_looks_say_the_same_of_a_stopped_feed_in_a_busy_org() {
    let busy = Options {
        events_per_second: 30.0,
        backfill: 400,
        radiant_lag: Duration::from_millis(200),
        ..Options::default()
    };
    let story = watched(busy).await;
    story.radiant_has_read().await;
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(look(&story, ProbeKind::Full).await.0.state, State::Ok);
    let row = report(&story).await.row(CheckId::Arrival).cloned().unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Passed, None), "due events are looked for by the full run too");
    story.control().set(Change::RadiantPolls { on: false });
    tokio::time::sleep(Duration::from_secs(16)).await;
    for _ in 0..2 {
        look(&story, ProbeKind::Freshness).await;
    }
    for tier in [ProbeKind::Full, ProbeKind::Freshness, ProbeKind::Full] {
        let (status, notice) = look(&story, tier).await;
        assert_eq!((status.row, notice), (Some(CheckId::Arrival), None), "{tier:?}: {status:?}");
    }
    story.check().await;
    let view = story.connector.connection(&story.id).await.unwrap();
    assert_eq!(view.status.row, Some(CheckId::Arrival), "{:?}", view.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_during_a_look_stays_and_the_look_asks_for_no_other() {
    let story = watched(Options { latency: Duration::from_millis(300), ..still() }).await;
    look(&story, ProbeKind::Full).await;
    let looking = {
        let (connector, id) = (story.connector.clone(), story.id.clone());
        tokio::spawn(async move {
            connector.look_now(&id, ProbeKind::Heartbeat, Audience::AWAY, &CancellationToken::new()).await
        })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    story.connector.pause(&story.id, true).await.unwrap();
    let after = looking.await.unwrap().unwrap().unwrap().after;
    assert_eq!(after.state, State::Paused, "the look knows what was changed under it");
    let view = story.connector.connection(&story.id).await.unwrap();
    assert!(view.watch.paused_since.is_some() && view.status.state == State::Paused, "{:?}", view.watch);
    let round = story.connector.tend(Audience::AWAY, None, &CancellationToken::new()).await.unwrap();
    assert_eq!(round.looks.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_with_the_old_token_says_nothing_of_the_new_one() {
    let story = watched(Options { latency: Duration::from_millis(300), ..still() }).await;
    look(&story, ProbeKind::Full).await;
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let looking = {
        let (connector, id) = (story.connector.clone(), story.id.clone());
        tokio::spawn(async move {
            connector.look_now(&id, ProbeKind::Heartbeat, Audience::AWAY, &CancellationToken::new()).await
        })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    assert!(looking.await.unwrap().unwrap().is_none(), "it was asked with another token");
    let view = story.connector.connection(&story.id).await.unwrap();
    assert_eq!(said(&view.status), (State::Ok, None));
    let round = story.connector.tend(Audience::AWAY, None, &CancellationToken::new()).await.unwrap();
    let [new] = round.looks.as_slice() else { panic!("the new token is not looked at: {round:?}") };
    assert_eq!((said(&new.after), &new.notice), ((State::Ok, None), &None));
}

#[tokio::test]
async fn what_a_process_without_notices_saw_is_told_by_the_desktop_once() {
    let story = watched(still()).await;
    story.radiant_has_read().await;
    let cancel = CancellationToken::new();
    look(&story, ProbeKind::Full).await;
    story.connector.tend(Audience::AWAY, None, &cancel).await.unwrap();
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let seen = look_for(&story, ProbeKind::Heartbeat, Audience::Nobody).await;
    assert_eq!((said(&seen.0).1, seen.1), (Some(Code::TokenRefused), None));
    let round = story.connector.tend(Audience::AWAY, None, &cancel).await.unwrap();
    assert_eq!(round.elsewhere.as_slice(), std::slice::from_ref(&story.id), "the tray and the window are told of it");
    let told: Vec<_> = round.looks.iter().map(|one| worse(one.notice.as_ref())).collect();
    assert_eq!(told, [Some(Code::TokenRefused)]);
    let round = story.connector.tend(Audience::AWAY, None, &cancel).await.unwrap();
    assert!(round.looks.is_empty() && round.elsewhere.is_empty(), "{round:?}");
}

#[tokio::test]
async fn a_stopped_feed_is_told_although_something_lesser_stands() {
    let story = watched(Options { radiant_lag: Duration::from_millis(200), ..still() }).await;
    story.radiant_has_read().await;
    story.paste(&story.practice.card().tokens.person_super_admin.clone()).await;
    let (status, notice) = look(&story, ProbeKind::Full).await;
    assert_eq!((said(&status).1, worse(notice.as_ref())), (Some(Code::OwnerIsPerson), Some(Code::OwnerIsPerson)));
    story.control().set(Change::RadiantPolls { on: false });
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    story.control().emit(30);
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    look(&story, ProbeKind::Freshness).await;
    let (status, notice) = look(&story, ProbeKind::Freshness).await;
    assert_eq!(said(&status), (State::Attention, Some(Code::RadiantLagging)));
    assert_eq!(worse(notice.as_ref()), Some(Code::RadiantLagging));
}

#[tokio::test]
async fn whose_token_it_was_is_known_when_it_is_dead_and_not_held_against_the_next_one() {
    let story = watched(still()).await;
    look(&story, ProbeKind::Full).await;
    let owner = |report: &CheckReport| {
        let row = report.row(CheckId::Owner).unwrap();
        let known = row.remembered.as_ref().map(|one| (one.at, one.facts.clone()));
        (row.facts.is_empty(), known.map(|(at, facts)| (at, facts.iter().any(|fact| fact.key == FactKey::Owner))))
    };
    let seen = report(&story).await.row(CheckId::Owner).unwrap().at;
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    for tier in [ProbeKind::Heartbeat, ProbeKind::Full] {
        look(&story, tier).await;
        assert_eq!(owner(&report(&story).await), (true, Some((seen, true))), "{tier:?}");
    }
    // Another token, as dead: nothing is known of its owner.
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.control().set(Change::Revoke { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    look(&story, ProbeKind::Full).await;
    assert_eq!(owner(&report(&story).await), (true, None));
}

#[tokio::test]
async fn a_refused_monitoring_token_is_told_as_what_it_is_and_not_as_radiants() {
    let story = watched(still()).await;
    story.radiant_has_read().await;
    let own = story.practice.card().tokens.read_only.clone();
    story.connector.store_secret(&story.id, SecretName::MonitoringToken, own.into(), false).await.unwrap();
    story.connector.finish_setup(&story.id, Keep::MonitoringToken).await.unwrap();
    assert_eq!(look(&story, ProbeKind::Full).await.0.state, State::Ok);
    for (broken, code) in [
        (Change::Revoke { principal: "read_only".to_owned() }, Code::MonitoringTokenRefused),
        (Change::Revive { principal: "read_only".to_owned() }, Code::MonitoringLogsRefused),
    ] {
        story.control().set(broken);
        let roles = vec!["HELP_DESK_ADMIN".to_owned()];
        story.control().set(Change::Roles { principal: "read_only".to_owned(), roles });
        let (status, _) = look(&story, ProbeKind::Full).await;
        assert_eq!(said(&status), (State::Attention, Some(code)), "Radiant has a token of its own");
        let (status, _) = look(&story, ProbeKind::Heartbeat).await;
        assert_eq!(said(&status).1, Some(code));
    }
}

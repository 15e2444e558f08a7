//! Monitoring keeps to its share of Okta's rate limits, against a practice organisation with a small limit and other clients.
//!
//! Time is simulated: before each round of looks, everything that was kept is moved a minute into the past.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::cell::Cell;

use chrono::{DateTime, TimeDelta, Utc};
use model::budget::{HoldReason, RateUsage};
use model::connection::{ConnectionId, Keep};
use model::monitor_settings::MonitorSettings;
use model::monitor::MonitorState;
use model::secret::SecretName;
use model::status::State;
use practice::{Change, Fault, FaultKind, Options, Side};
use runtime::Clock;
use store::Store;
use tokio_util::sync::CancellationToken;

use support::{Story, addresses};

/// Requests a minute of the System Log for the org; practice gives a token half, as Okta does.
const LIMIT: u32 = 20;
/// How often looks would be taken if the share allowed it, and the share.
const OFTEN: (u32, u32) = (5, 10);

/// A story whose connections are to be looked at far more often than the share allows.
struct Budget {
    story: Story,
    ids: Vec<ConnectionId>,
    minutes: Cell<i64>,
}

impl Budget {
    async fn begin(connections: usize, (every, share): (u32, u32)) -> Self {
        let options = Options { events_per_second: 0.0, rate_limit: LIMIT, radiant_polls: false, ..Options::default() };
        let story = Story::with(options, Clock::system()).await;
        let mut ids = vec![story.id.clone()];
        while ids.len() < connections {
            ids.push(
                story
                    .connector
                    .begin_practice(addresses(&story.practice), "Practice".to_owned())
                    .await
                    .unwrap()
                    .connection
                    .id,
            );
        }
        let token = &story.practice.card().tokens.super_admin;
        for id in &ids {
            let token = token.clone().into();
            story.connector.store_secret(id, SecretName::OktaToken, token, false).await.unwrap();
            story.connector.finish_setup(id, Keep::Token).await.unwrap();
        }
        let settings = MonitorSettings {
            heartbeat_s: every,
            freshness_s: every,
            rate_share: share,
            ..MonitorSettings::practice()
        };
        story.connector.set_monitor_settings(settings).await.unwrap();
        Self { story, ids, minutes: Cell::new(0) }
    }

    /// Requests of the System Log so far.
    fn asked(&self) -> u64 {
        self.story.control().counters().requests.get("okta /api/v1/logs").copied().unwrap_or_default()
    }

    /// Takes the looks that are due, a minute later; returns how many were taken.
    async fn minute(&self) -> usize {
        // The windows of Okta's limits pass by its own clock.
        self.minutes.set(self.minutes.get() + 1);
        self.story.control().set(Change::ClockSkew { seconds: 60 * self.minutes.get() });
        let round =
            self.story.connector.tend(connector::Audience::AWAY, None, &CancellationToken::new()).await.unwrap();
        let store = Store::open(self.story.folder.path()).unwrap();
        let ids = self.ids.clone();
        let earlier = store.write(move |tx| {
            for id in &ids {
                tx.update(id, a_minute_ago)?;
            }
            // All of them are connections to one organization.
            let org = tx.connection(&ids[0])?.origin.unwrap();
            tx.update_rate_usage(&org, used_a_minute_ago).map(drop)
        });
        earlier.await.unwrap();
        round.looks.len()
    }
}

/// What was kept, as if it had been a minute earlier.
fn a_minute_ago(mut watched: MonitorState) -> MonitorState {
    let earlier = |at: &mut DateTime<Utc>| *at -= TimeDelta::minutes(1);
    let times = [&mut watched.full, &mut watched.freshness, &mut watched.heartbeat];
    times.into_iter().filter_map(Option::as_mut).for_each(earlier);
    if let Some(held) = &mut watched.held {
        earlier(&mut held.since);
        earlier(&mut held.until);
    }
    watched
}

fn used_a_minute_ago(mut usage: RateUsage) -> RateUsage {
    let earlier = |at: &mut DateTime<Utc>| *at -= TimeDelta::minutes(1);
    usage.asked.iter_mut().for_each(|one| earlier(&mut one.at));
    for rate in usage.seen.values_mut() {
        earlier(&mut rate.at);
        rate.until.iter_mut().for_each(earlier);
    }
    usage
}

#[tokio::test]
async fn the_looks_at_all_connections_of_an_org_stay_within_their_share() {
    let budget = Budget::begin(3, OFTEN).await;
    budget.story.control().set(Change::RateLimit { limit: LIMIT });
    let before = budget.asked();
    let mut looks = 0;
    for _ in 0..30 {
        looks += budget.minute().await;
    }
    // One a minute of the ten a token may ask, and the first look's three before anything is paid back.
    let most = 30 + 3;
    let asked = budget.asked() - before;
    assert!(asked <= most, "{asked} requests in 30 minutes, {most} at most");
    assert!(asked >= most / 2 && looks > 30, "looks went on: {asked} requests, {looks} looks");
    let view = budget.story.connector.connection(&budget.ids[2]).await.unwrap();
    assert_ne!(view.status.state, State::Stopped, "waiting is no fault: {:?}", view.status);
}

#[tokio::test]
async fn where_others_use_the_limit_up_looks_wait_for_the_window_and_say_so() {
    // A share that would allow five looks a minute.
    let budget = Budget::begin(1, (120, 50)).await;
    let id = &budget.ids[0];
    budget.minute().await;
    let before = budget.asked();
    for _ in 0..16 {
        budget.minute().await;
    }
    let alone = budget.asked() - before;
    budget.story.control().set(Change::OtherConsumers { requests: 6 });
    let (before, mut held) = (budget.asked(), None);
    for _ in 0..16 {
        budget.minute().await;
        held = held.or(budget.story.connector.connection(id).await.unwrap().watch.held);
    }
    assert_eq!(held.map(|held| held.by), Some(HoldReason::HeadRoom));
    let beside = budget.asked() - before;
    assert!(beside < alone && beside > 0, "{beside} requests beside others, {alone} alone");
    let before = budget.asked();
    let report = budget.story.connector.run_checks(id, None, CancellationToken::new(), |_| {}).await.unwrap();
    assert!(budget.asked() > before && !report.rows.is_empty(), "a person never waits");
}

#[tokio::test]
async fn limits_that_are_not_told_are_reckoned_with_as_the_smallest() {
    let budget = Budget::begin(1, OFTEN).await;
    budget.story.control().fault(Some(Fault::on(Side::Okta, FaultKind::GarbageRateHeaders)));
    let before = budget.asked();
    for _ in 0..20 {
        budget.minute().await;
    }
    let asked = budget.asked() - before;
    assert!((7..=20 + 3).contains(&asked), "{asked} requests in 20 minutes");
}

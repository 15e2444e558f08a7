//! Monitoring stays within its share of Okta's rate limits: a small limit, other API clients, unknown limits.
//!
//! Time is simulated: it advances by a minute before each pass of the scheduler.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use chrono::TimeDelta;
use model::connection::{ConnectionId, Keep};
use model::monitor_settings::MonitorSettings;
use model::rate_usage::HoldReason;
use model::secret_name::SecretName;
use model::status::State;
use practice::{Change, Fault, FaultKind, Options, Side};
use tokio_util::sync::CancellationToken;

use support::{TestConnection, addresses};

/// Requests a minute of the System Log for the org; practice gives a token half, as Okta does.
const LIMIT: u32 = 20;
/// How often looks would be taken if the share allowed it, and the share.
const OFTEN: (u32, u32) = (5, 10);

/// A story whose connections are to be looked at far more often than the share allows.
struct Budget {
    story: TestConnection,
    ids: Vec<ConnectionId>,
}

impl Budget {
    async fn begin(connections: usize, (every, share): (u32, u32)) -> Self {
        let options = Options { rate_limit: LIMIT, radiant_polls: false, ..Options::default() };
        let story = TestConnection::simulated(options).await;
        let mut ids = vec![story.id.clone()];
        while ids.len() < connections {
            ids.push(
                story
                    .connector
                    .connections()
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
            story.connector.tokens().store(id, SecretName::OktaToken, token, false).await.unwrap();
            story.connector.guide().finish(id, Keep::Token).await.unwrap();
        }
        let settings = MonitorSettings {
            heartbeat_s: every,
            freshness_s: every,
            rate_share: share,
            ..MonitorSettings::practice()
        };
        story.connector.settings().set_monitor(settings).await.unwrap();
        Self { story, ids }
    }

    /// Requests of the System Log so far.
    fn asked(&self) -> u64 {
        self.story.control().counters().requests.get("okta /api/v1/logs").copied().unwrap_or_default()
    }

    /// Takes the looks that are due, a minute later; returns how many were taken.
    async fn minute(&self) -> usize {
        self.story.pass(TimeDelta::minutes(1));
        let round = self
            .story
            .connector
            .monitor()
            .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &CancellationToken::new())
            .await
            .unwrap();
        round.outcomes.len()
    }
}

#[tokio::test]
async fn probes_of_all_connections_of_an_org_stay_within_their_share() {
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
    let view = budget.story.connector.connections().get(&budget.ids[2]).await.unwrap();
    assert_ne!(view.status.state, State::Stopped, "waiting is no fault: {:?}", view.status);
}

#[tokio::test]
async fn when_others_exhaust_the_limit_probes_wait_for_the_next_window_and_report_it() {
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
        held = held.or(budget.story.connector.connections().get(id).await.unwrap().monitor.hold);
    }
    assert_eq!(held.map(|held| held.reason), Some(HoldReason::HeadRoom));
    let beside = budget.asked() - before;
    assert!(beside < alone && beside > 0, "{beside} requests beside others, {alone} alone");
    let before = budget.asked();
    let report = budget.story.connector.checks().run(id, None, CancellationToken::new(), |_| {}).await.unwrap();
    assert!(budget.asked() > before && !report.rows.is_empty(), "a person never waits");
}

#[tokio::test]
async fn unknown_limits_count_as_the_smallest() {
    let budget = Budget::begin(1, OFTEN).await;
    budget.story.control().fault(Some(Fault::on(Side::Okta, FaultKind::GarbageRateHeaders)));
    let before = budget.asked();
    for _ in 0..20 {
        budget.minute().await;
    }
    let asked = budget.asked() - before;
    assert!((7..=20 + 3).contains(&asked), "{asked} requests in 20 minutes");
}

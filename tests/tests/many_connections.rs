//! Monitors a hundred connections for two simulated hours and compares the requests to Okta and Radiant with the budget.
//!
//! The practice organization counts the requests. A connector is opened anew for each simulated minute, as after a restart.
//! `cargo xtask drill budget` runs it; among the tests it runs with a few connections.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::connection::{ConnectionId, Keep};
use model::monitor_settings::MonitorSettings;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use model::status::State;
use practice::{Change, Options, Practice};
use runtime::Clock;
use secrets::Keychain;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use support::addresses;
use support::test_connection::START;

const HOURS: i64 = 2;
/// Of one connection in an hour: a heartbeat every ten minutes, a look at both sides every thirty that takes a heartbeat's place.
const OKTA_AN_HOUR: u64 = 6;
/// A busy organization's newest page is too young to judge, so an older one is asked for as well.
const OLDER_AN_HOUR: u64 = 2;
/// One of Radiant for each look at both sides: the events are found, so the newest one is not asked for.
const RADIANT_AN_HOUR: u64 = 2;

/// Many connections to one practice organization, in one folder and one keychain.
struct Crowd {
    practice: Practice,
    clock: Clock,
    folder: tempfile::TempDir,
    keychain: Keychain,
}

/// What was asked of Okta and of Radiant so far.
type Asked = (u64, u64);

impl Crowd {
    async fn gather(count: usize) -> Self {
        let start = START.parse().unwrap();
        let options = Options {
            starts_at: Some(start),
            events_per_second: 0.0,
            rate_limit: 1_000_000,
            radiant_lag: Duration::ZERO,
            ..Options::default()
        };
        let practice = Practice::start(options).await.unwrap();
        practice.control().credential(Some(practice.card().tokens.super_admin.clone()));
        let clock = Clock::manual(start);
        let crowd = Self { practice, clock, folder: tempfile::tempdir().unwrap(), keychain: Keychain::memory() };
        let connector = crowd.restart();
        connector.settings().set_monitor(MonitorSettings::default()).await.unwrap();
        for _ in 0..count {
            crowd.join(&connector).await;
        }
        crowd
    }

    async fn join(&self, connector: &Connector) -> ConnectionId {
        let card = self.practice.card();
        let id = connector
            .connections()
            .begin_practice(addresses(&self.practice), "Practice".to_owned())
            .await
            .unwrap()
            .connection
            .id;
        connector.guide().set_domain(&id, String::new()).await.unwrap();
        let search = RadiantSearch {
            url: card.radiant.search.clone(),
            index: Some("raw-events".to_owned()),
            connector_type: Some("okta_system_log".to_owned()),
            timestamp_field: Some("timestamp".to_owned()),
            ..RadiantSearch::default()
        };
        connector.guide().set_radiant_search(&id, search).await.unwrap();
        for (name, token) in [
            (SecretName::OktaToken, &card.tokens.super_admin),
            (SecretName::RadiantSearchToken, &card.radiant_search_token),
        ] {
            connector.tokens().store(&id, name, token.clone().into(), false).await.unwrap();
        }
        connector.guide().finish(&id, Keep::Token).await.unwrap();
        id
    }

    /// Opens the same folder and keychain again.
    fn restart(&self) -> Connector {
        let connector = Connector::open(ConnectorConfig {
            data_dir: self.folder.path().to_owned(),
            keychain: self.keychain.clone(),
            http: HttpSettings::default(),
            clock: self.clock.clone(),
            operator: "admin".to_owned(),
            policy: None,
        })
        .unwrap();
        connector.connections().join_practice(addresses(&self.practice));
        connector
    }

    fn asked(&self) -> Asked {
        let all = self.practice.control().counters().requests;
        let of = |side: &str| all.iter().filter(|(path, _)| path.starts_with(side)).map(|(_, count)| count).sum();
        (of("okta "), of("radiant "))
    }

    /// Lets a minute with an event pass, runs the probes that are due, all of which must be well, and returns their number.
    async fn minute(&self) -> usize {
        self.clock.advance(TimeDelta::minutes(1));
        self.practice.control().emit(1);
        self.practice.control().set(Change::AdvanceTime { ms: 60_000 });
        let connector = self.restart();
        let tended = connector
            .monitor()
            .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &CancellationToken::new())
            .await
            .unwrap()
            .outcomes;
        let bad = tended.iter().find(|one| one.after.state != State::Ok);
        assert!(bad.is_none(), "{}: {:?}", self.clock.now(), bad.map(|one| &one.after));
        tended.len()
    }

    /// Takes what is due in each minute of the hours after the first run of all checks; returns that run's share and the hours'. The first run takes some minutes: how much the org allows is known only after its first answer.
    async fn watch(&self) -> (Asked, Asked) {
        let before = self.asked();
        while self.minute().await > 0 {}
        let after_first = self.asked();
        for _ in 0..HOURS * 60 {
            self.minute().await;
        }
        (less(after_first, before), less(self.asked(), after_first))
    }
}

fn less(now: Asked, before: Asked) -> Asked {
    (now.0 - before.0, now.1 - before.1)
}

fn bytes(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().flatten().map(|file| file.metadata().unwrap().len()).sum()
}

#[tokio::test]
async fn a_few_connections_stay_within_the_hourly_budget() {
    let crowd = Crowd::gather(3).await;
    let (_, hours) = crowd.watch().await;
    let of = |per_hour: u64| 3 * per_hour * u64::try_from(HOURS).unwrap();
    assert!((of(OKTA_AN_HOUR)..=of(OKTA_AN_HOUR + OLDER_AN_HOUR)).contains(&hours.0), "{hours:?}");
    assert_eq!(hours.1, of(RADIANT_AN_HOUR));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a drill of minutes: cargo xtask drill budget"]
async fn drill_budget() {
    const COUNT: usize = 100;
    let crowd = Crowd::gather(COUNT).await;
    let (first, hours) = crowd.watch().await;
    let hour = |asked: u64| asked / u64::try_from(HOURS).unwrap();
    let connector = crowd.restart();
    let began = Instant::now();
    let views = connector.connections().list().await.unwrap();
    let listed = began.elapsed();
    let began = Instant::now();
    let idle = connector
        .monitor()
        .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &CancellationToken::new())
        .await
        .unwrap()
        .outcomes;
    let nothing_due = began.elapsed();
    println!(
        "{}",
        json!({"drill": "budget", "connections": COUNT, "simulated_hours": HOURS,
            "okta_per_hour": hour(hours.0), "okta_budget_per_hour": (OKTA_AN_HOUR + OLDER_AN_HOUR) * 100,
            "radiant_per_hour": hour(hours.1), "radiant_budget_per_hour": RADIANT_AN_HOUR * 100,
            "okta_daily": first.0, "radiant_daily": first.1,
            "list_ms": listed.as_millis(), "list_kb": serde_json::to_string(&views).unwrap().len() / 1000,
            "pass_without_a_look_ms": nothing_due.as_millis(), "database_kb": bytes(crowd.folder.path()) / 1000})
    );
    assert_eq!((views.len(), idle.len()), (COUNT, 0));
    assert!(hour(hours.0) <= (OKTA_AN_HOUR + OLDER_AN_HOUR) * 100, "{hours:?}");
    assert_eq!(hour(hours.1), RADIANT_AN_HOUR * 100);
}

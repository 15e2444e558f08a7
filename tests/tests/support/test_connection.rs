//! A practice organization, a connector over a temporary folder, and one connection between them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use model::check::{CheckId, CheckProgress, CheckReport, CheckRow};
use model::connection::{ConnectionId, Profile};
use model::okta_origin::Origin;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use practice::{Change, Control, Options, Practice};
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

/// Start of simulated time: a Tuesday in office hours.
pub(crate) const START: &str = "2026-03-10T10:15:00Z";

/// All a story needs. Dropping it ends the practice organization and removes the folder.
pub(crate) struct TestConnection {
    pub(crate) practice: Practice,
    pub(crate) connector: Connector,
    pub(crate) id: ConnectionId,
    pub(crate) clock: Clock,
    pub(crate) folder: tempfile::TempDir,
}

impl TestConnection {
    /// A new organization in simulated time, and a guide opened on it.
    pub(crate) async fn begin() -> Self {
        Self::simulated(Options::default()).await
    }

    /// An organization and a connector in simulated time, which stands still until [`TestConnection::pass`].
    pub(crate) async fn simulated(options: Options) -> Self {
        let start = START.parse().unwrap();
        let options = Options { starts_at: Some(start), events_per_second: 0.0, ..options };
        Self::with(options, Clock::manual(start)).await
    }

    pub(crate) async fn with(options: Options, clock: Clock) -> Self {
        Self::over(options, clock, HttpSettings::default()).await
    }

    /// Whose requests leave so.
    pub(crate) async fn over(options: Options, clock: Clock, web: HttpSettings) -> Self {
        Self::keeping(options, clock, web, Keychain::memory()).await
    }

    /// Whose secrets are kept there.
    pub(crate) async fn keeping(options: Options, clock: Clock, web: HttpSettings, keychain: Keychain) -> Self {
        let time = clock.clone();
        let practice = Practice::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let connector = Connector::open(ConnectorConfig {
            data_dir: folder.path().to_owned(),
            keychain,
            http: web,
            clock,
            operator: "admin".to_owned(),
            policy: None,
        })
        .unwrap();
        let id = connector
            .connections()
            .begin_practice(addresses(&practice), "Practice".to_owned())
            .await
            .unwrap()
            .connection
            .id;
        Self { practice, connector, id, clock: time, folder }
    }

    pub(crate) fn control(&self) -> Control {
        self.practice.control()
    }

    /// Lets simulated time pass on both sides; Radiant reads what is due by then.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
        self.control().set(Change::AdvanceTime { ms: time.num_milliseconds().unsigned_abs() });
    }

    /// Keeps an Okta token, as if it had been pasted.
    pub(crate) async fn paste(&self, token: &str) {
        self.connector.tokens().store(&self.id, SecretName::OktaToken, token.to_owned().into(), false).await.unwrap();
    }

    pub(crate) async fn paste_super_admin(&self) {
        self.paste(&self.practice.card().tokens.super_admin.clone()).await;
    }

    pub(crate) async fn profile(&self, profile: Profile) {
        self.connector.guide().set_profile(&self.id, profile).await.unwrap();
    }

    /// Gives Radiant the token and the app Radiant's search token, with all settings known.
    pub(crate) async fn join_radiant(&self) {
        self.search(|search| search).await;
        let token = self.practice.card().radiant_search_token.clone();
        self.connector.tokens().store(&self.id, SecretName::RadiantSearchToken, token.into(), false).await.unwrap();
        self.control().credential(Some(self.practice.card().tokens.super_admin.clone()));
    }

    /// Changes how Radiant is searched.
    pub(crate) async fn search(&self, change: impl FnOnce(RadiantSearch) -> RadiantSearch) {
        let search = RadiantSearch {
            url: self.practice.card().radiant.search.clone(),
            index: Some("raw-events".to_owned()),
            connector_type: Some("okta_system_log".to_owned()),
            timestamp_field: Some("timestamp".to_owned()),
            ..RadiantSearch::default()
        };
        self.connector.guide().set_radiant_search(&self.id, change(search)).await.unwrap();
    }

    /// Runs every check.
    pub(crate) async fn check(&self) -> CheckReport {
        self.connector.checks().run(&self.id, None, CancellationToken::new(), |_| {}).await.unwrap()
    }

    /// Runs every check and keeps the news in the order they came.
    pub(crate) async fn check_with_progress(&self) -> (CheckReport, Vec<CheckProgress>) {
        let news = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&news);
        let tell = move |one| heard.lock().unwrap().push(one);
        let report = self.connector.checks().run(&self.id, None, CancellationToken::new(), tell).await.unwrap();
        let news = news.lock().unwrap().clone();
        (report, news)
    }

    pub(crate) async fn row(&self, check: CheckId) -> CheckRow {
        self.check().await.row(check).unwrap().clone()
    }

    /// Waits until the practice Radiant has read at least one event; in simulated time it reads at once.
    pub(crate) async fn radiant_has_read(&self) {
        self.control().set(Change::AdvanceTime { ms: 0 });
        for _ in 0..100 {
            if self.control().counters().radiant_has > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the practice Radiant read nothing");
    }

    pub(crate) async fn origin(&self) -> Option<Origin> {
        self.connector.connections().get(&self.id).await.unwrap().connection.origin
    }
}

pub(crate) fn addresses(practice: &Practice) -> PracticeAddresses {
    let card = practice.card();
    PracticeAddresses {
        okta: card.okta.clone(),
        radiant_search: card.radiant.search.clone(),
        radiant_docs: card.radiant.docs.clone(),
    }
}

//! A monitoring pass reads the policy file and the settings equally often for any number of connections.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};

use connector::paths::PolicyPlace;
use connector::{Audience, Connector, ConnectorConfig, PassScope};
use http_client::HttpSettings;
use model::connection::{Keep, Profile};
use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::secret::SecretName;
use practice::Options;
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use support::{Story, addresses};

const CONNECTIONS: usize = 3;

static POLICY: AtomicUsize = AtomicUsize::new(0);
static SETTINGS: AtomicUsize = AtomicUsize::new(0);

/// Counts what the domain says it reads.
struct Counting;

impl Visit for Counting {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        match format!("{value:?}").as_str() {
            "the policy file is read" => POLICY.fetch_add(1, Ordering::SeqCst),
            "settings are read" => SETTINGS.fetch_add(1, Ordering::SeqCst),
            _ => 0,
        };
    }
}

impl Subscriber for Counting {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("connector::")
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Self);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Returns how often the policy file and the settings were read meanwhile.
async fn reads<T>(work: impl Future<Output = T>) -> (T, usize, usize) {
    POLICY.store(0, Ordering::SeqCst);
    SETTINGS.store(0, Ordering::SeqCst);
    let came = work.await;
    (came, POLICY.load(Ordering::SeqCst), SETTINGS.load(Ordering::SeqCst))
}

/// Watched connections over a data folder, whose policy file says how often.
async fn watched() -> (Story, Connector) {
    let (keychain, options) = (Keychain::memory(), Options { events_per_second: 0.0, ..Options::default() });
    let web = HttpSettings::default();
    let story = Story::keeping(options, Clock::system(), web.clone(), keychain.clone()).await;
    story.connector.settings().set_monitor(MonitorSettings::default()).await.unwrap();
    let token = story.practice.card().tokens.super_admin.clone();
    for n in 0..CONNECTIONS {
        let id = match n {
            0 => story.id.clone(),
            _ => {
                story
                    .connector
                    .connections()
                    .begin_practice(addresses(&story.practice), n.to_string())
                    .await
                    .unwrap()
                    .connection
                    .id
            }
        };
        story.connector.guide().set_profile(&id, Profile::Ingestion).await.unwrap();
        story.connector.tokens().store(&id, SecretName::OktaToken, token.clone().into(), false).await.unwrap();
        story.connector.guide().finish(&id, Keep::Token).await.unwrap();
    }
    let file = story.folder.path().join("policy.json");
    std::fs::write(&file, r#"{"format": 1, "rate_share": 50}"#).unwrap();
    // Opened as another program opens it, which did not start the practice organization and so heeds the policy.
    let (data_dir, policy) = (story.folder.path().to_owned(), Some(PolicyPlace { file, owner: None }));
    let start =
        ConnectorConfig { data_dir, keychain, http: web, clock: Clock::system(), operator: "admin".to_owned(), policy };
    (story, Connector::open(start).unwrap())
}

#[tokio::test]
async fn a_pass_reads_the_policy_once_and_the_settings_twice_for_each_probe() {
    tracing::subscriber::set_global_default(Counting).unwrap();
    let (story, connector) = watched().await;
    let cancel = CancellationToken::new();
    let (round, policy, settings) =
        reads(connector.monitor().run_due_probes(&PassScope::Every, Audience::AWAY, None, &cancel)).await;
    let looks = round.unwrap().outcomes.len();
    println!("a round of {looks} looks: policy {policy}, settings {settings}");
    assert!(looks > 0, "nothing was due");
    assert!(policy == 1 && settings <= 2 + 2 * looks, "{looks} looks: policy {policy}, settings {settings}");

    let (look, policy, settings) =
        reads(connector.monitor().probe_now(&story.id, ProbeKind::Full, Audience::AWAY, &cancel)).await;
    println!("one look: policy {policy}, settings {settings}");
    assert!(look.unwrap().is_some());
    assert!(policy == 1 && settings <= 2, "one look: policy {policy}, settings {settings}");

    let (run, policy, settings) = reads(connector.checks().run(&story.id, None, cancel, |_| {})).await;
    println!("a run of checks: policy {policy}, settings {settings}");
    run.unwrap();
    assert_eq!(policy, 1, "a run of checks: policy {policy}");

    let (reminded, policy, settings) =
        reads(connector.monitor().due_reminders(&PassScope::Every, Audience::AWAY)).await;
    println!("reminders of {CONNECTIONS}: policy {policy}, settings {settings}");
    reminded.unwrap();
    assert_eq!((policy, settings), (1, 1), "reminders of {CONNECTIONS} connections");
}

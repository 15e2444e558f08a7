//! A monitoring pass reads the policy file and the settings equally often for any number of connections.
#![expect(clippy::unwrap_used, reason = "tests")]

mod tls_support;

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};

use connector::paths::PolicyPlace;
use connector::{Audience, Connector, ConnectorConfig, PassScope};
use model::connection::{ConnectionId, Keep, Profile};
use model::monitor::ProbeKind;
use model::secret_name::SecretName;
use practice::Practice;
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use tls_support::{ORG, Trusted, org, tls, web};

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

/// Monitored connections to a real address, because practice has no policy; a policy file says how often.
async fn watched() -> (Practice, tempfile::TempDir, Connector, ConnectionId) {
    let (org, folder) = (org(tls(ORG)).await, tempfile::tempdir().unwrap());
    let file = folder.path().join("policy.json");
    std::fs::write(&file, r#"{"format": 1, "rate_share": 50}"#).unwrap();
    let connector = Connector::open(ConnectorConfig {
        data_dir: folder.path().to_owned(),
        keychain: Keychain::memory(),
        http: web(Trusted::Everywhere, &[(ORG, &org)]),
        clock: Clock::system(),
        operator: "admin".to_owned(),
        policy: Some(PolicyPlace { file, owner: None }),
    })
    .unwrap();
    let mut ids = Vec::new();
    for _ in 0..CONNECTIONS {
        let id = connector.connections().begin().await.unwrap().connection.id;
        connector.guide().set_domain(&id, ORG.to_owned()).await.unwrap();
        connector.guide().set_profile(&id, Profile::Ingestion).await.unwrap();
        let token = org.card().tokens.super_admin.clone();
        connector.tokens().store(&id, SecretName::OktaToken, token.into(), false).await.unwrap();
        connector.guide().finish(&id, Keep::Token).await.unwrap();
        ids.push(id);
    }
    (org, folder, connector, ids.remove(0))
}

#[tokio::test]
async fn a_pass_reads_the_policy_once_and_the_settings_twice_for_each_probe() {
    tracing::subscriber::set_global_default(Counting).unwrap();
    let (_org, _folder, connector, id) = watched().await;
    let cancel = CancellationToken::new();
    let (round, policy, settings) =
        reads(connector.monitor().run_due_probes(&PassScope::Every, Audience::AWAY, None, &cancel)).await;
    let looks = round.unwrap().outcomes.len();
    println!("a round of {looks} looks: policy {policy}, settings {settings}");
    assert!(looks > 0, "nothing was due");
    assert!(policy == 1 && settings <= 2 + 2 * looks, "{looks} looks: policy {policy}, settings {settings}");

    let (look, policy, settings) =
        reads(connector.monitor().probe_now(&id, ProbeKind::Full, Audience::AWAY, &cancel)).await;
    println!("one look: policy {policy}, settings {settings}");
    assert!(look.unwrap().is_some());
    assert!(policy == 1 && settings <= 2, "one look: policy {policy}, settings {settings}");

    let (run, policy, settings) = reads(connector.checks().run(&id, None, cancel, |_| {})).await;
    println!("a run of checks: policy {policy}, settings {settings}");
    run.unwrap();
    assert_eq!(policy, 1, "a run of checks: policy {policy}");

    let (reminded, policy, settings) =
        reads(connector.monitor().due_reminders(&PassScope::Every, Audience::AWAY)).await;
    println!("reminders of {CONNECTIONS}: policy {policy}, settings {settings}");
    reminded.unwrap();
    assert_eq!((policy, settings), (1, 1), "reminders of {CONNECTIONS} connections");
}

//! A TLS-inspecting proxy that this computer trusts, in front of Okta and Radiant: no secret is sent through it at any step of
//! the guide, of monitoring and of a rotation, unless its issuer was accepted for that host.
#![expect(clippy::unwrap_used, reason = "tests")]

mod tls_support;

use chrono::{DateTime, TimeDelta, Utc};
use connector::{Audience, Connector, ConnectorConfig};
use model::check::{CheckId, CheckReport, Outcome, Skip};
use model::code::Code;
use model::connection::{ConnectionId, Keep};
use model::guide::{Confirmable, Confirmation, GuideState};
use model::guide_rules::InspectionQuestion;
use model::monitor::ProbeKind;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::rotation::RotationStep;
use model::secret_name::SecretName;
use practice::{Change, Options, Practice};
use runtime::Clock;
use secrets::Keychain;
use store::Store;
use tokio_util::sync::CancellationToken;

use tls_support::inspecting_gateway::{Gateway, Inspection, OKTA, RADIANT};
use tls_support::tls;

const START: &str = "2026-03-10T10:00:00Z";
/// How often each step is repeated, so that a proxy on every second connection meets each kind of request.
const REPEATED: usize = 4;
const HOSTILE: [Inspection; 2] = [Inspection::All, Inspection::EverySecond];

/// An org and a tenant behind the gateway, and a connection to them.
struct Network {
    practice: Practice,
    gateway: Gateway,
    connector: Connector,
    id: ConnectionId,
    clock: Clock,
    folder: tempfile::TempDir,
}

impl Network {
    /// Walks the guide over a direct way until both tokens are stored; nothing is checked yet.
    async fn begin() -> Self {
        let start: DateTime<Utc> = START.parse().unwrap();
        let practice = Practice::start(Options {
            starts_at: Some(start),
            events_per_second: 0.0,
            backfill: 30,
            tls: Some(tls(OKTA)),
            organization_href: Some(format!("https://{OKTA}")),
            ..Options::default()
        })
        .await
        .unwrap();
        let radiant = url::Url::parse(&practice.card().radiant.search).unwrap();
        let radiant_address = radiant.socket_addrs(|| None).unwrap()[0];
        let gateway = Gateway::start(practice.okta_addr(), practice.ca_der().unwrap(), radiant_address).await;
        let (clock, folder) = (Clock::manual(start), tempfile::tempdir().unwrap());
        let connector = Connector::open(ConnectorConfig {
            data_dir: folder.path().to_owned(),
            keychain: Keychain::memory(),
            http: gateway.settings(),
            clock: clock.clone(),
            operator: "admin".to_owned(),
            policy: None,
        })
        .unwrap();
        let id = connector.connections().begin().await.unwrap().connection.id;
        let network = Self { practice, gateway, connector, id, clock, folder };
        network.connector.guide().set_domain(&network.id, OKTA.to_owned()).await.unwrap();
        let search = RadiantSearch {
            url: format!("https://{RADIANT}{}", radiant.path()),
            index: Some("raw-events".to_owned()),
            connector_type: Some("okta_system_log".to_owned()),
            timestamp_field: Some("timestamp".to_owned()),
            ..RadiantSearch::default()
        };
        network.connector.guide().set_radiant_search(&network.id, search).await.unwrap();
        let [token, _, search_token] = network.secrets();
        network.store(SecretName::OktaToken, &token).await;
        network.store(SecretName::RadiantSearchToken, &search_token).await;
        network.practice.control().credential(Some(token));
        network
    }

    /// The token, the new token of a rotation, and the search token.
    fn secrets(&self) -> [String; 3] {
        let card = self.practice.card();
        [card.tokens.super_admin.clone(), card.tokens.super_admin_next.clone(), card.radiant_search_token.clone()]
    }

    async fn store(&self, name: SecretName, secret: &str) {
        self.connector.tokens().store(&self.id, name, secret.to_owned().into(), false).await.unwrap();
    }

    async fn check(&self) -> CheckReport {
        self.connector.checks().run(&self.id, None, CancellationToken::new(), |_| {}).await.unwrap()
    }

    /// Probes as monitoring does.
    async fn probe(&self, kind: ProbeKind) {
        let monitor = self.connector.monitor();
        let cancel = CancellationToken::new();
        Box::pin(monitor.probe_now(&self.id, kind, Audience::AWAY, &cancel)).await.unwrap();
        self.pass();
    }

    /// One attempt of the arrival watch, and its problem.
    async fn watch_once(&self) -> Option<Problem> {
        let (end, (sender, ticks)) = (CancellationToken::new(), std::sync::mpsc::channel());
        let cancel = end.clone();
        let on_tick = move |tick: model::arrival::ArrivalTick| {
            drop(sender.send(tick.problem));
            cancel.cancel();
        };
        self.connector.guide().watch_arrival(&self.id, end, on_tick).await.unwrap();
        ticks.try_iter().last().flatten()
    }

    /// One attempt of the watch of a rotation.
    async fn watch_rotation_once(&self) {
        let end = CancellationToken::new();
        let cancel = end.clone();
        self.connector.rotation().watch(&self.id, end, move |_| cancel.cancel()).await.unwrap();
    }

    /// Lets a window of the rate limits pass on both sides.
    fn pass(&self) {
        self.clock.advance(TimeDelta::seconds(61));
        self.practice.control().set(Change::AdvanceTime { ms: 61_000 });
    }

    async fn go(&self, step: RotationStep) {
        self.connector.rotation().go_to_step(&self.id, step).await.unwrap();
    }

    async fn check_new_token(&self) {
        let rotation = self.connector.rotation();
        rotation.check_new_token(&self.id, CancellationToken::new(), |_| {}).await.unwrap();
    }

    /// Runs a step repeatedly in a hostile network, and then goes on over a direct way.
    async fn attack(&self, hostile: Inspection, step: &str, mut run: impl AsyncFnMut()) {
        let before = self.gateway.inspected();
        self.gateway.inspect(hostile);
        for _ in 0..REPEATED {
            Box::pin(run()).await;
            self.pass();
        }
        self.gateway.inspect(Inspection::None);
        assert!(self.gateway.inspected() > before, "{hostile:?}, {step}: the proxy was met");
        assert_eq!(self.stolen(), 0, "{hostile:?}, {step}");
    }

    /// The number of inspected connections over which a secret was sent.
    fn stolen(&self) -> usize {
        self.secrets().iter().map(|secret| self.gateway.seen(secret)).sum()
    }

    /// The same, once the gateway has recorded what is on its way.
    async fn stolen_when_quiet(&self) -> usize {
        loop {
            let before = self.stolen();
            self.clock.sleep(std::time::Duration::from_millis(500)).await;
            if self.stolen() == before {
                return before;
            }
        }
    }

    async fn question(&self, check: CheckId) -> Option<InspectionQuestion> {
        let guide = self.connector.connections().get(&self.id).await.unwrap().guide;
        if check == CheckId::Tls { guide.inspection } else { guide.radiant_inspection }
    }

    async fn accept(&self, check: CheckId) {
        let question = self.question(check).await.unwrap();
        self.connector.guide().accept_issuer(&self.id, check, question.issuer, question.key).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_sent_through_a_proxy_at_any_step_of_the_guide() {
    for hostile in HOSTILE {
        let network = Network::begin().await;
        network.attack(hostile, "checks", async || drop(network.check().await)).await;
        network
            .attack(hostile, "discovery", async || drop(network.connector.guide().discover_radiant(&network.id).await))
            .await;
        network.attack(hostile, "arrival", async || drop(network.watch_once().await)).await;
        let restored = network.check().await;
        assert_eq!(restored.row(CheckId::Token).unwrap().outcome, Outcome::Passed, "{hostile:?}: a direct way is used");
        assert_eq!(restored.row(CheckId::RadiantTls).unwrap().outcome, Outcome::Passed);
        assert_eq!(restored.row(CheckId::RadiantSearch).unwrap().outcome, Outcome::Passed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_sent_through_a_proxy_by_any_probe_of_monitoring() {
    for hostile in HOSTILE {
        let network = Network::begin().await;
        network.check().await;
        network.connector.guide().finish(&network.id, Keep::Token).await.unwrap();
        for kind in [ProbeKind::Heartbeat, ProbeKind::Freshness, ProbeKind::Full] {
            network.probe(ProbeKind::Full).await;
            network.attack(hostile, &format!("{kind:?}"), async || network.probe(kind).await).await;
        }
        network.gateway.inspect(Inspection::All);
        network.probe(ProbeKind::Heartbeat).await;
        let view = network.connector.connections().get(&network.id).await.unwrap();
        let row = view.report.as_ref().unwrap().row(CheckId::Tls).unwrap();
        assert_eq!(row.code, Some(Code::TlsInspected), "the question is asked");
        assert_eq!(view.status.problem.map(|problem| problem.code), Some(Code::TlsInspected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_sent_through_a_proxy_at_any_step_of_a_rotation() {
    for hostile in HOSTILE {
        let network = Network::begin().await;
        network.check().await;
        network.connector.guide().finish(&network.id, Keep::Token).await.unwrap();
        network.practice.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
        let rotation = network.connector.rotation();
        rotation.begin(&network.id).await.unwrap();
        let [_, new, _] = network.secrets();
        network.store(SecretName::NextOktaToken, &new).await;
        network.attack(hostile, "new token", async || network.check_new_token().await).await;
        network.check_new_token().await;
        network.go(RotationStep::Update).await;
        rotation.confirm_credential_updated(&network.id, true).await.unwrap();
        network.practice.control().credential(Some(new.clone()));
        network.go(RotationStep::Watch).await;
        network.practice.control().emit(3);
        network.attack(hostile, "watch", async || network.watch_rotation_once().await).await;
        network.go(RotationStep::Revoke).await;
        let revoke = async || drop(rotation.revoke_old_token(&network.id).await);
        network.attack(hostile, "revocation", revoke).await;
        let over = network.connector.connections().get(&network.id).await.unwrap().rotation.unwrap();
        if hostile == Inspection::All {
            assert!(over.finished.is_none(), "nothing was revoked through the proxy");
            assert!(over.revocation_sent.is_none(), "a request that was never sent is not waited for");
            rotation.revoke_old_token(&network.id).await.unwrap();
        }
        assert_eq!(network.stolen(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_issuer_gets_the_secrets_of_its_host_and_another_one_of_the_same_name_gets_none() {
    let network = Network::begin().await;
    let [token, _, search_token] = network.secrets();
    network.gateway.inspect(Inspection::All);
    network.check().await;
    network.accept(CheckId::Tls).await;
    let report = network.check().await.with_blockers();
    assert_eq!(report.row(CheckId::Tls).unwrap().code, Some(Code::TlsInspectionAccepted));
    assert_eq!(report.row(CheckId::Token).unwrap().outcome, Outcome::Passed);
    let row = report.row(CheckId::RadiantTls).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::RadiantTlsInspected)));
    assert_eq!((row.args["host"].as_str(), row.args["issuer"].as_str()), (RADIANT, "Example Gateway"));
    assert_eq!(report.row(CheckId::RadiantSearch).unwrap().skipped, Some(Skip::Depends));
    assert_eq!(report.row(CheckId::RadiantSearch).unwrap().blocked_by, Some(CheckId::RadiantTls));
    assert!(network.gateway.seen(&token) > 0, "the proxy is able to read what is accepted");
    assert_eq!(network.gateway.seen(&search_token), 0, "what was accepted for Okta is not accepted for Radiant");

    network.accept(CheckId::RadiantTls).await;
    let report = network.check().await;
    assert_eq!(report.row(CheckId::RadiantTls).unwrap().code, Some(Code::RadiantTlsInspectionAccepted));
    assert_eq!(report.row(CheckId::RadiantSearch).unwrap().outcome, Outcome::Passed);
    let (tokens, searches) = (network.gateway.seen(&token), network.gateway.seen(&search_token));
    assert!(searches > 0);

    network.gateway.inspect(Inspection::AllByAnother);
    let report = network.check().await;
    assert_eq!(report.row(CheckId::Tls).unwrap().code, Some(Code::TlsInspected), "another issuer is asked for");
    assert!(network.question(CheckId::Tls).await.unwrap().is_asked_again);
    assert!(network.question(CheckId::RadiantTls).await.unwrap().is_asked_again);
    let problem = network.watch_once().await.unwrap();
    assert_eq!((problem.code, problem.args["host"].as_str()), (Code::TlsInspected, OKTA));
    drop(network.connector.guide().discover_radiant(&network.id).await);
    assert_eq!((network.gateway.seen(&token), network.gateway.seen(&search_token)), (tokens, searches));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_issuer_gets_no_secret_of_a_watch_that_is_running() {
    let network = Network::begin().await;
    network.gateway.inspect(Inspection::All);
    for check in [CheckId::Tls, CheckId::RadiantTls] {
        network.check().await;
        network.accept(check).await;
    }
    network.check().await;
    for check in [CheckId::RadiantTls, CheckId::Tls] {
        let (guide, id) = (network.connector.guide(), &network.id);
        let (sender, mut ticks) = tokio::sync::mpsc::unbounded_channel();
        let on_tick = move |tick: model::arrival::ArrivalTick| assert!(sender.send(tick).is_ok());
        let watch = guide.watch_arrival(id, CancellationToken::new(), on_tick);
        let withdraw = async {
            ticks.recv().await.unwrap();
            guide.withdraw_issuer(id, check).await.unwrap();
            let sent = network.stolen_when_quiet().await;
            network.pass();
            sent
        };
        let (watched, sent) = tokio::join!(Box::pin(watch), withdraw);
        assert_eq!(watched.unwrap(), None, "{check:?}: the watch ended");
        assert_eq!(network.stolen(), sent, "{check:?}: nothing was sent after the withdrawal");
        // The next attempt asks before it sends.
        let problem = network.watch_once().await.unwrap();
        let code = if check == CheckId::Tls { Code::TlsInspected } else { Code::RadiantTlsInspected };
        assert_eq!(problem.code, code);
        network.check().await;
        let report = network.connector.connections().get(id).await.unwrap().report.unwrap();
        assert_eq!(report.row(check).unwrap().code, Some(code));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_before_radiant_alone_leaves_okta_alone() {
    let network = Network::begin().await;
    let search_token = &network.secrets()[2];
    network.gateway.inspect_each(Inspection::None, Inspection::All);
    let report = network.check().await;
    assert_eq!(report.row(CheckId::Tls).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::RadiantTls).unwrap().code, Some(Code::RadiantTlsInspected));
    let problem = network.watch_once().await.unwrap();
    assert_eq!((problem.code, problem.args["host"].as_str()), (Code::RadiantTlsInspected, RADIANT));
    assert_eq!(problem.args["issuer_key"].len(), 64, "the answer can be given where the question is");
    assert_eq!(network.gateway.seen(search_token), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_that_an_earlier_version_stored_without_an_issuer_is_asked_for_again() {
    let network = Network::begin().await;
    let (id, store) = (network.id.clone(), Store::open(network.folder.path()).unwrap());
    let at = network.clock.now();
    let earlier = move |state: GuideState| {
        let one = Confirmation { what: Confirmable::TlsInspectionAccepted, at, by: "admin".to_owned() };
        GuideState { confirmed: vec![one], ..state }
    };
    store.write(move |tx| tx.update(&id, earlier)).await.unwrap();
    network.gateway.inspect(Inspection::All);
    network.check().await;
    assert!(network.question(CheckId::Tls).await.unwrap().is_asked_again);
    assert_eq!(network.stolen(), 0);
}

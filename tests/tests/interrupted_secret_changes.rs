//! The app is killed, or the keychain refuses, while a secret is replaced or the guide is finished: the remaining token works,
//! and the choice of the user is completed later.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connector::{Audience, Connector, ConnectorConfig, PassScope};
use http_client::HttpSettings;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{CredentialStore, Entry, Error, mock};
use model::check::{CheckId, FactKey, Outcome};
use model::connection::Keep;
use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use model::rotation::RotationStep;
use model::secret_name::SecretName;
use practice::{Change, Options};
use runtime::Clock;
use secrets::{Keychain, Secrets};
use tokio_util::sync::CancellationToken;

use support::{TestConnection, addresses};

/// Never refuses.
const NEVER: usize = usize::MAX;
/// More steps than any of the calls here takes.
const ENOUGH: usize = 12;

/// The library's mock store, which answers so many times more and then refuses.
struct Refusing {
    inner: Arc<mock::Store>,
    left: Arc<AtomicUsize>,
}

impl CredentialStoreApi for Refusing {
    fn vendor(&self) -> String {
        self.inner.vendor()
    }

    fn id(&self) -> String {
        self.inner.id()
    }

    fn build(&self, service: &str, user: &str, more: Option<&HashMap<&str, &str>>) -> Result<Entry, Error> {
        let take = |left: usize| if left == NEVER { Some(NEVER) } else { left.checked_sub(1) };
        match self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take) {
            Ok(_) => self.inner.build(service, user, more),
            Err(_) => Err(Error::NoStorageAccess("refused".into())),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A connection in its guide, over a keychain that can be told when to refuse.
struct Refused {
    story: TestConnection,
    left: Arc<AtomicUsize>,
    keychain: Keychain,
}

impl Refused {
    async fn begin() -> Self {
        let left = Arc::new(AtomicUsize::new(NEVER));
        let store = Arc::new(Refusing { inner: mock::Store::new().unwrap(), left: Arc::clone(&left) });
        let open = move || Ok(Arc::clone(&store) as Arc<CredentialStore>);
        let keychain = Keychain::opened_by("test", open);
        let options = Options { events_per_second: 0.0, ..Options::default() };
        let story = TestConnection::keeping(options, Clock::system(), HttpSettings::default(), keychain.clone()).await;
        story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
        story.paste_super_admin().await;
        Self { story, left, keychain }
    }

    /// Makes the call over a keychain that answers `steps` times, then opens everything anew as after a kill.
    async fn interrupted<T>(
        mut self,
        steps: usize,
        call: impl AsyncFnOnce(&TestConnection) -> Result<T, Problem>,
    ) -> (Self, Result<T, Problem>) {
        self.left.store(steps, Ordering::SeqCst);
        let came = call(&self.story).await;
        self.left.store(NEVER, Ordering::SeqCst);
        let (data_dir, keychain, operator) =
            (self.story.folder.path().to_owned(), self.keychain.clone(), "admin".to_owned());
        let (web, clock) = (HttpSettings::default(), self.story.clock.clone());
        let start = ConnectorConfig { data_dir, keychain, http: web, clock, operator, policy: None };
        self.story.connector = Connector::open(start).unwrap();
        self.story.connector.connections().join_practice(addresses(&self.story.practice));
        (self, came)
    }

    async fn works(&self) -> Outcome {
        self.story.row(CheckId::Token).await.outcome
    }

    async fn holds(&self) -> Vec<SecretName> {
        let view = self.story.connector.connections().get(&self.story.id).await.unwrap();
        let mut held = Vec::new();
        for name in [SecretName::OktaToken, SecretName::MonitoringToken, SecretName::RadiantSearchToken] {
            let there = self.keychain.has(&self.story.id, name).await.unwrap().is_some();
            assert_eq!(view.has_secret(name), there, "{name:?}: the index says otherwise than the keychain");
            held.extend(there.then_some(name));
        }
        held
    }

    async fn tend(&self) {
        self.story
            .connector
            .monitor()
            .run_due_probes(&PassScope::Every, Audience::Nobody, None, &CancellationToken::new())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_token_that_is_replaced_leaves_the_old_or_the_new_one_wherever_the_keychain_refuses() {
    let mut refused = 0;
    for steps in 0..ENOUGH {
        let guide = Refused::begin().await;
        let new = guide.story.practice.card().tokens.org_admin.clone();
        let (guide, came) = guide
            .interrupted(steps, async |story| {
                story.connector.tokens().store(&story.id, SecretName::OktaToken, new.into(), false).await
            })
            .await;
        assert_eq!(guide.works().await, Outcome::Passed, "after {steps} steps: {came:?}");
        assert_eq!(guide.holds().await, [SecretName::OktaToken]);
        refused += usize::from(came.is_err());
    }
    assert!((1..ENOUGH).contains(&refused), "{refused} of {ENOUGH} were refused");
}

#[tokio::test]
async fn a_token_pasted_while_another_is_being_replaced_leaves_one_that_works_wherever_the_keychain_refuses() {
    for steps in 0..ENOUGH {
        let guide = Refused::begin().await;
        guide.story.check().await;
        let (connector, id) = (&guide.story.connector, &guide.story.id);
        connector.guide().finish(id, Keep::Token).await.unwrap();
        guide.story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
        connector.rotation().begin(id).await.unwrap();
        let tokens = guide.story.practice.card().tokens.clone();
        connector.tokens().store(id, SecretName::NextOktaToken, tokens.super_admin_next.into(), false).await.unwrap();
        connector.rotation().check_new_token(id, CancellationToken::new(), |_| {}).await.unwrap();
        let (guide, came) = guide
            .interrupted(steps, async |story| {
                let (id, pasted) = (&story.id, tokens.org_admin.clone().into());
                story.connector.tokens().store(id, SecretName::OktaToken, pasted, false).await
            })
            .await;
        guide.story.connector.rotation().resume(&guide.story.id).await.unwrap();
        assert_eq!(guide.works().await, Outcome::Passed, "after {steps} steps: {came:?}");
        let view = guide.story.connector.connections().get(&guide.story.id).await.unwrap();
        assert_eq!(came.is_ok(), view.rotation.is_none(), "after {steps} steps");
    }
}

#[tokio::test]
async fn a_new_token_pasted_again_is_never_taken_for_the_checked_one() {
    for steps in 0..ENOUGH {
        let guide = Refused::begin().await;
        guide.story.check().await;
        let (connector, id) = (&guide.story.connector, &guide.story.id);
        connector.guide().finish(id, Keep::Token).await.unwrap();
        guide.story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
        connector.rotation().begin(id).await.unwrap();
        let tokens = guide.story.practice.card().tokens.clone();
        connector.tokens().store(id, SecretName::NextOktaToken, tokens.super_admin_next.into(), false).await.unwrap();
        connector.rotation().check_new_token(id, CancellationToken::new(), |_| {}).await.unwrap();
        let (guide, came) = guide
            .interrupted(steps, async |story| {
                let (id, pasted) = (&story.id, tokens.org_admin.clone().into());
                story.connector.tokens().store(id, SecretName::NextOktaToken, pasted, false).await
            })
            .await;
        let (connector, id) = (&guide.story.connector, &guide.story.id);
        let there = guide.keychain.has(id, SecretName::NextOktaToken).await.unwrap();
        assert!(there.is_some(), "after {steps} steps neither is there: {came:?}");
        let found = guide.keychain.get(id, SecretName::NextOktaToken, &there.unwrap().0).await.unwrap();
        let changed = Secrets::same(&found, &tokens.org_admin.clone().into());
        let may = connector.rotation().go_to_step(id, RotationStep::Update).await.is_ok();
        assert!(!(changed && may), "after {steps} steps a token that nobody checked may go to Radiant");
    }
}

#[tokio::test]
async fn secrets_that_the_keychain_refused_to_forget_are_forgotten_later() {
    let mut refused = 0;
    for (keep, left) in [(Keep::Nothing, &[][..]), (Keep::MonitoringToken, &[SecretName::MonitoringToken][..])] {
        for steps in 0..ENOUGH {
            let guide = Refused::begin().await;
            let token = guide.story.practice.card().tokens.read_only.clone();
            let (connector, id) = (&guide.story.connector, &guide.story.id);
            connector.tokens().store(id, SecretName::MonitoringToken, token.into(), false).await.unwrap();
            let (guide, came) =
                guide.interrupted(steps, async |story| story.connector.guide().finish(&story.id, keep).await).await;
            let view = guide.story.connector.connections().get(&guide.story.id).await.unwrap();
            assert_eq!((view.connection.keep, view.setup.finished.is_some()), (keep, true), "{came:?}");
            if keep == Keep::MonitoringToken {
                assert_eq!(guide.works().await, Outcome::Passed, "after {steps} steps: {came:?}");
            }
            guide.tend().await;
            assert_eq!(guide.holds().await, left, "after {steps} steps: {came:?}");
            refused += usize::from(came.is_err());
        }
    }
    assert!((2..2 * ENOUGH).contains(&refused), "{refused} were refused");
}

#[tokio::test]
async fn a_token_that_is_pasted_after_the_guide_waits_for_the_next_choice() {
    let guide = Refused::begin().await;
    guide.story.connector.guide().finish(&guide.story.id, Keep::Nothing).await.unwrap();
    guide.story.paste_super_admin().await;
    guide.tend().await;
    assert_eq!(guide.holds().await, [SecretName::OktaToken]);
}

#[tokio::test]
async fn another_choice_of_the_stored_token_runs_every_check_with_that_token() {
    let Refused { story, .. } = Refused::begin().await;
    let (connector, id) = (&story.connector, &story.id);
    connector.settings().set_monitor(MonitorSettings::default()).await.unwrap();
    connector.guide().finish(id, Keep::Token).await.unwrap();
    let look = async |tier| {
        connector.monitor().probe_now(id, tier, Audience::Nobody, &CancellationToken::new()).await.unwrap()
    };
    look(ProbeKind::Full).await.unwrap();
    assert_eq!(connector.monitor().due(id).await.unwrap(), None);
    let owner = async || {
        let report = connector.connections().get(id).await.unwrap().report.unwrap();
        let facts = report.row(CheckId::Owner).unwrap().facts.clone();
        facts.into_iter().find(|fact| fact.key == FactKey::Owner).unwrap().value
    };
    let before = owner().await;
    let token = story.practice.card().tokens.read_only.clone();
    connector.tokens().store(id, SecretName::MonitoringToken, token.into(), false).await.unwrap();
    look(ProbeKind::Full).await.unwrap();
    assert_eq!(
        (owner().await, connector.monitor().due(id).await.unwrap()),
        (before.clone(), None),
        "it is not used yet"
    );
    connector.guide().finish(id, Keep::MonitoringToken).await.unwrap();
    assert_eq!(connector.monitor().due(id).await.unwrap(), Some(ProbeKind::Full));
    look(ProbeKind::Heartbeat).await.unwrap();
    assert_ne!(owner().await, before);
}

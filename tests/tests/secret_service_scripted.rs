//! The keychain over a scripted Secret Service: one that hides the items of a locked collection, one without a collection, and
//! one whose prompt nobody answers. gnome-keyring does none of these.
//!
//! Needs `CONNECTOR_PRIVATE_DESKTOP=1`; skipped otherwise. The outer tests start the bus; the ignored tests are the scenes.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/private_bus.rs"]
mod private_bus;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;
use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::secret_name::{SecretName, SecretState};
use runtime::Clock;
use secrecy::SecretString;
use secrets::{Keychain, KeychainError, Secrets};
use store::Store;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, interface};

use private_bus::{BusSetup, run_on_private_bus};

const PATH: &str = "/org/freedesktop/secrets";
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
const OTHER: &str = "/org/freedesktop/secrets/collection/other";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/p1";
const ORIGIN: &str = "https://acme.okta.com";
const TOKEN: SecretName = SecretName::OktaToken;

#[test]
fn an_empty_answer_of_a_locked_keychain_is_locked_and_nothing_is_removed() {
    run_on_private_bus(BusSetup::NoService, "scene_locked_and_hidden");
}

#[test]
fn a_second_collection_that_is_locked_counts_for_a_secret_that_was_kept() {
    run_on_private_bus(BusSetup::NoService, "scene_second_collection");
}

#[test]
fn a_keychain_whose_collections_are_hidden_says_so_and_nothing_is_removed() {
    run_on_private_bus(BusSetup::NoService, "scene_no_collections");
}

#[test]
fn one_question_is_asked_at_a_time_and_taken_back_when_nobody_answers() {
    run_on_private_bus(BusSetup::NoService, "scene_unanswered_prompt");
}

#[test]
fn the_question_of_a_call_that_nobody_waits_for_any_more_is_taken_back() {
    run_on_private_bus(BusSetup::NoService, "scene_dropped_call");
}

/// What the provider offers, and what was asked of it.
#[derive(Default)]
struct Provider {
    /// Each collection and whether it is locked. The first one is the default.
    collections: Vec<(&'static str, bool)>,
    /// Whether a prompt is dismissed at once; otherwise it stays.
    dismisses: bool,
    prompts: usize,
    open_prompts: usize,
    most_open_prompts: usize,
}

type Shared = Arc<Mutex<Provider>>;

fn path(text: &str) -> OwnedObjectPath {
    ObjectPath::try_from(text.to_owned()).unwrap().into()
}

struct Service(Shared);

#[interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    fn open_session(&self, _algorithm: &str, _input: Value<'_>) -> (OwnedValue, OwnedObjectPath) {
        // Any public key will do: no secret is ever sent.
        (Value::from(vec![7_u8; 128]).try_to_owned().unwrap(), path("/org/freedesktop/secrets/session/s1"))
    }

    fn search_items(&self, _attributes: HashMap<&str, &str>) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        (Vec::new(), Vec::new())
    }

    fn unlock(&self, _objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        (Vec::new(), path(PROMPT))
    }

    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        path(self.0.lock().unwrap().collections.first().map_or("/", |(path, _)| path))
    }

    #[zbus(property)]
    fn collections(&self) -> Vec<OwnedObjectPath> {
        self.0.lock().unwrap().collections.iter().map(|(one, _)| path(one)).collect()
    }
}

struct Collection(Shared, &'static str);

#[interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.lock().unwrap().collections.iter().any(|(path, locked)| *path == self.1 && *locked)
    }

    #[zbus(property)]
    fn items(&self) -> Vec<OwnedObjectPath> {
        Vec::new()
    }
}

struct Prompt(Shared);

#[interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(&self, _window: &str, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        let is_dismissed = {
            let mut provider = self.0.lock().unwrap();
            provider.prompts += 1;
            provider.open_prompts += 1;
            provider.most_open_prompts = provider.most_open_prompts.max(provider.open_prompts);
            provider.dismisses
        };
        if is_dismissed {
            self.dismiss(emitter).await;
        }
    }

    async fn dismiss(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        self.0.lock().unwrap().open_prompts -= 1;
        Self::completed(&emitter, true, Value::from("")).await.unwrap();
    }

    #[zbus(signal)]
    async fn completed(emitter: &SignalEmitter<'_>, dismissed: bool, result: Value<'_>) -> zbus::Result<()>;
}

/// Serves the provider until the connection is dropped.
async fn serve(provider: Provider) -> (Connection, Shared) {
    let shared: Shared = Arc::new(Mutex::new(provider));
    let bus = zbus::connection::Builder::session()
        .unwrap()
        .serve_at(PATH, Service(Arc::clone(&shared)))
        .unwrap()
        .serve_at(LOGIN, Collection(Arc::clone(&shared), LOGIN))
        .unwrap()
        .serve_at(OTHER, Collection(Arc::clone(&shared), OTHER))
        .unwrap()
        .serve_at(PROMPT, Prompt(Arc::clone(&shared)))
        .unwrap()
        .name("org.freedesktop.secrets")
        .unwrap()
        .build()
        .await
        .unwrap();
    (bus, shared)
}

/// A connection over the keychain, and its secrets.
struct Kept {
    connector: Connector,
    secrets: Secrets,
    store: Store,
    id: ConnectionId,
    _folder: tempfile::TempDir,
}

impl Kept {
    async fn new() -> Self {
        let (folder, keychain) = (tempfile::tempdir().unwrap(), Keychain::system("example.connector.hidden-test"));
        let connector = Connector::open(ConnectorConfig {
            data_dir: folder.path().to_owned(),
            keychain: keychain.clone(),
            http: HttpSettings::default(),
            clock: Clock::system(),
            operator: "admin".to_owned(),
            policy: None,
        })
        .unwrap();
        let id = connector.connections().begin().await.unwrap().connection.id;
        let store = Store::open(folder.path()).unwrap();
        let secrets = Secrets::new(keychain, store.clone(), Clock::system());
        Self { connector, secrets, store, id, _folder: folder }
    }

    /// Writes the row of a token that an earlier run kept.
    async fn index_token(&self) {
        let bound_to = Some(ORIGIN.to_owned());
        let state = SecretState { name: TOKEN, since: Some(DateTime::UNIX_EPOCH), bound_to, this_run_only: false };
        let id = self.id.clone();
        self.store.write(move |tx| tx.put_secret_state(&id, &state)).await.unwrap();
    }

    /// Asserts that nothing that asks for the token reports it as gone or as removed.
    async fn assert_kept(&self, code: Code) {
        let (secrets, id) = (&self.secrets, &self.id);
        let of = |result: Result<(), secrets::SecretsError>| Problem::from(result.unwrap_err()).code;
        assert_eq!(of(secrets.get(id, TOKEN, ORIGIN).await.map(drop)), code, "get");
        assert_eq!(of(secrets.find(id, TOKEN, ORIGIN).await.map(drop)), code, "find");
        assert_eq!(of(secrets.forget(id, TOKEN).await), code, "forget");
        assert_eq!(of(secrets.purge(id, &SecretName::ALL).await), code, "purge");
        assert_eq!(of(secrets.reconcile(id, &SecretName::ALL, None).await), code, "reconcile");
        assert_eq!(secrets.keychain().forget_service().await.unwrap_err().code(), code, "forget_service");
        assert_eq!(self.connector.connections().remove(id).await.unwrap_err().code, code, "remove");
        assert_eq!(secrets.states(id).await.unwrap().len(), 1, "the row stays");
        assert_eq!(self.connector.connections().list().await.unwrap().len(), 1, "and the connection");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_locked_and_hidden() {
    let provider = Provider { collections: vec![(LOGIN, true)], dismisses: true, ..Provider::default() };
    let (_bus, provider) = serve(provider).await;
    let kept = Kept::new().await;
    kept.index_token().await;
    kept.assert_kept(Code::KeychainLocked).await;
    let token = SecretString::from("00new".to_owned());
    let error = kept.secrets.keep(&kept.id, SecretName::MonitoringToken, ORIGIN, &token, false).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::KeychainLocked);
    assert_eq!(kept.secrets.states(&kept.id).await.unwrap().len(), 1, "what was not kept has no row");
    assert_eq!(provider.lock().unwrap().most_open_prompts, 1);
    // Each call shows one prompt at most, whatever it would ask for.
    let before = provider.lock().unwrap().prompts;
    kept.secrets.purge(&kept.id, &SecretName::ALL).await.unwrap_err();
    assert_eq!(provider.lock().unwrap().prompts, before + 1);
    // Unlocked, it shows that nothing is there.
    provider.lock().unwrap().collections = vec![(LOGIN, false)];
    kept.connector.connections().remove(&kept.id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_second_collection() {
    let (_bus, provider) =
        serve(Provider { collections: vec![(LOGIN, false), (OTHER, true)], dismisses: true, ..Provider::default() })
            .await;
    let kept = Kept::new().await;
    let absent = kept.secrets.find(&kept.id, TOKEN, ORIGIN).await.unwrap();
    assert!(absent.is_none(), "a secret that was never kept is not looked for behind a lock");
    kept.index_token().await;
    kept.assert_kept(Code::KeychainLocked).await;
    provider.lock().unwrap().collections = vec![(LOGIN, false), (OTHER, false)];
    let error = kept.secrets.get(&kept.id, TOKEN, ORIGIN).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::KeychainEntryGone);
    kept.connector.connections().remove(&kept.id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_no_collections() {
    let (_bus, _provider) = serve(Provider::default()).await;
    let kept = Kept::new().await;
    kept.index_token().await;
    kept.assert_kept(Code::KeychainNoDefaultCollection).await;
    let without = kept.connector.connections().begin().await.unwrap().connection.id;
    kept.connector.connections().remove(&without).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_unanswered_prompt() {
    let (_bus, provider) = serve(Provider { collections: vec![(LOGIN, true)], ..Provider::default() }).await;
    let keychain = Keychain::system("example.connector.hidden-test").with_deadline(Duration::from_secs(2));
    let get = async |name: &str| keychain.get(&ConnectionId(name.to_owned()), TOKEN, ORIGIN).await.unwrap_err();
    let answers = tokio::join!(get("a"), get("b"), get("c"), get("d"));
    assert_eq!(answers.0, KeychainError::NotAnswered);
    assert_eq!([answers.1, answers.2, answers.3], [const { KeychainError::NotAnswered }; 3]);
    let asked = |provider: &Shared| provider.lock().unwrap().prompts;
    assert_eq!(asked(&provider), 1, "the others did not ask again");
    // Taken back, so that the next one is the only one again.
    let clock = Clock::system();
    let is_closed = async {
        while provider.lock().unwrap().open_prompts > 0 {
            clock.sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(clock.within(Duration::from_secs(20), is_closed).await.is_some(), "the prompt was not dismissed");
    assert_eq!(get("a").await, KeychainError::NotAnswered);
    assert_eq!((asked(&provider), provider.lock().unwrap().most_open_prompts), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_dropped_call() {
    let (_bus, provider) = serve(Provider { collections: vec![(LOGIN, true)], ..Provider::default() }).await;
    let keychain = Keychain::system("example.connector.hidden-test").with_deadline(Duration::from_secs(20));
    let (clock, id) = (Clock::system(), ConnectionId("a".to_owned()));
    for asked in 1..=3 {
        let get = keychain.get(&id, TOKEN, ORIGIN);
        let is_asked = async {
            while provider.lock().unwrap().prompts < asked {
                clock.sleep(Duration::from_millis(20)).await;
            }
        };
        // The caller stops waiting while the prompt is shown.
        tokio::select! {
            answer = get => panic!("nobody answers: {:?}", answer.map(drop)),
            () = is_asked => {}
        }
        let is_closed = async {
            while provider.lock().unwrap().open_prompts > 0 {
                clock.sleep(Duration::from_millis(20)).await;
            }
        };
        assert!(clock.within(Duration::from_secs(15), is_closed).await.is_some(), "the prompt was not dismissed");
    }
    assert_eq!(provider.lock().unwrap().most_open_prompts, 1);
}

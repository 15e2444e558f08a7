//! The vault over the keychain library's mock store, with the errors real keychains were seen to give.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read back what was kept")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyring_core::{CredentialStore, Error, mock};
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::secret::SecretName;
use secrecy::{ExposeSecret, SecretString};
use secrets::{Secrets, SecretsError};

const ORIGIN: &str = "https://acme.okta.com";
const TOKEN: SecretName = SecretName::OktaToken;
const USER: &str = "a/okta_token";

fn id() -> ConnectionId {
    ConnectionId("a".to_owned())
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

/// A vault over a mock store, the store, and how often it was opened.
fn vault() -> (Secrets, Arc<mock::Store>, Arc<AtomicUsize>) {
    let (store, opened) = (mock::Store::new().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (again, count) = (Arc::clone(&store), Arc::clone(&opened));
    let vault = Secrets::opened_by("test", move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Arc::clone(&again) as Arc<CredentialStore>)
    });
    (vault, store, opened)
}

fn entry(store: &Arc<mock::Store>) -> keyring_core::Entry {
    (Arc::clone(store) as Arc<CredentialStore>).build("test", USER, None).unwrap()
}

/// Makes the next call on the token's entry fail.
fn fail(store: &Arc<mock::Store>, error: Error) {
    entry(store).as_any().downcast_ref::<mock::Cred>().unwrap().set_error(error);
}

fn platform(text: &str) -> Error {
    Error::PlatformFailure(text.into())
}

#[tokio::test]
async fn forgetting_a_service_leaves_every_other_alone() {
    let store = mock::Store::new().unwrap();
    let vault = |service: &str| {
        let store = Arc::clone(&store);
        Secrets::opened_by(service, move || Ok(Arc::clone(&store) as Arc<CredentialStore>))
    };
    let (real, practice) = (vault("app"), vault("app.practice"));
    let (one, two) = (ConnectionId("one".to_owned()), ConnectionId("two".to_owned()));
    for id in [&one, &two] {
        real.put(id, TOKEN, ORIGIN, &secret("real")).await.unwrap();
        practice.put(id, TOKEN, ORIGIN, &secret("practice")).await.unwrap();
    }
    assert_eq!(practice.forget_service().await, Ok(2));
    assert_eq!(practice.has(&one, TOKEN).await.unwrap(), None);
    assert_eq!(real.get(&two, TOKEN, ORIGIN).await.unwrap().expose_secret(), "real");
    practice.put(&one, TOKEN, ORIGIN, &secret("practice")).await.unwrap();
    // The mock store finds names that hold the service's name; only its own entries go.
    assert_eq!(real.forget_service().await, Ok(2));
    assert_eq!(practice.get(&one, TOKEN, ORIGIN).await.unwrap().expose_secret(), "practice");
}

#[tokio::test]
async fn a_secret_comes_back_for_its_own_origin_alone() {
    let (vault, store, _) = vault();
    // Characters JSON has to escape come back too.
    vault.put(&id(), TOKEN, ORIGIN, &secret("00\"\\\u{1}tök")).await.unwrap();
    assert_eq!(vault.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "00\"\\\u{1}tök");
    let elsewhere = vault.get(&id(), TOKEN, "https://acme.okta.com.evil.example").await.unwrap_err();
    assert_eq!(elsewhere, SecretsError::BoundElsewhere { bound_to: ORIGIN.to_owned() });
    assert_eq!(Problem::from(elsewhere).args["bound_to"], ORIGIN);
    assert_eq!(vault.has(&id(), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), false)));
    let value: serde_json::Value = serde_json::from_slice(&entry(&store).get_secret().unwrap()).unwrap();
    assert_eq!(value, serde_json::json!({"origin": ORIGIN, "secret": "00\"\\\u{1}tök"}));
}

#[tokio::test]
async fn names_and_connections_do_not_share_a_secret() {
    let vault = Secrets::memory();
    vault.put(&id(), TOKEN, ORIGIN, &secret("one")).await.unwrap();
    let other = ConnectionId("b".to_owned());
    assert_eq!(vault.get(&other, TOKEN, ORIGIN).await.unwrap_err(), SecretsError::Gone);
    assert_eq!(vault.has(&id(), SecretName::MonitoringToken).await.unwrap(), None);
    let two_vaults = Secrets::memory();
    assert_eq!(two_vaults.has(&id(), TOKEN).await.unwrap(), None, "each memory vault is its own");
}

#[tokio::test]
async fn what_was_forgotten_is_gone_and_forgetting_twice_is_no_error() {
    let vault = Secrets::memory();
    for name in [TOKEN, SecretName::MonitoringToken, SecretName::RadiantSearchToken] {
        vault.put(&id(), name, ORIGIN, &secret("one")).await.unwrap();
    }
    vault.forget(&id(), TOKEN).await.unwrap();
    vault.forget(&id(), TOKEN).await.unwrap();
    assert_eq!(vault.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), SecretsError::Gone);
    vault.put_for_this_run(&id(), TOKEN, ORIGIN, &secret("two")).await.unwrap();
    vault.forget_all(&id()).await.unwrap();
    for name in [TOKEN, SecretName::MonitoringToken, SecretName::RadiantSearchToken] {
        assert_eq!(vault.has(&id(), name).await.unwrap(), None, "{name:?}");
    }
}

#[tokio::test]
async fn a_secret_for_this_run_never_reaches_the_keychain() {
    let (vault, store, opened) = vault();
    vault.put_for_this_run(&id(), TOKEN, ORIGIN, &secret("one")).await.unwrap();
    assert_eq!(vault.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "one");
    assert_eq!(vault.has(&id(), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), true)));
    let elsewhere = vault.get(&id(), TOKEN, "https://other.okta.com").await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::TokenBoundElsewhere);
    assert_eq!(opened.load(Ordering::SeqCst), 0, "the keychain was not even opened");
    // Kept for good, it replaces the one in memory.
    vault.put(&id(), TOKEN, ORIGIN, &secret("two")).await.unwrap();
    assert_eq!(vault.has(&id(), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), false)));
    assert!(entry(&store).get_secret().is_ok());
}

#[tokio::test]
async fn without_a_keychain_everything_but_this_run_says_missing() {
    let vault = Secrets::opened_by("test", || Err(platform("I/O error: No such file or directory")));
    assert_eq!(vault.probe().await.unwrap_err().code(), Code::KeychainMissing);
    assert_eq!(vault.put(&id(), TOKEN, ORIGIN, &secret("x")).await.unwrap_err(), SecretsError::Missing);
    assert_eq!(vault.forget(&id(), TOKEN).await.unwrap_err(), SecretsError::Missing);
    vault.put_for_this_run(&id(), TOKEN, ORIGIN, &secret("x")).await.unwrap();
    vault.forget(&id(), TOKEN).await.unwrap();
    assert_eq!(vault.has(&id(), TOKEN).await.unwrap_err(), SecretsError::Missing);
}

#[tokio::test]
async fn each_way_a_keychain_fails_has_its_own_word() {
    let cases = [
        (Error::NoStorageAccess("SS error: prompt dismissed".into()), Code::KeychainLocked),
        (Error::NoStorageAccess("SS error: result not returned from SS API".into()), Code::KeychainLocked),
        (platform("SS Error: object locked"), Code::KeychainLocked),
        (platform("zbus error: org.freedesktop.Secret.Error.IsLocked"), Code::KeychainLocked),
        (Error::NoStorageAccess("org.freedesktop.DBus.Error.AccessDenied: no".into()), Code::KeychainDenied),
        (platform("Error { code: -25293, message: \"\" }"), Code::KeychainDenied),
        (Error::NoEntry, Code::KeychainEntryGone),
        (Error::NoDefaultStore, Code::KeychainMissing),
        (Error::BadEncoding(b"canary".to_vec()), Code::KeychainFailed),
        (Error::TooLong("secret".to_owned(), 2560), Code::KeychainFailed),
    ];
    let (vault, store, _) = vault();
    vault.put(&id(), TOKEN, ORIGIN, &secret("x")).await.unwrap();
    for (error, code) in cases {
        let said = format!("{error:?}");
        fail(&store, error);
        let told = vault.get(&id(), TOKEN, ORIGIN).await.unwrap_err();
        assert_eq!(told.code(), code, "{said}");
        assert!(!format!("{told:?} {told} {:?}", Problem::from(told.clone())).contains("canary"));
    }
    entry(&store).set_secret(b"not ours").unwrap();
    assert_eq!(vault.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), SecretsError::Failed);
}

#[tokio::test]
async fn a_restarted_keychain_is_opened_anew_and_the_call_tried_once_more() {
    let (vault, store, opened) = vault();
    vault.put(&id(), TOKEN, ORIGIN, &secret("one")).await.unwrap();
    vault.has(&id(), TOKEN).await.unwrap();
    assert_eq!(opened.load(Ordering::SeqCst), 1, "one session serves many calls");
    fail(&store, platform("org.freedesktop.Secret.Error.NoSession"));
    assert_eq!(vault.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "one");
    assert_eq!(opened.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_dismissed_prompt_is_not_asked_again() {
    let (vault, store, opened) = vault();
    fail(&store, platform("SS error: prompt dismissed"));
    assert_eq!(vault.put(&id(), TOKEN, ORIGIN, &secret("one")).await.unwrap_err(), SecretsError::Locked);
    assert_eq!(opened.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_probe_writes_reads_and_leaves_nothing() {
    let (vault, store, _) = vault();
    assert_eq!(vault.probe().await.unwrap(), "memory");
    let left = (store as Arc<CredentialStore>).search(&Default::default()).unwrap();
    assert_eq!(left.len(), 1, "the mock remembers the entry it was asked for");
    assert!(matches!(left[0].get_secret(), Err(Error::NoEntry)));
}

#[tokio::test]
async fn an_unanswered_prompt_ends_at_the_deadline_and_does_not_hold_the_runtime() {
    let (answer, prompt) = std::sync::mpsc::channel::<()>();
    let prompt = std::sync::Mutex::new(prompt);
    let vault = Secrets::opened_by("test", move || {
        prompt.lock().unwrap().recv().ok();
        Err(platform("answered too late"))
    })
    .with_deadline(Duration::from_secs(2));
    // One thread runs this test: were it blocked, the probe would be told before the ticks have come.
    let order = std::sync::Mutex::new(Vec::new());
    let ticks = async {
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        order.lock().unwrap().push("ticks");
    };
    let probe = async {
        let told = vault.probe().await;
        order.lock().unwrap().push("told");
        told
    };
    let (told, ()) = tokio::join!(probe, ticks);
    assert_eq!(*order.lock().unwrap(), ["ticks", "told"]);
    let told = told.unwrap_err();
    assert_eq!((told.clone(), told.code()), (SecretsError::NotAnswered, Code::KeychainLocked));
    drop(answer);
}

#[tokio::test]
async fn a_hanging_prompt_does_not_hold_the_next_call() {
    let (stuck, calls) = (mock::Store::new().unwrap(), Arc::new(AtomicUsize::new(0)));
    let vault = Secrets::opened_by("test", move || {
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            std::thread::park();
        }
        Ok(Arc::clone(&stuck) as Arc<CredentialStore>)
    })
    .with_deadline(Duration::from_millis(300));
    assert_eq!(vault.probe().await.unwrap_err(), SecretsError::NotAnswered);
    assert_eq!(vault.with_deadline(Duration::from_secs(60)).probe().await.unwrap(), "memory");
}

#[tokio::test]
async fn no_debug_output_shows_a_secret() {
    let vault = Secrets::memory();
    vault.put(&id(), TOKEN, ORIGIN, &secret("canary-1")).await.unwrap();
    vault.put_for_this_run(&id(), SecretName::MonitoringToken, ORIGIN, &secret("canary-2")).await.unwrap();
    let shown = format!("{vault:?} {:?}", vault.get(&id(), TOKEN, ORIGIN).await.unwrap());
    assert!(shown.contains("Vault") && !shown.contains("canary"), "{shown}");
}

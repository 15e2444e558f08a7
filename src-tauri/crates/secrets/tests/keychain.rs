//! The keychain over the library's mock store, with the errors that real keychains were observed to give.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read back what was put")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::DateTime;
use keyring_core::{CredentialStore, Error, mock};
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::secret_name::SecretName;
use secrecy::{ExposeSecret, SecretString};
use secrets::{Keychain, KeychainError};

const ORIGIN: &str = "https://acme.okta.com";
const TOKEN: SecretName = SecretName::OktaToken;
const USER: &str = "a/okta_token";

fn id() -> ConnectionId {
    ConnectionId("a".to_owned())
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

/// A keychain over a mock store, the store, and how often it was opened.
fn mocked() -> (Keychain, Arc<mock::Store>, Arc<AtomicUsize>) {
    let (store, opened) = (mock::Store::new().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (again, count) = (Arc::clone(&store), Arc::clone(&opened));
    let keychain = Keychain::opened_by("test", move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Arc::clone(&again) as Arc<CredentialStore>)
    });
    (keychain, store, opened)
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
async fn forgetting_a_service_leaves_the_entries_of_every_other() {
    let store = mock::Store::new().unwrap();
    let keychain = |service: &str| {
        let store = Arc::clone(&store);
        Keychain::opened_by(service, move || Ok(Arc::clone(&store) as Arc<CredentialStore>))
    };
    let (real, practice) = (keychain("app"), keychain("app.practice"));
    let (one, two) = (ConnectionId("one".to_owned()), ConnectionId("two".to_owned()));
    for id in [&one, &two] {
        real.put(id, TOKEN, ORIGIN, &secret("real")).await.unwrap();
        practice.put(id, TOKEN, ORIGIN, &secret("practice")).await.unwrap();
    }
    assert_eq!(practice.forget_service().await, Ok(2));
    assert_eq!(practice.has(&one, TOKEN).await.unwrap(), None);
    assert_eq!(real.get(&two, TOKEN, ORIGIN).await.unwrap().expose_secret(), "real");
    practice.put(&one, TOKEN, ORIGIN, &secret("practice")).await.unwrap();
    // The mock store finds names that contain the service's name; only its own entries are deleted.
    assert_eq!(real.forget_service().await, Ok(2));
    assert_eq!(practice.get(&one, TOKEN, ORIGIN).await.unwrap().expose_secret(), "practice");
}

#[tokio::test]
async fn a_secret_is_returned_for_its_own_origin_only() {
    let (keychain, store, _) = mocked();
    // Also with characters that JSON has to escape.
    keychain.put(&id(), TOKEN, ORIGIN, &secret("00\"\\\u{1}tök")).await.unwrap();
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "00\"\\\u{1}tök");
    let elsewhere = keychain.get(&id(), TOKEN, "https://acme.okta.com.evil.example").await.unwrap_err();
    assert_eq!(elsewhere, KeychainError::BoundElsewhere { bound_to: ORIGIN.to_owned() });
    assert_eq!(Problem::from(elsewhere).args["bound_to"], ORIGIN);
    assert_eq!(keychain.has(&id(), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), false)));
    let value: serde_json::Value = serde_json::from_slice(&entry(&store).get_secret().unwrap()).unwrap();
    assert_eq!(value, serde_json::json!({"origin": ORIGIN, "secret": "00\"\\\u{1}tök"}));
}

#[tokio::test]
async fn names_and_connections_do_not_share_a_secret() {
    let keychain = Keychain::memory();
    keychain.put(&id(), TOKEN, ORIGIN, &secret("one")).await.unwrap();
    let other = ConnectionId("b".to_owned());
    assert_eq!(keychain.get(&other, TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Gone);
    assert_eq!(keychain.has(&id(), SecretName::MonitoringToken).await.unwrap(), None);
    let other_keychain = Keychain::memory();
    assert_eq!(other_keychain.has(&id(), TOKEN).await.unwrap(), None, "each memory keychain is its own");
}

#[tokio::test]
async fn a_forgotten_secret_is_gone_and_forgetting_twice_is_no_error() {
    let keychain = Keychain::memory();
    for name in [TOKEN, SecretName::MonitoringToken, SecretName::RadiantSearchToken] {
        keychain.put(&id(), name, ORIGIN, &secret("one")).await.unwrap();
    }
    keychain.forget(&id(), TOKEN).await.unwrap();
    keychain.forget(&id(), TOKEN).await.unwrap();
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Gone);
    keychain.put_for_this_run(&id(), TOKEN, ORIGIN, &secret("two"), DateTime::UNIX_EPOCH);
    for name in [TOKEN, SecretName::MonitoringToken, SecretName::RadiantSearchToken] {
        keychain.forget(&id(), name).await.unwrap();
        assert_eq!(keychain.has(&id(), name).await.unwrap(), None, "{name:?}");
    }
}

#[tokio::test]
async fn a_secret_for_this_run_never_reaches_the_keychain() {
    let (keychain, store, opened) = mocked();
    keychain.put_for_this_run(&id(), TOKEN, ORIGIN, &secret("one"), DateTime::UNIX_EPOCH);
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "one");
    assert_eq!(keychain.has(&id(), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), true)));
    let elsewhere = keychain.get(&id(), TOKEN, "https://other.okta.com").await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::TokenBoundElsewhere);
    assert_eq!(opened.load(Ordering::SeqCst), 0, "the keychain was not even opened");
    // One in the keychain replaces the one in memory.
    keychain.put(&id(), TOKEN, ORIGIN, &secret("two")).await.unwrap();
    assert_eq!(keychain.has(&id(), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), false)));
    assert!(entry(&store).get_secret().is_ok());
}

#[tokio::test]
async fn without_a_keychain_everything_but_this_run_is_reported_as_missing() {
    let keychain = Keychain::opened_by("test", || Err(platform("I/O error: No such file or directory")));
    assert_eq!(keychain.probe().await.unwrap_err().code(), Code::KeychainMissing);
    assert_eq!(keychain.put(&id(), TOKEN, ORIGIN, &secret("x")).await.unwrap_err(), KeychainError::Missing);
    assert_eq!(keychain.forget(&id(), TOKEN).await.unwrap_err(), KeychainError::Missing);
    keychain.put_for_this_run(&id(), TOKEN, ORIGIN, &secret("x"), DateTime::UNIX_EPOCH);
    keychain.forget(&id(), TOKEN).await.unwrap();
    assert_eq!(keychain.has(&id(), TOKEN).await.unwrap_err(), KeychainError::Missing);
}

#[tokio::test]
async fn each_way_a_keychain_fails_has_its_own_code() {
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
        (Error::TooLong("secret".to_owned(), 2560), Code::KeychainTooLong),
        (Error::NoStorageAccess(Box::new(KeychainError::NoDefaultCollection)), Code::KeychainNoDefaultCollection),
        (Error::NoStorageAccess(Box::new(KeychainError::NoSessionBus)), Code::KeychainNoSessionBus),
    ];
    let (keychain, store, _) = mocked();
    keychain.put(&id(), TOKEN, ORIGIN, &secret("x")).await.unwrap();
    for (error, code) in cases {
        let shown = format!("{error:?}");
        fail(&store, error);
        let error = keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err();
        assert_eq!(error.code(), code, "{shown}");
        assert!(!format!("{error:?} {error} {:?}", Problem::from(error.clone())).contains("canary"));
    }
    entry(&store).set_secret(b"not ours").unwrap();
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Failed);
}

#[tokio::test]
async fn a_restarted_keychain_is_opened_again_and_the_call_is_tried_once_more() {
    let (keychain, store, opened) = mocked();
    keychain.put(&id(), TOKEN, ORIGIN, &secret("one")).await.unwrap();
    keychain.has(&id(), TOKEN).await.unwrap();
    assert_eq!(opened.load(Ordering::SeqCst), 1, "one session serves many calls");
    fail(&store, platform("org.freedesktop.Secret.Error.NoSession"));
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "one");
    assert_eq!(opened.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_dismissed_prompt_is_not_shown_again() {
    let (keychain, store, opened) = mocked();
    fail(&store, platform("SS error: prompt dismissed"));
    assert_eq!(keychain.put(&id(), TOKEN, ORIGIN, &secret("one")).await.unwrap_err(), KeychainError::Locked);
    assert_eq!(opened.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_probe_writes_reads_and_leaves_nothing() {
    let (keychain, store, _) = mocked();
    assert_eq!(keychain.with_deadline(Duration::from_secs(60)).probe().await.unwrap(), "memory");
    let left = (store as Arc<CredentialStore>).search(&Default::default()).unwrap();
    assert_eq!(left.len(), 1, "the mock remembers the entry that was built");
    assert!(matches!(left[0].get_secret(), Err(Error::NoEntry)));
}

#[tokio::test]
async fn an_unanswered_prompt_ends_at_the_deadline_and_does_not_block_the_runtime() {
    let (answer, prompt) = std::sync::mpsc::channel::<()>();
    let prompt = std::sync::Mutex::new(prompt);
    let keychain = Keychain::opened_by("test", move || {
        prompt.lock().unwrap().recv().ok();
        Err(platform("answered too late"))
    })
    .with_deadline(Duration::from_secs(2));
    // One thread runs this test: if it were blocked, the probe would end before the ticks.
    let order = std::sync::Mutex::new(Vec::new());
    let ticks = async {
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        order.lock().unwrap().push("ticks");
    };
    let probe = async {
        let result = keychain.probe().await;
        order.lock().unwrap().push("probe");
        result
    };
    let (result, ()) = tokio::join!(probe, ticks);
    assert_eq!(*order.lock().unwrap(), ["ticks", "probe"]);
    let error = result.unwrap_err();
    assert_eq!((error.clone(), error.code()), (KeychainError::NotAnswered, Code::KeychainLocked));
    drop(answer);
}

#[tokio::test]
async fn a_hanging_prompt_does_not_block_the_next_call() {
    let (stuck, calls) = (mock::Store::new().unwrap(), Arc::new(AtomicUsize::new(0)));
    let keychain = Keychain::opened_by("test", move || {
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            std::thread::park();
        }
        Ok(Arc::clone(&stuck) as Arc<CredentialStore>)
    })
    .with_deadline(Duration::from_millis(300));
    assert_eq!(keychain.probe().await.unwrap_err(), KeychainError::NotAnswered);
    assert_eq!(keychain.with_deadline(Duration::from_secs(60)).probe().await.unwrap(), "memory");
}

#[tokio::test]
async fn no_debug_output_shows_a_secret() {
    let keychain = Keychain::memory();
    keychain.put(&id(), TOKEN, ORIGIN, &secret("canary-1")).await.unwrap();
    keychain.put_for_this_run(&id(), SecretName::MonitoringToken, ORIGIN, &secret("canary-2"), DateTime::UNIX_EPOCH);
    let shown = format!("{keychain:?} {:?}", keychain.get(&id(), TOKEN, ORIGIN).await.unwrap());
    assert!(shown.contains("Keychain") && !shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn of_a_secret_that_is_stored_twice_the_one_that_can_be_read_is_used_and_both_are_forgotten() {
    let (keychain, store, _) = mocked();
    keychain.put(&id(), TOKEN, ORIGIN, &secret("only")).await.unwrap();
    let copies = mock::Store::new().unwrap();
    let copy = |user: &str| (Arc::clone(&copies) as Arc<CredentialStore>).build("test", user, None).unwrap();
    let twice = || Error::Ambiguous(vec![copy("locked"), copy("open")]);
    let value = |text: &str| format!(r#"{{"origin": "{ORIGIN}", "secret": "{text}"}}"#);
    for (user, text) in [("locked", "old"), ("open", "new")] {
        copy(user).set_secret(value(text).as_bytes()).unwrap();
    }
    let locked = Error::NoStorageAccess("locked".into());
    copy("locked").as_any().downcast_ref::<mock::Cred>().unwrap().set_error(locked);
    fail(&store, twice());
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "new");
    assert!(keychain.has_duplicates(&id()));
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "only");
    assert!(!keychain.has_duplicates(&id()), "it is stored once again");
    fail(&store, twice());
    keychain.get(&id(), TOKEN, ORIGIN).await.unwrap();
    assert!(!keychain.has_duplicates(&ConnectionId("ab".to_owned())), "another connection's are not asked about");
    fail(&store, Error::NoEntry);
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Gone);
    assert!(!keychain.has_duplicates(&id()), "it is gone");

    fail(&store, twice());
    keychain.put(&id(), TOKEN, ORIGIN, &secret("replaced")).await.unwrap();
    assert!(copy("locked").get_secret().unwrap().ends_with(b"\"replaced\"}"), "the first is replaced");
    fail(&store, twice());
    keychain.forget(&id(), TOKEN).await.unwrap_err();
    for user in ["locked", "open"] {
        assert!(matches!(copy(user).get_secret(), Err(Error::NoEntry)), "{user}");
    }
}

#[tokio::test]
async fn a_secret_that_is_too_long_for_the_keychain_is_told_with_the_limit_and_can_be_kept_for_this_run() {
    let (keychain, store, _) = mocked();
    keychain.put(&id(), TOKEN, ORIGIN, &secret("short")).await.unwrap();
    // Windows' limit: 2560 bytes.
    fail(&store, Error::TooLong("secret".to_owned(), 2560));
    let problem = Problem::from(keychain.put(&id(), TOKEN, ORIGIN, &secret("long")).await.unwrap_err());
    assert_eq!((problem.code, problem.args["limit"].as_str()), (Code::KeychainTooLong, "2560"));
    keychain.put_for_this_run(&id(), TOKEN, ORIGIN, &secret("long"), DateTime::UNIX_EPOCH);
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), "long");
}

#[tokio::test]
async fn a_keychain_that_worked_in_this_run_and_is_gone_has_stopped() {
    let (store, opened) = (mock::Store::new().unwrap(), Arc::new(AtomicUsize::new(0)));
    let again = Arc::clone(&store);
    let keychain = Keychain::opened_by("test", move || match opened.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(Arc::clone(&again) as Arc<CredentialStore>),
        _ => Err(platform("org.freedesktop.DBus.Error.ServiceUnknown")),
    });
    keychain.put(&id(), TOKEN, ORIGIN, &secret("x")).await.unwrap();
    fail(&store, platform("org.freedesktop.DBus.Error.NoReply: disconnected"));
    let error = keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err();
    assert_eq!((error.clone(), error.code()), (KeychainError::Stopped, Code::KeychainStopped));
    let code = keychain.forget(&id(), TOKEN).await.unwrap_err().code();
    assert_eq!(code, Code::KeychainStopped, "the entry may still exist");
}

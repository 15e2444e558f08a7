//! The keychain over a real Secret Service (gnome-keyring), each scene on its own session bus with its own keyring.
//!
//! Needs `CONNECTOR_PRIVATE_DESKTOP=1`, which promises dbus, gnome-keyring, libsecret-tools and glib's tools; skipped
//! otherwise. The outer tests start the bus; the ignored tests are the scenes that run on it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read back what was kept")]

#[path = "support/private_bus.rs"]
mod private_bus;

use std::io::Write;
use std::process::{Command, Stdio};

use chrono::DateTime;
use model::code::Code;
use model::connection::ConnectionId;
use model::secret_name::SecretName;
use secrecy::{ExposeSecret, SecretString};
use secrets::{Keychain, KeychainError};

use private_bus::{BusSetup, run_on_private_bus};

const ORIGIN: &str = "https://acme.okta.com";
const SERVICE: &str = "example.connector.keychain-test";
const CANARY: &str = "00canary-of-the-real-keychain";
const TOKEN: SecretName = SecretName::OktaToken;

#[test]
fn the_real_keychain_keeps_gives_and_forgets() {
    run_on_private_bus(BusSetup::Unlocked, "scene_keep_give_forget");
}

#[test]
fn the_real_keychain_forgets_a_whole_service_and_no_other() {
    run_on_private_bus(BusSetup::Unlocked, "scene_forget_service");
}

#[test]
fn a_locked_keychain_says_locked_and_works_again_once_restarted_and_unlocked() {
    run_on_private_bus(BusSetup::Unlocked, "scene_lock_and_restart");
}

#[test]
fn a_bus_without_a_secret_service_says_missing() {
    run_on_private_bus(BusSetup::NoService, "scene_missing");
}

#[test]
fn no_bus_at_all_says_so() {
    run_on_private_bus(BusSetup::NoBus, "scene_no_bus");
}

#[test]
fn a_keychain_without_a_default_collection_says_so() {
    run_on_private_bus(BusSetup::NoCollection, "scene_no_default_collection");
}

#[test]
fn of_a_secret_that_is_stored_twice_the_unlocked_and_newest_one_is_used() {
    run_on_private_bus(BusSetup::Unlocked, "scene_stored_twice");
}

#[test]
fn a_keychain_that_dies_is_reported_as_stopped_and_used_again_when_it_is_back() {
    run_on_private_bus(BusSetup::Unlocked, "scene_dies");
}

fn id() -> ConnectionId {
    ConnectionId("c1".to_owned())
}

fn secret() -> SecretString {
    SecretString::from(CANARY.to_owned())
}

fn run(program: &str, args: &[&str]) -> (bool, String) {
    let told = Command::new(program).args(args).output().unwrap();
    (told.status.success(), String::from_utf8_lossy(&told.stdout).into_owned())
}

fn lookup() -> (bool, String) {
    run("secret-tool", &["lookup", "service", SERVICE, "username", "c1/okta_token"])
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_keep_give_forget() {
    let keychain = Keychain::system(SERVICE);
    assert_eq!(keychain.probe().await.unwrap(), "Secret Service");
    let (_, left) = run("secret-tool", &["search", "--all", "service", SERVICE]);
    assert_eq!(left, "", "the probe leaves nothing");
    keychain.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap();
    let (found, value) = lookup();
    assert!(found && value.contains(CANARY) && value.contains(ORIGIN), "another program finds it there");
    // A second keychain is what the next run of the app has.
    let next_run = Keychain::system(SERVICE);
    assert_eq!(next_run.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), CANARY);
    assert_eq!(next_run.has(&id(), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), false)));
    let elsewhere = next_run.get(&id(), TOKEN, "https://other.okta.com").await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::TokenBoundElsewhere);
    next_run.forget(&id(), TOKEN).await.unwrap();
    assert!(!lookup().0, "it is gone from the keychain");
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Gone);
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_forget_service() {
    let (real, killed) = (Keychain::system(SERVICE), Keychain::system(&format!("{SERVICE}.practice")));
    real.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap();
    killed.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap();
    killed.put(&ConnectionId("c2".to_owned()), TOKEN, ORIGIN, &secret()).await.unwrap();
    // Another keychain is what the next run has; it knows nothing of the killed one's connections.
    let next_run = Keychain::system(&format!("{SERVICE}.practice"));
    assert_eq!(next_run.forget_service().await, Ok(2));
    assert_eq!(next_run.forget_service().await, Ok(0));
    assert_eq!(killed.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Gone);
    assert!(lookup().0, "the entry of the other service is there");
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_lock_and_restart() {
    let keychain = Keychain::system(SERVICE);
    keychain.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap();
    let at = ["call", "--session", "--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets"];
    let call = ["--method", "org.freedesktop.Secret.Service.Lock", "['/org/freedesktop/secrets/collection/login']"];
    let (locked, said) = run("gdbus", &[&at[..], &call[..]].concat());
    assert!(locked, "{said}");
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Locked);
    assert_eq!(keychain.probe().await.unwrap_err(), KeychainError::Locked);
    unlock_by_restart();
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), CANARY, "the session was made anew");
}

/// `--replace` is what unlocks: a running daemon does not take a password from a second start.
fn unlock_by_restart() {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--replace", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    daemon.stdin.take().unwrap().write_all(b"test-pw").unwrap();
    assert!(daemon.wait().unwrap().success());
    assert!(run("gdbus", &["wait", "--session", "--timeout", "60", "org.freedesktop.secrets"]).0);
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_missing() {
    let keychain = Keychain::system(SERVICE);
    assert_eq!(keychain.probe().await.unwrap_err(), KeychainError::Missing);
    keychain.put_for_this_run(&id(), TOKEN, ORIGIN, &secret(), DateTime::UNIX_EPOCH);
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), CANARY);
    keychain.forget(&id(), TOKEN).await.unwrap();
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_no_bus() {
    let keychain = Keychain::system(SERVICE);
    assert_eq!(keychain.probe().await.unwrap_err(), KeychainError::NoSessionBus);
    let error = keychain.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap_err();
    assert_eq!(error.code(), Code::KeychainNoSessionBus);
    keychain.put_for_this_run(&id(), TOKEN, ORIGIN, &secret(), DateTime::UNIX_EPOCH);
    keychain.forget(&id(), TOKEN).await.unwrap();
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_no_default_collection() {
    let keychain = Keychain::system(SERVICE);
    let error = keychain.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap_err();
    assert_eq!((error.clone(), error.code()), (KeychainError::NoDefaultCollection, Code::KeychainNoDefaultCollection));
    for error in [
        keychain.probe().await.map(drop),
        keychain.get(&id(), TOKEN, ORIGIN).await.map(drop),
        keychain.forget(&id(), TOKEN).await,
        keychain.forget_service().await.map(drop),
    ] {
        assert_eq!(error, Err(KeychainError::NoDefaultCollection), "an entry may be in a collection that is not open");
    }
}

/// Stores another value in the collection that gnome-keyring holds in memory, with the attributes of our entry.
fn store_in_session_collection(value: &str) {
    let args = ["store", "--collection=session", "--label=copy", "service", SERVICE, "username", "c1/okta_token"];
    let mut tool = Command::new("secret-tool").args(args).stdin(Stdio::piped()).spawn().unwrap();
    let entry = serde_json::json!({"origin": ORIGIN, "secret": value}).to_string();
    tool.stdin.take().unwrap().write_all(entry.as_bytes()).unwrap();
    assert!(tool.wait().unwrap().success());
}

fn lock_login() {
    let at = ["call", "--session", "--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets"];
    let call = ["--method", "org.freedesktop.Secret.Service.Lock", "['/org/freedesktop/secrets/collection/login']"];
    assert!(run("gdbus", &[&at[..], &call[..]].concat()).0);
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_stored_twice() {
    let keychain = Keychain::system(SERVICE);
    let get = async || keychain.get(&id(), TOKEN, ORIGIN).await.map(|secret| secret.expose_secret().to_owned());
    keychain.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap();
    assert_eq!((get().await.unwrap().as_str(), keychain.has_duplicates(&id())), (CANARY, false));
    // The time of a change has whole seconds.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    store_in_session_collection("00newer-copy");
    assert_eq!((get().await.unwrap().as_str(), keychain.has_duplicates(&id())), ("00newer-copy", true));
    lock_login();
    assert_eq!(get().await.unwrap(), "00newer-copy", "an unlocked one needs no prompt");
    assert_eq!(keychain.forget(&id(), TOKEN).await.unwrap_err(), KeychainError::Locked, "the locked one may remain");
    unlock_by_restart();
    assert_eq!(get().await.unwrap(), CANARY);
    // Storing replaces every copy.
    store_in_session_collection("00another-copy");
    keychain.put(&id(), TOKEN, ORIGIN, &SecretString::from("00stored-anew".to_owned())).await.unwrap();
    assert_eq!((get().await.unwrap().as_str(), keychain.has_duplicates(&id())), ("00stored-anew", false));
    store_in_session_collection("00last-copy");
    keychain.forget(&id(), TOKEN).await.unwrap();
    assert!(!lookup().0, "both are gone");
}

#[tokio::test]
#[ignore = "a scene: the tests above run it on a private bus"]
async fn scene_dies() {
    let keychain = Keychain::system(SERVICE);
    keychain.put(&id(), TOKEN, ORIGIN, &secret()).await.unwrap();
    let at = ["call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus"];
    let call = ["--method", "org.freedesktop.DBus.GetConnectionUnixProcessID", "org.freedesktop.secrets"];
    let (found, answer) = run("gdbus", &[&at[..], &call[..]].concat());
    let pid: String = answer.trim_start_matches("(uint32").chars().filter(char::is_ascii_digit).collect();
    assert!(found && run("kill", &["-9", &pid]).0, "{answer}");
    let error = keychain.get(&id(), TOKEN, ORIGIN).await.unwrap_err();
    assert_eq!((error.clone(), error.code()), (KeychainError::Stopped, Code::KeychainStopped));
    assert_eq!(keychain.forget(&id(), TOKEN).await.unwrap_err(), KeychainError::Stopped);
    unlock_by_restart();
    assert_eq!(keychain.get(&id(), TOKEN, ORIGIN).await.unwrap().expose_secret(), CANARY);
}

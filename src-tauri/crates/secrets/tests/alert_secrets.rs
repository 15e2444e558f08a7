//! The secrets of team alerts: bound to their origin, indexed, and consistent after a failure or a kill.
#![expect(clippy::unwrap_used, reason = "tests")]

use keyring_core::Error;
use model::alert::AlertSecret;
use runtime::Clock;
use secrecy::SecretString;
use secrets::{AlertSecrets, Keychain, KeychainError, Secrets, SecretsError};
use store::{AlertSecretRow, Store};

const ORIGIN: &str = "https://hooks.example.com";
const NAME: AlertSecret = AlertSecret::SlackUrl;

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn open(keychain: Keychain) -> (AlertSecrets, Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (AlertSecrets::new(keychain, store.clone(), Clock::system()), store, folder)
}

async fn row(store: &Store) -> Option<AlertSecretRow> {
    store.read(|tx| tx.alerts().secret(NAME)).await.unwrap()
}

#[tokio::test]
async fn a_secret_is_kept_replaced_and_forgotten_with_its_row() {
    let (secrets, store, _folder) = open(Keychain::memory());
    assert!(secrets.get(NAME).await.unwrap().is_none());
    secrets.keep(NAME, ORIGIN, &secret("first")).await.unwrap();
    secrets.keep(NAME, ORIGIN, &secret("second")).await.unwrap();
    let kept = secrets.get(NAME).await.unwrap().unwrap();
    assert!(Secrets::same(&kept, &secret("second")));
    assert!(row(&store).await.is_some_and(|row| row.since.is_some() && row.bound_to == ORIGIN));
    secrets.forget(NAME).await.unwrap();
    assert!(secrets.get(NAME).await.unwrap().is_none());
    assert_eq!(row(&store).await, None);
    secrets.forget(NAME).await.unwrap();
}

#[tokio::test]
async fn a_row_that_names_another_origin_gets_no_secret() {
    let (secrets, store, _folder) = open(Keychain::memory());
    secrets.keep(NAME, ORIGIN, &secret("address")).await.unwrap();
    let mut changed = row(&store).await.unwrap();
    changed.bound_to = "https://evil.example".to_owned();
    store.write(move |tx| tx.alerts_mut().put_secret(NAME, &changed)).await.unwrap();
    let refused = secrets.get(NAME).await.unwrap_err();
    assert!(
        matches!(&refused, SecretsError::Keychain(KeychainError::BoundElsewhere { bound_to }) if bound_to == ORIGIN),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_kill_before_the_keychain_answered_leaves_a_secret_that_counts_as_not_stored() {
    let (secrets, store, _folder) = open(Keychain::memory());
    secrets.keep(NAME, ORIGIN, &secret("address")).await.unwrap();
    let announced = AlertSecretRow { since: None, bound_to: ORIGIN.to_owned() };
    store.write(move |tx| tx.alerts_mut().put_secret(NAME, &announced)).await.unwrap();
    assert!(secrets.get(NAME).await.unwrap().is_none());
    secrets.forget(NAME).await.unwrap();
    assert_eq!(row(&store).await, None);
}

#[tokio::test]
async fn without_a_keychain_nothing_is_kept_and_the_row_before_stays() {
    let none = Keychain::opened_by("none", || Err(Error::NoStorageAccess("no keychain".into())));
    let (secrets, store, _folder) = open(none);
    assert!(secrets.keep(NAME, ORIGIN, &secret("address")).await.is_err());
    assert_eq!(row(&store).await, None);
    let before = AlertSecretRow { since: Some(Clock::system().now()), bound_to: ORIGIN.to_owned() };
    let written = before.clone();
    store.write(move |tx| tx.alerts_mut().put_secret(NAME, &written)).await.unwrap();
    assert!(secrets.keep(NAME, "https://other.example", &secret("address")).await.is_err());
    assert_eq!(row(&store).await.map(|row| (row.since.is_some(), row.bound_to)), Some((true, ORIGIN.to_owned())));
}

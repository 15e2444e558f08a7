//! Keychain entries and their index rows: written together, and repaired after a kill between the two.
#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::DateTime;
use keyring_core::Error;
use model::app_change::AppChange;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::{SecretName, SecretState};
use runtime::Clock;
use secrecy::SecretString;
use secrets::{Keychain, KeychainError, Secrets, SecretsError};
use store::Store;

const ORIGIN: &str = "https://acme.okta.com";
const TOKEN: SecretName = SecretName::OktaToken;
const NEXT: SecretName = SecretName::NextOktaToken;

fn id() -> ConnectionId {
    ConnectionId("a".to_owned())
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

struct Kept {
    secrets: Secrets,
    store: Store,
    folder: tempfile::TempDir,
}

impl Kept {
    async fn over(keychain: Keychain) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let connection = Connection {
            id: id(),
            name: String::new(),
            origin: None,
            org_id: None,
            profile: Profile::default(),
            keep: Keep::default(),
            radiant: RadiantSearch::default(),
            created: DateTime::UNIX_EPOCH,
        };
        store.write(move |tx| tx.add_connection(&connection)).await.unwrap();
        Self { secrets: Secrets::new(keychain, store.clone(), Clock::system()), store, folder }
    }

    /// Names and whether each is kept for this run only.
    async fn states(&self) -> Vec<(SecretName, bool)> {
        let states = self.secrets.states(&id()).await.unwrap();
        states.iter().map(|state| (state.name, state.this_run_only)).collect()
    }

    async fn rows(&self) -> Vec<SecretState> {
        self.store.read(|tx| tx.secret_states(&id())).await.unwrap()
    }

    async fn is(&self, name: SecretName, text: &str) -> bool {
        let found = self.secrets.find(&id(), name, ORIGIN).await.unwrap();
        found.is_some_and(|found| Secrets::same(&found, &secret(text)))
    }
}

#[tokio::test]
async fn a_kept_secret_has_an_entry_and_a_row_and_a_forgotten_one_neither() {
    let kept = Kept::over(Keychain::memory()).await;
    let mut changes = kept.store.changes();
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), false).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), AppChange::Connection(id()));
    assert_eq!(kept.rows().await[0].bound_to.as_deref(), Some(ORIGIN));
    assert!(kept.secrets.get(&id(), TOKEN, ORIGIN).await.is_ok());
    kept.secrets.forget(&id(), TOKEN).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), AppChange::Connection(id()));
    assert_eq!((kept.rows().await, kept.secrets.keychain().has(&id(), TOKEN).await.unwrap()), (vec![], None));
    let error = kept.secrets.get(&id(), TOKEN, ORIGIN).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::TokenMissing);
    let error = kept.secrets.get(&id(), SecretName::RadiantSearchToken, ORIGIN).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::RadiantTokenMissing);
}

#[tokio::test]
async fn a_secret_for_this_run_has_no_row_and_replaces_the_one_in_the_keychain_and_the_other_way_round() {
    let kept = Kept::over(Keychain::memory()).await;
    let other = SecretName::MonitoringToken;
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), false).await.unwrap();
    kept.secrets.keep(&id(), other, ORIGIN, &secret("own"), true).await.unwrap();
    assert_eq!(kept.states().await, [(other, true), (TOKEN, false)]);
    let mut changes = kept.store.changes();
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("two"), true).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), AppChange::Connection(id()), "although nothing was written");
    assert_eq!((kept.states().await, kept.rows().await), (vec![(other, true), (TOKEN, true)], vec![]));
    let next_run = Secrets::new(Keychain::memory(), Store::open(kept.folder.path()).unwrap(), Clock::system());
    assert_eq!(next_run.states(&id()).await.unwrap(), vec![], "the next run does not expect them");
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("three"), false).await.unwrap();
    assert_eq!(kept.states().await, [(other, true), (TOKEN, false)]);
    assert!(kept.is(TOKEN, "three").await);
}

#[tokio::test]
async fn a_copy_is_kept_where_its_source_is() {
    for this_run_only in [true, false] {
        let kept = Kept::over(Keychain::memory()).await;
        kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), this_run_only).await.unwrap();
        kept.secrets.copy(&id(), TOKEN, NEXT, ORIGIN).await.unwrap();
        assert_eq!(kept.states().await, [(NEXT, this_run_only), (TOKEN, this_run_only)]);
        assert!(kept.is(NEXT, "one").await);
        let gone = kept.secrets.copy(&id(), SecretName::PreviousOktaToken, NEXT, ORIGIN).await.unwrap_err();
        assert!(matches!(gone, SecretsError::Keychain(KeychainError::Gone)), "{gone:?}");
    }
}

#[tokio::test]
async fn nothing_is_kept_for_a_connection_that_does_not_exist() {
    let kept = Kept::over(Keychain::memory()).await;
    let none = ConnectionId("none".to_owned());
    for this_run_only in [true, false] {
        let error = kept.secrets.keep(&none, TOKEN, ORIGIN, &secret("one"), this_run_only).await.unwrap_err();
        assert_eq!(Problem::from(error).code, Code::ConnectionUnknown);
        assert_eq!(kept.secrets.keychain().has(&none, TOKEN).await.unwrap(), None);
    }
}

#[tokio::test]
async fn after_a_kill_between_entry_and_row_the_index_is_brought_in_line_with_the_keychain() {
    let kept = Kept::over(Keychain::memory()).await;
    // Killed while keeping one and while forgetting another.
    kept.secrets.keychain().put(&id(), NEXT, ORIGIN, &secret("new")).await.unwrap();
    let left = SecretState { name: TOKEN, since: Some(DateTime::UNIX_EPOCH), bound_to: None, this_run_only: false };
    kept.store.write(move |tx| tx.put_secret_state(&id(), &left)).await.unwrap();
    kept.secrets.reconcile(&id(), &[TOKEN, NEXT], None).await.unwrap();
    assert_eq!(kept.states().await, [(NEXT, false)]);
    // Killed after an entry was replaced.
    let dated = |rows: Vec<SecretState>| rows[0].since.unwrap() > DateTime::UNIX_EPOCH;
    let old = SecretState { name: NEXT, since: Some(DateTime::UNIX_EPOCH), bound_to: None, this_run_only: false };
    kept.store.write(move |tx| tx.put_secret_state(&id(), &old)).await.unwrap();
    kept.secrets.reconcile(&id(), &[NEXT], None).await.unwrap();
    assert!(!dated(kept.rows().await), "an entry that was not touched keeps its date");
    kept.secrets.reconcile(&id(), &[NEXT], Some(NEXT)).await.unwrap();
    assert!(dated(kept.rows().await));
}

#[tokio::test]
async fn a_purge_deletes_entries_without_a_row_and_needs_no_keychain_when_nothing_was_kept_in_one() {
    let kept = Kept::over(Keychain::memory()).await;
    kept.secrets.keychain().put(&id(), NEXT, ORIGIN, &secret("left over")).await.unwrap();
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), false).await.unwrap();
    kept.secrets.purge(&id(), &SecretName::ALL).await.unwrap();
    assert_eq!((kept.states().await, kept.secrets.keychain().has(&id(), NEXT).await.unwrap()), (vec![], None));

    let missing = || Keychain::opened_by("test", || Err(Error::NoDefaultStore));
    let kept = Kept::over(missing()).await;
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), true).await.unwrap();
    kept.secrets.purge(&id(), &SecretName::ALL).await.unwrap();
    assert_eq!(kept.states().await, []);
    let row = SecretState { name: NEXT, since: Some(DateTime::UNIX_EPOCH), bound_to: None, this_run_only: false };
    kept.store.write(move |tx| tx.put_secret_state(&id(), &row)).await.unwrap();
    let error = kept.secrets.purge(&id(), &SecretName::ALL).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::KeychainMissing);
    assert_eq!(kept.states().await, [(NEXT, false)], "a row stays as long as its entry may exist");
}

#[tokio::test]
async fn an_entry_has_a_row_before_it_is_written_so_that_none_is_left_without_one() {
    // The deadline passes while the prompt is open; the answer may come later and store it.
    let keychain = Keychain::opened_by("test", || {
        std::thread::park();
        Err(Error::NoDefaultStore)
    });
    let kept = Kept::over(keychain.with_deadline(std::time::Duration::from_millis(100))).await;
    let error = kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), false).await.unwrap_err();
    assert!(matches!(error, SecretsError::Keychain(KeychainError::NotAnswered)), "{error:?}");
    let rows = kept.rows().await;
    assert_eq!((rows[0].name, rows[0].since), (TOKEN, None), "it may be there, and does not count as kept");
    let error = kept.secrets.get(&id(), TOKEN, ORIGIN).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::TokenMissing);
    let error = kept.secrets.purge(&id(), &SecretName::ALL).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::KeychainLocked);
    assert_eq!(kept.states().await, [(TOKEN, false)]);

    // A keychain that refuses stored nothing, so no row stays.
    let kept = Kept::over(Keychain::opened_by("test", || Err(Error::NoDefaultStore))).await;
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), false).await.unwrap_err();
    assert_eq!(kept.states().await, []);
}

#[tokio::test]
async fn a_secret_that_replaces_another_is_always_dated_later() {
    let (mut kept, start) = (Kept::over(Keychain::memory()).await, DateTime::UNIX_EPOCH + chrono::TimeDelta::days(9));
    // Time stands still, and then goes back.
    let clock = Clock::manual(start);
    kept.secrets = Secrets::new(kept.secrets.keychain().clone(), kept.store.clone(), clock);
    let mut before = None;
    for this_run_only in [false, false, true, true, false] {
        kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), this_run_only).await.unwrap();
        let since = kept.secrets.states(&id()).await.unwrap()[0].since;
        assert!(since > before && since >= Some(start), "{since:?} after {before:?}");
        before = since;
    }
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    kept.secrets = Secrets::new(kept.secrets.keychain().clone(), kept.store.clone(), clock);
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("one"), false).await.unwrap();
    assert!(kept.secrets.states(&id()).await.unwrap()[0].since > before);
}

/// A keychain over a mock store, and what makes it go away or say what it is asked next.
fn switched() -> (Keychain, std::sync::Arc<keyring_core::mock::Store>, std::sync::Arc<std::sync::atomic::AtomicBool>) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let (store, is_gone) = (keyring_core::mock::Store::new().unwrap(), Arc::new(AtomicBool::new(false)));
    let (again, gone) = (Arc::clone(&store), Arc::clone(&is_gone));
    let keychain = Keychain::opened_by("test", move || match gone.load(Ordering::SeqCst) {
        true => Err(Error::NoDefaultStore),
        false => Ok(Arc::clone(&again) as Arc<keyring_core::CredentialStore>),
    });
    (keychain, store, is_gone)
}

fn fail_next(store: &std::sync::Arc<keyring_core::mock::Store>, error: Error) {
    let store = std::sync::Arc::clone(store) as std::sync::Arc<keyring_core::CredentialStore>;
    let entry = store.build("test", "a/okta_token", None).unwrap();
    entry.as_any().downcast_ref::<keyring_core::mock::Cred>().unwrap().set_error(error);
}

#[tokio::test]
async fn an_entry_that_could_not_be_forgotten_for_a_secret_in_memory_keeps_its_row_until_it_is() {
    let (keychain, store, _) = switched();
    let kept = Kept::over(keychain).await;
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("old"), false).await.unwrap();
    fail_next(&store, Error::NoStorageAccess("locked".into()));
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("new"), true).await.unwrap();
    assert!(kept.is(TOKEN, "new").await);
    let rows = kept.rows().await;
    assert_eq!((rows[0].name, rows[0].since), (TOKEN, None), "the old one is there, and does not count as kept");
    let next_run = Secrets::new(switched().0, kept.store.clone(), Clock::system());
    let error = next_run.get(&id(), TOKEN, ORIGIN).await.unwrap_err();
    assert_eq!(Problem::from(error).code, Code::TokenMissing, "the old one is not used again");
    kept.secrets.forget(&id(), TOKEN).await.unwrap();
    assert_eq!((kept.rows().await, kept.secrets.keychain().has(&id(), TOKEN).await.unwrap()), (vec![], None));
}

#[tokio::test]
async fn a_secret_in_memory_is_not_all_that_is_forgotten_while_an_entry_may_exist() {
    let (keychain, store, is_gone) = switched();
    let kept = Kept::over(keychain.clone()).await;
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("old"), false).await.unwrap();
    fail_next(&store, Error::NoStorageAccess("locked".into()));
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("new"), true).await.unwrap();
    is_gone.store(true, std::sync::atomic::Ordering::SeqCst);
    fail_next(&store, Error::PlatformFailure("the daemon ended".into()));
    kept.secrets.forget(&id(), TOKEN).await.unwrap_err();
    assert_eq!(kept.rows().await.len(), 1, "its row stays");
    assert!(!keychain.holds_for_this_run_of(&id()), "memory needs no keychain");
    is_gone.store(false, std::sync::atomic::Ordering::SeqCst);
    kept.secrets.forget(&id(), TOKEN).await.unwrap();
    assert_eq!((kept.rows().await, keychain.has(&id(), TOKEN).await.unwrap()), (vec![], None));
}

#[tokio::test]
async fn a_secret_that_is_refused_leaves_the_row_of_the_one_before_and_one_that_is_kept_has_its_own_date() {
    let (keychain, store, _) = switched();
    let kept = Kept::over(keychain.with_deadline(std::time::Duration::from_millis(100))).await;
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("old"), false).await.unwrap();
    let before = kept.rows().await;
    fail_next(&store, Error::NoStorageAccess("refused".into()));
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("new"), false).await.unwrap_err();
    assert_eq!(kept.rows().await, before, "the old one is still the one that is kept");
    assert!(kept.is(TOKEN, "old").await);
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("new"), false).await.unwrap();
    assert!(kept.rows().await[0].since > before[0].since && kept.is(TOKEN, "new").await);
}

#[tokio::test]
async fn a_secret_whose_prompt_was_not_answered_does_not_leave_the_date_of_the_one_before() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let (store, hangs) = (keyring_core::mock::Store::new().unwrap(), Arc::new(AtomicBool::new(false)));
    let (again, is_hanging) = (Arc::clone(&store), Arc::clone(&hangs));
    let keychain = Keychain::opened_by("test", move || {
        if is_hanging.load(Ordering::SeqCst) {
            std::thread::park();
        }
        Ok(Arc::clone(&again) as Arc<keyring_core::CredentialStore>)
    });
    let kept = Kept::over(keychain.with_deadline(std::time::Duration::from_millis(300))).await;
    kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("old"), false).await.unwrap();
    let before = kept.rows().await[0].since;
    hangs.store(true, Ordering::SeqCst);
    // The daemon was restarted, so the keychain is opened again, which asks.
    fail_next(&store, Error::PlatformFailure("no session".into()));
    let error = kept.secrets.keep(&id(), TOKEN, ORIGIN, &secret("new"), false).await.unwrap_err();
    assert!(matches!(error, SecretsError::Keychain(KeychainError::NotAnswered)), "{error:?}");
    assert!(kept.rows().await[0].since > before, "a late answer may store the new one");
    hangs.store(false, Ordering::SeqCst);
    assert!(kept.is(TOKEN, "old").await, "the old one is still used");
}

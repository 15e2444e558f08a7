//! The keychain itself: entries by user name, over a store held as a value.
//!
//! Promises: after a platform failure (a daemon that was restarted forgets its sessions) the store is opened anew and the
//! call is tried once more. Everything here blocks, a prompt included.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::zeroize::Zeroizing;

use super::SecretsError;

/// Opens a store.
type Open = Box<dyn Fn() -> Result<Arc<CredentialStore>, Error> + Send + Sync>;

/// One service's entries in a keychain.
pub(super) struct Keychain {
    service: String,
    name: &'static str,
    open: Open,
    /// Whether the store takes this system's entry modifiers.
    native: bool,
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl Keychain {
    pub(super) fn new(service: &str, name: &'static str, open: Open) -> Self {
        Self { service: service.to_owned(), name, open, native: false, store: Mutex::new(None) }
    }

    pub(super) fn system(service: &str) -> Self {
        Self { native: true, ..Self::new(service, system::NAME, Box::new(system::open)) }
    }

    /// The keychain's name for people.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn set(&self, user: &str, value: &[u8]) -> Result<(), SecretsError> {
        self.ask(user, |entry| entry.set_secret(value))
    }

    pub(super) fn get(&self, user: &str) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
        self.ask(user, |entry| entry.get_secret().map(Zeroizing::new))
    }

    /// Deletes the entry and looks again, since one platform's delete reports nothing. Absent before is fine.
    pub(super) fn delete(&self, user: &str) -> Result<(), SecretsError> {
        match self.ask(user, delete_each) {
            Err(SecretsError::Gone) => return Ok(()),
            other => other?,
        }
        match self.get(user) {
            Err(SecretsError::Gone) => Ok(()),
            Ok(_) => Err(SecretsError::Denied),
            Err(error) => Err(error),
        }
    }

    /// Deletes every entry of this service alone, and returns how many there were.
    pub(super) fn delete_all(&self) -> Result<usize, SecretsError> {
        let store = self.store()?;
        let named = if self.native { system::search(&self.service) } else { ("service", self.service.clone()) };
        let search = HashMap::from([(named.0, named.1.as_str())]);
        let found = store.search(&search).map_err(|error| SecretsError::of(&error))?;
        // A search may have waited for a prompt until its caller gave up; what it found can then be newer than the question.
        if !self.held().as_ref().is_some_and(|held| Arc::ptr_eq(held, &store)) {
            return Err(SecretsError::NotAnswered);
        }
        // Some stores find more than was asked for.
        let ours = |entry: &&Entry| entry.get_specifiers().is_some_and(|(service, _)| service == self.service);
        let ours: Vec<_> = found.iter().filter(ours).collect();
        ours.iter().try_for_each(|entry| delete_each(entry)).map_err(|error| SecretsError::of(&error))?;
        Ok(ours.len())
    }

    /// Writes, reads and deletes a random canary.
    pub(super) fn probe(&self) -> Result<(), SecretsError> {
        let user = format!("probe/{}", uuid::Uuid::new_v4());
        let canary = uuid::Uuid::new_v4().to_string();
        self.set(&user, canary.as_bytes())?;
        let read = self.get(&user);
        self.delete(&user)?;
        if read?.as_slice() == canary.as_bytes() { Ok(()) } else { Err(SecretsError::Failed) }
    }

    /// Lets go of the store, so that the next call opens one of its own instead of queueing behind one that hangs.
    pub(super) fn abandon(&self) {
        *self.held() = None;
    }

    fn ask<T>(&self, user: &str, work: impl Fn(&Entry) -> Result<T, Error>) -> Result<T, SecretsError> {
        let once = |store: &Arc<CredentialStore>| {
            let label = format!("Okta Connector for Radiant ({user})");
            let modifiers = if self.native { system::modifiers(&label) } else { HashMap::new() };
            work(&store.build(&self.service, user, Some(&modifiers))?)
        };
        let error = match once(&self.store()?) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        // A dismissed prompt or a refusal can come as a platform failure too; asking again would prompt again.
        let meaning = SecretsError::of(&error);
        if !matches!(error, Error::PlatformFailure(_))
            || [SecretsError::Locked, SecretsError::Denied].contains(&meaning)
        {
            return Err(meaning);
        }
        tracing::debug!(keychain = self.name, "keychain failed, opening it anew");
        self.abandon();
        once(&self.store()?).map_err(|error| SecretsError::of(&error))
    }

    fn store(&self) -> Result<Arc<CredentialStore>, SecretsError> {
        if let Some(store) = self.held().as_ref() {
            return Ok(Arc::clone(store));
        }
        // Not under the lock: opening may hang, and `abandon` must not wait for it.
        let store = (self.open)().map_err(|error| SecretsError::of_opening(&error))?;
        *self.held() = Some(Arc::clone(&store));
        Ok(store)
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<CredentialStore>>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keychain").field("service", &self.service).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Deletes the entry, or each of them: a collection that was copied can hold a secret twice.
fn delete_each(entry: &Entry) -> Result<(), Error> {
    match entry.delete_credential() {
        Err(Error::Ambiguous(entries)) => entries.iter().try_for_each(Entry::delete_credential),
        other => other,
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Arc, CredentialStore, Error, HashMap};

    pub(super) const NAME: &str = "Secret Service";

    pub(super) fn open() -> Result<Arc<CredentialStore>, Error> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }

    /// What the system's keychain program shows.
    pub(super) fn modifiers(label: &str) -> HashMap<&str, &str> {
        HashMap::from([("label", label)])
    }

    /// How the store is searched for a service.
    pub(super) fn search(service: &str) -> (&'static str, String) {
        ("service", service.to_owned())
    }
}

#[cfg(target_os = "macos")]
mod system {
    use super::{Arc, CredentialStore, Error, HashMap};

    pub(super) const NAME: &str = "macOS Keychain";

    pub(super) fn open() -> Result<Arc<CredentialStore>, Error> {
        Ok(apple_native_keyring_store::keychain::Store::new()?)
    }

    pub(super) fn modifiers(_label: &str) -> HashMap<&str, &str> {
        HashMap::new()
    }

    /// How the store is searched for a service.
    pub(super) fn search(service: &str) -> (&'static str, String) {
        ("service", service.to_owned())
    }
}

#[cfg(target_os = "windows")]
mod system {
    use super::{Arc, CredentialStore, Error, HashMap};

    pub(super) const NAME: &str = "Windows Credential Manager";
    /// Between user and service in an entry's name. A search tells the two apart by the last one, so no service holds it:
    /// by the store's own default, a dot, it finds only the end of a service's name.
    const DIVIDER: &str = "@";

    pub(super) fn open() -> Result<Arc<CredentialStore>, Error> {
        let names =
            HashMap::from([("prefix", ""), ("divider", DIVIDER), ("suffix", ""), ("service_no_divider", "true")]);
        Ok(windows_native_keyring_store::Store::new_with_configuration(&names)?)
    }

    /// The store's own default, "Enterprise", would let the entry roam to other computers.
    pub(super) fn modifiers(_label: &str) -> HashMap<&str, &str> {
        HashMap::from([("persistence", "Local")])
    }

    /// How the store is searched for a service: by a regular expression over the entries' names.
    pub(super) fn search(service: &str) -> (&'static str, String) {
        ("pattern", format!("{DIVIDER}{}$", service.replace('.', r"\.")))
    }
}

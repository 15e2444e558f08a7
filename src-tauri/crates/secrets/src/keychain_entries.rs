//! Blocking access to a keychain: entries by user name, over a credential store that is opened at first need.
//!
//! After a platform failure (a restarted daemon forgets its sessions) the credential store is opened again and the call is
//! tried once more. Every call blocks, also while a prompt is shown.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::zeroize::Zeroizing;

use super::KeychainError;

/// Opens a credential store.
type Open = Box<dyn Fn() -> Result<Arc<CredentialStore>, Error> + Send + Sync>;

/// One service's entries in a keychain.
pub(super) struct BlockingKeychain {
    service: String,
    name: &'static str,
    open: Open,
    /// Whether the credential store takes this system's entry modifiers.
    native: bool,
    store: Mutex<Option<Arc<CredentialStore>>>,
    /// Whether it was opened in this run, so that a missing one has stopped since.
    was_open: AtomicBool,
    /// The users whose entry was found more than once when it was read last.
    stored_twice: Mutex<BTreeSet<String>>,
}

impl BlockingKeychain {
    pub(super) fn new(service: &str, name: &'static str, open: Open) -> Self {
        Self {
            service: service.to_owned(),
            name,
            open,
            native: false,
            store: Mutex::default(),
            was_open: AtomicBool::default(),
            stored_twice: Mutex::default(),
        }
    }

    pub(super) fn system(service: &str) -> Self {
        let mut system = Self::new(service, system::NAME, Box::new(system::open));
        system.native = true;
        system
    }

    /// Returns the keychain's name for people.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns whether an entry whose user begins with `prefix` was found more than once when it was read last.
    pub(super) fn is_stored_twice(&self, prefix: &str) -> bool {
        self.stored_twice().iter().any(|user| user.starts_with(prefix))
    }

    pub(super) fn set(&self, user: &str, value: &[u8]) -> Result<(), KeychainError> {
        self.with_entry(user, |entry| match entry.set_secret(value) {
            Err(Error::Ambiguous(entries)) => entries.first().ok_or(Error::NoEntry)?.set_secret(value),
            other => other,
        })
    }

    /// Returns the value of an entry; of an entry that is there more than once, the first that can be read.
    pub(super) fn get(&self, user: &str) -> Result<Zeroizing<Vec<u8>>, KeychainError> {
        let found = self.with_entry(user, |entry| match entry.get_secret() {
            Err(Error::Ambiguous(entries)) => Ok((first_readable(&entries)?, true)),
            other => Ok((Zeroizing::new(other?), false)),
        });
        if matches!(found, Err(KeychainError::Gone)) {
            self.stored_twice().remove(user);
        }
        let (value, is_twice) = found?;
        let is_new = is_twice && self.stored_twice().insert(user.to_owned());
        if !is_twice {
            self.stored_twice().remove(user);
        }
        if is_new {
            tracing::warn!(
                keychain = self.name,
                "a secret is stored twice; the one that is unlocked and newest is used"
            );
        }
        Ok(value)
    }

    /// Deletes the entry and reads it again, because one platform's delete reports nothing. Returns whether it was there; an
    /// absent entry is no error.
    pub(super) fn delete(&self, user: &str) -> Result<bool, KeychainError> {
        match self.with_entry(user, delete_each) {
            Err(KeychainError::Gone) => {
                self.stored_twice().remove(user);
                return Ok(false);
            }
            other => other?,
        }
        self.stored_twice().remove(user);
        match self.get(user) {
            Err(KeychainError::Gone | KeychainError::NoDefaultCollection) => Ok(true),
            Ok(_) => Err(KeychainError::Denied),
            Err(error) => Err(error),
        }
    }

    /// Fails when the keychain may hold entries that it does not show, because it is locked.
    pub(super) fn confirm_nothing_hidden(&self) -> Result<(), KeychainError> {
        system::confirm_nothing_hidden(&self.store()?).map_err(|error| KeychainError::of(&error))
    }

    /// Deletes every entry of this service, and returns how many there were.
    pub(super) fn delete_all(&self) -> Result<usize, KeychainError> {
        let store = self.store()?;
        let named = if self.native { system::search(&self.service) } else { ("service", self.service.clone()) };
        let search = HashMap::from([(named.0, named.1.as_str())]);
        let found = store.search(&search).map_err(|error| KeychainError::of(&error))?;
        // A search may have waited for a prompt until its caller gave up; its result can then be newer than the request.
        if !self.current().as_ref().is_some_and(|current| Arc::ptr_eq(current, &store)) {
            return Err(KeychainError::NotAnswered);
        }
        // Some credential stores find entries of other services too.
        let ours = |entry: &&Entry| entry.get_specifiers().is_some_and(|(service, _)| service == self.service);
        let ours: Vec<_> = found.iter().filter(ours).collect();
        ours.iter().try_for_each(|entry| delete_each(entry)).map_err(|error| KeychainError::of(&error))?;
        system::confirm_nothing_hidden(&store).map_err(|error| KeychainError::of(&error))?;
        Ok(ours.len())
    }

    /// Writes, reads and deletes a random canary.
    pub(super) fn probe(&self) -> Result<(), KeychainError> {
        let user = format!("probe/{}", uuid::Uuid::new_v4());
        let canary = uuid::Uuid::new_v4().to_string();
        self.set(&user, canary.as_bytes())?;
        let read = self.get(&user);
        self.delete(&user)?;
        if read?.as_slice() == canary.as_bytes() { Ok(()) } else { Err(KeychainError::Failed) }
    }

    /// Drops the credential store, so that the next call opens its own instead of queueing behind one that hangs.
    pub(super) fn abandon(&self) {
        // The lock is released before the thread is started.
        let abandoned = self.current().take();
        close(abandoned);
    }

    fn with_entry<T>(&self, user: &str, work: impl Fn(&Entry) -> Result<T, Error>) -> Result<T, KeychainError> {
        let once = |store: &Arc<CredentialStore>| {
            let label = format!("Okta Connector for Radiant ({user})");
            let modifiers = if self.native { system::modifiers(&label) } else { HashMap::new() };
            work(&store.build(&self.service, user, Some(&modifiers))?)
        };
        let error = match once(&self.store()?) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        // A dismissed prompt or a refusal can arrive as a platform failure too; trying again would prompt again.
        let meaning = KeychainError::of(&error);
        if !matches!(error, Error::PlatformFailure(_))
            || [KeychainError::Locked, KeychainError::Denied].contains(&meaning)
        {
            return Err(meaning);
        }
        tracing::debug!(keychain = self.name, "keychain failed, opening it again");
        self.abandon();
        once(&self.store()?).map_err(|error| KeychainError::of(&error))
    }

    fn store(&self) -> Result<Arc<CredentialStore>, KeychainError> {
        if let Some(store) = self.current().as_ref() {
            return Ok(Arc::clone(store));
        }
        // Not under the lock, because opening may hang and `abandon` must not wait for it.
        let store = (self.open)().map_err(|error| {
            let error = KeychainError::of_opening(&error);
            let has_stopped = error == KeychainError::Missing && self.was_open.load(Ordering::Relaxed);
            tracing::warn!(keychain = self.name, %error, has_stopped, "the keychain cannot be opened");
            if has_stopped { KeychainError::Stopped } else { error }
        })?;
        self.was_open.store(true, Ordering::Relaxed);
        *self.current() = Some(Arc::clone(&store));
        Ok(store)
    }

    fn stored_twice(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.stored_twice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<CredentialStore>>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BlockingKeychain {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// Closes a credential store, and dismisses the prompt that it shows, on a thread of its own: closing asks the session bus and
/// waits for it, which an asynchronous task, the usual last owner, must not.
fn close(store: Option<Arc<CredentialStore>>) {
    let Some(store) = store else { return };
    let closing = std::thread::Builder::new().name("keychain".to_owned()).spawn(move || system::dismiss(&store));
    if let Err(error) = closing {
        tracing::debug!(%error, "the keychain was not closed");
    }
}

impl std::fmt::Debug for BlockingKeychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockingKeychain")
            .field("service", &self.service)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Deletes the entry, or each of several: a collection that was copied can contain an entry twice.
fn delete_each(entry: &Entry) -> Result<(), Error> {
    match entry.delete_credential() {
        Err(Error::Ambiguous(entries)) => entries.iter().try_for_each(Entry::delete_credential),
        other => other,
    }
}

/// Returns the first secret that can be read, or why the first one cannot.
fn first_readable(entries: &[Entry]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut first = None;
    for entry in entries {
        match entry.get_secret() {
            Ok(secret) => return Ok(Zeroizing::new(secret)),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or(Error::NoEntry))
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Arc, CredentialStore, Error, HashMap};
    use crate::secret_service::{self, SecretServiceStore};

    pub(super) const NAME: &str = "Secret Service";

    pub(super) fn open() -> Result<Arc<CredentialStore>, Error> {
        secret_service::open()
    }

    /// Ends the session and its prompt.
    pub(super) fn dismiss(store: &Arc<CredentialStore>) {
        if let Some(store) = store.as_any().downcast_ref::<SecretServiceStore>() {
            store.dismiss();
        }
    }

    /// Fails when entries may be hidden because a collection is locked.
    pub(super) fn confirm_nothing_hidden(store: &Arc<CredentialStore>) -> Result<(), Error> {
        let store = store.as_any().downcast_ref::<SecretServiceStore>();
        store.map_or(Ok(()), SecretServiceStore::confirm_nothing_hidden)
    }

    /// The label is shown by the system's keychain program.
    pub(super) fn modifiers(label: &str) -> HashMap<&str, &str> {
        HashMap::from([("label", label)])
    }

    /// Returns the search for the entries of a service.
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

    /// Does nothing: this system ends a prompt by itself.
    pub(super) fn dismiss(_store: &Arc<CredentialStore>) {}

    /// Succeeds: this system reports a locked keychain as such.
    #[expect(clippy::unnecessary_wraps, reason = "another system can fail")]
    pub(super) fn confirm_nothing_hidden(_store: &Arc<CredentialStore>) -> Result<(), Error> {
        Ok(())
    }

    pub(super) fn modifiers(_label: &str) -> HashMap<&str, &str> {
        HashMap::new()
    }

    /// Returns the search for the entries of a service.
    pub(super) fn search(service: &str) -> (&'static str, String) {
        ("service", service.to_owned())
    }
}

#[cfg(target_os = "windows")]
mod system {
    use super::{Arc, CredentialStore, Error, HashMap};

    pub(super) const NAME: &str = "Windows Credential Manager";
    /// Separates user and service in an entry's name. The library splits at the last one, so a service must not contain it;
    /// with the library's default, a dot, a search would find only the end of a service's name.
    const DIVIDER: &str = "@";

    pub(super) fn open() -> Result<Arc<CredentialStore>, Error> {
        let names =
            HashMap::from([("prefix", ""), ("divider", DIVIDER), ("suffix", ""), ("service_no_divider", "true")]);
        Ok(windows_native_keyring_store::Store::new_with_configuration(&names)?)
    }

    /// Does nothing: this system ends a prompt by itself.
    pub(super) fn dismiss(_store: &Arc<CredentialStore>) {}

    /// Succeeds: this system reports a locked keychain as such.
    #[expect(clippy::unnecessary_wraps, reason = "another system can fail")]
    pub(super) fn confirm_nothing_hidden(_store: &Arc<CredentialStore>) -> Result<(), Error> {
        Ok(())
    }

    /// The library's default, "Enterprise", would let the entry roam to other computers.
    pub(super) fn modifiers(_label: &str) -> HashMap<&str, &str> {
        HashMap::from([("persistence", "Local")])
    }

    /// Returns the search for the entries of a service: a regular expression over the names of entries.
    pub(super) fn search(service: &str) -> (&'static str, String) {
        ("pattern", format!("{DIVIDER}{}$", service.replace('.', r"\.")))
    }
}

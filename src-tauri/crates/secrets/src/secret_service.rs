//! Linux's Secret Service as a credential store.
//!
//! An entry is an item with the attributes `service` and `username`, in whatever collection; a new one goes into the default
//! collection. Of several items the newest unlocked one comes first, and nothing is unlocked for the others. Providers answer
//! "no such item" for a locked collection too, so that answer counts only while the default collection is there and unlocked.
//!
//! Prompts are run here and not by the `secret-service` library, so that one that nobody waits for any more is dismissed.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyring_core::api::{Credential, CredentialApi, CredentialStoreApi};
use keyring_core::{CredentialStore, Entry, Error};
use secret_service::EncryptionType;
use secret_service::blocking::{Item, SecretService};
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use super::KeychainError;

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
/// The path that stands for "none".
const NONE: &str = "/";
const CONTENT_TYPE: &str = "application/octet-stream";

/// The attributes that an item is found by.
type Attributes<'a> = HashMap<&'a str, &'a str>;

/// A session with the Secret Service.
struct Session {
    service: SecretService<'static>,
    bus: Connection,
    /// The prompt that is on the screen.
    prompt: Mutex<Option<OwnedObjectPath>>,
}

/// The credential store. Its entries share one session.
#[derive(Debug)]
pub(super) struct SecretServiceStore(Arc<Session>);

/// The items that were found, the newest first.
struct Found {
    unlocked: Vec<OwnedObjectPath>,
    locked: Vec<OwnedObjectPath>,
}

/// Opens a session.
pub(super) fn open() -> Result<Arc<CredentialStore>, Error> {
    let bus = Connection::session().map_err(|_| refused(KeychainError::NoSessionBus))?;
    let service = SecretService::connect_with_existing(EncryptionType::Dh, bus.clone()).map_err(decode)?;
    Ok(Arc::new(SecretServiceStore(Arc::new(Session { service, bus, prompt: Mutex::default() }))))
}

impl SecretServiceStore {
    /// Dismisses the prompt on the screen, if there is one, and ends the session. Waits for no answer.
    pub(super) fn dismiss(&self) {
        let Session { bus, .. } = &*self.0;
        if let Some(path) = self.0.prompt().take() {
            let message = zbus::Message::method_call(path, "Dismiss")
                .and_then(|message| message.destination(NAME)?.interface(PROMPT)?.build(&()));
            if let Err(error) = message.and_then(|message| bus.send(&message)) {
                tracing::debug!(%error, "the keychain's prompt was not dismissed");
            }
        }
        if let Err(error) = bus.clone().close() {
            tracing::debug!(%error, "the session bus was not closed");
        }
    }

    /// Fails unless every item can be found: the default collection is there and unlocked, and no other one is locked and
    /// looks empty, as the providers do that hide the items of a locked one.
    pub(super) fn confirm_nothing_hidden(&self) -> Result<(), Error> {
        if self.0.service.get_default_collection().map_err(decode)?.is_locked().map_err(decode)? {
            return Err(refused(KeychainError::Locked));
        }
        for collection in self.0.service.get_all_collections().map_err(decode)? {
            if collection.is_locked().map_err(decode)? && collection.get_all_items().map_err(decode)?.is_empty() {
                return Err(refused(KeychainError::Locked));
            }
        }
        Ok(())
    }
}

impl CredentialStoreApi for SecretServiceStore {
    fn vendor(&self) -> String {
        NAME.to_owned()
    }

    fn id(&self) -> String {
        self.0.bus.unique_name().map(ToString::to_string).unwrap_or_default()
    }

    fn build(&self, service: &str, user: &str, modifiers: Option<&HashMap<&str, &str>>) -> Result<Entry, Error> {
        let label = modifiers.and_then(|modifiers| modifiers.get("label")).unwrap_or(&user);
        let entry = ServiceEntry {
            session: Arc::clone(&self.0),
            service: service.to_owned(),
            user: user.to_owned(),
            label: (*label).to_owned(),
        };
        Ok(Entry::new_with_credential(Arc::new(entry)))
    }

    fn search(&self, attributes: &HashMap<&str, &str>) -> Result<Vec<Entry>, Error> {
        // Nothing is unlocked where nothing was found: that may be so at every start, and would show a prompt for no reason.
        let found = self.0.search(attributes)?;
        self.0.unlock(&found.locked)?;
        Ok(self.0.entries(found.unlocked.into_iter().chain(found.locked)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Session {
    /// Returns the items with these attributes, unlocking only if none is unlocked.
    fn readable(&self, attributes: &Attributes<'_>) -> Result<Vec<OwnedObjectPath>, Error> {
        let mut found = self.search(attributes)?;
        if found.unlocked.is_empty() && found.locked.is_empty() && self.unlock_default()? {
            found = self.search(attributes)?;
        }
        if found.unlocked.is_empty() && !found.locked.is_empty() {
            self.unlock(&found.locked)?;
            found = self.search(attributes)?;
        }
        Ok(found.unlocked.into_iter().chain(found.locked).collect())
    }

    fn search(&self, attributes: &Attributes<'_>) -> Result<Found, Error> {
        let found = self.service.search_items(attributes.clone()).map_err(decode)?;
        let locked = found.locked.iter().map(|item| item.item_path.clone()).collect();
        Ok(Found { unlocked: self.newest_first(&found.unlocked)?, locked })
    }

    /// Sorts items by when they were changed; of several of the same second, those of the default collection come first.
    fn newest_first(&self, items: &[Item<'_>]) -> Result<Vec<OwnedObjectPath>, Error> {
        if items.len() < 2 {
            return Ok(items.iter().map(|item| item.item_path.clone()).collect());
        }
        let default =
            self.service.get_default_collection().map(|default| format!("{}/", *default.collection_path)).ok();
        let is_in_default = |path: &str| default.as_ref().is_some_and(|default| path.starts_with(default));
        let mut dated = Vec::with_capacity(items.len());
        for item in items {
            let path = item.item_path.clone();
            dated.push((item.get_modified().map_err(decode)?, is_in_default(&path), path));
        }
        dated.sort_by_key(|(modified, is_in_default, _)| Reverse((*modified, *is_in_default)));
        Ok(dated.into_iter().map(|(_, _, path)| path).collect())
    }

    /// Unlocks the default collection, where a provider may hide what it holds while it is locked. Returns whether it was
    /// locked before.
    fn unlock_default(&self) -> Result<bool, Error> {
        let default = self.service.get_default_collection().map_err(decode)?;
        if !default.is_locked().map_err(decode)? {
            return Ok(false);
        }
        self.unlock(std::slice::from_ref(&default.collection_path))?;
        if default.is_locked().map_err(decode)? { Err(refused(KeychainError::Locked)) } else { Ok(true) }
    }

    /// Unlocks items or collections; the provider may show a prompt.
    fn unlock(&self, paths: &[OwnedObjectPath]) -> Result<(), Error> {
        if paths.is_empty() {
            return Ok(());
        }
        let service = Proxy::new(&self.bus, NAME, PATH, SERVICE).map_err(failed)?;
        let (unlocked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            service.call("Unlock", &(paths)).map_err(failed)?;
        if prompt.as_str() != NONE {
            return self.run_prompt(prompt);
        }
        if paths.iter().all(|path| unlocked.contains(path)) { Ok(()) } else { Err(refused(KeychainError::Locked)) }
    }

    /// Shows a prompt and waits until it is answered or dismissed.
    fn run_prompt(&self, path: OwnedObjectPath) -> Result<(), Error> {
        let prompt = Proxy::new(&self.bus, NAME, path.clone(), PROMPT).map_err(failed)?;
        let mut completed = prompt.receive_signal("Completed").map_err(failed)?;
        *self.prompt() = Some(path);
        let shown = prompt.call::<_, _, ()>("Prompt", &("")).map_err(failed);
        // The signals end when the session is ended.
        let answer = shown.map(|()| completed.next());
        self.prompt().take();
        let is_dismissed = match answer? {
            Some(answer) => answer.body().deserialize::<(bool, OwnedValue)>().map_err(failed)?.0,
            None => true,
        };
        if is_dismissed { Err(refused(KeychainError::Locked)) } else { Ok(()) }
    }

    fn create(&self, entry: &ServiceEntry, secret: &[u8]) -> Result<(), Error> {
        self.unlock_default()?;
        let default = self.service.get_default_collection().map_err(decode)?;
        default.create_item(&entry.label, entry.attributes(), secret, true, CONTENT_TYPE).map_err(decode)?;
        // A provider that locks meanwhile may accept the item and keep nothing.
        let found = self.search(&entry.attributes())?;
        let is_kept = !found.unlocked.is_empty() || !found.locked.is_empty();
        if is_kept { Ok(()) } else { Err(refused(KeychainError::Locked)) }
    }

    fn entries(self: &Arc<Self>, paths: impl IntoIterator<Item = OwnedObjectPath>) -> Vec<Entry> {
        let entry = |path| Entry::new_with_credential(Arc::new(ItemEntry { session: Arc::clone(self), path }));
        paths.into_iter().map(entry).collect()
    }

    /// Returns an item, unlocked.
    fn item(&self, path: &OwnedObjectPath) -> Result<Item<'_>, Error> {
        let item = self.service.get_item_by_path(path.clone()).map_err(decode)?;
        if item.is_locked().map_err(decode)? {
            self.unlock(std::slice::from_ref(path))?;
        }
        Ok(item)
    }

    fn prompt(&self) -> MutexGuard<'_, Option<OwnedObjectPath>> {
        self.prompt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// An entry by service and user, whether its item exists or not.
#[derive(Debug)]
struct ServiceEntry {
    session: Arc<Session>,
    service: String,
    user: String,
    label: String,
}

impl ServiceEntry {
    fn attributes(&self) -> Attributes<'_> {
        HashMap::from([("service", self.service.as_str()), ("username", self.user.as_str())])
    }
}

impl CredentialApi for ServiceEntry {
    fn set_secret(&self, secret: &[u8]) -> Result<(), Error> {
        let paths = self.session.readable(&self.attributes())?;
        let Some((newest, others)) = paths.split_first() else { return self.session.create(self, secret) };
        self.session.item(newest)?.set_secret(secret, CONTENT_TYPE).map_err(decode)?;
        // The others hold what was replaced. A locked one stays; it is older from now on.
        for other in others {
            let item = self.session.service.get_item_by_path(other.clone()).map_err(decode)?;
            if let Err(error) = item.delete() {
                tracing::debug!(%error, "an outdated copy of a secret was not deleted");
            }
        }
        Ok(())
    }

    fn get_secret(&self) -> Result<Vec<u8>, Error> {
        let paths = self.session.readable(&self.attributes())?;
        match paths.as_slice() {
            [] => Err(Error::NoEntry),
            [only] => self.session.item(only)?.get_secret().map_err(decode),
            [..] => Err(Error::Ambiguous(self.session.entries(paths))),
        }
    }

    fn delete_credential(&self) -> Result<(), Error> {
        let mut found = self.session.search(&self.attributes())?;
        if found.unlocked.is_empty() && found.locked.is_empty() {
            found = if self.session.unlock_default()? { self.session.search(&self.attributes())? } else { found };
            if found.unlocked.is_empty() && found.locked.is_empty() {
                return Err(Error::NoEntry);
            }
        }
        let unlocked = found.unlocked.iter().map(|path| self.session.item(path)?.delete().map_err(decode));
        let deleted = unlocked.collect::<Vec<_>>().into_iter().collect::<Result<(), _>>();
        self.session.unlock(&found.locked)?;
        found.locked.iter().try_for_each(|path| self.session.item(path)?.delete().map_err(decode))?;
        deleted
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>, Error> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some((self.service.clone(), self.user.clone()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An entry that is an item.
#[derive(Debug)]
struct ItemEntry {
    session: Arc<Session>,
    path: OwnedObjectPath,
}

impl CredentialApi for ItemEntry {
    fn set_secret(&self, secret: &[u8]) -> Result<(), Error> {
        self.session.item(&self.path)?.set_secret(secret, CONTENT_TYPE).map_err(decode)
    }

    fn get_secret(&self) -> Result<Vec<u8>, Error> {
        self.session.item(&self.path)?.get_secret().map_err(decode)
    }

    fn delete_credential(&self) -> Result<(), Error> {
        self.session.item(&self.path)?.delete().map_err(decode)
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>, Error> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        let attributes = self.session.item(&self.path).ok()?.get_attributes().ok()?;
        Some((attributes.get("service")?.clone(), attributes.get("username")?.clone()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Returns the error of a keychain that works and does not give access.
fn refused(why: KeychainError) -> Error {
    Error::NoStorageAccess(Box::new(why))
}

fn failed(error: zbus::Error) -> Error {
    Error::PlatformFailure(Box::new(error))
}

fn decode(error: secret_service::Error) -> Error {
    use secret_service::Error as Service;
    match error {
        Service::Locked | Service::Prompt | Service::PromptDisconnected => refused(KeychainError::Locked),
        // Only the default collection is asked for by its alias.
        Service::NoResult => refused(KeychainError::NoDefaultCollection),
        Service::Unavailable => Error::PlatformFailure(Box::new(KeychainError::Missing)),
        // The library may gain errors.
        other @ (Service::Crypto(_) | Service::Zbus(_) | Service::ZbusFdo(_) | Service::Zvariant(_) | _) => {
            Error::PlatformFailure(Box::new(other))
        }
    }
}

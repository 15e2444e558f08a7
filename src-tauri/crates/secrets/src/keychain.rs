//! The operating system's keychain, by connection and [`SecretName`], and beside it the secrets kept for this run only.
//!
//! A secret is bound to ONE origin when it is put and is returned for that origin only. A missing, a locked and a refusing
//! keychain are different errors. A prompt never blocks the caller's runtime. There is no file instead of a keychain: without
//! one, a secret lives in this process's memory, and only when it was put there by [`Keychain::put_for_this_run`].
//!
//! An entry has the product's `service`, the `user` `<connection id>/<secret name>`, and as its value the JSON
//! `{"origin": .., "secret": ..}`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use keyring_core::{CredentialStore, Error, mock};
use secrecy::SecretString;
use tokio::sync::{Mutex, MutexGuard};

use super::KeychainError;
use super::keychain_entries::BlockingKeychain;
use super::keychain_entry_value::{self, KeychainEntry};
use super::this_run::ThisRun;
use model::connection::ConnectionId;
use model::secret_name::{SecretName, SecretState};
use runtime::Clock;

/// How long a call waits for an answer, also to a prompt. Shorter than a run of checks may take, so that the run can say what it
/// waited for.
const DEADLINE: Duration = Duration::from_secs(50);

/// The keychain. Clones share one session and one memory.
#[derive(Debug, Clone)]
pub struct Keychain {
    entries: Arc<BlockingKeychain>,
    this_run: Arc<ThisRun>,
    deadline: Duration,
    /// Held by the call that may be showing a prompt.
    turn: Arc<Mutex<()>>,
    /// Number of calls so far that nobody answered.
    unanswered: Arc<AtomicU64>,
}

impl Keychain {
    /// Returns this system's keychain: Secret Service, macOS Keychain or Windows Credential Manager. It is opened at first
    /// need. `service` is the service of all entries.
    #[must_use]
    pub fn system(service: &str) -> Self {
        Self::over(BlockingKeychain::system(service))
    }

    /// Returns a keychain in memory that is gone at the end of the run: the keychain library's own mock. For practice and for
    /// tests; never a substitute for a real keychain.
    #[must_use]
    pub fn memory() -> Self {
        let store = mock::Store::new().map(|store| store as Arc<CredentialStore>);
        let store = store.map_err(|error| error.to_string());
        Self::opened_by("practice", move || store.clone().map_err(|error| Error::PlatformFailure(error.into())))
    }

    /// Returns a keychain over the credential stores that `open` opens: one at first need, and another after a platform failure.
    #[must_use]
    pub fn opened_by(
        service: &str,
        open: impl Fn() -> Result<Arc<CredentialStore>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self::over(BlockingKeychain::new(service, "memory", Box::new(open)))
    }

    /// Sets another deadline than 50 seconds.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Proves that the keychain works: writes, reads and deletes a random canary. Returns the keychain's name for people.
    ///
    /// # Errors
    /// Every [`KeychainError`] but `Gone` and `BoundElsewhere`. An unanswered prompt is [`KeychainError::NotAnswered`].
    pub async fn probe(&self) -> Result<String, KeychainError> {
        self.off_thread(BlockingKeychain::probe).await?;
        Ok(self.entries.name().to_owned())
    }

    /// Returns whether a secret of a connection was found twice in the keychain when it was read last. The newest of the unlocked
    /// ones is used.
    #[must_use]
    pub fn has_duplicates(&self, id: &ConnectionId) -> bool {
        self.entries.is_stored_twice(&format!("{id}/"))
    }

    /// Puts a secret bound to `origin` into the keychain, in place of the one under that name in the keychain or in memory.
    ///
    /// After [`KeychainError::NotAnswered`] a late answer to the prompt may still store it; [`Keychain::forget`] deletes it.
    ///
    /// # Errors
    /// Every [`KeychainError`] but `Gone` and `BoundElsewhere`.
    pub async fn put(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
        secret: &SecretString,
    ) -> Result<(), KeychainError> {
        let (user, value) = (user(id, name), keychain_entry_value::write(origin, secret)?);
        self.off_thread(move |keychain| keychain.set(&user, &value)).await?;
        self.this_run.forget(id, name);
        Ok(())
    }

    /// Puts a secret into this process's memory until it ends, because there is no keychain and the administrator agreed.
    pub fn put_for_this_run(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
        secret: &SecretString,
        since: DateTime<Utc>,
    ) {
        self.this_run.put(id, name, origin, secret, since);
    }

    /// Puts a secret from a file into this process's memory until it ends.
    pub(super) fn provide(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
        secret: &SecretString,
        since: DateTime<Utc>,
    ) {
        self.this_run.put(id, name, origin, secret, since);
        self.this_run.mark_provided(id);
    }

    /// Returns whether any secret of a connection was provided from a file.
    pub(super) fn is_provided(&self, id: &ConnectionId) -> bool {
        self.this_run.is_provided(id)
    }

    /// Returns a secret for the origin it is bound to.
    ///
    /// # Errors
    /// [`KeychainError::BoundElsewhere`] for any other origin, [`KeychainError::Gone`] when it is not there, and the
    /// keychain's own.
    pub async fn get(&self, id: &ConnectionId, name: SecretName, origin: &str) -> Result<SecretString, KeychainError> {
        let entry = match self.this_run.get(id, name) {
            Some(entry) => entry,
            None => self.read(id, name).await?,
        };
        entry.for_origin(origin)
    }

    /// Returns a secret for the origin it is bound to, or `None` when it is not there.
    ///
    /// # Errors
    /// As [`Keychain::get`], without [`KeychainError::Gone`].
    pub async fn find(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
    ) -> Result<Option<SecretString>, KeychainError> {
        match self.get(id, name, origin).await {
            Ok(secret) => Ok(Some(secret)),
            Err(KeychainError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the origin of a secret and whether it is kept for this run only, when the secret is there.
    ///
    /// # Errors
    /// As [`Keychain::get`]; an absent secret is `None`.
    pub async fn has(&self, id: &ConnectionId, name: SecretName) -> Result<Option<(String, bool)>, KeychainError> {
        if let Some(entry) = self.this_run.get(id, name) {
            return Ok(Some((entry.origin, true)));
        }
        match self.read(id, name).await {
            Ok(entry) => Ok(Some((entry.origin, false))),
            Err(KeychainError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether any secret is kept for this run only.
    #[must_use]
    pub fn holds_for_this_run(&self) -> bool {
        !self.this_run.is_empty()
    }

    /// Returns whether any secret of a connection is kept for this run only. Reads memory, never the keychain.
    #[must_use]
    pub fn holds_for_this_run_of(&self, id: &ConnectionId) -> bool {
        self.this_run.holds_any_of(id)
    }

    /// Returns the states of a connection's secrets that are kept for this run only.
    pub(super) fn states_for_this_run(&self, id: &ConnectionId) -> Vec<SecretState> {
        self.this_run.states(id)
    }

    /// Deletes a secret in memory and in the keychain, and reads it again to be sure. An absent secret is no error, nor is a
    /// missing keychain when the secret was kept for this run only.
    ///
    /// # Errors
    /// The keychain's own; the entry may then still exist.
    pub async fn forget(&self, id: &ConnectionId, name: SecretName) -> Result<(), KeychainError> {
        let was_in_memory = self.this_run.forget(id, name);
        match self.forget_in_keychain(id, name).await {
            Err(error) if was_in_memory && error.is_unavailable() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Deletes a secret in memory only.
    pub(super) fn forget_for_this_run(&self, id: &ConnectionId, name: SecretName) {
        self.this_run.forget(id, name);
    }

    /// Fails when the keychain may hold secrets that it does not show, because a part of it is locked.
    ///
    /// # Errors
    /// [`KeychainError::Locked`], [`KeychainError::NoDefaultCollection`], and the keychain's own.
    pub(super) async fn confirm_nothing_hidden(&self) -> Result<(), KeychainError> {
        self.off_thread(BlockingKeychain::confirm_nothing_hidden).await
    }

    /// Deletes a secret in the keychain and returns whether it was there; one that is kept for this run stays.
    ///
    /// # Errors
    /// The keychain's own; the entry may then still exist.
    pub(super) async fn forget_in_keychain(&self, id: &ConnectionId, name: SecretName) -> Result<bool, KeychainError> {
        let user = user(id, name);
        self.off_thread(move |keychain| keychain.delete(&user)).await
    }

    /// Deletes every entry of this service in the keychain, of whatever connection, and returns how many there were. For a
    /// service whose entries must not outlive a run; secrets in memory stay.
    ///
    /// # Errors
    /// The keychain's own; some entries may then still exist. [`KeychainError::Locked`] also when a part of the keychain is
    /// locked and may hide some. A keychain that cannot be searched is [`KeychainError::Failed`].
    pub async fn forget_service(&self) -> Result<usize, KeychainError> {
        self.off_thread(BlockingKeychain::delete_all).await
    }

    fn over(entries: BlockingKeychain) -> Self {
        Self {
            entries: Arc::new(entries),
            this_run: Arc::default(),
            deadline: DEADLINE,
            turn: Arc::default(),
            unanswered: Arc::default(),
        }
    }

    async fn read(&self, id: &ConnectionId, name: SecretName) -> Result<KeychainEntry, KeychainError> {
        let user = user(id, name);
        let value = self.off_thread(move |keychain| keychain.get(&user)).await?;
        keychain_entry_value::read(&value)
    }

    /// Runs `work` on a thread of its own and waits for it until the deadline, when the thread is abandoned and its prompt
    /// dismissed, as when the caller no longer waits. Not `spawn_blocking`: a runtime waits for its threads when it ends, and an unanswered prompt must not delay
    /// that.
    ///
    /// One call at a time, so that one prompt is shown at a time. Calls that waited for one that nobody answered are not
    /// answered either: they would show the same prompt again.
    pub(super) async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&BlockingKeychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => self.wait_for_turn().await?,
        };
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let entries = Arc::clone(&self.entries);
        std::thread::Builder::new()
            .name("keychain".to_owned())
            // After the deadline nobody receives the answer.
            .spawn(move || drop(sender.send(work(&entries))))
            .map_err(|_| KeychainError::Failed)?;
        // Dropped before the turn ends, also when the caller drops this call.
        let mut pending = PendingCall { entries: &self.entries, is_answered: false };
        let answer = Clock::system().within(self.deadline, receiver).await;
        pending.is_answered = answer.is_some();
        match answer {
            Some(Ok(answer)) => answer,
            Some(Err(_)) => Err(KeychainError::Failed),
            None => {
                tracing::warn!(keychain = self.entries.name(), "no answer from the keychain before the deadline");
                self.unanswered.fetch_add(1, Ordering::SeqCst);
                Err(KeychainError::NotAnswered)
            }
        }
    }

    /// Waits for the call before, at most until the deadline.
    async fn wait_for_turn(&self) -> Result<MutexGuard<'_, ()>, KeychainError> {
        let began = self.unanswered.load(Ordering::SeqCst);
        let turn = Clock::system().within(self.deadline, self.turn.lock()).await.ok_or(KeychainError::NotAnswered)?;
        if self.unanswered.load(Ordering::SeqCst) == began { Ok(turn) } else { Err(KeychainError::NotAnswered) }
    }
}

/// A call that waits for the keychain. Dropped without an answer, it dismisses the prompt that may be shown.
struct PendingCall<'a> {
    entries: &'a BlockingKeychain,
    is_answered: bool,
}

impl Drop for PendingCall<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.entries.abandon();
        }
    }
}

/// Returns the user of an entry: `<connection id>/<secret name>`.
fn user(id: &ConnectionId, name: SecretName) -> String {
    format!("{id}/{}", name.as_str())
}

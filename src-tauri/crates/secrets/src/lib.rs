//! The operating system's keychain, behind `put`, `get`, `has` and `forget` by connection and [`SecretName`].
//!
//! Promises: a secret is bound to ONE origin when it is put and is given back for that origin alone; a keychain that is
//! missing, locked or refusing is told apart; a prompt never blocks the caller's runtime.
//! Never: a file instead of a keychain. Without one a secret lives in this process's memory, and only when it was put so
//! by [`Secrets::put_for_this_run`].
//!
//! An entry is `service` = the product's, `user` = `<connection id>/<secret name>`, and its value the JSON
//! `{"origin": .., "secret": ..}`.

mod copy;
mod entry;
mod error;
mod keychain;
mod this_run;

use std::sync::Arc;
use std::time::Duration;

use keyring_core::{CredentialStore, Error, mock};
use secrecy::SecretString;

pub use error::SecretsError;

use keychain::Keychain;
use model::connection::ConnectionId;
use model::secret::SecretName;
use runtime::Clock;
use this_run::ThisRun;

/// How long a call waits for an answer, a prompt's included.
const DEADLINE: Duration = Duration::from_secs(60);

/// Every name a secret can have, for forgetting them all.
const NAMES: [SecretName; 5] = [
    SecretName::OktaToken,
    SecretName::NextOktaToken,
    SecretName::PreviousOktaToken,
    SecretName::MonitoringToken,
    SecretName::RadiantSearchToken,
];

/// The vault. Clones share one keychain session and one memory.
#[derive(Debug, Clone)]
pub struct Secrets {
    keychain: Arc<Keychain>,
    this_run: Arc<ThisRun>,
    deadline: Duration,
}

impl Secrets {
    /// Returns the vault over this system's keychain: Secret Service, macOS Keychain or Windows Credential Manager.
    /// Nothing is opened until it is needed. `service` is what the entries are filed under.
    #[must_use]
    pub fn system(service: &str) -> Self {
        Self::over(Keychain::system(service))
    }

    /// Returns a vault that forgets everything at the end of the run: the keychain library's own mock store. For practice
    /// and for tests; never a stand-in for a real keychain.
    #[must_use]
    pub fn memory() -> Self {
        let store = mock::Store::new().map(|store| store as Arc<CredentialStore>);
        let store = store.map_err(|error| error.to_string());
        Self::opened_by("practice", move || store.clone().map_err(|error| Error::PlatformFailure(error.into())))
    }

    /// Returns a vault over the stores that `open` opens: once at first need, and anew after a platform failure.
    #[must_use]
    pub fn opened_by(
        service: &str,
        open: impl Fn() -> Result<Arc<CredentialStore>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self::over(Keychain::new(service, "memory", Box::new(open)))
    }

    /// Returns the vault with another deadline than 60 seconds.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Proves that the keychain works: writes, reads and deletes a random canary. Returns the keychain's name for people.
    ///
    /// # Errors
    /// Every [`SecretsError`] but `Gone` and `BoundElsewhere`. An unanswered prompt is [`SecretsError::NotAnswered`].
    pub async fn probe(&self) -> Result<String, SecretsError> {
        self.off_thread(Keychain::probe).await?;
        Ok(self.keychain.name().to_owned())
    }

    /// Keeps a secret in the keychain, bound to `origin`, in place of what was kept under that name, in memory included.
    ///
    /// After [`SecretsError::NotAnswered`] a late answer to the prompt may still store it; [`Secrets::forget`] removes it.
    ///
    /// # Errors
    /// Every [`SecretsError`] but `Gone` and `BoundElsewhere`.
    pub async fn put(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
        secret: &SecretString,
    ) -> Result<(), SecretsError> {
        let (user, value) = (user(id, name), entry::write(origin, secret)?);
        self.off_thread(move |keychain| keychain.set(&user, &value)).await?;
        self.this_run.forget(id, name);
        Ok(())
    }

    /// Keeps a secret in this process's memory until it ends, when there is no keychain and the administrator agreed.
    ///
    /// # Errors
    /// None today; the shape is that of [`Secrets::put`].
    #[expect(clippy::unused_async, reason = "one shape for both ways to keep a secret")]
    pub async fn put_for_this_run(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
        secret: &SecretString,
    ) -> Result<(), SecretsError> {
        self.this_run.put(id, name, origin, secret);
        Ok(())
    }

    /// Returns a secret for the origin it is bound to.
    ///
    /// # Errors
    /// [`SecretsError::BoundElsewhere`] for any other origin, [`SecretsError::Gone`] when it is not there, and the
    /// keychain's own. A Secret Service that was never unlocked answers "no such entry", which is told as `Gone`:
    /// the two look the same from outside, and [`Secrets::probe`] tells them apart.
    pub async fn get(&self, id: &ConnectionId, name: SecretName, origin: &str) -> Result<SecretString, SecretsError> {
        let kept = match self.this_run.get(id, name) {
            Some(kept) => kept,
            None => self.read(id, name).await?,
        };
        if kept.origin == origin {
            Ok(kept.secret)
        } else {
            Err(SecretsError::BoundElsewhere { bound_to: kept.origin })
        }
    }

    /// Tells whether a secret is there: its origin, and whether it is kept for this run only.
    ///
    /// # Errors
    /// As [`Secrets::get`]; an absent secret is `None`.
    pub async fn has(&self, id: &ConnectionId, name: SecretName) -> Result<Option<(String, bool)>, SecretsError> {
        if let Some(kept) = self.this_run.get(id, name) {
            return Ok(Some((kept.origin, true)));
        }
        match self.read(id, name).await {
            Ok(kept) => Ok(Some((kept.origin, false))),
            Err(SecretsError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Tells whether a secret is kept in this process's memory alone.
    #[must_use]
    pub fn holds_for_this_run(&self) -> bool {
        !self.this_run.is_empty()
    }

    /// Forgets a secret, in memory and in the keychain, and looks again whether it is gone. Forgetting none is no error;
    /// nor is a missing keychain, when the secret was kept for this run only.
    ///
    /// # Errors
    /// The keychain's own; the entry may then still be there.
    pub async fn forget(&self, id: &ConnectionId, name: SecretName) -> Result<(), SecretsError> {
        let was_in_memory = self.this_run.forget(id, name);
        match self.forget_in_keychain(id, name).await {
            Err(SecretsError::Missing) if was_in_memory => Ok(()),
            other => other,
        }
    }

    /// Forgets what the keychain holds under a name; what is kept for this run stays.
    ///
    /// # Errors
    /// The keychain's own; the entry may then still be there.
    pub async fn forget_in_keychain(&self, id: &ConnectionId, name: SecretName) -> Result<(), SecretsError> {
        let user = user(id, name);
        self.off_thread(move |keychain| keychain.delete(&user)).await
    }

    /// Forgets every secret of a connection. All are tried, whatever becomes of the first.
    ///
    /// # Errors
    /// The first error, when one could not be forgotten.
    pub async fn forget_all(&self, id: &ConnectionId) -> Result<(), SecretsError> {
        let mut first = Ok(());
        for name in NAMES {
            let one = self.forget(id, name).await;
            first = first.and(one);
        }
        first
    }

    /// Forgets every entry of this vault's service in the keychain, whatever connection it belonged to, and returns how many
    /// there were. For a service whose entries are not to outlive a run; what is kept in memory stays.
    ///
    /// # Errors
    /// The keychain's own; some entries may then still be there. A keychain that cannot be searched is
    /// [`SecretsError::Failed`].
    pub async fn forget_service(&self) -> Result<usize, SecretsError> {
        self.off_thread(Keychain::delete_all).await
    }

    fn over(keychain: Keychain) -> Self {
        Self { keychain: Arc::new(keychain), this_run: Arc::default(), deadline: DEADLINE }
    }

    async fn read(&self, id: &ConnectionId, name: SecretName) -> Result<entry::Kept, SecretsError> {
        let user = user(id, name);
        let value = self.off_thread(move |keychain| keychain.get(&user)).await?;
        entry::read(&value)
    }

    /// Runs `work` on a thread of its own and waits for it until the deadline. Not `spawn_blocking`: a runtime waits for
    /// those when it ends, and an unanswered prompt must not hold the app's end. The thread is left behind.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Keychain) -> Result<T, SecretsError> + Send + 'static,
    ) -> Result<T, SecretsError> {
        let (tell, told) = tokio::sync::oneshot::channel();
        let keychain = Arc::clone(&self.keychain);
        std::thread::Builder::new()
            .name("keychain".to_owned())
            // Nobody may be waiting any more; then the answer is dropped.
            .spawn(move || drop(tell.send(work(&keychain))))
            .map_err(|_| SecretsError::Failed)?;
        match Clock::system().within(self.deadline, told).await {
            Some(Ok(answer)) => answer,
            Some(Err(_)) => Err(SecretsError::Failed),
            None => {
                self.keychain.abandon();
                Err(SecretsError::NotAnswered)
            }
        }
    }
}

/// The entry's user: `<connection id>/<secret name>`.
fn user(id: &ConnectionId, name: SecretName) -> String {
    let name = match name {
        SecretName::OktaToken => "okta_token",
        SecretName::NextOktaToken => "next_okta_token",
        SecretName::PreviousOktaToken => "previous_okta_token",
        SecretName::MonitoringToken => "monitoring_token",
        SecretName::RadiantSearchToken => "radiant_search_token",
    };
    format!("{id}/{name}")
}

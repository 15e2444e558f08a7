//! Both tokens in their places: after a kill, after a change of mind, and when the guide is over.

use std::time::Duration;

use secrecy::SecretString;

use super::Connector;
use super::monitor::want_full;
use super::secrets::bound_to;
use crate::rotation::{self, Held};
use crate::setup;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep};
use model::connection_view::ConnectionView;
use model::guide::{Confirmable, GuideState};
use model::problem::Problem;
use model::reminder::ReminderState;
use model::rotation::{Attestation, RevocationStatus, Rotation, TokenInUse};
use model::secret::{SecretName, SecretState};
use store::{self, ConnectionLock, StoreError, WriteTx};

/// The three names of the two tokens.
const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];
/// Those that hold a token for the time of the guide.
const OTHERS: [SecretName; 2] = [SecretName::NextOktaToken, SecretName::PreviousOktaToken];
/// How often, and how long apart, the connection's lock is tried: a look of monitoring holds it for seconds.
const TURNS: (u32, Duration) = (40, Duration::from_millis(250));

impl Connector {
    /// Puts both tokens where the guide's step wants them, whatever was interrupted, and returns the connection.
    ///
    /// # Errors
    /// The keychain's or the store's problem.
    pub async fn resume_rotation(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        if self.rotation(id).await?.is_some() {
            let _alone = self.alone(id).await?;
            self.settled(id).await?;
        }
        self.connection(id).await
    }

    /// Settles the tokens as the step wants them, and the store's index of them; what is over is tidied up. The caller holds the
    /// connection's lock: two that move tokens at once could lose one.
    pub(super) async fn settled(&self, id: &ConnectionId) -> Result<Held, Problem> {
        let connection = self.plain(id).await?;
        let origin = bound_to(&connection, SecretName::OktaToken)?;
        let Some(open) = self.rotation(id).await? else { return Ok(Held::look(&self.0.secrets, id, &origin).await?) };
        if open.passing {
            return self.passed(id, &open, &origin).await;
        }
        let held = Held::look(&self.0.secrets, id, &origin).await?;
        if let Some(step) = rotation::mended(&open, held) {
            self.change_rotation(id, move |open| Rotation { step, report: None, updated: None, ..open }).await?;
        }
        let wanted = self.rotation(id).await?.map_or(TokenInUse::Old, |open| open.step.token_in_use());
        let (mut held, moved) = rotation::settle(&self.0.secrets, id, &origin, wanted).await?;
        if open.finished.is_some() && held.okta && (held.next || held.previous) {
            self.0.secrets.purge(id, &OTHERS).await?;
            held = Held::look(&self.0.secrets, id, &origin).await?;
        }
        self.0.secrets.reconcile(id, &NAMES, moved.then_some(SecretName::OktaToken)).await?;
        Ok(held)
    }

    /// Where the new token passes through, none changes places: what is gone is noted, and what is over is forgotten.
    async fn passed(&self, id: &ConnectionId, open: &Rotation, origin: &str) -> Result<Held, Problem> {
        if open.finished.is_some() {
            self.0.secrets.purge(id, &OTHERS).await?;
        }
        let noted: Vec<_> = self.0.secrets.states(id).await?.into_iter().map(|state| state.name).collect();
        let held = Held::look_at(&noted, &self.0.secrets, id, origin).await?;
        for (name, is_held) in OTHERS.into_iter().zip([held.next, held.previous]) {
            if noted.contains(&name) && !is_held {
                self.0.secrets.reconcile(id, &[name], None).await?;
            }
        }
        if let Some(step) = rotation::mended(open, held) {
            self.change_rotation(id, move |open| Rotation { step, report: None, ..open }).await?;
        }
        Ok(held)
    }

    /// Reads the token in use from where an interrupted change of places left it, and moves nothing.
    pub(super) async fn left_aside(&self, connection: &Connection) -> Result<Option<SecretString>, Problem> {
        let (id, origin) = (&connection.id, bound_to(connection, SecretName::OktaToken)?);
        let Some(open) = self.rotation(id).await?.filter(|open| !open.passing) else { return Ok(None) };
        let order = match open.step.token_in_use() {
            TokenInUse::New => [SecretName::NextOktaToken, SecretName::PreviousOktaToken],
            TokenInUse::Old => [SecretName::PreviousOktaToken, SecretName::NextOktaToken],
        };
        for name in order {
            if let Some(found) = self.0.secrets.find(id, name, &origin).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Closes the guide: what became of the old token is written first, then it is forgotten here.
    pub(super) async fn close_rotation(
        &self,
        id: &ConnectionId,
        revoked: RevocationStatus,
        said: Option<Attestation>,
    ) -> Result<ConnectionView, Problem> {
        let now = self.0.clock.now();
        self.change_rotation(id, move |open| rotation::finish(open, revoked, said, now)).await?;
        self.settled(id).await?;
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            if let Some(over) = tx.rotation(&id)? {
                remember(tx, &id, over)?;
            }
            want_full(tx, &id)?;
            Ok(views.of(tx, &id)?)
        })
        .await
    }

    /// Forgets what a kill, or a keychain that refused, left of guides that are over. What cannot be forgotten now is tried
    /// again the next time.
    pub(super) async fn tidy_up(&self) -> Result<(), Problem> {
        for (id, name) in self.left_over().await? {
            if let Err(problem) = self.forget_secret(&id, name).await {
                tracing::debug!(code = %problem.code, "a secret that is not to be kept was not forgotten");
            }
        }
        let secrets = self.0.secrets.clone();
        let left = self.read(move |tx| {
            let mut left = Vec::new();
            for connection in tx.connections()? {
                let over = tx.rotation(&connection.id)?.is_some_and(|rotation| rotation.finished.is_some());
                let held = |state: &SecretState| OTHERS.contains(&state.name);
                if over && secrets.states_in(tx, &connection.id)?.iter().any(held) {
                    left.push(connection.id);
                }
            }
            Ok(left)
        });
        for id in left.await? {
            let Ok(_alone) = store::lock(&self.0.data_dir, &id) else { continue };
            if let Err(problem) = self.settled(&id).await {
                tracing::debug!(code = %problem.code, "a token that is no longer needed was not forgotten");
            }
        }
        Ok(())
    }

    /// Secrets that the choice at the guide's last step does not keep. Where a token is being replaced, they wait.
    async fn left_over(&self) -> Result<Vec<(ConnectionId, SecretName)>, Problem> {
        let secrets = self.0.secrets.clone();
        self.read(move |tx| {
            let mut left = Vec::new();
            for Connection { id, keep, .. } in tx.connections()? {
                let replaced = tx.rotation(&id)?.is_some_and(|rotation| rotation.finished.is_none());
                if !replaced && keep != Keep::Token {
                    let names = keep.undeleted_secrets(&secrets.states_in(tx, &id)?, tx.guide(&id)?.finished);
                    left.extend(names.into_iter().map(|name| (id.clone(), name)));
                }
            }
            Ok(left)
        })
        .await
    }

    /// Forgets the guide, the newest that is over included, because the token itself is replaced or forgotten elsewhere.
    pub(super) async fn drop_rotation(&self, id: &ConnectionId) -> Result<(), Problem> {
        if self.rotation(id).await?.is_some() {
            self.0.secrets.purge(id, &OTHERS).await?;
            let id = id.clone();
            self.write(move |tx| Ok(tx.put(&id, &None::<Rotation>)?)).await?;
        }
        Ok(())
    }

    /// Takes the connection's lock where a guide for another token is open, which may move the tokens meanwhile.
    pub(super) async fn alone_with_rotation(&self, id: &ConnectionId) -> Result<Option<ConnectionLock>, Problem> {
        let open = self.rotation(id).await?.is_some_and(|rotation| rotation.finished.is_none());
        Ok(if open { Some(self.alone(id).await?) } else { None })
    }

    /// Takes the connection's lock, waiting its turn.
    pub(super) async fn alone(&self, id: &ConnectionId) -> Result<ConnectionLock, Problem> {
        let (turns, pause) = TURNS;
        for _ in 1..turns {
            match store::lock(&self.0.data_dir, id) {
                Err(StoreError::Busy) => self.0.clock.sleep(pause).await,
                taken => return Ok(taken?),
            }
        }
        Ok(store::lock(&self.0.data_dir, id)?)
    }

    pub(super) async fn rotation(&self, id: &ConnectionId) -> Result<Option<Rotation>, Problem> {
        let id = id.clone();
        self.read(move |tx| tx.rotation(&id)).await
    }

    pub(super) async fn change_rotation(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(Rotation) -> Rotation + Send + 'static,
    ) -> Result<(), Problem> {
        let id = id.clone();
        self.write(move |tx| {
            let open = tx.rotation(&id)?.ok_or(Code::StepNotReady)?;
            Ok(tx.put(&id, &Some(change(open)))?)
        })
        .await
    }
}

/// Remembers what is known of the token that Radiant has now: its name, since when it is in the credential, and, where it
/// only passed through, whose it is and what was found with it.
fn remember(tx: &mut WriteTx<'_>, id: &ConnectionId, over: Rotation) -> Result<(), StoreError> {
    tx.update(id, |state| {
        let state = GuideState { token_name: over.token_name.clone(), ..state };
        let confirmed = |state, word| setup::confirmed_anew(state, Confirmable::CredentialAdded, word);
        over.updated.clone().into_iter().fold(state, confirmed)
    })?;
    if !over.passing {
        return Ok(());
    }
    let owner = over.updated.as_ref().and_then(|word| rotation::owner_seen(&over, word.at));
    if owner.is_some() {
        tx.update(id, |reminders| ReminderState { owner, ..reminders })?;
    }
    let watches = tx.connection(id)?.keep != Keep::Nothing;
    if let Some(new) = over.report.filter(|_| !watches) {
        let report = rotation::known(tx.report(id)?, new);
        tx.add_report(id, &report)?;
    }
    Ok(())
}

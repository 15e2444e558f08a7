//! The tokens of a connection: which one Okta is asked with, and where the two tokens of a rotation are kept.
//!
//! A rotation moves tokens between three names in the keychain ([`token_swap`]). Whoever moves them holds the connection's
//! lock, because two processes that move tokens at the same time could lose one. After a kill, the next call repairs what was
//! interrupted.

pub(crate) mod outdated_proof;
mod pasted_secret;
mod token_swap;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::active_runs::ActiveRuns;
use crate::connection_repository::request_full_check;
use crate::run_inputs::okta_token_name;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep};
use model::okta_origin::Origin;
use model::problem::Problem;
use model::rotation::{Rotation, TokenInUse};
use model::secret_name::{SecretName, SecretState};
use runtime::Clock;
use secrets::Secrets;
use store::{ConnectionLock, Store, StoreError, WriteTx};

pub(crate) use pasted_secret::{cleaned, token_shape};
pub(crate) use token_swap::{HeldTokens, repaired_step};

/// The names that can hold one of the two tokens of a rotation.
const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];
/// The names that hold a token only during a rotation.
const ROTATION_NAMES: [SecretName; 2] = [SecretName::NextOktaToken, SecretName::PreviousOktaToken];
/// Number of attempts to take a connection's lock, and the pause between them. A probe of another process holds the lock until
/// its end: a full check of a slow org takes some 20 s.
const LOCK_ATTEMPTS: (u32, Duration) = (160, Duration::from_millis(250));

/// Reads, keeps and moves the tokens of connections.
#[derive(Clone)]
pub(crate) struct TokenStore {
    pub(crate) data_dir: PathBuf,
    pub(crate) store: Store,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Clock,
    /// The runs that end when a token changes.
    pub(crate) runs: ActiveRuns,
}

impl TokenStore {
    /// Returns a secret for the origin that it is bound to.
    pub(crate) async fn get(&self, connection: &Connection, name: SecretName) -> Result<SecretString, Problem> {
        let origin = self.origin_of(connection, name).await?;
        Ok(self.secrets.get(&connection.id, name, &origin).await?)
    }

    /// Returns the only origin that a secret may be sent to, from the connection or from the settings of its relay.
    pub(crate) async fn origin_of(&self, connection: &Connection, name: SecretName) -> Result<String, Problem> {
        if name != SecretName::EventsWebhookToken {
            return bound_origin(connection, name);
        }
        let (id, is_practice) = (connection.id.clone(), connection.is_practice());
        let found = self.store.read(move |tx| tx.relay(&id)).await?;
        let webhook = found.map(|found| found.settings.webhook).unwrap_or_default();
        Ok(webhook.address(is_practice)?.origin().ascii_serialization())
    }

    /// Returns the token that Okta is asked with: the monitoring token where one is kept, else the one that Radiant has.
    pub(crate) async fn okta_token(&self, connection: &Connection) -> Result<SecretString, Problem> {
        let name = okta_token_name(connection);
        match self.get(connection, name).await {
            // An interrupted token swap, or a keychain that lost an entry, may have left the token under another name.
            Err(problem) if problem.code == Code::KeychainEntryGone && name == SecretName::OktaToken => {
                self.recover_token(connection).await?.ok_or(problem)
            }
            other => other,
        }
    }

    /// Puts the token in use back under its name. While the connection's lock is held, by whoever moves the tokens or by the
    /// probe that asks, nothing is moved and the token is read from where it is.
    async fn recover_token(&self, connection: &Connection) -> Result<Option<SecretString>, Problem> {
        if let Ok(_lock) = self.try_lock(&connection.id) {
            self.reconcile_tokens(&connection.id).await?;
            return self.get(connection, SecretName::OktaToken).await.map(Some);
        }
        self.stranded_token(connection).await
    }

    /// Reads the token in use from where an interrupted token swap left it, and moves nothing.
    async fn stranded_token(&self, connection: &Connection) -> Result<Option<SecretString>, Problem> {
        let (id, origin) = (&connection.id, bound_origin(connection, SecretName::OktaToken)?);
        let Some(open) = self.rotation(id).await?.filter(|open| !open.pass_through) else { return Ok(None) };
        let order = match open.step.token_in_use() {
            TokenInUse::New => [SecretName::NextOktaToken, SecretName::PreviousOktaToken],
            TokenInUse::Old => [SecretName::PreviousOktaToken, SecretName::NextOktaToken],
        };
        for name in order {
            if let Some(found) = self.secrets.find(id, name, &origin).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Moves the tokens to where the rotation's step wants them, corrects the index of secrets, and forgets the tokens of a
    /// rotation that is finished. The caller holds the connection's lock.
    pub(crate) async fn reconcile_tokens(&self, id: &ConnectionId) -> Result<HeldTokens, Problem> {
        let connection_id = id.clone();
        let connection = self.store.read(move |tx| tx.connection(&connection_id)).await?;
        let origin = bound_origin(&connection, SecretName::OktaToken)?;
        let Some(open) = self.rotation(id).await? else {
            return Ok(HeldTokens::read(&self.secrets, id, &origin).await?);
        };
        if open.pass_through {
            return self.reconcile_pass_through(id, &open, &origin).await;
        }
        let held = HeldTokens::read(&self.secrets, id, &origin).await?;
        if let Some(step) = repaired_step(&open, held) {
            self.update_rotation(id, move |open| Rotation {
                step,
                report: None,
                updated: None,
                updated_by_okta: None,
                found: None,
                ..open
            })
            .await?;
        }
        let wanted = self.rotation(id).await?.map_or(TokenInUse::Old, |open| open.step.token_in_use());
        let (mut held, moved) = token_swap::swap(&self.secrets, id, &origin, wanted).await?;
        if open.finished.is_some() && held.okta && (held.next || held.previous) {
            self.secrets.purge(id, &ROTATION_NAMES).await?;
            held = HeldTokens::read(&self.secrets, id, &origin).await?;
        }
        self.secrets.reconcile(id, &NAMES, moved.then_some(SecretName::OktaToken)).await?;
        if moved {
            self.forget_proof(id, SecretName::OktaToken).await?;
        }
        Ok(held)
    }

    /// Ends the running checks, drops what was proven with the token that `name` held before, and requests every check.
    pub(crate) async fn forget_proof(&self, id: &ConnectionId, name: SecretName) -> Result<(), Problem> {
        self.runs.cancel(id);
        let id = id.clone();
        let changed = move |tx: &mut WriteTx<'_>| {
            outdated_proof::drop_replaced(tx, &id, name)?;
            request_full_check(tx, &id)
        };
        Ok(self.store.write(changed).await?)
    }

    /// Reconciles the tokens of a rotation whose new token only passes through: no token is moved, the index of a token that
    /// is gone is corrected, and the tokens of a finished rotation are forgotten.
    async fn reconcile_pass_through(
        &self,
        id: &ConnectionId,
        open: &Rotation,
        origin: &str,
    ) -> Result<HeldTokens, Problem> {
        if open.finished.is_some() {
            self.secrets.purge(id, &ROTATION_NAMES).await?;
        }
        let indexed: Vec<_> = self.secrets.states(id).await?.into_iter().map(|state| state.name).collect();
        let held = HeldTokens::read_some(&indexed, &self.secrets, id, origin).await?;
        for (name, is_held) in ROTATION_NAMES.into_iter().zip([held.next, held.previous]) {
            if indexed.contains(&name) && !is_held {
                self.secrets.reconcile(id, &[name], None).await?;
            }
        }
        if let Some(step) = repaired_step(open, held) {
            self.update_rotation(id, move |open| Rotation { step, report: None, ..open }).await?;
        }
        Ok(held)
    }

    /// Forgets a secret; one that is not kept is no error. Forgetting Radiant's token ends the rotation of it. Running checks
    /// end, and what was proven with a search token is no longer proven without it.
    pub(crate) async fn forget(&self, id: &ConnectionId, name: SecretName) -> Result<(), Problem> {
        self.runs.cancel(id);
        let _lock = self.lock_if_rotating(id, name).await?;
        if name == SecretName::OktaToken {
            self.drop_rotation(id).await?;
        }
        let was_kept = self.secrets.states(id).await?.iter().any(|state| state.name == name);
        self.secrets.forget(id, name).await?;
        if was_kept {
            let (id, is_search_token) = (id.clone(), name == SecretName::RadiantSearchToken);
            let changed = move |tx: &mut WriteTx<'_>| {
                if is_search_token {
                    outdated_proof::drop_delivery(tx, &id)?;
                }
                request_full_check(tx, &id)
            };
            self.store.write(changed).await?;
        }
        Ok(())
    }

    /// Forgets the secrets that should have been forgotten before, when a kill or the keychain prevented it. What cannot be
    /// forgotten now is tried again at the next call.
    pub(crate) async fn forget_leftovers(&self) -> Result<(), Problem> {
        for (id, name) in self.unkept_secrets().await? {
            if let Err(problem) = self.forget(&id, name).await {
                tracing::debug!(code = %problem.code, "a secret that must not be kept was not forgotten");
            }
        }
        for id in self.finished_rotations_with_tokens().await? {
            let Ok(_lock) = self.try_lock(&id) else { continue };
            if let Err(problem) = self.reconcile_tokens(&id).await {
                tracing::debug!(code = %problem.code, "a token that is no longer needed was not forgotten");
            }
        }
        Ok(())
    }

    /// Returns the secrets that the choice at the guide's last step does not keep. During a rotation they are left alone.
    async fn unkept_secrets(&self) -> Result<Vec<(ConnectionId, SecretName)>, Problem> {
        let secrets = self.secrets.clone();
        let unkept = self.store.read(move |tx| {
            let mut unkept = Vec::new();
            // Another process, which uses the keychain, forgets the secrets of a connection whose token comes from a file here.
            let own = tx.connections()?.into_iter().filter(|one| !secrets.is_provided(&one.id));
            for Connection { id, keep, .. } in own {
                let is_rotating = tx.rotation(&id)?.is_some_and(|rotation| rotation.finished.is_none());
                if !is_rotating && keep != Keep::Token {
                    let names = keep.undeleted_secrets(&secrets.states_in(tx, &id)?, tx.guide(&id)?.finished);
                    unkept.extend(names.into_iter().map(|name| (id.clone(), name)));
                }
            }
            Ok::<_, StoreError>(unkept)
        });
        Ok(unkept.await?)
    }

    async fn finished_rotations_with_tokens(&self) -> Result<Vec<ConnectionId>, Problem> {
        let secrets = self.secrets.clone();
        let found = self.store.read(move |tx| {
            let mut found = Vec::new();
            for Connection { id, .. } in tx.connections()?.into_iter().filter(|one| !secrets.is_provided(&one.id)) {
                let is_finished = tx.rotation(&id)?.is_some_and(|rotation| rotation.finished.is_some());
                let is_rotation_token = |state: &SecretState| ROTATION_NAMES.contains(&state.name);
                if is_finished && secrets.states_in(tx, &id)?.iter().any(is_rotation_token) {
                    found.push(id);
                }
            }
            Ok::<_, StoreError>(found)
        });
        Ok(found.await?)
    }

    /// Forgets the rotation, open or finished, and its tokens, because the token itself is replaced or forgotten.
    pub(crate) async fn drop_rotation(&self, id: &ConnectionId) -> Result<(), Problem> {
        if self.rotation(id).await?.is_some() {
            self.secrets.purge(id, &ROTATION_NAMES).await?;
            let id = id.clone();
            self.store.write(move |tx| tx.put(&id, &None::<Rotation>)).await?;
        }
        Ok(())
    }

    /// Takes the connection's lock if `name` is the token that an open rotation may move.
    pub(crate) async fn lock_if_rotating(
        &self,
        id: &ConnectionId,
        name: SecretName,
    ) -> Result<Option<ConnectionLock>, Problem> {
        let may_move = name == SecretName::OktaToken;
        let is_open = may_move && self.rotation(id).await?.is_some_and(|rotation| rotation.finished.is_none());
        Ok(if is_open { Some(self.lock(id).await?) } else { None })
    }

    /// Takes the connection's lock and waits for it. A probe of this process ends at once, because the tokens that it works
    /// with are about to change; the next pass probes again.
    pub(crate) async fn lock(&self, id: &ConnectionId) -> Result<ConnectionLock, Problem> {
        let (attempts, pause) = LOCK_ATTEMPTS;
        for _ in 1..attempts {
            match self.try_lock(id) {
                Err(StoreError::Busy) => {
                    self.runs.cancel_lock_holder(id);
                    self.clock.sleep(pause).await;
                }
                result => return Ok(result?),
            }
        }
        Ok(self.try_lock(id)?)
    }

    /// Takes the connection's lock if nobody holds it.
    pub(crate) fn try_lock(&self, id: &ConnectionId) -> Result<ConnectionLock, StoreError> {
        store::lock(&self.data_dir, id)
    }

    /// Forgets the old token that was pasted to be revoked.
    pub(crate) async fn forget_pasted_old_token(&self, id: &ConnectionId) -> Result<(), Problem> {
        self.secrets.forget(id, SecretName::PreviousOktaToken).await?;
        self.update_rotation(id, |open| Rotation { pasted: None, ..open }).await
    }

    /// Returns the rotation of a connection, open or finished.
    pub(crate) async fn rotation(&self, id: &ConnectionId) -> Result<Option<Rotation>, Problem> {
        let id = id.clone();
        Ok(self.store.read(move |tx| tx.rotation(&id)).await?)
    }

    /// Returns the open rotation of a connection if this app uses the `wanted` token at its step.
    pub(crate) async fn open_rotation(&self, id: &ConnectionId, wanted: TokenInUse) -> Result<Rotation, Problem> {
        open_rotation(self.rotation(id).await?, wanted)
    }

    /// Changes the rotation of a connection.
    pub(crate) async fn update_rotation(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(Rotation) -> Rotation + Send + 'static,
    ) -> Result<(), Problem> {
        let id = id.clone();
        self.store
            .write(move |tx| {
                let open = tx.rotation(&id)?.ok_or(Code::StepNotReady)?;
                Ok(tx.put(&id, &Some(change(open)))?)
            })
            .await
    }
}

/// Returns a rotation that is open and at whose step this app uses the `wanted` token, or [`Code::StepNotReady`].
pub(crate) fn open_rotation(rotation: Option<Rotation>, wanted: TokenInUse) -> Result<Rotation, Problem> {
    let open = rotation.filter(|open| open.finished.is_none() && open.step.token_in_use() == wanted);
    open.ok_or_else(|| Problem::new(Code::StepNotReady))
}

/// Returns the only origin that a secret may be sent to.
pub(crate) fn bound_origin(connection: &Connection, name: SecretName) -> Result<String, Problem> {
    match name {
        SecretName::OktaToken
        | SecretName::NextOktaToken
        | SecretName::PreviousOktaToken
        | SecretName::MonitoringToken => {
            connection.origin.as_ref().map(Origin::url).ok_or_else(|| Problem::new(Code::DomainUnset))
        }
        SecretName::RadiantSearchToken => url::Url::parse(&connection.radiant.url)
            .map(|url| url.origin().ascii_serialization())
            .map_err(|_| Problem::new(Code::RadiantAddressInvalid)),
        // Its address is a setting of the relay: see `TokenStore::origin_of`.
        SecretName::EventsWebhookToken => Err(Problem::new(Code::EventsWebhookTokenMissing)),
    }
}

#[cfg(test)]
mod lost_new_token_tests;

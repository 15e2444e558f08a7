//! Stores and forgets the secrets of a connection. A secret is bound to one https origin and is never handed to the window.

use secrecy::SecretString;

use crate::connection_clients::Access;
use crate::connection_repository::ConnectionRepository;
use crate::owner_comparison::compare_owners;
use crate::run_inputs::okta_token_name;
use crate::token_store::{self, bound_origin, cleaned};
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::rotation::{OwnerComparison, Rotation, RotationStep, TokenInUse};
use model::secret_name::SecretName;
use radiant::check_address;
use secrets::{FileSecret, Secrets};

/// A token that can be provided from a file for one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvidedToken {
    /// The token that Okta is asked with: the monitoring token where the connection keeps one, else the API token.
    Okta,
    /// Radiant's search token.
    RadiantSearch,
}

/// The secrets of each connection.
pub struct Tokens {
    pub(crate) records: ConnectionRepository,
    pub(crate) access: Access,
}

impl Tokens {
    /// Returns what is wrong with the format of a pasted token, before it is kept or sent.
    #[must_use]
    pub fn token_shape(pasted: &SecretString) -> Option<Code> {
        token_store::token_shape(pasted)
    }

    /// Tells whether this process keeps a secret of a connection for this run only, which no other process has. Reads memory,
    /// never the keychain.
    #[must_use]
    pub fn kept_for_this_run(&self, id: &ConnectionId) -> bool {
        self.access.tokens.secrets.keychain().holds_for_this_run_of(id)
    }

    /// Uses a secret from a file for the rest of this run: as the token that Okta is asked with, or as Radiant's search token.
    /// Neither the keychain nor the index of secrets is changed.
    ///
    /// # Errors
    /// What is wrong with the text, [`Code::DomainUnset`], or why Radiant's address cannot be used.
    pub async fn provide(&self, id: &ConnectionId, token: ProvidedToken, from: &FileSecret) -> Result<(), Problem> {
        let connection = self.records.connection(id).await?;
        let name = match token {
            ProvidedToken::Okta => okta_token_name(&connection),
            ProvidedToken::RadiantSearch => {
                check_address(&connection.radiant, connection.is_practice())?;
                SecretName::RadiantSearchToken
            }
        };
        let origin = bound_origin(&connection, name)?;
        let from = FileSecret { secret: cleaned(name, &from.secret)?, written: from.written };
        self.access.tokens.secrets.provide(id, name, &origin, &from);
        Ok(())
    }

    /// Keeps a secret in the keychain, or in memory for this run if the administrator chose that. In a rotation the new token
    /// is kept where the old one is; an old token that is to be revoked is always held in memory.
    ///
    /// # Errors
    /// What is wrong with the pasted text, [`Code::DomainUnset`], why Radiant's address cannot be used, or the keychain's
    /// problem.
    pub async fn store(
        &self,
        id: &ConnectionId,
        name: SecretName,
        pasted: SecretString,
        this_run_only: bool,
    ) -> Result<ConnectionView, Problem> {
        match name {
            SecretName::NextOktaToken => return self.store_new_token(id, pasted, this_run_only).await,
            SecretName::PreviousOktaToken => return self.store_old_token(id, pasted).await,
            SecretName::OktaToken
            | SecretName::MonitoringToken
            | SecretName::RadiantSearchToken
            | SecretName::EventsWebhookToken => {}
        }
        let connection = self.records.connection(id).await?;
        if name == SecretName::RadiantSearchToken {
            check_address(&connection.radiant, connection.is_practice())?;
        }
        let tokens = &self.access.tokens;
        let origin = tokens.origin_of(&connection, name).await?;
        let secret = cleaned(name, &pasted)?;
        let _lock = tokens.lock_if_rotating(id, name).await?;
        tokens.secrets.keep(id, name, &origin, &secret, this_run_only).await?;
        tokens.forget_proof(id, name).await?;
        if name == SecretName::OktaToken {
            tokens.drop_rotation(id).await.or_else(|problem| if this_run_only { Ok(()) } else { Err(problem) })?;
        }
        self.records.view(id).await
    }

    /// Forgets a secret and returns the connection; one that is not kept is no error. Forgetting the token in use ends its rotation.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] for the old token of a rotation, which the rotation forgets at its end; the keychain's or the
    /// store's problem.
    pub async fn forget(&self, id: &ConnectionId, name: SecretName) -> Result<ConnectionView, Problem> {
        match name {
            SecretName::NextOktaToken => self.forget_new_token(id).await?,
            SecretName::PreviousOktaToken => self.forget_old_token(id).await?,
            SecretName::OktaToken
            | SecretName::MonitoringToken
            | SecretName::RadiantSearchToken
            | SecretName::EventsWebhookToken => {
                self.access.tokens.forget(id, name).await?;
            }
        }
        self.records.view(id).await
    }

    /// Returns a secret for the clipboard. The window never receives it; the shell copies and drops it.
    ///
    /// # Errors
    /// [`Code::TokenMissing`], or the keychain's problem.
    pub async fn for_clipboard(&self, id: &ConnectionId, name: SecretName) -> Result<SecretString, Problem> {
        let connection = self.records.connection(id).await?;
        self.access.tokens.get(&connection, name).await
    }

    /// Keeps the new token of a rotation beside the old one or, if it passes through, until the end of the rotation.
    ///
    /// # Errors
    /// What is wrong with the pasted text, [`Code::TokenSameAsOld`], [`Code::TokenIsMonitoring`], [`Code::StepNotReady`] after
    /// the switch, or the keychain's problem.
    async fn store_new_token(
        &self,
        id: &ConnectionId,
        pasted: SecretString,
        this_run_only: bool,
    ) -> Result<ConnectionView, Problem> {
        let name = SecretName::NextOktaToken;
        let secret = cleaned(name, &pasted)?;
        let tokens = &self.access.tokens;
        let _lock = tokens.lock(id).await?;
        let open = tokens.open_rotation(id, TokenInUse::Old).await?;
        let connection = self.records.connection(id).await?;
        let origin = bound_origin(&connection, name)?;
        self.refuse_if_same(&connection, SecretName::MonitoringToken, &secret, Code::TokenIsMonitoring).await?;
        // Kept where the old one is, so that the two can be swapped.
        let this_run_only = if open.pass_through {
            this_run_only
        } else if Secrets::same(&tokens.get(&connection, SecretName::OktaToken).await?, &secret) {
            return Err(Problem::new(Code::TokenSameAsOld));
        } else {
            tokens.secrets.is_for_this_run(id, SecretName::OktaToken)
        };
        tokens.update_rotation(id, without_new_token).await?;
        tokens.secrets.keep(id, name, &origin, &secret, this_run_only).await?;
        tokens.runs.cancel(id);
        self.records.view(id).await
    }

    /// Forgets the new token of a rotation, so that another can be pasted.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] after the switch; the keychain's or the store's problem.
    async fn forget_new_token(&self, id: &ConnectionId) -> Result<(), Problem> {
        let tokens = &self.access.tokens;
        let _lock = tokens.lock(id).await?;
        tokens.open_rotation(id, TokenInUse::Old).await?;
        tokens.update_rotation(id, without_new_token).await?;
        tokens.runs.cancel(id);
        Ok(tokens.secrets.forget(id, SecretName::NextOktaToken).await?)
    }

    /// Holds the old token in this process's memory, never in the keychain, so that it can be revoked with itself or checked
    /// when it is not kept. Okta is asked for its owner.
    ///
    /// # Errors
    /// What is wrong with the pasted text, [`Code::TokenSameAsNew`], [`Code::TokenIsMonitoring`], [`Code::TokenMissing`] without
    /// the new token to compare it with, [`Code::StepNotReady`] before the last step or when the old token is kept, or the
    /// keychain's problem.
    async fn store_old_token(&self, id: &ConnectionId, pasted: SecretString) -> Result<ConnectionView, Problem> {
        let name = SecretName::PreviousOktaToken;
        let secret = cleaned(name, &pasted)?;
        let tokens = &self.access.tokens;
        let _lock = tokens.lock(id).await?;
        let held = tokens.reconcile_tokens(id).await?;
        let open = tokens.open_rotation(id, TokenInUse::New).await?;
        if open.step != RotationStep::Revoke || (held.previous && open.pasted.is_none()) {
            return Err(Problem::new(Code::StepNotReady));
        }
        let connection = self.records.connection(id).await?;
        let new = if open.pass_through { SecretName::NextOktaToken } else { SecretName::OktaToken };
        if Secrets::same(&tokens.get(&connection, new).await?, &secret) {
            return Err(Problem::new(Code::TokenSameAsNew));
        }
        self.refuse_if_same(&connection, SecretName::MonitoringToken, &secret, Code::TokenIsMonitoring).await?;
        tokens.secrets.keep(id, name, &bound_origin(&connection, name)?, &secret, true).await?;
        let view = self.records.view(id).await?;
        let (old, new) = (self.access.okta_with(&view, name).await?, self.access.okta_with(&view, new).await?);
        let compared = compare_owners(Some(&old), &new).await.ok();
        let pasted = compared.or(open.owners.map(|owners| OwnerComparison { old: None, same: None, ..owners }));
        tokens.update_rotation(id, move |open| Rotation { pasted, ..open }).await?;
        self.records.view(id).await
    }

    /// Forgets the old token that was pasted, so that another can be pasted. One that is kept is forgotten at the end of the
    /// rotation.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] when none was pasted; the keychain's or the store's problem.
    async fn forget_old_token(&self, id: &ConnectionId) -> Result<(), Problem> {
        let tokens = &self.access.tokens;
        let _lock = tokens.lock(id).await?;
        if tokens.open_rotation(id, TokenInUse::New).await?.pasted.is_none() {
            return Err(Problem::new(Code::StepNotReady));
        }
        tokens.forget_pasted_old_token(id).await
    }

    /// Refuses a pasted token that is kept under another name.
    async fn refuse_if_same(
        &self,
        connection: &Connection,
        other: SecretName,
        pasted: &SecretString,
        code: Code,
    ) -> Result<(), Problem> {
        match self.access.tokens.get(connection, other).await {
            Ok(held) if Secrets::same(&held, pasted) => Err(Problem::new(code)),
            Err(problem) if !matches!(problem.code, Code::TokenMissing | Code::KeychainEntryGone) => Err(problem),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Returns the rotation at its paste step, without what was found with another new token.
fn without_new_token(open: Rotation) -> Rotation {
    Rotation {
        step: RotationStep::Paste,
        report: None,
        owners: None,
        other_owner: None,
        updated: None,
        found: None,
        ..open
    }
}

//! Secrets: inbound once, bound to one https origin, never handed to the window.

use secrecy::{ExposeSecret, SecretString};

use super::Connector;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep};
use model::connection_view::ConnectionView;
use model::origin::Origin;
use model::problem::Problem;
use model::secret::SecretName;
use model::token_format::token_shape;
use model::token_format::{is_shape_warning, strip_token};
use radiant::check_address;
use store::{self, ConnectionLock};

impl Connector {
    /// Says what is odd about a pasted token, before anything is kept or sent.
    #[must_use]
    pub fn token_shape(pasted: &SecretString) -> Option<Code> {
        token_shape(exposed(pasted)).err()
    }

    /// Keeps a secret in the keychain, or in memory for this run when the administrator chose so. A new token is kept beside
    /// the old one, where that is kept; an old one that is to be revoked is held in memory, whatever was chosen.
    ///
    /// # Errors
    /// What the pasted text is instead of a token, [`Code::DomainUnset`], why Radiant's address cannot be used, or the
    /// keychain's problem.
    pub async fn store_secret(
        &self,
        id: &ConnectionId,
        name: SecretName,
        pasted: SecretString,
        this_run_only: bool,
    ) -> Result<ConnectionView, Problem> {
        match name {
            SecretName::NextOktaToken => return self.store_new_token(id, pasted, this_run_only).await,
            SecretName::PreviousOktaToken => return self.store_old_token(id, pasted).await,
            SecretName::OktaToken | SecretName::MonitoringToken | SecretName::RadiantSearchToken => {}
        }
        let connection = self.plain(id).await?;
        if name == SecretName::RadiantSearchToken {
            check_address(&connection.radiant, connection.is_practice())?;
        }
        let origin = bound_to(&connection, name)?;
        let secret = cleaned(name, &pasted)?;
        let _alone = self.alone_for(id, name).await?;
        self.0.secrets.keep(id, name, &origin, &secret, this_run_only).await?;
        self.want_full_look(id).await?;
        if name == SecretName::OktaToken {
            self.drop_rotation(id).await.or_else(|problem| if this_run_only { Ok(()) } else { Err(problem) })?;
        }
        self.connection(id).await
    }

    /// Forgets what the choice at the guide's last step does not keep.
    pub(super) async fn forget_unkept(&self, id: &ConnectionId, keep: Keep) -> Result<(), Problem> {
        for name in keep.secrets_to_delete() {
            self.forget_secret(id, *name).await?;
        }
        Ok(())
    }

    /// Forgets a secret; one that is not there is fine. Forgetting the token ends the guide for another one.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] for the token that was replaced and is kept, which its guide forgets; the keychain's or the
    /// store's problem.
    pub async fn forget_secret(&self, id: &ConnectionId, name: SecretName) -> Result<(), Problem> {
        match name {
            SecretName::NextOktaToken => self.forget_new_token(id).await,
            SecretName::PreviousOktaToken => self.forget_old_token(id).await,
            SecretName::OktaToken | SecretName::MonitoringToken | SecretName::RadiantSearchToken => {
                let _alone = self.alone_for(id, name).await?;
                self.forget_one(id, name).await
            }
        }
    }

    /// The connection's lock, where this secret is one that an open guide for another token moves.
    async fn alone_for(&self, id: &ConnectionId, name: SecretName) -> Result<Option<ConnectionLock>, Problem> {
        if name == SecretName::OktaToken { self.alone_with_rotation(id).await } else { Ok(None) }
    }

    async fn forget_one(&self, id: &ConnectionId, name: SecretName) -> Result<(), Problem> {
        if name == SecretName::OktaToken {
            self.drop_rotation(id).await?;
        }
        Ok(self.0.secrets.forget(id, name).await?)
    }

    /// Returns a secret for the clipboard. The window never asks for this; the shell copies it and forgets it.
    ///
    /// # Errors
    /// [`Code::TokenMissing`], or the keychain's problem.
    pub async fn secret(&self, id: &ConnectionId, name: SecretName) -> Result<SecretString, Problem> {
        let connection = self.plain(id).await?;
        self.kept(&connection, name).await
    }

    /// The token to ask Okta with: the app's own where one is kept, else the one Radiant was given.
    pub(super) async fn okta_token(&self, connection: &Connection) -> Result<SecretString, Problem> {
        let name = asked_with(connection);
        match self.kept(connection, name).await {
            // A kill while the two tokens changed places, or a keychain that lost one, may have left the other.
            Err(problem) if problem.code == Code::KeychainEntryGone && name == SecretName::OktaToken => {
                self.put_back(connection).await?.ok_or(problem)
            }
            other => other,
        }
    }

    /// Puts the token in use back under its name. Where the connection's lock is held, by whoever moves the tokens right now or
    /// by the look that asks, nothing is moved and the token is read from where it stands.
    async fn put_back(&self, connection: &Connection) -> Result<Option<SecretString>, Problem> {
        if let Ok(_alone) = store::lock(&self.0.data_dir, &connection.id) {
            self.settled(&connection.id).await?;
            return self.kept(connection, SecretName::OktaToken).await.map(Some);
        }
        self.left_aside(connection).await
    }

    pub(super) async fn kept(&self, connection: &Connection, name: SecretName) -> Result<SecretString, Problem> {
        let origin = bound_to(connection, name)?;
        Ok(self.0.secrets.get(&connection.id, name, &origin).await?)
    }
}

/// Which of the tokens Okta is asked with.
pub(super) fn asked_with(connection: &Connection) -> SecretName {
    match connection.keep {
        Keep::MonitoringToken => SecretName::MonitoringToken,
        Keep::Token | Keep::Nothing => SecretName::OktaToken,
    }
}

/// The one origin a secret may be sent to.
pub(super) fn bound_to(connection: &Connection, name: SecretName) -> Result<String, Problem> {
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
    }
}

/// Takes off what people paste along; refuses what is certainly no token.
pub(super) fn cleaned(name: SecretName, pasted: &SecretString) -> Result<SecretString, Problem> {
    let text = strip_token(exposed(pasted));
    match name {
        SecretName::OktaToken
        | SecretName::NextOktaToken
        | SecretName::PreviousOktaToken
        | SecretName::MonitoringToken => match token_shape(text) {
            Err(code) if !is_shape_warning(code) => return Err(Problem::new(code)),
            Ok(()) | Err(_) => {}
        },
        SecretName::RadiantSearchToken if text.is_empty() => return Err(Problem::new(Code::TokenEmpty)),
        SecretName::RadiantSearchToken if text.chars().any(char::is_whitespace) => {
            return Err(Problem::new(Code::TokenHasBlanks));
        }
        SecretName::RadiantSearchToken => {}
    }
    Ok(SecretString::from(text.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the pasted text is read here to judge its shape, before it is kept")]
fn exposed(pasted: &SecretString) -> &str {
    pasted.expose_secret()
}

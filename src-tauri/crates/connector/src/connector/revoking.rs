//! The last step of replacing the API token: revoking the old one. What was seen of it and what was said are kept apart.

use secrecy::SecretString;

use super::Connector;
use super::secrets::{bound_to, cleaned};
use crate::rotation::{self, Revocation};
use ::secrets::Secrets;
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::rotation::{RevocationStatus, Rotation, RotationStep, TokenInUse};
use model::secret::SecretName;
use okta::Okta;

impl Connector {
    /// Holds the old token in this process's memory, never in the keychain, so that it can revoke itself or be looked up: for
    /// where it is not kept. Okta is asked whose it is.
    ///
    /// # Errors
    /// What the pasted text is instead of a token, [`Code::TokenSameAsNew`], [`Code::TokenIsMonitoring`],
    /// [`Code::TokenMissing`] when the new token is no longer there to tell them apart, [`Code::StepNotReady`] before the
    /// last step or where the old token is kept, or the keychain's problem.
    pub(super) async fn store_old_token(
        &self,
        id: &ConnectionId,
        pasted: SecretString,
    ) -> Result<ConnectionView, Problem> {
        let name = SecretName::PreviousOktaToken;
        let secret = cleaned(name, &pasted)?;
        let _alone = self.alone(id).await?;
        let held = self.settled(id).await?;
        let open = self.open_rotation(id, TokenInUse::New).await?;
        if open.step != RotationStep::Revoke || (held.previous && open.pasted.is_none()) {
            return Err(Problem::new(Code::StepNotReady));
        }
        let connection = self.plain(id).await?;
        let new = if open.passing { SecretName::NextOktaToken } else { SecretName::OktaToken };
        if Secrets::same(&self.kept(&connection, new).await?, &secret) {
            return Err(Problem::new(Code::TokenSameAsNew));
        }
        self.is_not(&connection, SecretName::MonitoringToken, &secret, Code::TokenIsMonitoring).await?;
        let origin = bound_to(&connection, name)?;
        self.0.secrets.keep(id, name, &origin, &secret, true).await?;
        let view = self.connection(id).await?;
        let (old, new) = (self.door(&view, name).await?, self.door(&view, new).await?);
        let told = rotation::owners(Some(&old), &new).await.ok();
        let pasted =
            told.or(open.owners.map(|owners| model::rotation::OwnerComparison { old: None, same: None, ..owners }));
        self.change_rotation(id, move |open| Rotation { pasted, ..open }).await?;
        self.connection(id).await
    }

    /// Forgets the old token that was pasted, to paste another. One that is kept is forgotten at the end of the guide.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] where none was pasted; the keychain's or the store's problem.
    pub(super) async fn forget_old_token(&self, id: &ConnectionId) -> Result<(), Problem> {
        let _alone = self.alone(id).await?;
        if self.open_rotation(id, TokenInUse::New).await?.pasted.is_none() {
            return Err(Problem::new(Code::StepNotReady));
        }
        self.forget_pasted(id).await
    }

    pub(super) async fn forget_pasted(&self, id: &ConnectionId) -> Result<(), Problem> {
        self.0.secrets.forget(id, SecretName::PreviousOktaToken).await?;
        self.change_rotation(id, |open| Rotation { pasted: None, ..open }).await
    }

    /// Revokes the old token with itself, once, and forgets it. A lost answer is looked up, never repeated.
    ///
    /// # Errors
    /// [`Code::RevocationRefused`] when Okta does not let it, [`Code::RevocationUnknown`] when the truth could not be read
    /// either, [`Code::TokenMissing`] when the old token is not there; otherwise why Okta did not do it.
    pub async fn revoke_old_token(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let _alone = self.alone(id).await?;
        let (before, door) = self.old_door(id).await?;
        let door = door.ok_or(Code::TokenMissing)?;
        let now = self.0.clock.now();
        self.change_rotation(id, move |open| Rotation { asked: Some(now), ..open }).await?;
        match rotation::revoke(&door).await {
            Revocation::Done => self.close_rotation(id, RevocationStatus::ByApp, None).await,
            Revocation::Before => self.close_rotation(id, told(&before, RevocationStatus::FoundRefused), None).await,
            Revocation::Not(problem) => {
                self.change_rotation(id, |open| Rotation { asked: None, ..open }).await?;
                Err(problem)
            }
            Revocation::Unknown(problem) => Err(problem),
        }
    }

    /// Looks whether Okta refuses the old token, after it was revoked in the Admin Console or an answer was lost.
    ///
    /// # Errors
    /// [`Code::OldTokenStillValid`], [`Code::RevocationUnknown`] when it could not be told, or [`Code::TokenMissing`] when the
    /// old token is not there to look with.
    pub async fn old_token_revoked(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let _alone = self.alone(id).await?;
        let (before, door) = self.old_door(id).await?;
        let door = door.ok_or(Code::TokenMissing)?;
        if rotation::is_refused(&door).await? {
            return self.close_rotation(id, told(&before, RevocationStatus::SeenRefused), None).await;
        }
        self.change_rotation(id, |open| Rotation { asked: None, ..open }).await?;
        Err(Problem::new(Code::OldTokenStillValid).arg("name", before.old_name))
    }

    /// Takes the administrator's word that the old token is revoked, where it is not there to look with.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the last step, or where it can be looked; the keychain's or the store's problem.
    pub async fn confirm_old_token_revoked(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let _alone = self.alone(id).await?;
        let (_, door) = self.old_door(id).await?;
        if door.is_some() {
            return Err(Problem::new(Code::StepNotReady));
        }
        self.close_rotation(id, RevocationStatus::ByWord, Some(self.word())).await
    }

    /// The guide at its last step with the door of the old token, if that is there. Never the door of the token in use.
    async fn old_door(&self, id: &ConnectionId) -> Result<(Rotation, Option<Okta>), Problem> {
        let held = self.settled(id).await?;
        let open = self.open_rotation(id, TokenInUse::New).await?;
        let told_apart = if open.passing {
            !held.previous || (held.next && !held.next_is_previous)
        } else {
            held.okta && !held.okta_is_previous && !held.next
        };
        if open.step != RotationStep::Revoke || !told_apart {
            return Err(Problem::new(Code::StepNotReady));
        }
        let view = self.connection(id).await?;
        let door = if held.previous { Some(self.door(&view, SecretName::PreviousOktaToken).await?) } else { None };
        Ok((open, door))
    }

    /// Refuses a pasted token that is held under another name already.
    pub(super) async fn is_not(
        &self,
        connection: &Connection,
        other: SecretName,
        pasted: &SecretString,
        code: Code,
    ) -> Result<(), Problem> {
        match self.kept(connection, other).await {
            Ok(held) if Secrets::same(&held, pasted) => Err(Problem::new(code)),
            Err(problem) if !matches!(problem.code, Code::TokenMissing | Code::KeychainEntryGone) => Err(problem),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// What is told of a token that Okta refuses: that this app had asked for it, where it had and never heard the answer.
fn told(before: &Rotation, otherwise: RevocationStatus) -> RevocationStatus {
    if before.asked.is_some() { RevocationStatus::AfterAsking } else { otherwise }
}

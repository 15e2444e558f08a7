//! Moves the two tokens of a rotation between three names in the keychain, one write or removal at a time.
//!
//! A is the old token and B the new one. Each row is a state that a kill, or a keychain that lost an entry, can leave behind,
//! with the next move for each wanted token. A move never loses a token, and the removal comes last, so that the moves from
//! any row end in the same state, however often they are interrupted.
//!
//! | `OktaToken` | `Next` | `Previous` | the old one is wanted | the new one is wanted |
//! |---|---|---|---|---|
//! | A | - | - | done: no rotation is in progress | done: the new one is gone |
//! | A | B | - | done: both are kept | copy A to `Previous` |
//! | A | B | A | forget `Previous` | copy B from `Next` |
//! | B | B | A | copy A from `Previous` | forget `Next` |
//! | B | - | A | copy B to `Next` | done: A is yet to be revoked |
//! | B | - | - | done | done: A was revoked or forgotten |
//! | B | B | - | done: the old one is gone | forget `Next` |
//! | A | - | A | forget `Previous` | forget `Previous`: the new one is gone |
//! | - | B | A | copy A from `Previous` | copy B from `Next` |
//! | - | B | - | copy B from `Next` | copy B from `Next` |
//! | - | - | A | copy A from `Previous` | copy A from `Previous` |
//! | C | B | A | none: another process stored a token | none |
//! | - | - | - | none | none |

use secrecy::SecretString;

use model::connection::ConnectionId;
use model::rotation::{Rotation, RotationStep, TokenInUse};
use model::secret_name::SecretName;
use secrets::{Secrets, SecretsError};

/// The names that hold a token, and those that hold the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeldTokens {
    /// `OktaToken` holds one.
    pub(crate) okta: bool,
    /// `NextOktaToken` holds one.
    pub(crate) next: bool,
    /// `PreviousOktaToken` holds one.
    pub(crate) previous: bool,
    /// `OktaToken` and `NextOktaToken` hold the same.
    pub(crate) okta_is_next: bool,
    /// `OktaToken` and `PreviousOktaToken` hold the same.
    pub(crate) okta_is_previous: bool,
    /// `NextOktaToken` and `PreviousOktaToken` hold the same.
    pub(crate) next_is_previous: bool,
}

/// One move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Write the token of a name under another name.
    Copy { from: SecretName, to: SecretName },
    /// Remove the token of a name. `OktaToken` holds the same one.
    Forget(SecretName),
}

impl HeldTokens {
    /// Reads the tokens of a connection.
    ///
    /// # Errors
    /// The keychain's error, and [`secrets::KeychainError::BoundElsewhere`].
    pub(crate) async fn read(secrets: &Secrets, id: &ConnectionId, origin: &str) -> Result<Self, SecretsError> {
        let all = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];
        Self::read_some(&all, secrets, id, origin).await
    }

    /// Reads only some of the names: a token that passes through may be held without a keychain.
    ///
    /// # Errors
    /// As [`HeldTokens::read`].
    pub(crate) async fn read_some(
        names: &[SecretName],
        secrets: &Secrets,
        id: &ConnectionId,
        origin: &str,
    ) -> Result<Self, SecretsError> {
        let found = async |name| match names.contains(&name) {
            true => secrets.find(id, name, origin).await,
            false => Ok(None),
        };
        let okta = found(SecretName::OktaToken).await?;
        let next = found(SecretName::NextOktaToken).await?;
        let previous = found(SecretName::PreviousOktaToken).await?;
        let same = |one: &Option<SecretString>, other: &Option<SecretString>| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| Secrets::same(one, other))
        };
        Ok(Self {
            okta: okta.is_some(),
            next: next.is_some(),
            previous: previous.is_some(),
            okta_is_next: same(&okta, &next),
            okta_is_previous: same(&okta, &previous),
            next_is_previous: same(&next, &previous),
        })
    }

    /// Returns the next move, or `None` when the wanted token is in use or another process stored a token.
    fn next_move(self, wanted: TokenInUse) -> Option<Move> {
        use SecretName::{NextOktaToken as Next, OktaToken as Okta, PreviousOktaToken as Previous};
        if !self.okta {
            return self.replacement(wanted).map(|from| Move::Copy { from, to: Okta });
        }
        let (kept, taken) = match wanted {
            TokenInUse::New => ((Previous, self.previous, self.okta_is_previous), (Next, self.next, self.okta_is_next)),
            TokenInUse::Old => ((Next, self.next, self.okta_is_next), (Previous, self.previous, self.okta_is_previous)),
        };
        match (taken, kept) {
            // The wanted token is in use: its own name is no longer needed.
            ((name, true, true), _) => Some(Move::Forget(name)),
            // It is not in use: the one in use is copied to its own name first, then the wanted one is copied.
            ((name, true, false), (_, true, true)) => Some(Move::Copy { from: name, to: Okta }),
            ((_, true, false), (own_name, false, _)) => Some(Move::Copy { from: Okta, to: own_name }),
            // Both names hold other tokens than the one in use, which another process stored.
            ((_, true, false), (_, true, false)) => None,
            // The new one is gone: the old one is in use again, so its copy is removed.
            ((_, false, _), (Previous, true, true)) => Some(Move::Forget(Previous)),
            ((_, false, _), _) => None,
        }
    }

    /// Returns the name to copy from when `OktaToken` holds none: the wanted token, else the other one.
    fn replacement(self, wanted: TokenInUse) -> Option<SecretName> {
        let next = self.next.then_some(SecretName::NextOktaToken);
        let previous = self.previous.then_some(SecretName::PreviousOktaToken);
        match wanted {
            TokenInUse::New => next.or(previous),
            TokenInUse::Old => previous.or(next),
        }
    }
}

/// Moves the tokens until the wanted one is in use. Returns what is held in the end, and whether anything was moved.
///
/// # Errors
/// The keychain's error. No token is lost, and the next call goes on from there.
pub(super) async fn swap(
    secrets: &Secrets,
    id: &ConnectionId,
    origin: &str,
    wanted: TokenInUse,
) -> Result<(HeldTokens, bool), SecretsError> {
    let mut moved = false;
    loop {
        let held = HeldTokens::read(secrets, id, origin).await?;
        let Some(next) = held.next_move(wanted) else { return Ok((held, moved)) };
        perform(secrets, id, origin, next).await?;
        moved = true;
    }
}

async fn perform(secrets: &Secrets, id: &ConnectionId, origin: &str, one: Move) -> Result<(), SecretsError> {
    match one {
        Move::Copy { from, to } => secrets.copy(id, from, to, origin).await,
        Move::Forget(name) => secrets.purge(id, &[name]).await,
    }
}

/// Returns the step to go back to when the new token is gone and still needed.
pub(crate) fn repaired_step(open: &Rotation, held: HeldTokens) -> Option<RotationStep> {
    let at_update = open.step == RotationStep::Update && !held.next;
    let new_is_gone = match open.step.token_in_use() {
        TokenInUse::Old if open.pass_through => at_update && open.updated.is_none(),
        TokenInUse::Old => at_update && (!held.previous || held.okta_is_previous),
        TokenInUse::New if open.pass_through => false,
        TokenInUse::New => !held.next && held.previous && (!held.okta || held.okta_is_previous),
    };
    (new_is_gone && open.finished.is_none()).then_some(RotationStep::Paste)
}

#[cfg(test)]
#[path = "token_swap_tests.rs"]
mod tests;

//! Moving the two tokens between their three names in the keychain, one small step at a time.
//!
//! The old token is A, the new one B. Every row is a state a kill can leave behind (or a keychain that lost an entry), and
//! the next move under each intent. A move is one write or one removal; it is only made when it loses no token, and the
//! last move of each way is the removal, so that doing it again from any row ends in the same place.
//!
//! | `OktaToken` | `Next` | `Previous` | the old is wanted | the new is wanted |
//! |---|---|---|---|---|
//! | A | - | - | settled: nothing is under way | settled: the new one is gone |
//! | A | B | - | settled: both are kept | put A aside as `Previous` |
//! | A | B | A | forget `Previous` | take B from `Next` |
//! | B | B | A | take A from `Previous` | forget `Next` |
//! | B | - | A | keep B as `Next` | settled: A waits to be revoked |
//! | B | - | - | settled | settled: A was revoked or forgotten |
//! | B | B | - | settled: the old one is gone | forget `Next` |
//! | A | - | A | forget `Previous` | forget `Previous`: the new one is gone |
//! | - | B | A | take A from `Previous` | take B from `Next` |
//! | - | B | - | take B from `Next` | take B from `Next` |
//! | - | - | A | take A from `Previous` | take A from `Previous` |
//! | C | B | A | none: another token was put there meanwhile | none |
//! | - | - | - | none | none |

use secrecy::SecretString;

use model::connection::ConnectionId;
use model::rotation::TokenInUse;
use model::secret::SecretName;
use secrets::{Secrets, SecretsError};

/// Which of the three names hold a token, and which hold the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// `OktaToken` holds one.
    pub okta: bool,
    /// `NextOktaToken` holds one.
    pub next: bool,
    /// `PreviousOktaToken` holds one.
    pub previous: bool,
    /// `OktaToken` and `NextOktaToken` hold the same.
    pub okta_is_next: bool,
    /// `OktaToken` and `PreviousOktaToken` hold the same.
    pub okta_is_previous: bool,
    /// `NextOktaToken` and `PreviousOktaToken` hold the same.
    pub next_is_previous: bool,
}

/// One move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Write what a name holds under another name.
    Copy {
        /// From where.
        from: SecretName,
        /// To where.
        to: SecretName,
    },
    /// Remove what a name holds; the same token stands under `OktaToken`.
    Forget(SecretName),
}

impl Held {
    /// Looks.
    ///
    /// # Errors
    /// The keychain's own, and [`secrets::KeychainError::BoundElsewhere`].
    pub async fn look(secrets: &Secrets, id: &ConnectionId, origin: &str) -> Result<Self, SecretsError> {
        let all = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];
        Self::look_at(&all, secrets, id, origin).await
    }

    /// Looks at some of the names alone: a token that passes through may be held without any keychain.
    ///
    /// # Errors
    /// As [`Held::look`].
    pub async fn look_at(
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

    /// Returns the next move, or `None` when all is as it is wanted (or another token stands there, which is left alone).
    #[must_use]
    pub fn next_move(self, wanted: TokenInUse) -> Option<Move> {
        use SecretName::{NextOktaToken as Next, OktaToken as Okta, PreviousOktaToken as Previous};
        if !self.okta {
            return self.put_back(wanted).map(|from| Move::Copy { from, to: Okta });
        }
        let (kept, taken) = match wanted {
            TokenInUse::New => ((Previous, self.previous, self.okta_is_previous), (Next, self.next, self.okta_is_next)),
            TokenInUse::Old => ((Next, self.next, self.okta_is_next), (Previous, self.previous, self.okta_is_previous)),
        };
        match (taken, kept) {
            // The wanted one is in use: its own name is no longer needed.
            ((name, true, true), _) => Some(Move::Forget(name)),
            // It is not: what is in use is put aside first, then the wanted one is taken.
            ((name, true, false), (_, true, true)) => Some(Move::Copy { from: name, to: Okta }),
            ((_, true, false), (aside, false, _)) => Some(Move::Copy { from: Okta, to: aside }),
            // Both names hold other tokens than the one in use, which somebody else put there.
            ((_, true, false), (_, true, false)) => None,
            // The new one is gone: what was put aside for it stands in its own place.
            ((_, false, _), (Previous, true, true)) => Some(Move::Forget(Previous)),
            ((_, false, _), _) => None,
        }
    }

    /// Where to take a token from when none stands under `OktaToken`: the wanted one, else the other.
    fn put_back(self, wanted: TokenInUse) -> Option<SecretName> {
        let next = self.next.then_some(SecretName::NextOktaToken);
        let previous = self.previous.then_some(SecretName::PreviousOktaToken);
        match wanted {
            TokenInUse::New => next.or(previous),
            TokenInUse::Old => previous.or(next),
        }
    }
}

/// Moves the tokens until the wanted one is in use. Returns what is held in the end, and whether anything moved.
///
/// # Errors
/// The keychain's own. What was moved until then loses no token, and settling again goes on from there.
pub async fn settle(
    secrets: &Secrets,
    id: &ConnectionId,
    origin: &str,
    wanted: TokenInUse,
) -> Result<(Held, bool), SecretsError> {
    let mut moved = false;
    loop {
        let held = Held::look(secrets, id, origin).await?;
        let Some(next) = held.next_move(wanted) else { return Ok((held, moved)) };
        make(secrets, id, origin, next).await?;
        moved = true;
    }
}

/// Makes one move.
pub(super) async fn make(secrets: &Secrets, id: &ConnectionId, origin: &str, one: Move) -> Result<(), SecretsError> {
    match one {
        Move::Copy { from, to } => secrets.copy(id, from, to, origin).await,
        Move::Forget(name) => secrets.purge(id, &[name]).await,
    }
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;

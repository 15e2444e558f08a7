//! Tokens that were pasted for response actions. They are in this process's memory alone, and are forgotten after 15 minutes
//! without use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use model::connection::ConnectionId;
use model::okta_origin::Origin;
use secrecy::SecretString;

/// How long a token is kept without use.
pub(super) const IDLE: TimeDelta = TimeDelta::minutes(15);

/// A token that was pasted for actions.
#[derive(Clone)]
pub(super) struct PastedToken {
    pub(super) secret: SecretString,
    /// The login of its owner.
    pub(super) owner: String,
    /// The org that it was pasted for. It is sent to no other.
    origin: Origin,
    last_used: DateTime<Utc>,
}

impl PastedToken {
    /// Returns when it is forgotten if it is not used before.
    pub(super) fn until(&self) -> DateTime<Utc> {
        self.last_used + IDLE
    }
}

/// The tokens by connection. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct PastedTokens(Arc<Mutex<HashMap<ConnectionId, PastedToken>>>);

impl PastedTokens {
    pub(super) fn put(
        &self,
        id: &ConnectionId,
        secret: SecretString,
        owner: String,
        origin: Origin,
        now: DateTime<Utc>,
    ) {
        self.lock().insert(id.clone(), PastedToken { secret, owner, origin, last_used: now });
    }

    /// Returns the token of a connection, which counts as a use. A token of another org is forgotten.
    pub(super) fn take_for_use(
        &self,
        id: &ConnectionId,
        origin: Option<&Origin>,
        now: DateTime<Utc>,
    ) -> Option<PastedToken> {
        self.forget_idle(now);
        let mut pasted = self.lock();
        forget_of_other_org(&mut pasted, id, origin);
        let token = pasted.get_mut(id)?;
        token.last_used = now;
        Some(token.clone())
    }

    /// Returns the token of a connection without using it. A token of another org is forgotten.
    pub(super) fn peek(&self, id: &ConnectionId, origin: Option<&Origin>, now: DateTime<Utc>) -> Option<PastedToken> {
        self.forget_idle(now);
        let mut pasted = self.lock();
        forget_of_other_org(&mut pasted, id, origin);
        pasted.get(id).cloned()
    }

    pub(crate) fn forget(&self, id: &ConnectionId) {
        self.lock().remove(id);
    }

    /// Returns whether no token is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Forgets every token that was not used for [`IDLE`], or that a clock which was set back would hold for longer.
    pub(super) fn forget_idle(&self, now: DateTime<Utc>) {
        self.lock().retain(|_, token| now < token.until() && token.last_used <= now + TimeDelta::minutes(1));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, PastedToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the token of a connection whose domain is no longer the one that the token was pasted for.
fn forget_of_other_org(pasted: &mut HashMap<ConnectionId, PastedToken>, id: &ConnectionId, origin: Option<&Origin>) {
    if pasted.get(id).is_some_and(|token| Some(&token.origin) != origin) {
        pasted.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use model::okta_origin::Loopback;

    use super::*;

    fn org(port: u16) -> Origin {
        Origin::Practice(Loopback::new(&format!("http://127.0.0.1:{port}")).unwrap())
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_token_is_forgotten_after_fifteen_minutes_without_use() {
        let (pasted, id) = (PastedTokens::default(), ConnectionId("one".to_owned()));
        pasted.put(&id, "00abc".to_owned().into(), "bot@example.com".to_owned(), org(40_001), at(0));
        assert!(pasted.take_for_use(&id, Some(&org(40_001)), at(14)).is_some());
        assert!(pasted.peek(&id, Some(&org(40_001)), at(28)).is_some(), "used at minute 14");
        assert!(pasted.peek(&id, Some(&org(40_001)), at(29)).is_none());
        assert!(pasted.lock().is_empty(), "it is not only hidden");
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_prolong_it() {
        let (pasted, id) = (PastedTokens::default(), ConnectionId("one".to_owned()));
        pasted.put(&id, "00abc".to_owned().into(), "bot@example.com".to_owned(), org(40_001), at(60));
        assert!(pasted.peek(&id, Some(&org(40_001)), at(0)).is_none());
    }

    #[test]
    fn a_token_is_forgotten_when_the_connection_is_moved_to_another_org() {
        let (pasted, id) = (PastedTokens::default(), ConnectionId("one".to_owned()));
        for other in [Some(org(40_002)), None] {
            pasted.put(&id, "00abc".to_owned().into(), "bot@example.com".to_owned(), org(40_001), at(0));
            assert!(pasted.take_for_use(&id, other.as_ref(), at(1)).is_none());
            assert!(pasted.peek(&id, Some(&org(40_001)), at(1)).is_none(), "it does not come back with the domain");
            pasted.put(&id, "00abc".to_owned().into(), "bot@example.com".to_owned(), org(40_001), at(0));
            assert!(pasted.peek(&id, other.as_ref(), at(1)).is_none());
            assert!(pasted.is_empty());
        }
    }
}

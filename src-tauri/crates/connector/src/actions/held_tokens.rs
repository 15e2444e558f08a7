//! Tokens that were pasted for response actions. They are in this process's memory alone, and are forgotten after 15 minutes
//! without use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use model::connection::ConnectionId;
use secrecy::SecretString;

/// How long a token is held without use.
pub(super) const IDLE: TimeDelta = TimeDelta::minutes(15);

/// A token that was pasted for actions.
#[derive(Clone)]
pub(super) struct HeldToken {
    pub(super) secret: SecretString,
    /// The login of its owner.
    pub(super) owner: String,
    last_used: DateTime<Utc>,
}

impl HeldToken {
    /// Returns when it is forgotten if it is not used before.
    pub(super) fn until(&self) -> DateTime<Utc> {
        self.last_used + IDLE
    }
}

/// The tokens by connection. Clones share them.
#[derive(Clone, Default)]
pub(super) struct HeldTokens(Arc<Mutex<HashMap<ConnectionId, HeldToken>>>);

impl HeldTokens {
    pub(super) fn put(&self, id: &ConnectionId, secret: SecretString, owner: String, now: DateTime<Utc>) {
        self.lock().insert(id.clone(), HeldToken { secret, owner, last_used: now });
    }

    /// Returns the token of a connection, which counts as a use.
    pub(super) fn take_for_use(&self, id: &ConnectionId, now: DateTime<Utc>) -> Option<HeldToken> {
        self.forget_idle(now);
        let mut held = self.lock();
        let token = held.get_mut(id)?;
        token.last_used = now;
        Some(token.clone())
    }

    /// Returns the token of a connection without using it.
    pub(super) fn peek(&self, id: &ConnectionId, now: DateTime<Utc>) -> Option<HeldToken> {
        self.forget_idle(now);
        self.lock().get(id).cloned()
    }

    pub(super) fn forget(&self, id: &ConnectionId) {
        self.lock().remove(id);
    }

    /// Returns whether no token is held.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Forgets every token that was not used for [`IDLE`], or that a clock which was set back would hold for longer.
    pub(super) fn forget_idle(&self, now: DateTime<Utc>) {
        self.lock().retain(|_, token| now < token.until() && token.last_used <= now + TimeDelta::minutes(1));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, HeldToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_token_is_forgotten_after_fifteen_minutes_without_use() {
        let (held, id) = (HeldTokens::default(), ConnectionId("one".to_owned()));
        held.put(&id, "00abc".to_owned().into(), "bot@example.com".to_owned(), at(0));
        assert!(held.take_for_use(&id, at(14)).is_some());
        assert!(held.peek(&id, at(28)).is_some(), "used at minute 14");
        assert!(held.peek(&id, at(29)).is_none());
        assert!(held.lock().is_empty(), "it is not only hidden");
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_prolong_it() {
        let (held, id) = (HeldTokens::default(), ConnectionId("one".to_owned()));
        held.put(&id, "00abc".to_owned().into(), "bot@example.com".to_owned(), at(60));
        assert!(held.peek(&id, at(0)).is_none());
    }
}

//! Happenings close together are one spell: a computer that wakes tells several, and a bad network comes and goes. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// A laptop's network needs this long after a wake before it carries anything.
const SETTLES: TimeDelta = TimeDelta::seconds(5);
/// However often something happens, a spell is over after this.
const AT_MOST: TimeDelta = TimeDelta::seconds(60);

/// Happenings so close together that the network did not settle between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl Spell {
    /// A spell that begins.
    #[must_use]
    pub fn of(at: DateTime<Utc>) -> Self {
        Self { first: at, last: at }
    }

    /// Adds a happening: to this spell, or as a new one when this one had settled.
    #[must_use]
    pub fn and(self, at: DateTime<Utc>) -> Self {
        if at < self.settled() { Self { last: self.last.max(at), ..self } } else { Self::of(at) }
    }

    /// When the newest of it happened.
    #[must_use]
    pub fn last(&self) -> DateTime<Utc> {
        self.last
    }

    /// When the network may be expected to carry again.
    #[must_use]
    pub fn settled(&self) -> DateTime<Utc> {
        (self.last + SETTLES).min(self.first + AT_MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_wake_and_the_network_after_it_are_one_spell() {
        let spell = Spell::of(at(0)).and(at(3));
        assert_eq!((spell.last(), spell.settled()), (at(3), at(8)));
        assert_eq!(spell.and(at(8)), Spell::of(at(8)), "what comes later is another");
    }

    #[test]
    fn a_network_that_flaps_does_not_keep_a_look_away_for_ever() {
        let spell = (0..40).step_by(2).fold(Spell::of(at(0)), |spell, second| spell.and(at(second)));
        assert_eq!(spell.settled(), at(43));
        let longer = (0..59).step_by(2).fold(Spell::of(at(0)), |spell, second| spell.and(at(second)));
        assert_eq!(longer.settled(), at(60));
    }
}

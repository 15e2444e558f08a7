//! What an organisation goes through when nothing is wrong: its own rhythm, and troubles that pass by themselves.
//!
//! Every figure is below what the product promises not to tell: an Okta that is away for less than ten minutes, a feed whose
//! events come within the allowed quarter of an hour (within twice that while it stumbles), silences no longer than twice
//! the longest before. Pure but for the dice.

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use practice::{Change, Fault, FaultKind, Side};
use rand::Rng as _;
use rand::rngs::StdRng;

/// How much happens in an organisation, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Org {
    /// Some events on a working day, none at night and at weekends, and none at all in its holidays.
    Quiet,
    /// Some hundreds on a working day, few at night; watched from a computer that sleeps through the weekend.
    Normal,
    /// So many in office hours, when it is watched, that the newest page is too young to judge.
    Busy,
}

impl Org {
    pub(crate) const ALL: [Self; 3] = [Self::Quiet, Self::Normal, Self::Busy];

    /// Events to be expected in an hour.
    pub(crate) fn an_hour(self, begun: DateTime<Utc>, now: DateTime<Utc>, holidays: bool) -> f64 {
        let (week, weekend) = ((now - begun).num_weeks(), is_weekend(now));
        let working = !weekend && (7..18).contains(&now.hour());
        match self {
            // Holidays before its rhythm is known, and again once it is.
            Self::Quiet if holidays && [1, 3].contains(&week) => 0.0,
            Self::Quiet if working => 0.8,
            Self::Quiet => 0.0,
            Self::Normal if working => 42.0,
            // A weekend without anything at all.
            Self::Normal if weekend && week == 1 => 0.0,
            Self::Normal => 1.5,
            Self::Busy if (7..19).contains(&now.hour()) => 450.0,
            Self::Busy => 40.0,
        }
    }

    /// Whether somebody is at work, and will be for a while.
    pub(crate) fn works(self, now: DateTime<Utc>) -> bool {
        now.hour() == 10 && (self == Self::Busy || (1..4).contains(&now.weekday().num_days_from_monday()))
    }

    /// Whether the computer that watches is awake.
    pub(crate) fn is_watched(self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Quiet => (6..22).contains(&now.hour()),
            Self::Normal => (6..22).contains(&now.hour()) && !is_weekend(now),
            Self::Busy => (8..18).contains(&now.hour()),
        }
    }
}

fn is_weekend(now: DateTime<Utc>) -> bool {
    now.weekday().num_days_from_monday() >= 5
}

/// A trouble that is over before it is worth a word, or that never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    /// A network's sign-in page stands in the way.
    NoNetwork,
    OktaAway,
    OktaBreaksOff,
    SearchAway,
    FeedStumbles,
    /// Others leave little of the System Log's limit.
    LimitLow,
    /// Others leave nothing of it.
    LimitUsedUp,
}

impl Passing {
    const ALL: [Self; 7] = [
        Self::NoNetwork,
        Self::OktaAway,
        Self::OktaBreaksOff,
        Self::SearchAway,
        Self::FeedStumbles,
        Self::LimitLow,
        Self::LimitUsedUp,
    ];

    /// Some trouble, and how long it lasts.
    pub(crate) fn some(dice: &mut StdRng) -> (Self, TimeDelta) {
        let one = Self::ALL[dice.random_range(0..Self::ALL.len())];
        let minutes = match one {
            Self::NoNetwork => 5..120,
            Self::OktaAway | Self::OktaBreaksOff => 1..10,
            Self::SearchAway => 3..30,
            Self::FeedStumbles => 5..25,
            Self::LimitLow => 3..30,
            Self::LimitUsedUp => 2..10,
        };
        (one, TimeDelta::seconds(dice.random_range(minutes.start * 60..minutes.end * 60)))
    }

    /// The fault it is on the wire; none where it is a change of the world.
    pub(crate) fn fault(self) -> Option<Fault> {
        let status = |status| FaultKind::Status { status, code: "E0000009".to_owned() };
        let (side, kind) = match self {
            Self::NoNetwork => (Side::Okta, FaultKind::CaptivePage),
            Self::OktaAway => (Side::Okta, status(500)),
            Self::OktaBreaksOff => (Side::Okta, FaultKind::Reset),
            Self::SearchAway => (Side::Radiant, status(503)),
            Self::FeedStumbles | Self::LimitLow | Self::LimitUsedUp => return None,
        };
        Some(Fault::on(side, kind))
    }

    /// The change of the world it is, or its end.
    pub(crate) fn change(self, begins: bool) -> Option<Change> {
        let others = |requests| Some(Change::OtherConsumers { requests: if begins { requests } else { 0 } });
        match self {
            Self::FeedStumbles => Some(Change::RadiantPolls { on: !begins }),
            Self::LimitLow => others(50),
            Self::LimitUsedUp => others(100),
            Self::NoNetwork | Self::OktaAway | Self::OktaBreaksOff | Self::SearchAway => None,
        }
    }
}

/// What is really wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    TokenRevoked,
    OktaDown,
    FeedStopped,
    Silence,
}

impl Wrong {
    pub(crate) const ALL: [Self; 4] = [Self::TokenRevoked, Self::OktaDown, Self::FeedStopped, Self::Silence];
}

//! Activity of a simulated organization, the transient faults it goes through, and the incidents that need a notification.
//!
//! Every transient fault stays below what the product promises not to notify: Okta is unavailable for less than ten minutes,
//! events arrive within the allowed quarter of an hour (within twice that while delivery stalls), and no silence is longer
//! than twice the longest before it. Pure functions of the time and of a seeded random generator.

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use practice::{Change, Fault, FaultKind, Side};
use rand::Rng as _;
use rand::rngs::StdRng;

/// How much happens in an organization, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Org {
    /// A few events on a working day, none at night, at weekends and during its holidays.
    Quiet,
    /// Some hundreds on a working day, few at night; watched from a computer that sleeps through the weekend.
    Normal,
    /// So many in office hours, when it is watched, that the newest page is too recent to judge.
    Busy,
}

impl Org {
    pub(crate) const ALL: [Self; 3] = [Self::Quiet, Self::Normal, Self::Busy];

    /// Returns the expected number of events per hour.
    pub(crate) fn events_per_hour(self, start: DateTime<Utc>, now: DateTime<Utc>, has_holidays: bool) -> f64 {
        let (week, weekend) = ((now - start).num_weeks(), is_weekend(now));
        let working = !weekend && (7..18).contains(&now.hour());
        match self {
            // Holidays before the usual silence is known, and again once it is.
            Self::Quiet if has_holidays && [1, 3].contains(&week) => 0.0,
            Self::Quiet if working => 0.8,
            Self::Quiet => 0.0,
            Self::Normal if working => 42.0,
            // A weekend without any event.
            Self::Normal if weekend && week == 1 => 0.0,
            Self::Normal => 1.5,
            Self::Busy if (7..19).contains(&now.hour()) => 450.0,
            Self::Busy => 40.0,
        }
    }

    /// Tells whether people are at work, and will be for some hours.
    pub(crate) fn is_working(self, now: DateTime<Utc>) -> bool {
        now.hour() == 10 && (self == Self::Busy || (1..4).contains(&now.weekday().num_days_from_monday()))
    }

    /// Tells whether the computer that monitors it is awake.
    pub(crate) fn is_monitored(self, now: DateTime<Utc>) -> bool {
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

/// A fault that resolves itself before a notification is due, or that never needs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransientFault {
    /// The network answers with its sign-in page.
    CaptivePortal,
    OktaUnavailable,
    OktaResets,
    SearchUnavailable,
    DeliveryStalls,
    /// Other clients leave little of the System Log's rate limit.
    LimitLow,
    /// Other clients leave nothing of it.
    LimitExhausted,
}

impl TransientFault {
    const ALL: [Self; 7] = [
        Self::CaptivePortal,
        Self::OktaUnavailable,
        Self::OktaResets,
        Self::SearchUnavailable,
        Self::DeliveryStalls,
        Self::LimitLow,
        Self::LimitExhausted,
    ];

    /// Draws a fault and its duration.
    pub(crate) fn random(rng: &mut StdRng) -> (Self, TimeDelta) {
        let fault = Self::ALL[rng.random_range(0..Self::ALL.len())];
        let minutes = match fault {
            Self::CaptivePortal => 5..120,
            Self::OktaUnavailable | Self::OktaResets => 1..10,
            Self::SearchUnavailable => 3..30,
            Self::DeliveryStalls => 5..25,
            Self::LimitLow => 3..30,
            Self::LimitExhausted => 2..10,
        };
        (fault, TimeDelta::seconds(rng.random_range(minutes.start * 60..minutes.end * 60)))
    }

    /// Returns the fault of the requests; none where the state of the practice organization changes instead.
    pub(crate) fn fault(self) -> Option<Fault> {
        let status = |status| FaultKind::Status { status, code: "E0000009".to_owned() };
        let (side, kind) = match self {
            Self::CaptivePortal => (Side::Okta, FaultKind::CaptivePage),
            Self::OktaUnavailable => (Side::Okta, status(500)),
            Self::OktaResets => (Side::Okta, FaultKind::Reset),
            Self::SearchUnavailable => (Side::Radiant, status(503)),
            Self::DeliveryStalls | Self::LimitLow | Self::LimitExhausted => return None,
        };
        Some(Fault::on(side, kind))
    }

    /// Returns the change of state that begins or ends it, if any.
    pub(crate) fn change(self, begins: bool) -> Option<Change> {
        let others = |requests| Some(Change::OtherConsumers { requests: if begins { requests } else { 0 } });
        match self {
            Self::DeliveryStalls => Some(Change::RadiantPolls { on: !begins }),
            Self::LimitLow => others(50),
            Self::LimitExhausted => others(100),
            Self::CaptivePortal | Self::OktaUnavailable | Self::OktaResets | Self::SearchUnavailable => None,
        }
    }
}

/// A problem that persists and needs a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incident {
    TokenRevoked,
    OktaDown,
    DeliveryStopped,
    Silence,
}

impl Incident {
    pub(crate) const ALL: [Self; 4] = [Self::TokenRevoked, Self::OktaDown, Self::DeliveryStopped, Self::Silence];
}

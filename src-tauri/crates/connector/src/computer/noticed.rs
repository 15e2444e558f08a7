//! What is noticed whenever the watch looks at the clock, on every system and without waking for it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use chrono::{DateTime, TimeDelta, Utc};

use super::told::Happened;
use runtime::TICK;

/// A wait that took so much longer than it is between two looks at the clock was no wait: the computer slept, or its clock was
/// set.
const LATE: TimeDelta = TimeDelta::seconds(30);
/// Addresses kept for documents (RFC 5737, RFC 3849): the way to them is the way to everywhere, and nobody is there.
const ANYWHERE: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))];

/// This computer's own addresses on its way to the network, of both kinds; none where there is no way.
type WayOut = [Option<IpAddr>; 2];

/// What is remembered from look to look.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// When the pass before ended, or the clock was looked at since.
    ended: Option<DateTime<Utc>>,
    way: Option<WayOut>,
}

impl Noticed {
    /// Notes that a pass begins; returns what must have happened since the one before.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) -> Option<Happened> {
        self.between(now, way_out())
    }

    /// Notes that the clock is looked at while no pass runs; returns what must have happened since it was before.
    pub(super) fn looked(&mut self, now: DateTime<Utc>) -> Option<Happened> {
        let what = self.begin(now);
        self.ended(now);
        what
    }

    /// Notes that a pass ended.
    pub(super) fn ended(&mut self, now: DateTime<Utc>) {
        self.ended = Some(now);
    }

    fn between(&mut self, now: DateTime<Utc>, way: WayOut) -> Option<Happened> {
        let before = self.way.replace(way);
        if self.ended.take().is_some_and(|ended| slept(ended, now)) {
            return Some(Happened::Woke);
        }
        before.is_some_and(|before| is_back(before, way)).then_some(Happened::Network)
    }
}

fn slept(ended: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    TimeDelta::from_std(TICK).is_ok_and(|tick| now - ended > tick + LATE)
}

/// Tells whether a way out is there that was not before. One that is gone is no news: the next look finds out.
fn is_back(before: WayOut, now: WayOut) -> bool {
    before.iter().zip(&now).any(|(before, now)| now.is_some() && now != before)
}

/// Asks the system by which of its addresses it would go out. Nothing is sent.
fn way_out() -> WayOut {
    ANYWHERE.map(|to| {
        let here: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((here, 0)).ok()?;
        socket.connect((to, 9)).ok()?;
        socket.local_addr().ok().map(|own| own.ip())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: WayOut = [Some(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7))), None];
    const OFFICE: WayOut = [Some(IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3))), None];
    const NONE: WayOut = [None, None];

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_wait_that_took_far_too_long_was_a_sleep() {
        let mut noticed = Noticed::default();
        assert_eq!(noticed.between(at(0), HOME), None, "the first pass has nothing before it");
        noticed.ended(at(1));
        assert_eq!(noticed.between(at(31), HOME), None);
        noticed.ended(at(32));
        assert_eq!(noticed.between(at(200), HOME), Some(Happened::Woke));
        assert_eq!(noticed.between(at(900), HOME), None, "a pass that did not end measures nothing");
    }

    #[test]
    fn another_way_out_is_told_once_and_a_lost_one_not_at_all() {
        let mut noticed = Noticed::default();
        let told = [HOME, HOME, NONE, NONE, OFFICE, OFFICE, HOME].map(|way| noticed.between(at(0), way));
        let back = Some(Happened::Network);
        assert_eq!(told, [None, None, None, None, back, None, back]);
    }

    #[test]
    fn asking_for_the_way_out_needs_no_network() {
        // On a computer without one it says so.
        let way = way_out();
        assert!(way.iter().flatten().all(|own| !own.is_unspecified()), "{way:?}");
    }
}

//! Detects power events at the ticks of a worker, on every system and without a timer of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use chrono::{DateTime, TimeDelta, Utc};

use runtime::TICK;

use super::source::PowerEvent;

/// A tick that is this late means that the computer slept, or that its clock was set.
const LATE: TimeDelta = TimeDelta::seconds(30);
/// Addresses reserved for documentation (RFC 5737, RFC 3849): they are routed like any other, and no host has them.
const REMOTE: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))];

/// The local addresses that this computer uses for remote hosts by IPv4 and IPv6; `None` without a route.
type LocalAddresses = [Option<IpAddr>; 2];

/// The state between two polls.
#[derive(Debug, Default)]
pub(super) struct Polling {
    /// The end of the newest pass, or the newest tick since then; `None` during a pass.
    idle_since: Option<DateTime<Utc>>,
    addresses: Option<LocalAddresses>,
}

impl Polling {
    /// Records the begin of a pass and returns the event since the previous poll.
    pub(super) fn pass_begins(&mut self, now: DateTime<Utc>) -> Option<PowerEvent> {
        self.poll(now, local_addresses())
    }

    /// Records a tick of a wait and returns the event since the previous poll.
    pub(super) fn tick(&mut self, now: DateTime<Utc>) -> Option<PowerEvent> {
        let event = self.pass_begins(now);
        self.pass_ended(now);
        event
    }

    /// Records the end of a pass.
    pub(super) fn pass_ended(&mut self, now: DateTime<Utc>) {
        self.idle_since = Some(now);
    }

    fn poll(&mut self, now: DateTime<Utc>, addresses: LocalAddresses) -> Option<PowerEvent> {
        let before = self.addresses.replace(addresses);
        if self.idle_since.take().is_some_and(|since| has_slept(since, now)) {
            return Some(PowerEvent::Woke);
        }
        before.is_some_and(|before| has_returned(before, addresses)).then_some(PowerEvent::NetworkReturned)
    }
}

fn has_slept(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    TimeDelta::from_std(TICK).is_ok_and(|tick| now - since > tick + LATE)
}

/// Returns whether there is a new local address. A lost one is no event: the next probe finds it out.
fn has_returned(before: LocalAddresses, now: LocalAddresses) -> bool {
    before.iter().zip(&now).any(|(before, now)| now.is_some() && now != before)
}

/// Returns the local addresses by the system's routes. Nothing is sent.
fn local_addresses() -> LocalAddresses {
    REMOTE.map(|remote| {
        let any: IpAddr = if remote.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect((remote, 9)).ok()?;
        socket.local_addr().ok().map(|local| local.ip())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: LocalAddresses = [Some(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7))), None];
    const OFFICE: LocalAddresses = [Some(IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3))), None];
    const NONE: LocalAddresses = [None, None];

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_wait_that_took_far_too_long_was_a_sleep() {
        let mut polling = Polling::default();
        assert_eq!(polling.poll(at(0), HOME), None, "the first pass has nothing to compare with");
        polling.pass_ended(at(1));
        assert_eq!(polling.poll(at(31), HOME), None);
        polling.pass_ended(at(32));
        assert_eq!(polling.poll(at(200), HOME), Some(PowerEvent::Woke));
        assert_eq!(polling.poll(at(900), HOME), None, "a pass that did not end is not measured");
    }

    #[test]
    fn a_new_address_is_one_event_and_a_lost_one_is_none() {
        let mut polling = Polling::default();
        let events = [HOME, HOME, NONE, NONE, OFFICE, OFFICE, HOME].map(|addresses| polling.poll(at(0), addresses));
        let returned = Some(PowerEvent::NetworkReturned);
        assert_eq!(events, [None, None, None, None, returned, None, returned]);
    }

    #[test]
    fn reading_the_local_addresses_needs_no_network() {
        // A computer without a network has none.
        let addresses = local_addresses();
        assert!(addresses.iter().flatten().all(|local| !local.is_unspecified()), "{addresses:?}");
    }
}

//! The event of an administrator who opens the Admin Console.

use std::net::IpAddr;

use rand::Rng as _;
use uuid::Uuid;

use crate::random_events;
use crate::state::State;

/// Lets the person among the principals open the Admin Console, with the event.
pub(crate) fn open_console(state: &mut State, address: IpAddr, console_address: Option<IpAddr>) {
    let (uuid, now) = (Uuid::from_u128(state.rng.random()), state.okta_now());
    if let Some(person) = state.principals.iter().find(|one| one.is_person()) {
        let event = random_events::console_event(person, address, console_address, uuid, now);
        state.add(now, now, event);
    }
}

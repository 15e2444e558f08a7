//! Events of clients: an administrator in the Admin Console, and a request that is refused because of its address.

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

/// Adds the event of a request that was refused because of its address (DOCS event types; its actor is UNVERIFIED).
pub(crate) fn add_blocked_request_event(state: &mut State) {
    let (uuid, now) = (Uuid::from_u128(state.rng.random()), state.okta_now());
    if let Some(any) = state.principals.first() {
        let mut event = random_events::blocked_request_event(any, uuid, now);
        random_events::set_client(&mut event, state.options.client_address, state.calling_user_agent.as_deref());
        state.add(now, now, event);
    }
}

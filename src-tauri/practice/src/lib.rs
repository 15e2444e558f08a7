//! The practice organisation: an Okta org and a Radiant tenant on loopback, deterministic by its seed.
//!
//! It depends on no other package of the product and shares no code with the client, so that the two cannot agree by
//! mistake. Each behaviour cites where it comes from: SPEC (Okta's management OpenAPI), DOCS (Okta's or Radiant's pages), REAL
//! (a recorded answer), or UNVERIFIED, and what is UNVERIFIED has a switchable variant ([`Variants`]). It listens on
//! 127.0.0.1 alone and writes nothing to disk.

#![expect(
    clippy::disallowed_methods,
    reason = "a server of its own: it spawns its connections and delays answers on purpose, without the product's clock"
)]

mod control;
mod events;
mod fault;
mod filter;
mod foreign;
mod limits;
mod logs;
mod okta;
mod okta_answers;
mod people;
mod query;
mod radiant;
mod serve;
mod start;
mod tls;
mod variants;
mod world;

pub use control::{Change, Control, Counters, Request};
pub use fault::{Fault, FaultKind, Side};
pub use foreign::Foreign;
pub use start::{Addresses, Card, ControlCard, Options, Practice, Tls, Tokens};
pub use variants::{Variants, WrongIndex};

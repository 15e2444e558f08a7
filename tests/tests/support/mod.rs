//! What the tests share: a story in simulated time, and what other parts of it need.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]
#![allow(dead_code, reason = "each story uses what it needs")]

pub(crate) mod alert_channels;
pub(crate) mod alert_receiver;
pub(crate) mod monitored;
pub(crate) mod responding;
pub(crate) mod simulated_process;
pub(crate) mod test_connection;

pub(crate) use test_connection::{TestConnection, addresses};

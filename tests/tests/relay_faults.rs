//! The relay under the failures of other collectors of the System Log (`t01` to `t15`) and of other senders to a webhook (`f51` to
//! `f58`), and under broken pages, jumps of the clock and a disk that cannot be written.
//!
//! Time is simulated: each step is taken when it is due. `relay_killed.rs` kills the relay as a process.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "relay_faults/delivery.rs"]
mod delivery;
#[path = "relay_faults/gap_audit_and_test_event.rs"]
mod gap_audit_and_test_event;
#[path = "relay_support/harness.rs"]
mod harness;
#[path = "relay_faults/pacing.rs"]
mod pacing;
#[path = "relay_faults/pages.rs"]
mod pages;
#[path = "relay_faults/polling.rs"]
mod polling;
mod support;
#[path = "relay_faults/surroundings.rs"]
mod surroundings;

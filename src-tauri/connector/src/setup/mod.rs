//! The guide: what it starts with, what a confirmation is, and the watch for the first event.
//!
//! Confirmed is what the administrator said; verified is what the app saw. Nothing here turns one into the other.

mod arrival;
mod steps;

pub use arrival::{Watch, watch};
pub use steps::{begin, confirm, finish, moved_to_another_org};

//! The guide: what it starts with, what a confirmation is, the watch for the first event, and connections carried over.
//!
//! Confirmed is what the administrator said; verified is what the app saw. Nothing here turns one into the other.

mod arrival;
mod exchange;
mod steps;

pub use arrival::{Watch, watch};
pub use exchange::{Carried, CarriedConnection, Figures, arrived, domain, line, read, same_org, write};
pub use steps::{begin, confirm, confirmed_anew, finish, meant_for, moved_to_another_org};

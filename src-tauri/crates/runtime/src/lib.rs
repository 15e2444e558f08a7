//! The clock and the supervised worker loop: the only places that know the time, sleep, or have deadlines.

mod clock;
mod worker;

pub use clock::{Clock, Stopwatch};
pub use worker::{TICK, Wake, supervise};

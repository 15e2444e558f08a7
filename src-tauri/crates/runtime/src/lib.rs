//! The clock and the worker loop: the only places that know the time, sleep, or have deadlines.

mod clock;
mod worker;

pub use clock::{Clock, Stopwatch};
pub use worker::{Pass, TICK, Wake, Worker, supervise};

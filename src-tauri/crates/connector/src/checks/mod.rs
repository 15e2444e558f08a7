//! Checks: one question each, answered with what was asked, what came back and what it means.
//!
//! [`run`] asks them in the order their answers allow: what does not depend on another goes side by side, so that a whole
//! report takes about four answers' time. The token leaves only after the org was recognised and no unaccepted proxy was
//! seen on the way. Nothing here writes to Okta or to Radiant, and a lost answer is `unknown`, never guessed.

mod arrival;
mod capabilities;
mod entry;
mod finding;
mod logs;
mod look;
mod machine;
mod own;
mod owner;
mod reach;
mod report;
mod rights;
mod run;
mod touched;

pub use arrival::Compared;
pub use look::{ProbeResult, freshness, heartbeat, may_look, quiet};
pub use owner::OwnerConfirmation;
pub use report::{may_ask_more, newest_event, tells_events, with};
pub use run::{Questions, RunResult, run};

//! The words of the product: plain values shared by every floor above.
//!
//! Nothing here performs IO, waits, or looks at a clock; time and randomness are arguments. These types are the wire
//! types too: the window, the CLI and the store read and write them as they are, so there are no twins to keep in step.

mod arrival;
mod budget;
mod capability;
mod check;
mod code;
mod condition;
mod connection;
mod domain_reading;
mod event;
mod import;
mod kept;
mod link;
mod monitor;
mod monitor_change;
mod one_line;
mod origin;
mod policy;
mod problem;
mod radiant;
mod redact;
mod reminder;
mod reminding;
mod report;
mod rotation;
mod secret;
mod settings;
mod setup;
mod standing;
mod status;
mod token_shape;

pub use arrival::*;
pub use budget::*;
pub use capability::*;
pub use check::*;
pub use code::Code;
pub use condition::*;
pub use connection::*;
pub use event::*;
pub use import::*;
pub use kept::*;
pub use link::*;
pub use monitor::*;
pub use monitor_change::*;
pub use one_line::one_line;
pub use origin::*;
pub use policy::*;
pub use problem::*;
pub use radiant::*;
pub use redact::*;
pub use reminder::*;
pub use reminding::Known;
pub use report::*;
pub use rotation::*;
pub use secret::*;
pub use settings::*;
pub use setup::*;
pub use standing::*;
pub use status::*;
pub use token_shape::*;

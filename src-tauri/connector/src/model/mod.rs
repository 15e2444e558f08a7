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
mod link;
mod monitor;
mod origin;
mod problem;
mod radiant;
mod redact;
mod report;
mod rotation;
mod secret;
mod settings;
mod setup;
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
pub use link::*;
pub use monitor::*;
pub use origin::*;
pub use problem::*;
pub use radiant::*;
pub use redact::*;
pub use report::*;
pub use rotation::*;
pub use secret::*;
pub use settings::*;
pub use setup::*;
pub use status::*;
pub use token_shape::*;

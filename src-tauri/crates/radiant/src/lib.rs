//! Radiant: its Search Query API, and the questions its documentation answers.
//!
//! What Radiant does not publish (index, connector type, timestamp field) is a setting or discovered, never assumed. The
//! search token goes to the one search address it was given for.

mod address;
mod discover;
mod docs;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod search;

pub use address::check_address;
pub use docs::ask;
pub use error::{RadiantError, RadiantFailure};
pub use search::{Answered, Hit, Search};

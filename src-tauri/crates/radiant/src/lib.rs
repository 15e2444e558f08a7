//! The client of Radiant: its Search Query API, its custom events webhook and its documentation.
//!
//! The index, connector type and timestamp field, which Radiant does not publish, are settings or discovered, never assumed. The
//! search token is sent to the one search address it was given for.

mod discovery;
mod documentation;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod intake;
mod refusal;
mod search;
mod search_address;
mod search_result;
mod shortfall;

pub use documentation::ask_documentation;
pub use error::{RadiantError, RadiantFailure};
pub use intake::{Intake, IntakeAnswer, IntakeRequest, compress, decompress};
pub use refusal::Cause;
pub use search::{Answer, Search, is_searchable};
pub use search_address::check_address;
pub use shortfall::Shortfall;

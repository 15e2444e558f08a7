//! The client of Radiant: its Search Query API, its custom events webhook and its documentation.
//!
//! The index, connector type and timestamp field, which Radiant does not publish, are settings or discovered, never assumed. The
//! search token is sent to the one search address it was given for.

mod documentation_client;
mod error;
mod events_webhook;
mod field_discovery;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod partial_results;
mod refusal_cause;
mod search;
mod search_address;
mod search_result;

pub use documentation_client::ask_documentation;
pub use error::{RadiantError, RadiantFailure};
pub use events_webhook::{EventsWebhook, EventsWebhookAnswer, EventsWebhookRequest, compress, decompress};
pub use partial_results::PartialResults;
pub use refusal_cause::RefusalCause;
pub use search::{Answer, Search, is_searchable};
pub use search_address::check_address;

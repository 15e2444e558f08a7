//! Okta: one HTTP door pinned to one origin, the recognition of an org, and the look at a certificate.
//!
//! It reads; what changes something in Okta is in `change.rs` alone. The token goes to the origin it was given for and nowhere else.

mod certificate;
mod client;
mod discovery;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod link_header;
mod request_log;
mod server_time;
mod types;
mod write;

pub use certificate::{ObservedCertificate, certificate};
pub use client::{Answer, LogPage, Okta};
pub use discovery::{discover, discover_practice, is_other};
pub use error::{Endpoint, Failure, OktaError, RateLimit};
pub use request_log::{LoggedRequest, RequestLog};
pub use server_time::ServerTime;
pub use types::{ApiToken, LogQuery, Network, Org, Role, User, Zone};

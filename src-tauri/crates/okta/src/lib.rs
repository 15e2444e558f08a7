//! The client of Okta's API: typed requests and responses, paging, rate-limit headers, and the recognition of an org.
//!
//! It only reads, except for the requests in `writes`. The token is sent to the origin it was given for and nowhere else.

mod certificate;
mod client;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod link_header;
mod next_page;
mod org_discovery;
mod rate_limit;
mod rate_limit_log;
mod raw_log_api;
mod raw_logs;
mod request;
mod response;
mod response_source;
mod server_time;
mod types;
mod user_api;
mod writes;
mod zones;

pub use certificate::{ObservedCertificate, observe_certificate};
pub use client::Okta;
pub use error::{Endpoint, Failure, OktaError};
pub use next_page::NextPage;
pub use org_discovery::{discover, discover_practice, is_unlike_okta};
pub use rate_limit::RateLimit;
pub use rate_limit_log::{LoggedRequest, RateLimitLog};
pub use raw_log_api::RawLogApi;
pub use raw_logs::{RawEvent, RawPage};
pub use response::{Answer, List, Page};
pub use server_time::ServerTime;
pub use types::{ApiToken, LogQuery, Org, Role, User};
pub use user_api::{MAX_FOUND, UserApi, UserDetails};
pub use zones::{NewBlocklist, Zone, ZoneAddress, ZoneApi, ZoneId};

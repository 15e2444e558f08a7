//! The practice organization: an Okta org and a Radiant tenant on loopback, deterministic by its seed.
//!
//! It depends on no other package of the product and shares no code with the client, so that the two cannot agree by
//! mistake. Each behavior cites its source: SPEC (Okta's management OpenAPI), DOCS and HELP (Okta's or Radiant's pages),
//! REAL (a recorded response) or UNVERIFIED, and each UNVERIFIED behavior can be switched ([`Variants`]). It listens on
//! 127.0.0.1 only and writes nothing to disk.

#![expect(
    clippy::disallowed_methods,
    reason = "a separate server: it spawns its connections and delays responses on purpose, without the product's clock"
)]

mod accounts;
mod admin_console_visit;
mod altered_body;
mod boolean_expression;
mod card;
mod change;
mod control;
mod control_endpoint;
mod events_webhook;
mod fault;
pub mod fixture_users;
mod instance;
mod links;
mod okta;
mod okta_call;
mod okta_objects;
mod options;
mod other_origin_server;
mod radiant;
mod radiant_query;
mod random_events;
mod random_faults;
mod random_ids_and_times;
mod rate_limits;
mod request;
mod response_builders;
mod scim_filter;
mod server;
mod state;
mod system_log;
mod tls;
mod user_access_state;
mod user_changes;
mod user_lifecycle;
mod user_lookup;
mod users;
mod volume_log;
mod webhook_record;
mod webhook_rules;
mod zone_addresses;
mod zone_objects;
mod zone_state;
mod zones;

pub use card::{Addresses, Card, ControlCard, Tokens};
pub use change::Change;
pub use control::{Control, Counters};
pub use fault::{EdgeBody, Fault, FaultKind, Side};
pub use fixture_users::FixtureUser;
pub use instance::Practice;
pub use options::{Options, Tls, Variants, WrongIndex};
pub use other_origin_server::CredentialTrap;
pub use random_faults::RandomFaults;
pub use request::RecordedRequest;
pub use user_access_state::UserAccessState;
pub use user_lifecycle::UserOperation;
pub use volume_log::VolumeLog;
pub use webhook_record::WebhookRecord;
pub use webhook_rules::{RefusedEvent, WebhookFormat, WebhookReply, WebhookRules};

//! What the product does, without a window: [`Connector`] opens it and returns one capability per domain.
//!
//! Modules, dependencies pointing down only: `workers` > `connector` > the capabilities (`connections`, `guide`, `tokens`, `checks`,
//! `monitor`, `rotation`, `actions`, `relay`, `reports`, `settings`, `alerts`, `updates`), which never use each other > `probe_pass`,
//! `connection_clients`, `records`,
//! `token_store` > `probes`, `budget`, `monitor_settings`, `policy`, `practice_addresses`, `paths` and the other small modules.

mod actions;
mod active_runs;
mod alert_channels;
mod alerts;
mod arrival_watch;
pub mod blocklist;
mod budget;
mod checks;
mod connection_clients;
mod connections;
mod connector;
mod csv;
mod guide;
mod guide_changes;
mod guide_inspection;
pub mod links;
pub mod log_files;
mod monitor;
mod monitor_settings;
mod never_sent;
mod one_off_check;
pub mod owner_only_files;
pub mod paths;
pub mod policy;
pub mod power_events;
mod practice_addresses;
mod probe_pass;
mod probes;
mod proven_capabilities;
mod records;
mod redaction;
mod relay;
mod relay_conditions;
mod relay_origin;
pub mod reports;
mod rotation;
mod settings;
mod start_config;
mod token_store;
mod tokens;
mod tokens_in_use;
mod two_token_owners;
mod typed_domain;
mod updates;
mod workers;

pub use actions::Actions;
pub use alert_channels::RunAlertChannel;
pub use alerts::Alerts;
pub use checks::Checks;
pub use connections::Connections;
pub use connector::{Connector, ConnectorConfig};
pub use guide::Guide;
pub use monitor::{Monitor, MonitoredConnection, MonitoringLocks, PassScope, ProbeFailure, RoundSummary};
pub use one_off_check::{OneOffCheck, recognize_org, run_one_off_check};
pub use practice_addresses::PracticeAddresses;
pub use probe_pass::{Audience, AudienceSource, ProbeOutcome};
pub use relay::{HeadlessRelay, NextStep, Relay, RelayRun, RelaySummary, RelayTiming, UndeliverableEvents, run_relay};
pub use relay_origin::relay_origin;
pub use rotation::Rotations;
pub use secrets::{FileSecret, MAX_SECRET_FILE_BYTES, SecretFileError, SecretSource};
pub use settings::Settings;
pub use store::SCHEMA_VERSION;
pub use tokens::{ProvidedToken, Tokens};
pub use updates::{UpdateSource, Updates};
pub use workers::{WorkerHost, Workers};

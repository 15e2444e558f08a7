//! What the product does, without a window: [`Connector`] opens it and returns one capability per domain.
//!
//! Modules, dependencies pointing down only: `workers` > `connector` > the capabilities (`connections`, `guide`, `tokens`,
//! `checks`, `monitor`, `rotation`, `actions`, `relay`, `reports`, `settings`, `alerts`, `updates`), which never use each other >
//! `probe_pass`, `connection_clients`, `connection_repository`, `token_store` > `probes`, `rate_budget`,
//! `current_monitor_settings`, `policy`, `practice_addresses`, `paths` and the other small modules.

mod actions;
mod active_runs;
mod alert_channels_in_force;
mod alerts;
mod arrival_watch;
pub mod blocklist;
mod checks;
mod connection_clients;
mod connection_repository;
mod connections;
mod connector;
mod connector_config;
mod csv;
mod current_monitor_settings;
mod guide;
mod guide_accepted_issuers;
mod guide_changes;
mod headless_relay_org;
pub mod links;
pub mod log_files;
mod monitor;
mod one_off_check;
mod owner_comparison;
pub mod owner_only_files;
pub mod paths;
pub mod policy;
pub mod power_events;
mod practice_addresses;
mod probe_pass;
mod probes;
mod rate_budget;
mod rehearsed_capabilities;
mod relay;
mod relay_conditions;
pub mod reports;
mod rotation;
mod run_inputs;
mod settings;
mod token_redaction;
mod token_store;
mod tokens;
mod typed_domain_discovery;
mod unsent_request_codes;
mod updates;
mod workers;

pub use actions::Actions;
pub use alert_channels_in_force::RunAlertChannel;
pub use alerts::Alerts;
pub use checks::Checks;
pub use connections::Connections;
pub use connector::{Connector, ConnectorConfig};
pub use guide::Guide;
pub use headless_relay_org::find_relay_org;
pub use monitor::{Monitor, MonitoredConnection, MonitoringLocks, PassScope, ProbeFailure, RoundSummary};
pub use one_off_check::{OneOffCheck, recognize_org, run_one_off_check};
pub use practice_addresses::PracticeAddresses;
pub use probe_pass::{Audience, AudienceSource, ProbeOutcome};
pub use relay::{
    HeadlessRelay, HeadlessUndeliverable, NextStep, Relay, RelayRun, RelaySummary, RelayTiming, run_relay,
};
pub use rotation::Rotations;
pub use secrets::{FileSecret, MAX_SECRET_FILE_BYTES, SecretFileError, SecretSource};
pub use settings::Settings;
pub use store::SCHEMA_VERSION;
pub use tokens::{ProvidedToken, Tokens};
pub use updates::{UpdateSource, Updates};
pub use workers::{WorkerHost, Workers};

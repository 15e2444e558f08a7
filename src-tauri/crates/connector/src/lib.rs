//! The domain of Okta Connector for Radiant: what it knows and does, without a window.
//!
//! Floors, arrows down only: `connector` (the facade) > `setup`, `monitor`, `rotation` > `probes` > `okta`, `radiant`, `store`, `vault`, `policy`, `power_events` > `web`,
//! `clock` > `model`. What the shell and the CLI use stands in the README; the house test holds them to it.

mod connector;
pub mod monitor;
pub mod probes;
pub mod rotation;
pub mod setup;

pub mod links;
pub mod place;
pub mod policy;
pub mod power_events;
pub mod reports;
mod start_config;

pub use connector::{
    Audience, Connector, ConnectorConfig, OneOffCheck, PracticeAddresses, ProbeOutcome, RoundSummary, policy_at,
    run_one_off_check,
};

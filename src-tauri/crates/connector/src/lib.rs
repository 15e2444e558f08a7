//! The domain of Okta Connector for Radiant: what it knows and does, without a window.
//!
//! Floors, arrows down only: `connector` (the facade) > `setup`, `monitor`, `rotation` > `checks` > `okta`, `radiant`, `store`, `vault`, `policy`, `computer` > `web`,
//! `clock` > `model`. What the shell and the CLI use stands in the README; the house test holds them to it.

pub mod checks;
mod connector;
pub mod monitor;
pub mod rotation;
pub mod setup;

pub mod computer;
pub mod links;
pub mod place;
pub mod policy;
pub mod reports;
mod start_config;

pub use connector::{
    Audience, Connector, ConnectorConfig, OneOffCheck, PracticeAddresses, ProbeOutcome, RoundSummary, policy_at,
    run_one_off_check,
};

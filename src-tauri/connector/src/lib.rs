//! The domain of Okta Connector for Radiant: what it knows and does, without a window.
//!
//! Floors, arrows down only: `connector` (the facade) > `setup` > `checks` > `okta`, `radiant`, `store`, `vault`, `clock`
//! > `model`. The shell and the CLI use [`Connector`] and [`model`] alone.

pub mod model;
pub mod links;
pub mod messages;
pub mod reports;
pub mod store;
pub mod vault;

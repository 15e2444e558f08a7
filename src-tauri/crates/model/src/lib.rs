//! Types and pure functions of the product: no IO, no async, no clock. Time and randomness are arguments.
//!
//! These types are the wire types too: the window, the command line and the store read and write them as they are.

pub mod app_change;
pub mod arrival;
pub mod budget;
pub mod capability;
pub mod check;
pub mod code;
pub mod condition;
pub mod condition_role;
pub mod conditions;
pub mod connection;
pub mod connection_view;
pub mod data_retention;
pub mod diagnostics;
pub mod domain_parser;
pub mod event;
pub mod guide;
pub mod guide_rules;
pub mod history;
pub mod link;
pub mod monitor;
pub mod monitor_settings;
pub mod monitor_view;
pub mod notification;
pub mod origin;
pub mod policy;
pub mod policy_parser;
pub mod preferences;
pub mod problem;
pub mod radiant;
pub mod reminder;
pub mod reminder_rules;
pub mod report;
pub mod rotation;
pub mod rotation_rules;
pub mod secret;
pub mod status;
pub mod text;
pub mod token_format;
pub mod transfer;

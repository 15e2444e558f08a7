//! Types and pure functions of the product: no IO, no async, no clock. Time and randomness are arguments.
//!
//! The window, the command line and the store use these types as their JSON form.

pub mod active_conditions;
pub mod app_change;
pub mod app_info;
pub mod arrival;
pub mod capability;
pub mod check;
pub mod code;
pub mod condition_registry;
pub mod condition_role;
pub mod connection;
pub mod connection_import;
pub mod connection_view;
pub mod data_retention;
pub mod diagnostics;
pub mod domain_parser;
pub mod guide;
pub mod guide_rules;
pub mod history;
pub mod link_target;
pub mod log_event;
pub mod monitor;
pub mod monitor_settings;
pub mod monitor_view;
pub mod navigation_target;
pub mod notification;
mod okta_answers;
pub mod origin;
pub mod policy;
pub mod policy_parser;
pub mod preferences;
pub mod problem;
pub mod radiant;
pub mod rate_budget;
pub mod reminder;
pub mod reminder_rules;
pub mod report_format;
pub mod rotation;
pub mod rotation_rules;
pub mod sanitized_text;
pub mod secret;
pub mod status;
pub mod status_rules;
pub mod token_format;

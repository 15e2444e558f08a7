//! The window's commands, one file per area. Each is one expression in a tracing span; rules live below.
//!
//! No command returns a secret: a secret arrives through `store_secret`, `store_alert_secret` and
//! `token_shape` only. Errors are `Problem`s, whose
//! texts are in the message catalog. Spans record no arguments, because these may hold secrets.

#![expect(clippy::let_underscore_must_use, reason = "Tauri's command macro writes one for every async command")]

pub(crate) mod actions;
pub(crate) mod app;
pub(crate) mod checks;
pub(crate) mod clipboard;
pub(crate) mod connections;
pub(crate) mod data_retention;
pub(crate) mod diagnostics;
pub(crate) mod guide;
pub(crate) mod links;
pub(crate) mod monitoring;
pub(crate) mod policy;
pub(crate) mod practice_controls;
pub(crate) mod radiant;
pub(crate) mod reauthentication;
pub(crate) mod relay;
pub(crate) mod reminders;
pub(crate) mod rotation;
mod row_channel;
pub(crate) mod setup_report;
pub(crate) mod store_secrets;
pub(crate) mod team_alerts;
pub(crate) mod transfer;
pub(crate) mod update_notice;

//! The part of the product that always runs: background workers, tray icon and desktop notifications. No Tauri, no web view.
//!
//! A [`Host`](host::Host) does this work for the connections of one [`Connector`](connector::Connector). On Linux the program
//! `okta-connector-agent` hosts the real connections in a small process of its own, and talks to the window's process over a
//! local socket ([`channel`]). The window's process hosts practice, what an agent cannot do, and everything on other systems.

#[cfg(target_os = "linux")]
pub mod autostart_entry;
pub mod channel;
pub mod coalesce;
mod daily_log;
pub mod hardening;
pub mod host;
pub mod host_context;
pub mod logging;
pub mod notifications;
#[cfg(target_os = "linux")]
pub mod peer_config;
pub mod preferences_file;
#[cfg(target_os = "linux")]
pub mod process;
#[cfg(target_os = "linux")]
pub mod replaced_program;
#[cfg(target_os = "linux")]
pub mod start_program;
pub mod task_group;
pub mod tray;
pub mod version_order;

//! The shell: window, tray, clipboard, links and files around the `connector` crate. The only crate that names Tauri.
//!
//! It decides nothing about Okta or Radiant: commands are one expression each, and tray and window draw the same status.
//! Decisions of its own (what the tray shows, when the clipboard is cleared) are pure functions with tests. No secret is
//! returned to the window, logged, or written anywhere but to the keychain.

mod app_info;
mod app_state;
mod args;
mod autostart;
pub mod bindings;
mod change_subscriber;
mod clipboard;
mod clipboard_content;
mod coalesce;
mod commands;
mod connectors;
mod events;
mod hardening;
mod lifecycle;
mod link_address;
mod logging;
mod monitor_control;
mod monitor_worker;
mod notifications;
mod open_dialog;
mod pending_navigation;
mod practice_lock;
mod practice_org;
mod practice_scenario;
mod preferences_file;
mod reauthentication;
#[cfg(target_os = "linux")]
mod restart_target;
mod reviewed_documents;
mod run_registry;
mod save_dialog;
mod self_restart;
mod start_config;
#[cfg(test)]
mod tests;
mod tray;
mod window;

pub use lifecycle::run;

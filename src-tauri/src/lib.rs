//! The shell: window, tray, clipboard, links and files around the `connector` crate. The only crate that names Tauri.
//!
//! It decides nothing about Okta or Radiant: commands are one expression each, and tray and window draw the same status.
//! Decisions of its own (what the tray shows, when the clipboard is cleared) are pure functions with tests. No secret is
//! returned to the window, logged, or written anywhere but to the keychain.

mod agent_link;
mod app_info;
mod app_state;
mod args;
mod autostart;
pub mod bindings;
mod change_subscriber;
mod clipboard;
mod commands;
mod connection_copy_content;
mod connector_registry;
mod events;
#[cfg(target_os = "linux")]
mod exit_rules;
mod first_close;
mod hosts;
mod lifecycle;
mod link_target_address;
mod open_dialog;
mod open_window;
mod page_load_state;
mod pending_navigation;
mod platform_tray;
mod practice_org;
mod practice_run_marker;
mod practice_scenario;
mod quit;
mod reauthentication;
mod reviewed_documents;
mod run_registry;
mod save_dialog;
mod single_instance;
mod start_config;
#[cfg(not(target_os = "linux"))]
mod tauri_tray;
#[cfg(test)]
mod tests;
mod web_view_watch;
mod window;
mod window_host_context;
#[cfg(target_os = "linux")]
mod window_requests;

pub use lifecycle::run;

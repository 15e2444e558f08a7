//! The shell: window, tray, clipboard, links and files around the `connector` crate. The only crate that names Tauri.
//!
//! It decides nothing about Okta or Radiant: commands are one expression each, tray and window draw the same status, and what
//! must be decided here (what the tray shows, when a clipboard is cleared) is a pure function with tests. No secret is
//! returned to the window, logged, or written anywhere but the keychain.

mod alive;
mod args;
pub mod bindings;
mod clipboard;
mod commands;
mod desk;
mod doors;
mod events;
mod hardening;
mod held;
mod logging;
mod login;
mod monitor;
mod notices;
mod opening;
mod preferences;
mod presence;
#[cfg(target_os = "linux")]
mod program;
mod renewal;
mod room;
mod running;
mod rush;
mod saving;
mod start;
#[cfg(test)]
mod tests;
mod tray;
mod trouble;
mod window;

pub use start::run;

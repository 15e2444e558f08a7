//! Tests of the shell through the window's commands, over Tauri's mock runtime with the real practice organization and store.

mod bindings_contract;
mod fixture_window;
mod guide_over_commands;
#[cfg(target_os = "linux")]
mod polkit;
mod practice_separation;
mod reauthentication;
mod scripted_prompt;
mod settings_commands;

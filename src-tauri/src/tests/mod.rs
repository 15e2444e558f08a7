//! The shell as the window meets it: commands over Tauri's mock runtime, the practice organisation and the store for real.

mod contract;
mod doors;
mod flow;
#[cfg(target_os = "linux")]
mod polkit;
mod presence;
mod settings;
mod window;

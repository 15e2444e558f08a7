//! The shell as the window meets it: commands over Tauri's mock runtime, the practice organisation and the store for real.

#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod doors;
mod flow;
mod window;

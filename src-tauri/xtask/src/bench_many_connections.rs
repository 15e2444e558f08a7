//! `cargo xtask bench many-connections`: measures the real window with a hundred monitored practice connections (Linux).
//!
//! `tests/e2e/bench/many_connections.mjs` measures over WebDriver: input to painted frame, memory, processor time, what the tray shows. The
//! last line is JSON.

use std::process::ExitCode;

use anyhow::Result;

use crate::prerequisites::{self, Purpose};
use crate::{frontend, paths, private_desktop, process, run_app};

/// Optimizes the practice organization in a debug build: it runs in the measured process and must not slow it down.
const OPTIMIZED_PRACTICE: &str = "profile.dev.package.practice.opt-level=2";

/// Builds the app and measures it on a private desktop.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn measure(release: bool) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Desktop)?;
    frontend::build()?;
    let (profile, app) = if release {
        (&["--release"][..], paths::release_binary(run_app::APP))
    } else {
        (&["--config", OPTIMIZED_PRACTICE][..], paths::debug_binary(run_app::APP))
    };
    let build = [&["build", "--package", run_app::APP][..], profile].concat();
    process::run(process::command("cargo", &build, &paths::root()))?;
    let mut command = private_desktop::command(&["node", "tests/e2e/bench/many_connections.mjs"]);
    command.env("E2E_APP", app);
    process::exit_code(command)
}

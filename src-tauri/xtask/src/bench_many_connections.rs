//! `cargo xtask bench many-connections`: measures the real window with a hundred monitored practice connections (Linux).
//!
//! `tests/e2e/bench/crowd.mjs` measures over WebDriver: input to painted frame, memory, processor time, what the tray shows. The
//! last line is JSON.

use std::process::ExitCode;

use anyhow::Result;

use crate::prerequisites::{self, Purpose};
use crate::{frontend, paths, private_desktop, process, run_app};

/// Builds the app and measures it on a private desktop.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn measure(release: bool) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Desktop)?;
    let app = if release {
        frontend::build()?;
        process::run(process::command("cargo", &["build", "--release", "--package", run_app::APP], &paths::root()))?;
        paths::release_binary(run_app::APP)
    } else {
        run_app::build()?;
        paths::debug_binary(run_app::APP)
    };
    let mut command = private_desktop::command(&["node", "tests/e2e/bench/crowd.mjs"]);
    command.env("E2E_APP", app);
    process::exit_code(command)
}

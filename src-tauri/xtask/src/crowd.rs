//! `cargo xtask bench crowd`: the real window with a hundred watched practice connections (Linux).
//!
//! The figures are taken by `tests/e2e/bench/crowd.mjs` over WebDriver: input to painted frame, memory, processor time, what
//! the tray shows. The last line is JSON.

use std::process::ExitCode;

use anyhow::Result;

use crate::needs::{self, For};
use crate::{desk, place, step, window};

/// Builds the app and measures it on a desk of its own.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn measure(release: bool) -> Result<ExitCode> {
    needs::ready(For::Desk)?;
    let app = if release {
        crate::front::built()?;
        step::must(step::command("cargo", &["build", "--release", "--package", window::APP], &place::root()))?;
        place::release_binary(window::APP)
    } else {
        window::build()?;
        place::debug_binary(window::APP)
    };
    let mut command = desk::inside(&["node", "tests/e2e/bench/crowd.mjs"]);
    command.env("E2E_APP", app);
    Ok(if step::status(command)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

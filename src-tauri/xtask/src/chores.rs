//! The smallest chore: bindings.

use std::process::ExitCode;

use anyhow::Result;

use crate::needs::{self, For};
use crate::{front, place, step, window};

/// Writes the window's typed door to the Rust commands.
///
/// # Errors
/// When the shell does not build.
pub(crate) fn bindings() -> Result<ExitCode> {
    needs::ready(For::Build)?;
    front::built()?;
    let args = ["run", "--package", window::APP, "--example", "bindings"];
    step::must(step::command("cargo", &args, &place::root()))?;
    Ok(ExitCode::SUCCESS)
}

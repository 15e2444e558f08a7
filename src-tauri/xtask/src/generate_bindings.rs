//! `cargo xtask bindings`: generates the window's TypeScript bindings from the Rust commands.

use std::process::ExitCode;

use anyhow::Result;

use crate::prerequisites::{self, Purpose};
use crate::{frontend, paths, process, run_app};

/// Writes `ui/src/host/bindings.ts`.
///
/// # Errors
/// When the shell does not build.
pub(crate) fn generate() -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Build)?;
    frontend::build()?;
    let args = ["run", "--package", run_app::APP, "--example", "bindings"];
    process::run(process::command("cargo", &args, &paths::root()))?;
    Ok(ExitCode::SUCCESS)
}

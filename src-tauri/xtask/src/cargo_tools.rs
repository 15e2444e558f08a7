//! Tools that cargo installs: each below the target folder when it is missing. Most are debug builds, which compile in a third
//! of the time; those that compress packages are release builds.

use std::process::Command;

use anyhow::Result;

use crate::{paths, process};

/// A program that cargo installs.
pub(crate) struct CargoTool {
    name: &'static str,
    version: &'static str,
    compresses: bool,
}

pub(crate) const CARGO_DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2", compresses: false };
pub(crate) const CARGO_CYCLONEDX: CargoTool =
    CargoTool { name: "cargo-cyclonedx", version: "0.5.9", compresses: false };
pub(crate) const CARGO_DEB: CargoTool = CargoTool { name: "cargo-deb", version: "3.8.0", compresses: true };

impl CargoTool {
    /// Installs the program unless one of its name is there, in whichever version.
    ///
    /// # Errors
    /// When cargo cannot install it.
    pub(crate) fn ensure(&self) -> Result<()> {
        if paths::program(self.name).is_some() {
            return Ok(());
        }
        let tools = paths::tools();
        let mut install = process::command("cargo", &["install", "--locked", self.name], &paths::root());
        install.args((!self.compresses).then_some("--debug")).args(["--version", self.version]);
        install.arg("--root").arg(&tools).env("CARGO_TARGET_DIR", tools.join("build"));
        process::run(install)
    }

    /// Makes a command of the program that runs in the workspace.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let program = paths::program(self.name).unwrap_or_else(|| self.name.into());
        let mut command = process::command(program, args, &paths::root());
        command.env("CARGO_TERM_COLOR", "never");
        command
    }
}

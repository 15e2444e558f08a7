//! `cargo xtask run`: from a machine with only Rust and Node to the open window.

use std::process::ExitCode;

use anyhow::Result;

use crate::needs::{self, For};
use crate::{front, place, step};

/// The app's package and binary.
pub(crate) const APP: &str = "okta-connector-for-radiant";
/// The command line's package and binary.
pub(crate) const TOOL: &str = "connectorctl";

/// Installs what is missing, builds, and opens the window; ends when the app ends.
///
/// Without a display it builds nothing and names `connectorctl`, which needs none.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn run(practice: bool) -> Result<ExitCode> {
    if !display() {
        println!("{}", without_display());
        return Ok(ExitCode::from(3));
    }
    needs::ready(For::Build)?;
    build()?;
    let mut command = step::command(place::debug_binary(APP), &[], &place::root());
    if practice {
        command.arg("--practice");
    }
    let status = step::status(command)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the front end and the app (a debug build that holds the front end).
///
/// # Errors
/// When either does not build.
pub(crate) fn build() -> Result<()> {
    front::built()?;
    step::must(step::command("cargo", &["build", "--package", APP], &place::root()))
}

/// Builds the app and `connectorctl`, for the tests of the real window.
///
/// # Errors
/// When one does not build.
pub(crate) fn build_both() -> Result<()> {
    build()?;
    step::must(step::command("cargo", &["build", "--package", TOOL], &place::root()))
}

fn display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || named("DISPLAY") || named("WAYLAND_DISPLAY")
}

fn without_display() -> &'static str {
    "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.\n\
     Without a window, connectorctl asks the same questions:\n\
     \x20 cargo run -p connectorctl -- check --domain https://my-org.okta.com --token-stdin < token-file\n\
     \x20 cargo run -p connectorctl -- practice\n\
     A virtual display works as well: xvfb-run -a cargo xtask run --practice"
}

#[cfg(test)]
mod tests {
    #[test]
    fn without_a_display_the_command_line_tool_is_named() {
        assert!(super::without_display().contains("connectorctl -- check"));
    }
}

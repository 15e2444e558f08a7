//! `cargo xtask run`: installs what is missing, builds the app and opens its window.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::prerequisites::{self, Purpose};
use crate::process::{self, Show};
use crate::{frontend, paths};

/// The app's package and binary.
pub(crate) const APP: &str = "okta-connector-for-radiant";
/// The package of the agent, and its program, which is there on Linux alone.
pub(crate) const AGENT: &str = "agent";
/// The agent's program. The app starts it from its own folder.
pub(crate) const AGENT_PROGRAM: &str = "okta-connector-agent";
/// The command line's package and binary.
pub(crate) const COMMAND_LINE: &str = "connectorctl";

/// Installs what is missing, builds, and opens the window; ends when the app ends.
///
/// Without a display it builds nothing and points to `connectorctl`, which needs none.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn run(practice: bool) -> Result<ExitCode> {
    if !has_display() {
        println!("{}", instructions_without_display());
        return Ok(ExitCode::from(3));
    }
    prerequisites::ensure(Purpose::Build)?;
    build()?;
    let mut command = process::command(paths::debug_binary(APP), &[], &paths::root());
    if practice {
        command.arg("--practice");
    }
    process::exit_code(command)
}

/// Returns the arguments of cargo for the packages of the app: on Linux the agent is one of them.
pub(crate) fn packages() -> &'static [&'static str] {
    if cfg!(target_os = "linux") { &["--package", APP, "--package", AGENT] } else { &["--package", APP] }
}

/// Builds the front end and the app (a debug build that contains the front end), on Linux with its agent.
///
/// # Errors
/// When either does not build.
pub(crate) fn build() -> Result<()> {
    // On the first start cargo downloads the crates while npm downloads its packages. An error of cargo is shown by the build.
    let fetch = process::command("cargo", &["fetch", "--target", "host-tuple"], &paths::root());
    std::thread::scope(|scope| {
        scope.spawn(|| drop(process::run_captured(fetch, Show::AtTheEnd)));
        frontend::build()
    })?;
    process::run(process::command("cargo", &[&["build"], packages()].concat(), &paths::root()))
}

/// Builds the agent as it is in the packages: alone, so that it has no feature that only the app needs.
///
/// # Errors
/// When it does not build.
pub(crate) fn build_agent(debug: bool) -> Result<PathBuf> {
    let args = ["build", "--package", AGENT].into_iter().chain((!debug).then_some("--release"));
    process::run(process::command("cargo", &args.collect::<Vec<_>>(), &paths::root()))?;
    Ok(if debug { paths::debug_binary(AGENT_PROGRAM) } else { paths::release_binary(AGENT_PROGRAM) })
}

/// Builds the app and `connectorctl` in one go: built one after the other they would not share their dependencies, because
/// cargo enables other features for each.
///
/// # Errors
/// When one does not build.
pub(crate) fn build_with_command_line() -> Result<()> {
    let args = [&["build"], packages(), &["--package", COMMAND_LINE]].concat();
    process::run(process::command("cargo", &args, &paths::root()))
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn instructions_without_display() -> &'static str {
    "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.\n\
     Without a window, connectorctl runs the same checks:\n\
     \x20 cargo run -p connectorctl -- check --domain https://my-org.okta.com --token-stdin < token-file\n\
     \x20 cargo run -p connectorctl -- practice\n\
     A virtual display works as well: xvfb-run -a cargo xtask run --practice"
}

#[cfg(test)]
mod tests {
    #[test]
    fn without_a_display_the_command_line_tool_is_named() {
        assert!(super::instructions_without_display().contains("connectorctl -- check"));
    }

    #[test]
    fn the_agent_is_built_where_the_app_starts_one() {
        assert_eq!(super::packages().contains(&super::AGENT), cfg!(target_os = "linux"));
    }
}

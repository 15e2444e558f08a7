//! `cargo xtask test`, `e2e` and `screenshots`: runs the tests and prints one table at the end.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::prerequisites::{self, Purpose};
use crate::run_summary::RunSummary;
use crate::{frontend, paths, private_desktop, process, run_app};

/// Runs every test. The front end is tested while cargo compiles; what depends on time runs afterwards, alone.
///
/// # Errors
/// When the machine lacks something that cannot be installed.
pub(crate) fn test() -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Tests)?;
    let mut summary = RunSummary::default();
    let frontend_builds = summary.step("front end: packages and build", frontend::build);
    let (mut tests_build, mut app_builds) = (false, false);
    summary.side_by_side(
        |summary| test_frontend(summary, frontend_builds),
        |summary| {
            tests_build = summary.step("Rust tests: build", || process::run(build_rust_tests()));
            app_builds = cfg!(target_os = "linux")
                && summary.step("app and connectorctl: build", run_app::build_with_command_line);
        },
    );
    // Before the Rust tests, which put a connectorctl with the features of the tests in place of the real one.
    if !cfg!(target_os = "linux") {
        summary.skip("window tests", "WebDriver for the system's web view needs Linux");
    } else if app_builds {
        summary.command("window tests", window_tests(&["--except", "screenshots"]));
    } else {
        summary.skip("window tests", "the app does not build");
    }
    if tests_build {
        summary.command("Rust tests", rust_tests());
    } else {
        summary.skip("Rust tests", "they do not build");
    }
    Ok(summary.finish())
}

fn test_frontend(summary: &mut RunSummary, builds: bool) {
    if builds {
        summary.command("front end: unit tests", frontend::npm(&["test"]));
    } else {
        summary.skip("front end: unit tests", "the front end does not build");
    }
    if cfg!(target_os = "linux") {
        summary.command("front end: pages with axe", frontend::npm(&["run", "pages"]));
    } else {
        summary.skip("front end: pages with axe", "needs Linux");
    }
}

/// Makes the command that builds the tests without running them.
fn build_rust_tests() -> Command {
    process::command("cargo", &[rust_test_runner(), &["--workspace", "--no-run"]].concat(), &paths::root())
}

/// Returns the arguments for cargo-nextest, or for the runner of cargo where that is not installed.
fn rust_test_runner() -> &'static [&'static str] {
    if paths::program("cargo-nextest").is_some() { &["nextest", "run"] } else { &["test"] }
}

/// Makes the command for cargo-nextest, or for cargo's own runner where that is not installed.
///
/// Both run on a private desktop, so that the tests of the keychain use a real Secret Service and never the user's own.
fn rust_tests() -> Command {
    let words = [&["cargo"], rust_test_runner(), &["--workspace", "--no-fail-fast"]].concat();
    if cfg!(target_os = "linux") {
        let mut command = private_desktop::command(&words);
        // Lets the tests of the keychain start keychains of their own (tests/tests/secret_service.rs).
        command.env(private_desktop::ALLOWED, "1");
        return command;
    }
    process::command(words[0], &words[1..], &paths::root())
}

fn window_tests(args: &[&str]) -> Command {
    let mut command = process::command("node", &["tests/e2e/run.mjs"], &paths::root());
    command.args(args).env("E2E_APP", paths::debug_binary(run_app::APP));
    command.env("E2E_CLI", paths::debug_binary(run_app::COMMAND_LINE));
    command.env("E2E_OUT", paths::target().join("e2e"));
    command
}

/// Builds the app and runs the window tests whose name contains the filter.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn e2e(filter: Option<&str>) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Desktop)?;
    frontend::build()?;
    run_app::build_with_command_line()?;
    process::exit_code(window_tests(&filter.map_or_else(|| vec!["--except", "screenshots"], |one| vec![one])))
}

/// Builds the app and takes the screenshots.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn screenshots() -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Desktop)?;
    run_app::build()?;
    let mut command = window_tests(&["screenshots"]);
    command.env("E2E_SHOTS", paths::target().join("screenshots"));
    let code = process::exit_code(command)?;
    println!("screenshots: {}", paths::target().join("screenshots").display());
    Ok(code)
}

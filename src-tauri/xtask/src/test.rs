//! `cargo xtask test`, `e2e` and `screenshots`: every test, in one order, with one table at the end.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::needs::{self, For};
use crate::summary::Summary;
use crate::{desk, front, place, step, window};

/// Runs every test; a part that fails does not keep the others from running.
///
/// # Errors
/// When the machine lacks something that cannot be installed.
pub(crate) fn all() -> Result<ExitCode> {
    needs::ready(For::Tests)?;
    let mut summary = Summary::default();
    if summary.one("front end: packages and build", front::built) {
        summary.tests("front end: units", || Ok(front::npm(&["test"])));
    } else {
        summary.skipped("front end: units", "the front end does not build");
    }
    summary.tests("Rust: units, stories, house", || Ok(rust_tests()));
    if cfg!(target_os = "linux") {
        summary.tests("front end: pages with axe", || Ok(front::npm(&["run", "pages"])));
        if summary.one("the app and connectorctl: debug build", window::build_both) {
            summary.tests("the real window", || Ok(specs(&["--except", "screenshots"])));
        } else {
            summary.skipped("the real window", "the app does not build");
        }
    } else {
        summary.skipped("front end: pages with axe", "needs Linux");
        summary.skipped("the real window", "WebDriver for the system's web view needs Linux");
    }
    Ok(summary.close())
}

/// cargo-nextest where it is installed, else cargo's own runner inside a private desktop as well.
///
/// Both run inside a desk, so that the tests of the vault meet a real Secret Service and never the user's own.
fn rust_tests() -> Command {
    let runner: &[&str] = if place::program("cargo-nextest").is_some() {
        &["cargo", "nextest", "run", "--workspace", "--no-fail-fast"]
    } else {
        &["cargo", "test", "--workspace", "--no-fail-fast"]
    };
    if cfg!(target_os = "linux") {
        let mut command = desk::inside(runner);
        // Lets the vault's scenes start keychains of their own (tests/tests/keychain.rs).
        command.env("CONNECTOR_DESK", "1");
        return command;
    }
    step::command(runner[0], &runner[1..], &place::root())
}

fn specs(args: &[&str]) -> Command {
    let mut command = step::command("node", &["tests/e2e/run.mjs"], &place::root());
    command.args(args).env("E2E_APP", place::debug_binary(window::APP));
    command.env("E2E_CLI", place::debug_binary(window::TOOL));
    command.env("E2E_OUT", place::target().join("e2e"));
    command
}

/// Builds the app and runs the specs whose name contains the filter.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn e2e(filter: Option<&str>) -> Result<ExitCode> {
    needs::ready(For::Desk)?;
    window::build_both()?;
    let status = step::status(specs(&filter.map_or_else(|| vec!["--except", "screenshots"], |one| vec![one])))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the app and takes the pictures.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn screenshots() -> Result<ExitCode> {
    needs::ready(For::Desk)?;
    window::build()?;
    let mut command = specs(&["screenshots"]);
    command.env("E2E_SHOTS", place::target().join("screenshots"));
    let status = step::status(command)?;
    println!("pictures: {}", place::target().join("screenshots").display());
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

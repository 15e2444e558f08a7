//! `cargo xtask lint`: runs the same checks as every change.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::prerequisites::{self, Purpose};
use crate::process::{self, Show};
use crate::run_summary::RunSummary;
use crate::{frontend, licenses, paths};

/// Runs every check. The front end is checked while cargo compiles.
///
/// # Errors
/// When the machine lacks something that cannot be installed.
pub(crate) fn lint() -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Build)?;
    let mut summary = RunSummary::default();
    summary.step("formatting", || cargo(&["fmt", "--all", "--check"]));
    // The shell embeds the front end when it compiles, so clippy needs it.
    let frontend_builds = summary.step("front end: packages and build", frontend::build);
    summary
        .side_by_side(|summary| lint_frontend(summary, frontend_builds), |summary| lint_rust(summary, frontend_builds));
    Ok(summary.finish())
}

fn lint_frontend(summary: &mut RunSummary, builds: bool) {
    if builds {
        summary.command("ESLint", frontend::npm(&["run", "lint"]));
        summary.command("svelte-check", frontend::npm(&["run", "check"]));
    } else {
        summary.skip("ESLint, svelte-check", "the front end does not build");
    }
}

fn lint_rust(summary: &mut RunSummary, frontend_builds: bool) {
    // With the bare app of `bench idle`, which is built only on request.
    let clippy = ["clippy", "--workspace", "--all-targets", "--features", "okta-connector-for-radiant/bare"];
    summary.step("clippy", || cargo(&[&clippy[..], &["--", "-D", "warnings"]].concat()));
    // The license list and cargo-deny read the crates of every platform; a build fetches only this one's.
    summary.step("crates of every platform", || cargo(&["fetch", "--locked"]));
    if frontend_builds {
        summary.step("ui/licenses.json", licenses::check);
    } else {
        summary.skip("ui/licenses.json", "the front end does not build");
    }
    if summary.step("cargo-deny: installation", install_cargo_deny) {
        let check = cargo_deny(&["--offline", "check", "bans", "licenses", "sources"]);
        summary.step("licenses, bans, sources", || process::run(check));
        check_advisories(summary);
    }
}

fn cargo(args: &[&str]) -> Result<()> {
    process::run(process::command("cargo", args, &paths::root()))
}

fn cargo_deny(args: &[&str]) -> Command {
    let program = paths::program("cargo-deny").unwrap_or_else(|| "cargo-deny".into());
    let mut command = process::command(program, args, &paths::root());
    command.env("CARGO_TERM_COLOR", "never");
    command
}

/// Installs cargo-deny below the target folder when it is missing: a debug build, which compiles in a third of the time.
fn install_cargo_deny() -> Result<()> {
    if paths::program("cargo-deny").is_some() {
        return Ok(());
    }
    let tools = paths::tools();
    let mut install = process::command("cargo", &["install", "--locked", "--debug", "cargo-deny"], &paths::root());
    install.arg("--root").arg(&tools).env("CARGO_TARGET_DIR", tools.join("build"));
    process::run(install)
}

/// Checks the advisory database; skipped where it cannot be fetched.
fn check_advisories(summary: &mut RunSummary) {
    let fetch = process::run_captured(cargo_deny(&["fetch", "db"]), Show::AsItComes);
    if fetch.is_ok_and(|(status, _)| status.success()) {
        summary.step("advisories", || process::run(cargo_deny(&["check", "--disable-fetch", "advisories"])));
    } else {
        summary.skip("advisories", "the advisory database cannot be reached");
    }
}

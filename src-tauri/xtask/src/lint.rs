//! `cargo xtask lint`: runs the same checks as every change.

use std::process::ExitCode;

use anyhow::Result;

use crate::cargo_tools::CARGO_DENY;
use crate::prerequisites::{self, Purpose};
use crate::run_summary::RunSummary;
use crate::{frontend, licenses, paths, process};

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
    // The advisories are asked for by `audit`: their answer depends on the day.
    if summary.step("cargo-deny: installation", || CARGO_DENY.ensure()) {
        let check = CARGO_DENY.command(&["--offline", "check", "bans", "licenses", "sources"]);
        summary.step("licenses, bans, sources", || process::run(check));
    }
}

fn cargo(args: &[&str]) -> Result<()> {
    process::run(process::command("cargo", args, &paths::root()))
}

//! `cargo xtask lint`: the same checks as on every change.

use std::process::ExitCode;

use anyhow::Result;

use crate::needs::{self, For};
use crate::summary::Summary;
use crate::{front, licences, place, step};

/// Runs every check; a part that fails does not keep the others from running.
///
/// # Errors
/// When the machine lacks something that cannot be installed.
pub(crate) fn all() -> Result<ExitCode> {
    needs::ready(For::Build)?;
    let mut summary = Summary::default();
    summary.one("formatting", || cargo(&["fmt", "--all", "--check"]));
    // The shell embeds the front end when it compiles, so clippy needs it built.
    if summary.one("front end: packages and build", front::built) {
        summary.one("ESLint", || step::must(front::npm(&["run", "lint"])));
        summary.one("svelte-check", || step::must(front::npm(&["run", "check"])));
    }
    // With the yardstick of `bench idle`, which is built only when asked for.
    let all = ["clippy", "--workspace", "--all-targets", "--features", "okta-connector-for-radiant/bare"];
    summary.one("clippy", || cargo(&[&all[..], &["--", "-D", "warnings"]].concat()));
    // cargo-deny looks at the crates of every platform; a build fetches this one's alone.
    summary.one("crates of every platform", || cargo(&["fetch", "--locked"]));
    summary.one("ui/licences.json", licences::current);
    if summary.one("cargo-deny", deny_installed) {
        summary.one("licences, bans, sources", || deny(&["--offline", "check", "bans", "licenses", "sources"]));
        advisories(&mut summary);
    }
    Ok(summary.close())
}

fn cargo(args: &[&str]) -> Result<()> {
    step::must(step::command("cargo", args, &place::root()))
}

fn deny(args: &[&str]) -> Result<()> {
    step::must(deny_command(args))
}

fn deny_command(args: &[&str]) -> std::process::Command {
    let program = place::program("cargo-deny").unwrap_or_else(|| "cargo-deny".into());
    let mut command = step::command(program, args, &place::root());
    command.env("CARGO_TERM_COLOR", "never");
    command
}

/// Installs cargo-deny among our own tools when it is nowhere: a debug build, since it compiles in a third of the time.
fn deny_installed() -> Result<()> {
    if place::program("cargo-deny").is_some() {
        return Ok(());
    }
    let tools = place::tools();
    let mut install = step::command("cargo", &["install", "--locked", "--debug", "cargo-deny"], &place::root());
    install.arg("--root").arg(&tools).env("CARGO_TARGET_DIR", tools.join("build"));
    step::must(install)
}

/// Asks the advisory database; where it cannot be fetched the part is skipped, and says so.
fn advisories(summary: &mut Summary) {
    let fetched = step::heard(deny_command(&["fetch", "db"])).is_ok_and(|(status, _)| status.success());
    if fetched {
        summary.one("advisories", || deny(&["check", "--disable-fetch", "advisories"]));
    } else {
        summary.skipped("advisories", "the advisory database cannot be reached from here");
    }
}

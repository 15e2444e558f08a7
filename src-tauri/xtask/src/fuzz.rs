//! `cargo xtask fuzz`: runs the fuzz targets of `tests/fuzz` one after the other.
//!
//! cargo-fuzz must be installed (`cargo install cargo-fuzz`). The sanitizer flags need a nightly compiler;
//! `RUSTC_BOOTSTRAP=1` lets the stable one accept them, for this build alone. New inputs are kept below `target/fuzz`;
//! the first inputs are checked in as `tests/fuzz/seeds`, and the words of each format as `tests/fuzz/words`.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::run_summary::RunSummary;
use crate::{paths, process};

/// The fuzz targets.
const TARGETS: &[&str] = &["domain", "link_header", "event", "okta_error", "msearch_answer"];

/// Fuzzes each target for the given minutes; a crash fails its part and the others still run.
///
/// # Errors
/// When cargo-fuzz is not installed.
pub(crate) fn run(minutes: u32) -> Result<ExitCode> {
    if paths::program("cargo-fuzz").is_none() {
        bail!("cargo-fuzz is not installed; run this, then try again:\n  cargo install --locked cargo-fuzz");
    }
    let mut summary = RunSummary::default();
    for &target in TARGETS {
        summary.step(target, || process::run(fuzz_command(target, minutes)?));
    }
    Ok(summary.finish())
}

/// Makes the command for one target: new inputs and crashes go below `target/fuzz`, the seeds are only read.
fn fuzz_command(target: &str, minutes: u32) -> Result<Command> {
    let folder = paths::target().join("fuzz");
    let (corpus, crashes) = (folder.join("corpus").join(target), folder.join("found").join(target));
    for one in [&corpus, &crashes] {
        fs::create_dir_all(one).with_context(|| format!("cannot create {}", one.display()))?;
    }
    let mut command =
        process::command("cargo", &["fuzz", "run", "--fuzz-dir", ".", target], &paths::root().join("tests/fuzz"));
    command.arg(&corpus).arg(format!("seeds/{target}")).arg("--");
    command.arg(format!("-max_total_time={}", minutes * 60)).arg(format!("-artifact_prefix={}/", crashes.display()));
    command.arg(format!("-dict=words/{target}"));
    command.args(["-timeout=10", "-rss_limit_mb=4096", "-print_final_stats=1"]);
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", folder);
    Ok(command)
}

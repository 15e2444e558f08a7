//! `cargo xtask fuzz`: the targets of `tests/fuzz`, one after the other.
//!
//! cargo-fuzz must be installed (`cargo install cargo-fuzz`). The sanitizer flags need a nightly compiler;
//! `RUSTC_BOOTSTRAP=1` lets the stable one accept them, for this build alone. What a run learns is kept below `target/fuzz`;
//! the inputs it starts with are checked in as `tests/fuzz/seeds`, and words of each format as `tests/fuzz/words`.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::summary::Summary;
use crate::{place, step};

/// Every target, by name.
const TARGETS: &[&str] = &["domain", "link_header", "event", "okta_error", "msearch_answer"];

/// Fuzzes each target for the given minutes; a finding fails its part and the others still run.
///
/// # Errors
/// When cargo-fuzz is not installed.
pub(crate) fn run(minutes: u32) -> Result<ExitCode> {
    if place::program("cargo-fuzz").is_none() {
        bail!("cargo-fuzz is not installed; type this, then try again:\n  cargo install --locked cargo-fuzz");
    }
    let mut summary = Summary::default();
    for &target in TARGETS {
        summary.one(target, || step::must(fuzzed(target, minutes)?));
    }
    Ok(summary.close())
}

/// The command for one target: new inputs and findings go below `target/fuzz`, the seeds are only read.
fn fuzzed(target: &str, minutes: u32) -> Result<Command> {
    let made = place::target().join("fuzz");
    let (learnt, found) = (made.join("corpus").join(target), made.join("found").join(target));
    for folder in [&learnt, &found] {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let mut command =
        step::command("cargo", &["fuzz", "run", "--fuzz-dir", ".", target], &place::root().join("tests/fuzz"));
    command.arg(&learnt).arg(format!("seeds/{target}")).arg("--");
    command.arg(format!("-max_total_time={}", minutes * 60)).arg(format!("-artifact_prefix={}/", found.display()));
    command.arg(format!("-dict=words/{target}"));
    command.args(["-timeout=10", "-rss_limit_mb=4096", "-print_final_stats=1"]);
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", made);
    Ok(command)
}

//! `cargo xtask fuzz`: the targets of `tests/fuzz`, one after the other.
//!
//! cargo-fuzz must be installed (`cargo install cargo-fuzz`). The sanitizer flags need a nightly compiler;
//! `RUSTC_BOOTSTRAP=1` lets the stable one accept them, for this build alone.

use std::process::ExitCode;

use anyhow::{Result, bail};

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
    let seconds = format!("-max_total_time={}", minutes * 60);
    for &target in TARGETS {
        summary.one(target, || {
            let args = ["fuzz", "run", "--fuzz-dir", ".", target, "--", &seconds, "-timeout=10", "-rss_limit_mb=4096"];
            let mut command = step::command("cargo", &args, &place::root().join("tests/fuzz"));
            command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", place::target().join("fuzz"));
            step::must(command)
        });
    }
    Ok(summary.close())
}

//! `cargo xtask cross-check`: checks that the code for the other operating systems compiles.
//!
//! Nothing is linked or run. A target whose standard library is not installed is skipped, and the line that installs it is
//! shown. The C parts of some crates need a compiler for the target: MinGW-w64 (on Debian `gcc-mingw-w64-x86-64`) for
//! Windows, Xcode's on a Mac for macOS.

use std::path::Path;
use std::process::ExitCode;

use crate::run_summary::RunSummary;
use crate::{frontend, paths, process};

/// The targets, each with the line that installs its standard library.
const TARGETS: &[(&str, &str)] = &[
    ("x86_64-pc-windows-gnu", "rustup target add x86_64-pc-windows-gnu"),
    ("x86_64-pc-windows-msvc", "rustup target add x86_64-pc-windows-msvc"),
    ("aarch64-apple-darwin", "rustup target add aarch64-apple-darwin"),
    ("x86_64-apple-darwin", "rustup target add x86_64-apple-darwin"),
];

/// Checks the workspace for each target whose standard library is installed.
pub(crate) fn check() -> ExitCode {
    let mut summary = RunSummary::default();
    // The shell embeds the front end when it compiles.
    if summary.step("front end: packages and build", frontend::build) {
        for &(target, line) in TARGETS {
            if is_installed(target) {
                let args = ["check", "--workspace", "--all-targets", "--target", target];
                summary.step(target, || process::run(process::command("cargo", &args, &paths::root())));
            } else {
                summary.skip(target, line);
            }
        }
    }
    summary.finish()
}

/// Returns whether the compiler in use has the target's standard library.
fn is_installed(target: &str) -> bool {
    process::probe("rustc", &["--print", "target-libdir", "--target", target])
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_installs_its_own_target() {
        assert!(TARGETS.iter().all(|(target, line)| line.strip_prefix("rustup target add ") == Some(*target)));
    }

    #[test]
    fn this_computers_own_target_is_installed_and_an_unknown_one_is_not() {
        let version = process::probe("rustc", &["-vV"]).unwrap_or_default();
        let own = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        assert!(is_installed(own), "{own}");
        assert!(!is_installed("no-such-target"));
    }
}

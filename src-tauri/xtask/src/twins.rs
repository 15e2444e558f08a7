//! `cargo xtask twins`: whether the code behind `cfg` for the other systems compiles.
//!
//! Nothing is linked or run. A target whose standard library is not installed is skipped, and the line that installs it is
//! shown. The C parts of some crates want a compiler for the target: MinGW-w64 (on Debian `gcc-mingw-w64-x86-64`) for
//! Windows, Xcode's on a Mac for macOS.

use std::path::Path;
use std::process::ExitCode;

use crate::summary::Summary;
use crate::{front, place, step};

/// Each target, and the line that installs its standard library.
const TARGETS: &[(&str, &str)] = &[
    ("x86_64-pc-windows-gnu", "rustup target add x86_64-pc-windows-gnu"),
    ("x86_64-pc-windows-msvc", "rustup target add x86_64-pc-windows-msvc"),
    ("aarch64-apple-darwin", "rustup target add aarch64-apple-darwin"),
    ("x86_64-apple-darwin", "rustup target add x86_64-apple-darwin"),
];

/// Checks the workspace for each target that can be checked.
pub(crate) fn check() -> ExitCode {
    let mut summary = Summary::default();
    // The shell embeds the front end when it compiles.
    if summary.one("front end: packages and build", front::built) {
        for &(target, line) in TARGETS {
            if is_installed(target) {
                let args = ["check", "--workspace", "--all-targets", "--target", target];
                summary.one(target, || step::must(step::command("cargo", &args, &place::root())));
            } else {
                summary.skipped(target, line);
            }
        }
    }
    summary.close()
}

/// Tells whether the compiler in use has the target's standard library.
fn is_installed(target: &str) -> bool {
    step::quiet("rustc", &["--print", "target-libdir", "--target", target])
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
        let told = step::quiet("rustc", &["-vV"]).unwrap_or_default();
        let own = told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        assert!(is_installed(own), "{own}");
        assert!(!is_installed("no-such-target"));
    }
}

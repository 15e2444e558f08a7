//! `cargo xtask drill dates`: the Rust unit tests on other days. A test whose verdict depends on the date fails here.
//!
//! Only the tests run with libfaketime, through cargo's runner setting, so that nothing is rebuilt. Every process gets the same
//! offset, so that a test and a program it starts agree on the time. Linux only.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde_json::json;

/// Dates in UTC and in seconds since 1970: a leap day, a weekend, the last hour of a year.
const DATES: [(&str, u64); 3] = [
    ("Tuesday 2028-02-29 12:00", 1_835_438_400),
    ("Saturday 2027-05-15 12:00", 1_810_382_400),
    ("Monday 2029-12-31 23:00", 1_893_452_400),
];
/// The packages whose tests run. rustc hangs under libfaketime, which leaves out xtask; the stories in `tests` run for minutes
/// and use the same simulated time.
const PACKAGES: [&str; 12] = [
    "model",
    "runtime",
    "http_client",
    "messages",
    "store",
    "okta",
    "radiant",
    "secrets",
    "connector",
    "practice",
    "okta-connector-for-radiant",
    "connectorctl",
];

/// Runs the unit tests once for each date.
///
/// # Errors
/// When libfaketime is missing or cargo cannot be started.
pub(crate) fn run() -> Result<ExitCode> {
    let library = library().context("libfaketime is missing: apt-get install faketime")?;
    let mut failed = Vec::new();
    for (name, date) in DATES {
        println!("On {name}:");
        if !tests(&library, date)?.status()?.success() {
            failed.push(name);
        }
    }
    println!("{}", json!({"drill": "dates", "dates": DATES.len(), "failed": failed}));
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the command that runs the tests on a date.
fn tests(library: &std::path::Path, date: u64) -> Result<Command> {
    let runner = format!("CARGO_TARGET_{}_LINUX_GNU_RUNNER", std::env::consts::ARCH.to_uppercase() + "_UNKNOWN");
    let mut command = Command::new("cargo");
    command.args(["nextest", "run", "--no-fail-fast"]);
    command.args(PACKAGES.iter().flat_map(|name| ["--package", name]));
    command.env(runner, format!("env LD_PRELOAD={}", library.display()));
    command.env("FAKETIME", offset(date, now()?)).env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
    Ok(command)
}

/// Returns the difference of two times as libfaketime reads it: seconds with a sign.
fn offset(date: u64, now: u64) -> String {
    if date >= now { format!("+{}", date - now) } else { format!("-{}", now - date) }
}

#[expect(clippy::disallowed_methods, reason = "the offset is counted from the real time")]
fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Finds the library in the folder of this machine's architecture.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|folder| folder.path());
    folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|file| file.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_leads_into_the_future_and_into_the_past() {
        assert_eq!([offset(150, 100), offset(100, 150)], ["+50", "-50"]);
    }
}

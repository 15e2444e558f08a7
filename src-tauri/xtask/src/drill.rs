//! `cargo xtask drill`: what is promised of monitoring and of replacing a token, shown at length and in real time.
//!
//! Each drill is an ignored or an enlarged test of the house: it fails when a promise is not kept. The last line is JSON.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::needs::{self, For};
use crate::{desk, place, step};

/// How a drill's result begins.
const RESULT: &str = "{\"drill\":";

/// Twelve faults side by side at a 60 s interval, or those of a name, and simulated weeks of three organisations.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn faults(only: Option<&str>) -> Result<ExitCode> {
    needs::ready(For::Tests)?;
    let weeks = run(test("tests", &["--test", "weeks"], "drill_weeks"))?;
    let mut command = test("tests", &["--test", "faults"], "drill_faults");
    command.env("CONNECTOR_FAULTS", only.unwrap_or_default());
    let real = run(command)?;
    Ok(if weeks && real { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Replacing the token, killed at every boundary and at so many instants.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn rotation(kills: u32) -> Result<ExitCode> {
    needs::ready(For::Tests)?;
    let mut command = test("tests", &["--test", "killed"], "a_rotation_killed");
    command.env("CONNECTOR_DESK", "1").env("CONNECTOR_KILLS", kills.to_string());
    Ok(if run(command)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A hundred connections in memory and on the wire, through simulated hours.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn budget() -> Result<ExitCode> {
    needs::ready(For::Tests)?;
    Ok(if run(test("tests", &["--test", "crowd"], "drill_budget"))? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Cargo's own runner: it shows what a test says and does not end a long one.
fn test(package: &str, target: &[&str], filter: &str) -> Command {
    let mut words = vec!["cargo", "test", "--package", package];
    words.extend(target);
    words.extend(["--", "--include-ignored", "--nocapture", filter]);
    if cfg!(target_os = "linux") {
        return desk::inside(&words);
    }
    step::command(words[0], &words[1..], &place::root())
}

/// Runs a drill and says its result once more, last.
fn run(command: Command) -> Result<bool> {
    let (status, said) = step::heard(command)?;
    let result = result(&said).context("the drill gave no result");
    if status.success() {
        println!("{}", result?);
    }
    Ok(status.success())
}

fn result(said: &str) -> Option<&str> {
    said.lines().rfind(|line| line.starts_with(RESULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_the_last_line_of_its_kind() {
        let said = "{\"drill\":\"a\"}\n| table |\n{\"drill\":\"b\"}\ntest result: ok\n";
        assert_eq!(result(said), Some("{\"drill\":\"b\"}"));
        assert_eq!(result("test result: ok"), None);
    }

    #[test]
    fn a_drill_shows_what_it_says_and_runs_what_is_ignored_otherwise() {
        let command = test("tests", &["--test", "faults"], "drill_faults");
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        assert!(args.ends_with(&["--include-ignored", "--nocapture", "drill_faults"].map(str::to_owned)), "{args:?}");
    }
}

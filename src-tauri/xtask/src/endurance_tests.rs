//! `cargo xtask drill`: runs the long tests of monitoring, of replacing a token and of killed processes, in real time.
//!
//! Each is an ignored or an enlarged test of the `tests` package, but for the kills, which need the real window. The last line
//! is JSON.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::prerequisites::{self, Purpose};
use crate::process::{self, Show};
use crate::{frontend, paths, private_desktop, run_app};

/// The beginning of a result line.
const RESULT: &str = "{\"drill\":";

/// Runs twelve faults side by side at a 60 s interval, or those with a name, and simulated weeks of three organizations.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn faults(only: Option<&str>) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Tests)?;
    let weeks = run(test_command("tests", &["--test", "weeks"], "drill_weeks"))?;
    let mut command = test_command("tests", &["--test", "monitoring_faults"], "drill_faults");
    command.env("CONNECTOR_FAULTS", only.unwrap_or_default());
    let real = run(command)?;
    Ok(if weeks && real { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Kills the replacement of the token at every boundary and at the given number of instants.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn rotation(kills: u32) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Tests)?;
    let mut command = test_command("tests", &["--test", "rotation_killed"], "a_rotation_killed");
    command.env(private_desktop::ALLOWED, "1").env("CONNECTOR_KILLS", kills.to_string());
    Ok(if run(command)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Kills window, agent, web process, keychain and session bus in every activity, on private desktops.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn kills(seed: u32, only: Option<&str>) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Desktop)?;
    frontend::build()?;
    run_app::build_with_command_line()?;
    process::exit_code(kills_command(seed, only))
}

fn kills_command(seed: u32, only: Option<&str>) -> Command {
    let mut command = process::command("node", &["tests/e2e/drills/kills.mjs", "--seed"], &paths::root());
    command.arg(seed.to_string()).args(only.map(|name| ["--only", name]).into_iter().flatten());
    command.env("E2E_APP", paths::debug_binary(run_app::APP));
    command.env("E2E_CLI", paths::debug_binary(run_app::COMMAND_LINE));
    command.env("E2E_OUT", paths::target().join("e2e"));
    command
}

/// Counts the requests of a hundred connections in simulated hours.
///
/// # Errors
/// When something is missing or does not build.
pub(crate) fn budget() -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Tests)?;
    Ok(if run(test_command("tests", &["--test", "many_connections"], "drill_budget"))? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes the command for cargo's own test runner, which shows the output of a test and does not end a long one.
fn test_command(package: &str, target: &[&str], filter: &str) -> Command {
    let mut words = vec!["cargo", "test", "--package", package];
    words.extend(target);
    words.extend(["--", "--include-ignored", "--nocapture", filter]);
    if cfg!(target_os = "linux") {
        return private_desktop::command(&words);
    }
    process::command(words[0], &words[1..], &paths::root())
}

/// Runs a test and prints its result line once more, as the last line.
fn run(command: Command) -> Result<bool> {
    let (status, output) = process::run_captured(command, Show::AsItComes)?;
    let result = result_line(&output).context("the test printed no result");
    if status.success() {
        println!("{}", result?);
    }
    Ok(status.success())
}

/// Returns the last result line of a test's output.
pub(crate) fn result_line(output: &str) -> Option<&str> {
    output.lines().rfind(|line| line.starts_with(RESULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_the_last_line_of_its_kind() {
        let output = "{\"drill\":\"a\"}\n| table |\n{\"drill\":\"b\"}\ntest result: ok\n";
        assert_eq!(result_line(output), Some("{\"drill\":\"b\"}"));
        assert_eq!(result_line("test result: ok"), None);
    }

    #[test]
    fn the_kills_get_their_seed_and_their_filter() {
        let args =
            |only| kills_command(7, only).get_args().map(|arg| arg.to_string_lossy().into_owned()).collect::<Vec<_>>();
        assert!(args(None).ends_with(&["--seed".to_owned(), "7".to_owned()]));
        assert!(args(Some("agent/")).ends_with(&["7".to_owned(), "--only".to_owned(), "agent/".to_owned()]));
    }

    #[test]
    fn the_command_shows_the_output_and_includes_ignored_tests() {
        let command = test_command("tests", &["--test", "monitoring_faults"], "drill_faults");
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        assert!(args.ends_with(&["--include-ignored", "--nocapture", "drill_faults"].map(str::to_owned)), "{args:?}");
    }
}

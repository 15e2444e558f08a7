//! `cargo xtask drill relay` and `cargo xtask bench relay`: the relay under kills and faults, and its speed beside Grove's.
//!
//! Both are ignored tests of the `tests` package, which start the relay as a process of its own. The last line is JSON.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::prerequisites::{self, Purpose};
use crate::process::{self, Show};
use crate::{client_tests, endurance_tests, paths};

/// The beginning of a result line of the measurement.
const BENCH_RESULT: &str = "{\"bench\":\"relay\"";
/// The collector that the relay is compared with.
const PEER: &str = "grove";

/// How the drill runs.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct DrillArgs {
    /// Events that must arrive.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// How often the relay is killed.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Decides the faults and the instants of the kills.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use a release build.
    #[arg(long)]
    release: bool,
}

/// What is measured.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct BenchArgs {
    /// Events of each run.
    #[arg(long, default_value_t = 300_000)]
    events: u64,
    /// Events that wait already in the runs with a backlog; 0 leaves these runs out.
    #[arg(long, default_value_t = 1_000_000)]
    backlog: u64,
    /// Use a debug build, to see whether the measurement works.
    #[arg(long)]
    debug: bool,
    /// Leave out the comparison with Grove.
    #[arg(long)]
    alone: bool,
}

/// Relays events while both sides fail at random and the relay is killed.
///
/// # Errors
/// When something is missing or does not build, or the test printed no result.
pub(crate) fn drill(args: DrillArgs) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Tests)?;
    let (status, output) = process::run_captured(drill_command(args), Show::AsItComes)?;
    println!("{}", endurance_tests::result_line(&output).context("the test printed no result")?);
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures the relay, and Grove in the same run.
///
/// # Errors
/// When something is missing or does not build, or the test printed no result.
pub(crate) fn bench(args: BenchArgs) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Tests)?;
    let mut command = bench_command(args);
    if !args.alone {
        command.env("CONNECTOR_RELAY_PEER", client_tests::installed(PEER)?);
    }
    let (status, output) = process::run_captured(command, Show::AsItComes)?;
    let result = output.lines().rfind(|line| line.starts_with(BENCH_RESULT));
    println!("{}", result.context("the test printed no result")?);
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn drill_command(args: DrillArgs) -> Command {
    let mut command = test_command("relay_killed", "drill_relay", args.release);
    command.env("CONNECTOR_RELAY_EVENTS", args.events.to_string());
    command.env("CONNECTOR_RELAY_KILLS", args.kills.to_string());
    command.env("CONNECTOR_RELAY_SEED", args.seed.to_string());
    command
}

fn bench_command(args: BenchArgs) -> Command {
    let mut command = test_command("relay_bench", "bench_relay", !args.debug);
    command.env("CONNECTOR_RELAY_EVENTS", args.events.to_string());
    command.env("CONNECTOR_RELAY_BACKLOG", args.backlog.to_string());
    command
}

/// Makes the command for cargo's own test runner, which shows the output of a test and does not end a long one.
fn test_command(test: &str, filter: &str, is_release: bool) -> Command {
    let mut words = vec!["test", "--package", "tests", "--test", test];
    words.extend(is_release.then_some("--release"));
    words.extend(["--", "--ignored", "--exact", "--nocapture", filter]);
    process::command("cargo", &words, &paths::root())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(command: &Command) -> Vec<String> {
        command.get_envs().filter_map(|(_, value)| Some(value?.to_string_lossy().into_owned())).collect()
    }

    #[test]
    fn the_drill_gets_its_numbers() {
        let args = DrillArgs { events: 50_000, kills: 20, seed: 7, release: false };
        let command = drill_command(args);
        let mut values = environment(&command);
        values.sort_unstable();
        assert_eq!(values, ["20", "50000", "7"]);
        assert!(command.get_args().all(|arg| arg != "--release"));
    }

    #[test]
    fn the_speed_is_measured_with_a_release_build_unless_asked_otherwise() {
        let args = BenchArgs { events: 1, backlog: 2, debug: false, alone: true };
        assert!(bench_command(args).get_args().any(|arg| arg == "--release"));
        assert!(bench_command(BenchArgs { debug: true, ..args }).get_args().all(|arg| arg != "--release"));
    }
}

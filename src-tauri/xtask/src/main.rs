//! `cargo xtask`: sets up, builds, tests and measures the project.
//!
//! Depends on no other crate of the workspace and on few others, so that the first command of a fresh clone starts within seconds.
//! Every command is printed before it starts. Missing packages are installed only by `run`, `test`, `lint`, `e2e`,
//! `screenshots`, `bundle`, `bench`, `drill` and `bindings`; on systems without `apt-get` the error says what to install.
#![expect(clippy::print_stdout, reason = "a command-line tool prints to standard output")]

mod audit;
mod bench_checks;
mod bench_idle;
mod bench_many_connections;
mod bundle;
mod cargo_tools;
mod client_tests;
mod cross_check;
mod endurance_tests;
mod first_paint;
mod frontend;
mod fuzz;
mod generate_bindings;
mod licenses;
mod lint;
mod paths;
mod prerequisites;
mod private_desktop;
mod process;
mod process_usage;
mod relay_tests;
mod run_app;
mod run_summary;
mod run_tests;
mod sbom;
mod test_output;
mod tests_on_other_dates;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Sets up, builds, tests and measures Okta Connector for Radiant.")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build, and open the window.
    Run {
        /// Use the practice organization: no Okta or Radiant account is needed.
        #[arg(long)]
        practice: bool,
    },
    /// Install what is missing and run every test: Rust, UI units, UI pages with axe, the real window.
    Test,
    /// Check formatting, clippy, licenses and sources, ESLint, svelte-check.
    Lint,
    /// Ask the public databases about the dependencies: advisories, and the signatures of npm packages. Exit code 3 where one cannot be reached.
    Audit,
    /// Test the real window by WebDriver on a private desktop.
    E2e {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Take a screenshot of every screen and state: light and dark, 1080x720 and 880x600, into target/screenshots.
    Screenshots,
    /// Make the .deb and .rpm packages, with connectorctl, its manual pages and completions, and their bills of materials.
    Bundle {
        /// Use a debug build, to see their content.
        #[arg(long)]
        debug: bool,
        /// Write only the software bills of materials (CycloneDX), into target/sbom.
        #[arg(long, conflicts_with = "debug")]
        only_sbom: bool,
    },
    /// Measure; the last line is JSON.
    Bench {
        /// What to measure.
        #[command(subcommand)]
        what: Bench,
    },
    /// Run the long tests in real time; the last line is JSON.
    Drill {
        /// What to test.
        #[command(subcommand)]
        what: Drill,
    },
    /// Generate ui/src/host/bindings.ts from the Rust commands.
    Bindings,
    /// Write ui/licenses.json: the licenses of every package that is part of the app.
    #[command(alias = "licences")]
    Licenses,
    /// Check that the code for Windows and macOS compiles, for each target that is installed.
    #[command(alias = "twins")]
    CrossCheck,
    /// Fuzz the parsers of input from outside (needs cargo-fuzz).
    Fuzz {
        /// Minutes for each target.
        #[arg(default_value_t = 10)]
        minutes: u32,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// The duration of all checks with 100 ms per response: `latency_multiple`.
    Checks,
    /// Memory, wake-ups, start and end of agent and window, beside a bare Tauri app (Linux).
    Idle {
        /// How often each app is measured, alternately; every figure is a median.
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// A hundred monitored connections in the window: input to painted frame, memory, the tray.
    #[command(alias = "crowd")]
    ManyConnections {
        /// Use a release build, as people run it.
        #[arg(long)]
        release: bool,
    },
    /// The relay, durable and without loss: events per second, processor time, memory, requests and delay, beside Grove's (Linux).
    Relay(relay_tests::BenchArgs),
}

#[derive(Subcommand)]
enum Drill {
    /// Twelve faults at a 60 s interval, and simulated weeks of three organizations.
    Faults {
        /// Only faults whose name contains this, or one of several with commas between.
        only: Option<String>,
    },
    /// The replacement of the API token, killed at every boundary and at many instants.
    Rotation {
        /// Instants inside the steps.
        #[arg(default_value_t = 300)]
        kills: u32,
    },
    /// The processes that the app depends on, each killed during a guide, checks, a rotation and a probe (Linux, about 20 minutes).
    Kills {
        /// Decides the instants.
        #[arg(long, default_value_t = 1)]
        seed: u32,
        /// Only kills whose name contains this, for example `agent/` or `bus/rotation/2`.
        #[arg(long)]
        only: Option<String>,
    },
    /// The requests of a hundred connections to Okta and Radiant in simulated hours.
    Budget,
    /// Public clients of Okta's API read the practice organization: Okta's Python SDKs 2 and 3, Airbyte's source, Grove.
    Clients {
        /// Only clients whose name contains this.
        only: Option<String>,
    },
    /// The relay of a million events with faults on both sides, killed at random instants (Linux).
    Relay(relay_tests::DrillArgs),
    /// The Rust unit tests on a leap day, on a Saturday and at the end of a year (needs libfaketime).
    Dates,
}

fn main() -> ExitCode {
    let result = match Args::parse().task {
        Task::Run { practice } => run_app::run(practice),
        Task::Test => run_tests::test(),
        Task::Lint => lint::lint(),
        Task::Audit => audit::audit(),
        Task::E2e { filter } => run_tests::e2e(filter.as_deref()),
        Task::Screenshots => run_tests::screenshots(),
        Task::Bundle { only_sbom: true, .. } => bundle::write_bills_of_materials(),
        Task::Bundle { debug, .. } => bundle::make(debug),
        Task::Bench { what: Bench::Checks } => bench_checks::measure(),
        Task::Bench { what: Bench::Idle { runs } } => bench_idle::measure(runs),
        Task::Bench { what: Bench::ManyConnections { release } } => bench_many_connections::measure(release),
        Task::Bench { what: Bench::Relay(args) } => relay_tests::bench(args),
        Task::Drill { what: Drill::Relay(args) } => relay_tests::drill(args),
        Task::Drill { what: Drill::Faults { only } } => endurance_tests::faults(only.as_deref()),
        Task::Drill { what: Drill::Rotation { kills } } => endurance_tests::rotation(kills),
        Task::Drill { what: Drill::Kills { seed, only } } => endurance_tests::kills(seed, only.as_deref()),
        Task::Drill { what: Drill::Budget } => endurance_tests::budget(),
        Task::Drill { what: Drill::Clients { only } } => client_tests::run(only.as_deref()),
        Task::Drill { what: Drill::Dates } => tests_on_other_dates::run(),
        Task::Bindings => generate_bindings::generate(),
        Task::Licenses => licenses::write(),
        Task::CrossCheck => Ok(cross_check::check()),
        Task::Fuzz { minutes } => fuzz::run(minutes),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn audit_the_drills_and_the_measurement_of_the_relay_are_commands() {
        for words in [
            &["audit"][..],
            &["drill", "clients"],
            &["drill", "clients", "grove"],
            &["bundle", "--only-sbom"],
            &["drill", "relay", "--events", "50000", "--kills", "20", "--seed", "3"],
            &["bench", "relay", "--alone"],
        ] {
            assert!(Args::try_parse_from([&["xtask"], words].concat()).is_ok(), "{words:?}");
        }
    }

    #[test]
    fn earlier_names_of_commands_still_work() {
        for words in [&["twins"][..], &["licences"], &["bench", "crowd"]] {
            assert!(Args::try_parse_from([&["xtask"], words].concat()).is_ok(), "{words:?}");
        }
    }
}

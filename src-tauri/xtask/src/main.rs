//! `cargo xtask`: set-up and every chore of the project, in one place.
//!
//! Depends on no crate of ours and on three small ones, so that the first command of a fresh clone starts within seconds.
//! Each chore says what it starts before it starts it. Nothing is installed unless it is missing, and only by `run`, `test`,
//! `e2e`, `screenshots`, `bundle`, `bench` and `drill`; on systems without `apt-get` the exact line to type is printed instead.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod bench;
mod bundle;
mod chores;
mod counts;
mod crowd;
mod desk;
mod drill;
mod family;
mod front;
mod fuzz;
mod idle;
mod licences;
mod lint;
mod needs;
mod place;
mod screen;
mod step;
mod summary;
mod test;
mod twins;
mod window;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Sets up, builds, tests and measures Okta Connector for Radiant.")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install what is missing, build, and open the window.
    Run {
        /// With the practice organisation: no Okta or Radiant account is needed.
        #[arg(long)]
        practice: bool,
    },
    /// Install what is missing and run every test: Rust, UI units, UI pages with axe, the real window.
    Test,
    /// Formatting, clippy, licences and sources, ESLint, svelte-check.
    Lint,
    /// The real window, driven by WebDriver on a private desktop.
    E2e {
        /// Only specs whose name contains this.
        filter: Option<String>,
    },
    /// A picture of every screen and state: light and dark, 1080x720 and 880x600, into target/screenshots.
    Screenshots,
    /// The .deb and .rpm packages, with connectorctl, its manual pages and completions.
    Bundle {
        /// Of a debug build, to look at their content.
        #[arg(long)]
        debug: bool,
    },
    /// Measurements; the last line is JSON.
    Bench {
        /// What to measure.
        #[command(subcommand)]
        what: Bench,
    },
    /// What is promised, shown at length and in real time; the last line is JSON.
    Drill {
        /// What to drill.
        #[command(subcommand)]
        what: Drill,
    },
    /// Write ui/src/host/bindings.ts from the Rust commands.
    Bindings,
    /// Write ui/licences.json: the licences of every package that is part of the app.
    Licences,
    /// Whether the code for Windows and macOS compiles, for each target that is installed.
    Twins,
    /// Fuzz the readers of foreign text (needs cargo-fuzz).
    Fuzz {
        /// Minutes for each target.
        #[arg(default_value_t = 10)]
        minutes: u32,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// How long all checks take with 100 ms per answer: `latency_multiple`.
    Checks,
    /// Memory, wake-ups and start of the window and the tray alone, beside a bare Tauri app (Linux).
    Idle {
        /// How often each app is measured, by turns; every figure is a median.
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// A hundred watched connections in the window: input to painted frame, memory, the tray.
    Crowd {
        /// A release build, as people run it.
        #[arg(long)]
        release: bool,
    },
}

#[derive(Subcommand)]
enum Drill {
    /// Twelve faults at a 60 s interval, and simulated weeks of three organisations.
    Faults {
        /// Only faults whose name contains this, or one of several with commas between.
        only: Option<String>,
    },
    /// Replacing the API token, killed at every boundary and at many instants.
    Rotation {
        /// Instants inside the steps.
        #[arg(default_value_t = 300)]
        kills: u32,
    },
    /// What a hundred connections ask of Okta and Radiant in simulated hours.
    Budget,
}

fn main() -> ExitCode {
    let done = match Args::parse().chore {
        Chore::Run { practice } => window::run(practice),
        Chore::Test => test::all(),
        Chore::Lint => lint::all(),
        Chore::E2e { filter } => test::e2e(filter.as_deref()),
        Chore::Screenshots => test::screenshots(),
        Chore::Bundle { debug } => bundle::make(debug),
        Chore::Bench { what: Bench::Checks } => bench::checks(),
        Chore::Bench { what: Bench::Idle { runs } } => idle::measure(runs),
        Chore::Bench { what: Bench::Crowd { release } } => crowd::measure(release),
        Chore::Drill { what: Drill::Faults { only } } => drill::faults(only.as_deref()),
        Chore::Drill { what: Drill::Rotation { kills } } => drill::rotation(kills),
        Chore::Drill { what: Drill::Budget } => drill::budget(),
        Chore::Bindings => chores::bindings(),
        Chore::Licences => licences::write(),
        Chore::Twins => Ok(twins::check()),
        Chore::Fuzz { minutes } => fuzz::run(minutes),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

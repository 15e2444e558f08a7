//! `cargo xtask`: set-up and every chore of the project, in one place.
//!
//! Depends on no crate of ours and on three small ones, so that the first command of a fresh clone starts within seconds.
//! Each chore says what it starts before it starts it. Nothing is installed unless it is missing, and only by `run`, `test`,
//! `e2e`, `screenshots`, `bundle` and `bench`; on systems without `apt-get` the exact line to type is printed instead.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod bench;
mod chores;
mod counts;
mod desk;
mod front;
mod fuzz;
mod idle;
mod licences;
mod lint;
mod needs;
mod place;
mod step;
mod summary;
mod test;
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
    /// The .deb and .rpm packages.
    Bundle,
    /// Measurements; the last line is JSON.
    Bench {
        /// What to measure.
        #[command(subcommand)]
        what: Bench,
    },
    /// Write ui/src/host/bindings.ts from the Rust commands.
    Bindings,
    /// Write ui/licences.json: the licences of every package that is part of the app.
    Licences,
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
    /// Memory and wake-ups of the window and the tray alone.
    Idle,
}

fn main() -> ExitCode {
    let done = match Args::parse().chore {
        Chore::Run { practice } => window::run(practice),
        Chore::Test => test::all(),
        Chore::Lint => lint::all(),
        Chore::E2e { filter } => test::e2e(filter.as_deref()),
        Chore::Screenshots => test::screenshots(),
        Chore::Bundle => chores::bundle(),
        Chore::Bench { what: Bench::Checks } => bench::checks(),
        Chore::Bench { what: Bench::Idle } => idle::measure(),
        Chore::Bindings => chores::bindings(),
        Chore::Licences => licences::write(),
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

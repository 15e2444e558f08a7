//! `connectorctl`: the same checks and the same monitoring without a window, and the practice organisation for scripts.
//!
//! It prints to standard output what was asked for and to standard error what stands in the way. A token is read from
//! standard input or a file, never from an argument, where other accounts of the computer could read it.

mod args;
mod check;
mod connections;
mod diagnostics;
mod door;
mod exit;
mod guide;
mod hardening;
mod manual;
mod policy;
mod practice;
mod print;
mod status;
mod told;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    hardening::close_memory();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(asked) => return exit::usage(&asked),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::could_not_run(&error.to_string()),
    };
    match args.command {
        Command::Check(check) => runtime.block_on(check::run(check)),
        Command::Status(status) => runtime.block_on(status::run(status)),
        Command::Connections(connections) => runtime.block_on(connections::run(connections)),
        Command::Watch(watch) => runtime.block_on(watch::run(watch)),
        Command::Diagnostics(diagnostics) => runtime.block_on(diagnostics::run(diagnostics)),
        Command::Policy(policy) => policy::run(&policy),
        Command::Practice(practice) => runtime.block_on(practice::run(practice)),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man(man) => manual::man(&man),
    }
}

//! `connectorctl`: the same checks without a window, and the practice organisation for scripts.
//!
//! It prints to standard output what was asked for and to standard error what stands in the way. A token is read from
//! standard input or a file, never from an argument, where other accounts of the computer could read it.

mod args;
mod check;
mod exit;
mod hardening;
mod manual;
mod practice;
mod print;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    hardening::close_memory();
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::could_not_run(&error.to_string()),
    };
    match args.command {
        Command::Check(check) => runtime.block_on(check::run(check)),
        Command::Practice(practice) => runtime.block_on(practice::run(practice)),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::man_page(),
    }
}

//! `connectorctl`: the window's checks and monitoring on the command line, and the practice organization for scripts.
//!
//! It prints results to standard output and errors to standard error. It reads tokens from standard input or a file, never
//! from an argument, where other accounts of the computer could read them.

mod action_args;
mod action_text;
mod alert_secret_files;
mod args;
mod check_output;
mod commands;
mod connection_status;
mod exit_code;
mod hardening;
mod interrupt;
mod metrics_server;
mod metrics_text;
mod print;
mod problem_text;
mod relay_args;
mod relay_log;
mod relay_metrics;
mod secret_files;
mod serialized_name;
mod service_manager;
mod session;
mod shared_args;
mod text_files;
mod unfinished_guide_text;

use std::process::ExitCode;

use clap::Parser as _;
use messages::Messages;

use crate::args::{Args, Command};
use crate::commands::{
    act, audit, check, completions_and_man_pages, connections, diagnostics, policy, practice, rehearse, relay,
    relay_undeliverable, status, watch,
};
use crate::relay_args::Relay;

fn main() -> ExitCode {
    hardening::protect_memory();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit_code::usage(&error, std::env::args_os().any(|arg| arg == "--json")),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit_code::could_not_run(&error.to_string()),
    };
    let messages = Messages::load_for_command_line(args.language.into());
    match args.command {
        Command::Check(check) => runtime.block_on(check::run(check, &messages)),
        Command::Status(status) => runtime.block_on(status::run(status, &messages)),
        Command::Connections(connections) => runtime.block_on(connections::run(connections, &messages)),
        Command::Watch(watch) => runtime.block_on(watch::run(watch, &messages)),
        Command::Relay(Relay::Run(run)) => runtime.block_on(relay::run(run, &messages)),
        Command::Relay(Relay::Undeliverable(args)) => runtime.block_on(relay_undeliverable::run(args, &messages)),
        Command::Diagnostics(diagnostics) => runtime.block_on(diagnostics::run(diagnostics, &messages)),
        Command::Act(command) => runtime.block_on(act::run(command, &messages)),
        Command::Audit(command) => runtime.block_on(audit::run(command, &messages)),
        Command::Rehearse(command) => runtime.block_on(rehearse::run(command, &messages)),
        Command::Policy(policy) => policy::run(&policy, &messages),
        Command::Practice(practice) => runtime.block_on(practice::run(practice)),
        Command::Completions { shell } => completions_and_man_pages::completions(shell),
        Command::Man(man) => completions_and_man_pages::man(&man),
    }
}

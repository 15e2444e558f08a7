//! `connectorctl completions` and `man`: completion scripts and manual pages, generated from the arguments.

use std::process::ExitCode;

use clap::{Command, CommandFactory as _};

use crate::args::{Args, Man};
use crate::{exit_code, print};

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "connectorctl", &mut script);
    // A closed pipe has no use for the rest.
    drop(print::own_document(&script));
    ExitCode::SUCCESS
}

/// Prints the manual page of the program or of one command, or writes all pages into a folder.
pub(crate) fn man(args: &Man) -> ExitCode {
    // After `build`, every command knows its full name: `connectorctl-connections-show`.
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    let done = match &args.all_into {
        Some(folder) => {
            clap_mangen::generate_to(program, folder).map_err(|error| format!("{}: {error}", folder.display()))
        }
        None => page(&program, &args.command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => exit_code::could_not_run(&reason),
    }
}

fn page(program: &Command, names: &[String]) -> Result<(), String> {
    let mut command = program;
    for name in names {
        command = command.find_subcommand(name).ok_or_else(|| format!("there is no command {}", names.join(" ")))?;
    }
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command.clone()).render(&mut page);
    written.and_then(|()| print::own_document(&page)).map_err(|error| error.to_string())
}

//! Completions and the manual pages, made from the arguments themselves.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Command, CommandFactory as _};

use crate::args::{Args, Man};
use crate::exit;

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> ExitCode {
    clap_complete::generate(shell, &mut Args::command(), "connectorctl", &mut io::stdout());
    ExitCode::SUCCESS
}

/// Prints the manual page of the whole or of one command, or writes all pages into a folder.
pub(crate) fn man(asked: &Man) -> ExitCode {
    // Built, every command knows its whole name: `connectorctl-connections-show`.
    let mut whole = Args::command().disable_help_subcommand(true);
    whole.build();
    let done = match &asked.all_into {
        Some(folder) => {
            clap_mangen::generate_to(whole, folder).map_err(|error| format!("{}: {error}", folder.display()))
        }
        None => page(&whole, &asked.command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => exit::could_not_run(&why),
    }
}

fn page(whole: &Command, names: &[String]) -> Result<(), String> {
    let mut command = whole;
    for name in names {
        command = command.find_subcommand(name).ok_or_else(|| format!("there is no command {}", names.join(" ")))?;
    }
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command.clone()).render(&mut page);
    written.and_then(|()| io::stdout().write_all(&page)).map_err(|error| error.to_string())
}

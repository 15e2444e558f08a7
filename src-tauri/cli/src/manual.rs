//! Completions and the manual page, made from the arguments themselves.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::args::Args;
use crate::exit;

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> ExitCode {
    clap_complete::generate(shell, &mut Args::command(), "connectorctl", &mut io::stdout());
    ExitCode::SUCCESS
}

/// Prints the manual page, one section per command.
pub(crate) fn man_page() -> ExitCode {
    let mut page = Vec::new();
    let main = Args::command();
    let below = main.get_subcommands().flat_map(|one| std::iter::once(one).chain(one.get_subcommands()));
    let parts = std::iter::once(&main).chain(below).cloned();
    for part in parts {
        if let Err(error) = clap_mangen::Man::new(part).render(&mut page) {
            return exit::could_not_run(&error.to_string());
        }
    }
    match io::stdout().write_all(&page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::could_not_run(&error.to_string()),
    }
}

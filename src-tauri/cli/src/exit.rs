//! Exit codes and the line that goes with "could not run".

use std::io::Write as _;
use std::process::ExitCode;

use messages::{Messages, keys};
use model::check::{CheckReport, Outcome};
use model::problem::Problem;
use serde_json::json;

use crate::{print, told};

/// 0 passed, 1 attention (or unknown), 2 failed.
pub(crate) fn of(report: &CheckReport) -> ExitCode {
    match report.worst() {
        Outcome::Passed | Outcome::Skipped => ExitCode::SUCCESS,
        Outcome::Attention | Outcome::Unknown => ExitCode::from(1),
        Outcome::Failed => ExitCode::from(2),
    }
}

/// 3, and why on standard error.
pub(crate) fn could_not_run(why: &str) -> ExitCode {
    // Nobody is left to tell when standard error is closed.
    drop(writeln!(std::io::stderr(), "connectorctl: {why}"));
    ExitCode::from(3)
}

/// 3 for what was mistyped, so that a monitoring system does not take it for CRITICAL; 0 for help and version.
pub(crate) fn usage(asked: &clap::Error) -> ExitCode {
    drop(asked.print());
    if asked.use_stderr() { ExitCode::from(3) } else { ExitCode::SUCCESS }
}

/// 3, and why on standard output in the form a monitoring system shows: it reads no standard error.
pub(crate) fn unknown(why: &anyhow::Error, json: bool, messages: &Messages) -> ExitCode {
    let why = why.downcast_ref::<Problem>().map_or_else(|| format!("{why:#}"), |one| print::problem(one, messages));
    let said = told::plain(&why);
    let line =
        if json { json!({"exit": 3, "word": "UNKNOWN", "why": said}).to_string() } else { format!("UNKNOWN - {said}") };
    drop(writeln!(std::io::stdout(), "{line}"));
    ExitCode::from(3)
}

/// 3, and why on standard error: a problem by its sentences, anything else by its own words.
pub(crate) fn refused(why: &anyhow::Error, messages: &Messages) -> ExitCode {
    match why.downcast_ref::<Problem>() {
        Some(problem) => could_not_run(&print::problem(problem, messages)),
        None => could_not_run(&format!("{why:#}")),
    }
}

/// Says on standard error that this is practice.
pub(crate) fn say_practice(messages: &Messages) {
    let practice = messages.text(keys::PRACTICE_WORD, &[]);
    drop(writeln!(std::io::stderr(), "{}", messages.text(keys::CLI_PRACTICE, &[("practice", &practice)])));
}

//! Exit codes and the line that goes with "could not run".

use std::io::Write as _;
use std::process::ExitCode;

use connector::messages::Messages;
use connector::model::{CheckReport, Outcome, Problem};

use crate::print;

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

/// 3, and why on standard error: a problem by its sentences, anything else by its own words.
pub(crate) fn refused(why: &anyhow::Error, messages: &Messages) -> ExitCode {
    match why.downcast_ref::<Problem>() {
        Some(problem) => could_not_run(&print::problem(problem, messages)),
        None => could_not_run(&format!("{why:#}")),
    }
}

/// Says on standard error that this is practice.
pub(crate) fn say_practice() {
    drop(writeln!(std::io::stderr(), "PRACTICE: this is a practice organisation on this computer, not a real org."));
}

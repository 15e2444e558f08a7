//! Exit codes and the line that goes with "could not run".

use std::io::Write as _;
use std::process::ExitCode;

use connector::model::{CheckReport, Outcome};

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

//! Exit codes, and the message of a command that could not run.

use std::io::Write as _;
use std::process::ExitCode;

use messages::{Messages, keys};
use model::check::{CheckReport, Outcome};
use model::problem::Problem;
use serde_json::json;

use crate::{connection_status, output};

/// Returns 0 for passed, 1 for attention or unknown, 2 for failed.
pub(crate) fn for_report(report: &CheckReport) -> ExitCode {
    match report.worst() {
        Outcome::Passed | Outcome::Skipped => ExitCode::SUCCESS,
        Outcome::Attention | Outcome::Unknown => ExitCode::from(1),
        Outcome::Failed => ExitCode::from(2),
    }
}

/// Reports the reason on standard error and returns 3.
pub(crate) fn could_not_run(reason: &str) -> ExitCode {
    // A closed standard error leaves only the exit code.
    drop(writeln!(std::io::stderr(), "connectorctl: {reason}"));
    ExitCode::from(3)
}

/// Returns 3 for mistyped arguments, so that a monitoring system does not take it for CRITICAL; 0 for help and version.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    drop(error.print());
    if error.use_stderr() { ExitCode::from(3) } else { ExitCode::SUCCESS }
}

/// Reports the error on standard output in the form that a monitoring system shows, because it ignores standard error.
/// Returns 3.
pub(crate) fn unknown(error: &anyhow::Error, json: bool, messages: &Messages) -> ExitCode {
    let reason = connection_status::single_line(&describe(error, messages));
    let line = match json {
        true => json!({"exit": 3, "word": "UNKNOWN", "why": reason}).to_string(),
        false => format!("UNKNOWN - {reason}"),
    };
    drop(writeln!(std::io::stdout(), "{line}"));
    ExitCode::from(3)
}

/// Reports the error on standard error and returns 3.
pub(crate) fn failed(error: &anyhow::Error, messages: &Messages) -> ExitCode {
    could_not_run(&describe(error, messages))
}

/// Returns a problem's text from the catalog, or the message of any other error.
fn describe(error: &anyhow::Error, messages: &Messages) -> String {
    error.downcast_ref::<Problem>().map_or_else(|| format!("{error:#}"), |problem| output::problem(problem, messages))
}

/// Reports on standard error that this is practice.
pub(crate) fn report_practice(messages: &Messages) {
    let practice = messages.text(keys::PRACTICE_WORD, &[]);
    drop(writeln!(std::io::stderr(), "{}", messages.text(keys::CLI_PRACTICE, &[("practice", &practice)])));
}

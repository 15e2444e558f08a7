//! Exit codes, and the message of a command that could not run.

use std::process::ExitCode;

use messages::{Messages, keys};
use model::check::{CheckReport, Outcome};
use model::problem::Problem;
use serde_json::{Value, json};

use crate::{connection_status, print, problem_text};

/// Returns 0 for passed, 1 for attention or unknown, 2 for failed.
pub(crate) fn for_report(report: &CheckReport) -> u8 {
    match report.worst() {
        Outcome::Passed | Outcome::Skipped => 0,
        Outcome::Attention | Outcome::Unknown => 1,
        Outcome::Failed => 2,
    }
}

/// Reports the reason on standard error and returns 3.
pub(crate) fn could_not_run(reason: &str) -> ExitCode {
    print::error_line(&format!("connectorctl: {reason}"));
    ExitCode::from(3)
}

/// Returns 3 for mistyped arguments, so that a monitoring system does not take it for CRITICAL; 0 for help and version. A program
/// that asked for JSON gets one line of it.
pub(crate) fn usage(error: &clap::Error, json: bool) -> ExitCode {
    let (text, is_refusal) = (error.render().to_string(), error.use_stderr());
    if !is_refusal {
        drop(print::own_document(text.as_bytes()));
        return ExitCode::SUCCESS;
    }
    text.lines().for_each(print::error_line);
    if json {
        let reason = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        drop(print::json(&json!({"exit": 3, "word": "UNKNOWN", "why": reason})));
    }
    ExitCode::from(3)
}

/// Reports the error on standard output in the form that a monitoring system shows, because it ignores standard error.
/// Returns 3.
pub(crate) fn unknown(error: &anyhow::Error, json: bool, messages: &Messages) -> ExitCode {
    drop(match json {
        true => print::json(&as_json(error, messages)),
        false => print::line(&format!("UNKNOWN - {}", connection_status::single_line(&describe(error, messages)))),
    });
    ExitCode::from(3)
}

/// Reports on standard error why a check could not run, and for programs as one JSON line on standard output. Returns 3.
pub(crate) fn refused(error: &anyhow::Error, json: bool, messages: &Messages) -> ExitCode {
    if json {
        drop(print::json(&as_json(error, messages)));
    }
    failed(error, messages)
}

/// Returns an error as one JSON object.
fn as_json(error: &anyhow::Error, messages: &Messages) -> Value {
    let why = connection_status::single_line(&describe(error, messages));
    let mut value = json!({"exit": 3, "word": "UNKNOWN", "why": why});
    if let (Some(problem), Some(object)) = (error.downcast_ref::<Problem>(), value.as_object_mut()) {
        let text = messages.code(problem.code, &problem.args);
        object.insert("code".to_owned(), json!(problem.code));
        object.insert("args".to_owned(), json!(problem.args));
        object.insert("sentence".to_owned(), json!(text.title));
        object.insert("meaning".to_owned(), json!(text.meaning));
        object.insert("remedy".to_owned(), json!(text.remedy));
    }
    value
}

/// Reports the error on standard error and returns 3.
pub(crate) fn failed(error: &anyhow::Error, messages: &Messages) -> ExitCode {
    could_not_run(&describe(error, messages))
}

/// Returns a problem's text from the catalog, or the message of any other error.
fn describe(error: &anyhow::Error, messages: &Messages) -> String {
    error
        .downcast_ref::<Problem>()
        .map_or_else(|| format!("{error:#}"), |problem| problem_text::problem(problem, messages))
}

/// Reports on standard error that this is practice.
pub(crate) fn report_practice(messages: &Messages) {
    let practice = messages.text(keys::PRACTICE_WORD, &[]);
    print::error_line(&messages.text(keys::CLI_PRACTICE, &[("practice", &practice)]));
}

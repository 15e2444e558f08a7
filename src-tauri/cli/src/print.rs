//! The only place that writes to standard output and standard error, so that no text from outside reaches a terminal unchanged.
//!
//! Text is written line by line: a line break inside a name cannot begin a line of its own.

use std::fmt::Display;
use std::io::{self, Write as _};

use model::sanitized_text::{terminal_json, terminal_line};

/// Writes one line of text to standard output.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn line(text: &str) -> io::Result<()> {
    out(&terminal_line(text))
}

/// Writes a JSON value or document to standard output, followed by a line break.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn json(value: &impl Display) -> io::Result<()> {
    out(terminal_json(&value.to_string()).trim_end_matches('\n'))
}

/// Writes a text of this program itself, which has no values from outside: a script or a manual page.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn own_document(bytes: &[u8]) -> io::Result<()> {
    io::stdout().write_all(bytes)
}

/// Writes one line of text to standard error. A closed standard error leaves only the exit code.
pub(crate) fn error_line(text: &str) {
    drop(writeln!(io::stderr(), "{}", terminal_line(text)));
}

/// Writes one JSON document to standard error as one line.
pub(crate) fn error_json(json: &str) {
    drop(writeln!(io::stderr(), "{}", terminal_json(json.trim_end_matches('\n'))));
}

fn out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

//! Starts other programs: each command is printed before it starts, none goes through a shell.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

/// When the output of a program is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Line by line.
    AsItComes,
    /// In one piece, so that it does not mix with the output of a program beside it.
    AtTheEnd,
}

/// Makes a command that runs in the given folder.
pub(crate) fn command(program: impl AsRef<OsStr>, args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir);
    command
}

/// Returns the command as one would type it.
pub(crate) fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=+./:,@%^~".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// Prints and runs the command and returns its exit status.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn status(mut command: Command) -> Result<ExitStatus> {
    println!("$ {}", command_line(&command));
    command.status().with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
}

/// Prints and runs the command and returns success or failure as the exit code of this program.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn exit_code(command: Command) -> Result<ExitCode> {
    Ok(if status(command)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints and runs the command.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn run(command: Command) -> Result<()> {
    let line = command_line(&command);
    let status = status(command)?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    Ok(())
}

/// Prints and runs the command; shows its output and returns it as well.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn run_captured(mut command: Command, show: Show) -> Result<(ExitStatus, String)> {
    let line = command_line(&command);
    if show == Show::AsItComes {
        println!("$ {line}");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    let text = Arc::new(Mutex::new(String::new()));
    let readers = [
        child.stdout.take().map(|from| read_lines(from, show, Arc::clone(&text))),
        child.stderr.take().map(|from| read_lines(from, show, Arc::clone(&text))),
    ];
    let status = child.wait()?;
    for reader in readers.into_iter().flatten() {
        drop(reader.join());
    }
    let text = text.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if show == Show::AtTheEnd {
        print(&format!("$ {line}\n{text}"));
    }
    Ok((status, text))
}

fn read_lines(from: impl Read + Send + 'static, show: Show, into: Arc<Mutex<String>>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(io::Result::ok) {
            let line = format!("{}\n", String::from_utf8_lossy(&line));
            if show == Show::AsItComes {
                print(&line);
            }
            into.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line);
        }
    })
}

/// Prints a text; a closed terminal must not end the command.
fn print(text: &str) {
    drop(write!(io::stdout(), "{text}"));
}

/// Runs a program without showing anything and returns its standard output when it succeeds.
pub(crate) fn probe(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_shown_as_one_would_type_it() {
        let command = command("echo", &["plain", "two words", "it's", ""], Path::new("/"));
        assert_eq!(command_line(&command), r"echo plain 'two words' 'it'\''s' ''");
    }

    #[test]
    fn both_outputs_of_a_program_are_captured() {
        for show in [Show::AsItComes, Show::AtTheEnd] {
            let script = command("sh", &["-c", "echo out; echo err >&2; exit 3"], Path::new("/"));
            let (status, text) = run_captured(script, show).unwrap_or_default();
            assert_eq!((status.code(), text.contains("out\n"), text.contains("err\n")), (Some(3), true, true));
        }
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error = run(command("false", &[], Path::new("/"))).map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("false")));
    }
}

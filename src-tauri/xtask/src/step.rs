//! Starting other programs: each is printed before it starts, none goes through a shell.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

/// Makes a command that runs in the given folder.
pub(crate) fn command(program: impl AsRef<OsStr>, args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir);
    command
}

/// Returns the command as one would type it.
pub(crate) fn typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=+./:,@%^~".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// Prints the command, runs it to its end and returns how it ended.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn status(mut command: Command) -> Result<ExitStatus> {
    println!("$ {}", typed(&command));
    command.status().with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
}

/// Prints and runs the command.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn must(command: Command) -> Result<()> {
    let line = typed(&command);
    let status = status(command)?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    Ok(())
}

/// Prints and runs the command; its output is shown as it comes and returned as well.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn heard(mut command: Command) -> Result<(ExitStatus, String)> {
    println!("$ {}", typed(&command));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    let text = Arc::new(Mutex::new(String::new()));
    let listeners = [
        child.stdout.take().map(|from| listen(from, Arc::clone(&text))),
        child.stderr.take().map(|from| listen(from, Arc::clone(&text))),
    ];
    let status = child.wait()?;
    for listener in listeners.into_iter().flatten() {
        drop(listener.join());
    }
    let text = text.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok((status, text))
}

fn listen(from: impl Read + Send + 'static, into: Arc<Mutex<String>>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(io::Result::ok) {
            let line = String::from_utf8_lossy(&line);
            // A closed terminal must not end the chore.
            drop(writeln!(io::stdout(), "{line}"));
            let mut text = into.lock().unwrap_or_else(PoisonError::into_inner);
            text.push_str(&line);
            text.push('\n');
        }
    })
}

/// Runs a quiet probe and returns its standard output when it succeeds.
pub(crate) fn quiet(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let command = command("echo", &["plain", "two words", "it's", ""], Path::new("/"));
        assert_eq!(typed(&command), r"echo plain 'two words' 'it'\''s' ''");
    }

    #[test]
    fn what_a_program_says_on_both_outputs_is_heard() {
        let (status, text) =
            heard(command("sh", &["-c", "echo out; echo err >&2; exit 3"], Path::new("/"))).unwrap_or_default();
        assert_eq!((status.code(), text.contains("out\n"), text.contains("err\n")), (Some(3), true, true));
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error = must(command("false", &[], Path::new("/"))).map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("false")));
    }
}

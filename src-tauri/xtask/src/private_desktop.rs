//! Runs commands on the private desktop of `tests/desktop/private_desktop.py`: its own display, session bus, keychain, tray and notifications.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths;

/// The environment variable that lets tests start services of a desktop (`1`).
pub(crate) const ALLOWED: &str = "CONNECTOR_PRIVATE_DESKTOP";
/// The environment variable that keeps the desktop's screen as a file (`file`).
pub(crate) const SCREEN: &str = "DESKTOP_SCREEN";

/// The environment variable that names the desktop's folder.
const FOLDER: &str = "PRIVATE_DESKTOP";

/// Makes a command that runs on a private desktop.
///
/// Cargo and rustup keep their folders although the desktop has a home of its own.
pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = python("private_desktop.py");
    command.arg("--").args(words).current_dir(paths::root());
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(name).is_none() && home.join(folder).is_dir() {
                command.env(name, home.join(folder));
            }
        }
    }
    command
}

/// Makes a command that runs one of the desktop's own scripts.
pub(crate) fn python(script: &str) -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(paths::root().join("tests/desktop").join(script));
    command
}

/// Returns the folder of the desktop this program runs on, if it runs on one.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Returns what every process of a desktop has in its environment.
pub(crate) fn mark(folder: &Path) -> String {
    format!("{FOLDER}={}", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_runs_through_the_desktop_script() {
        let command = command(&["cargo", "test"]);
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        assert!(args[0].ends_with("tests/desktop/private_desktop.py"));
        assert_eq!(args[1..], ["--", "cargo", "test"]);
    }
}

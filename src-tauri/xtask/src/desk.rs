//! The private desktop of `tests/desk/desk.py`: a display, a session bus, a keychain, a tray and notifications of its own.

use std::process::Command;

use crate::place;

/// Makes a command that runs inside a desk of its own.
///
/// Cargo and rustup keep their folders although the desk gives its programs a fresh home.
pub(crate) fn inside(words: &[&str]) -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(place::root().join("tests/desk/desk.py")).arg("--").args(words).current_dir(place::root());
    if let Some(home) = std::env::var_os("HOME").map(std::path::PathBuf::from) {
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(name).is_none() && home.join(folder).is_dir() {
                command.env(name, home.join(folder));
            }
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_goes_through_the_desk() {
        let command = inside(&["cargo", "test"]);
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        assert!(args[0].ends_with("tests/desk/desk.py"));
        assert_eq!(args[1..], ["--", "cargo", "test"]);
    }
}

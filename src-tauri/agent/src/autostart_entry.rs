//! The desktop entry that starts the app at login (Linux): written with the quoting of the Desktop Entry specification, and read
//! back to find out whether it still starts anything.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The characters that the specification reserves: an argument with one of them is quoted.
const RESERVED: &[char] =
    &[' ', '\t', '\n', '"', '\'', '\\', '>', '<', '~', '|', '&', ';', '$', '*', '?', '#', '(', ')', '`'];
/// The characters that are escaped within quotes.
const ESCAPED: &[char] = &['"', '`', '$', '\\'];

/// The entry of one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutostartEntry {
    file: PathBuf,
    name: String,
    program: PathBuf,
    argument: &'static str,
}

/// What the entry does at login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryState {
    /// There is none, or it is switched off.
    Off,
    /// It starts a program that is there.
    On,
    /// It is switched on, and starts nothing.
    Dead {
        /// What it would run.
        command: String,
    },
}

impl AutostartEntry {
    /// Returns the entry named `name` in the folder of configurations, which starts `program` with one argument.
    #[must_use]
    pub fn new(configurations: &Path, name: &str, program: PathBuf, argument: &'static str) -> Self {
        let file = configurations.join("autostart").join(format!("{name}.desktop"));
        Self { file, name: name.to_owned(), program, argument }
    }

    /// Returns what the entry does at login.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn state(&self) -> io::Result<EntryState> {
        let text = match fs::read(&self.file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(EntryState::Off),
            Err(error) => return Err(error),
        };
        let is = |key: &str, value: &str| self::value(&text, key).is_some_and(|one| one.eq_ignore_ascii_case(value));
        if is("Hidden", "true") || is("X-GNOME-Autostart-enabled", "false") {
            return Ok(EntryState::Off);
        }
        let command = value(&text, "Exec").map(unescaped).unwrap_or_default();
        let is_there = first_argument(&command).is_some_and(|program| is_executable(&program));
        Ok(if is_there { EntryState::On } else { EntryState::Dead { command } })
    }

    /// Writes the entry anew.
    ///
    /// # Errors
    /// When it cannot be written, or the program's path is no text.
    pub fn enable(&self) -> io::Result<()> {
        let program = self.program.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        let exec = escaped(&format!("{} {}", quoted(program), quoted(self.argument)));
        let name = escaped(&self.name);
        let text = format!(
            "[Desktop Entry]\nType=Application\nVersion=1.0\nName={name}\nExec={exec}\nStartupNotify=false\nTerminal=false\n"
        );
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        // A reader never finds half of it.
        let unfinished = self.file.with_extension("desktop.new");
        fs::write(&unfinished, text)?;
        fs::rename(&unfinished, &self.file)
    }

    /// Removes the entry. It is no error when there is none.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn disable(&self) -> io::Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Returns the folder of this account's configurations.
#[must_use]
pub fn configurations(xdg_config_home: Option<&OsStr>, home: Option<&OsStr>) -> Option<PathBuf> {
    let own = xdg_config_home.map(PathBuf::from).filter(|folder| folder.is_absolute());
    own.or_else(|| Some(PathBuf::from(home?).join(".config")).filter(|folder| folder.is_absolute()))
}

/// Quotes one argument of `Exec`, if it needs that.
fn quoted(argument: &str) -> String {
    let argument = argument.replace('%', "%%");
    if !argument.is_empty() && !argument.contains(RESERVED) {
        return argument;
    }
    let escape = |one: char| ESCAPED.contains(&one).then_some('\\').into_iter().chain([one]);
    format!("\"{}\"", argument.chars().flat_map(escape).collect::<String>())
}

/// Escapes a value of the file.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('\n', r"\n").replace('\t', r"\t").replace('\r', r"\r")
}

/// Undoes [`escaped`].
fn unescaped(value: &str) -> String {
    let mut chars = value.chars();
    let mut text = String::with_capacity(value.len());
    while let Some(one) = chars.next() {
        text.push(match (one, one == '\\') {
            (_, true) => match chars.next() {
                Some('s') => ' ',
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            (one, false) => one,
        });
    }
    text
}

/// Returns the value of a key in the group of the entry.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let group = text.lines().map(str::trim).skip_while(|line| *line != "[Desktop Entry]").skip(1);
    let mut lines = group.take_while(|line| !line.starts_with('['));
    lines.find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim))
}

/// Returns the program of an `Exec` value.
fn first_argument(command: &str) -> Option<String> {
    let command = command.trim_start();
    let program = match command.strip_prefix('"') {
        None => command.split([' ', '\t', '\n']).next()?.to_owned(),
        Some(quoted) => {
            let (mut chars, mut program) = (quoted.chars(), String::new());
            loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => program.push(chars.next()?),
                    other => program.push(other),
                }
            }
            program
        }
    };
    Some(program.replace("%%", "%")).filter(|program| !program.is_empty())
}

/// Tells whether there is such a program; one without a folder is searched by the system when it is started.
fn is_executable(program: &str) -> bool {
    let is_program =
        |path: &Path| fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0);
    if program.contains('/') {
        return Path::new(program).is_absolute() && is_program(Path::new(program));
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| is_program(&folder.join(program)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn written(folder: &Path, text: &str) -> EntryState {
        let entry = AutostartEntry::new(folder, "App", folder.join("app"), "--hidden");
        fs::create_dir_all(entry.file.parent().unwrap()).unwrap();
        fs::write(&entry.file, text).unwrap();
        entry.state().unwrap()
    }

    #[test]
    fn a_program_with_any_character_in_its_path_is_quoted_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "app",
            "My Apps/Okta Connector",
            "it's",
            "a\"b",
            "a\\b",
            "100%",
            "$HOME",
            "`id`",
            "a\tb",
            "line\nbreak",
            "(1) & *?#;<>|~",
            "über",
            "%f",
        ] {
            let path = program(folder.path(), name);
            let entry = AutostartEntry::new(folder.path(), "Okta Connector for Radiant", path.clone(), "--hidden");
            entry.enable().unwrap();
            assert_eq!(entry.state().unwrap(), EntryState::On, "{name:?}");
            let text = fs::read_to_string(&entry.file).unwrap();
            let command = unescaped(value(&text, "Exec").unwrap());
            assert_eq!(first_argument(&command).as_deref(), path.to_str(), "{name:?}");
            assert!(command.ends_with(" --hidden"), "{command}");
            fs::remove_file(path).unwrap();
            assert_eq!(entry.state().unwrap(), EntryState::Dead { command }, "{name:?} was removed");
            entry.disable().unwrap();
            entry.disable().unwrap();
            assert_eq!(entry.state().unwrap(), EntryState::Off);
        }
    }

    #[test]
    fn the_value_follows_the_specification() {
        assert_eq!(quoted("/opt/app"), "/opt/app");
        assert_eq!(quoted("/opt/My Apps/app"), r#""/opt/My Apps/app""#);
        assert_eq!(escaped(&quoted("/a $b")), r#""/a \\$b""#);
        assert_eq!(escaped(&quoted(r"/a\b c")), r#""/a\\\\b c""#);
        assert_eq!(quoted("50%"), "50%%");
        assert_eq!(quoted(""), r#""""#);
    }

    #[test]
    fn an_entry_that_starts_nothing_is_dead_and_one_that_is_switched_off_is_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = program(folder.path(), "My Apps/app");
        let path = path.to_str().unwrap();
        // As earlier versions wrote it: the blank ends the program.
        let unquoted = written(folder.path(), &format!("[Desktop Entry]\nExec={path} --hidden\n"));
        assert_eq!(unquoted, EntryState::Dead { command: format!("{path} --hidden") });
        let dead = |text: &str| matches!(written(folder.path(), text), EntryState::Dead { .. });
        assert!(dead("[Desktop Entry]\nExec=/gone/app --hidden"));
        assert!(dead("[Desktop Entry]\nExec=\"/never ends\n") && dead("[Desktop Entry]\nName=App\n") && dead(""));
        assert!(dead(&format!("[Desktop Entry]\nExec={}\n", folder.path().display())), "a folder is no program");
        let own = format!("[Desktop Entry]\n Exec = \"{path}\" --hidden\n");
        assert_eq!(written(folder.path(), &own), EntryState::On);
        for off in ["Hidden=true", "X-GNOME-Autostart-enabled=false"] {
            assert_eq!(written(folder.path(), &format!("{own}{off}\n")), EntryState::Off);
        }
        let other_group = format!("[Desktop Action x]\nExec={path}\n{own}[Desktop Action y]\nHidden=true\n");
        assert_eq!(written(folder.path(), &other_group), EntryState::On);
        assert_eq!(written(folder.path(), "[Desktop Entry]\nExec=sh -c true\n"), EntryState::On, "found in PATH");
    }

    #[test]
    fn the_folder_of_configurations_is_absolute() {
        let of = |own: Option<&str>, home: Option<&str>| configurations(own.map(OsStr::new), home.map(OsStr::new));
        assert_eq!(of(Some("/c"), Some("/home/a")), Some(PathBuf::from("/c")));
        for own in [None, Some(""), Some("relative")] {
            assert_eq!(of(own, Some("/home/a")), Some(PathBuf::from("/home/a/.config")));
        }
        assert_eq!(of(None, None), None);
    }
}

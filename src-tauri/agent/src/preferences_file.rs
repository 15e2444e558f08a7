//! The preferences of window, tray and notifications, theme and language, in a small file beside the database.
//!
//! The window writes the file, in one step, and renames one that is damaged, never deletes it; it then uses the defaults and
//! reports the problem. Every other process only reads: it keeps the last values that it could read. A run of the practice
//! organization starts with the values of the file and keeps its own in memory. The file holds nothing of a connection.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use messages::Messages;
use model::code::Code;
use model::preferences::{Language, Preferences};
use model::problem::Problem;
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

/// The preferences file, its problem at start, and the language to use where none was chosen.
pub struct PreferencesFile {
    /// The problem that the file had when it was opened.
    pub problem: Option<Problem>,
    /// The system's language, when the app supports it.
    pub system_language: Option<Language>,
    /// `None` when the values live in memory only.
    path: Option<PathBuf>,
    /// The values that were read last.
    last: Mutex<Preferences>,
}

impl PreferencesFile {
    /// Returns the file for the process that writes it; renames it when it is damaged.
    #[must_use]
    pub fn open(path: PathBuf, system_language: Option<Language>, now: DateTime<Utc>) -> Self {
        let problem = set_damaged_aside(&path, now);
        Self { problem, ..Self::reader(path, system_language) }
    }

    /// Returns the file for a process that only reads it.
    #[must_use]
    pub fn reader(path: PathBuf, system_language: Option<Language>) -> Self {
        Self { path: Some(path), problem: None, system_language, last: Mutex::default() }
    }

    /// Returns preferences that begin with those of the file and are kept in memory: what is chosen in practice stays there.
    #[must_use]
    pub fn of_practice(path: PathBuf, system_language: Option<Language>) -> Self {
        let last = Mutex::new(Self::reader(path, system_language).read());
        Self { path: None, problem: None, system_language, last }
    }

    /// Returns the preferences as they are now: the defaults when there is no file, and the last values while it is damaged.
    #[must_use]
    pub fn read(&self) -> Preferences {
        // The file has three members, so that reading it costs no more than finding out whether it changed.
        let read = self.path.as_ref().and_then(|path| match std::fs::read(path) {
            Ok(bytes) => parsed(&bytes).map(|(preferences, _)| preferences),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(Preferences::default()),
            Err(_) => None,
        });
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(preferences) = read {
            *last = preferences;
        }
        *last
    }

    /// Saves the preferences in one step. Members of the file that this version does not know are kept.
    ///
    /// # Errors
    /// [`Code::FileNotWritten`].
    pub fn write(&self, preferences: Preferences) -> Result<(), Problem> {
        let Some(path) = &self.path else {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = preferences;
            return Ok(());
        };
        replace(path, preferences).map_err(|error| {
            Problem::new(Code::FileNotWritten).arg("path", path.display().to_string()).detail(error.to_string())
        })
    }

    /// Returns the messages in the chosen language, or the system's.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages::load(match self.read().language {
            Language::System => self.system_language.unwrap_or(Language::En),
            chosen @ (Language::En | Language::De) => chosen,
        })
    }
}

/// Writes the preferences in one step and keeps the members of the file that this version does not know.
fn replace(path: &Path, preferences: Preferences) -> std::io::Result<()> {
    let saved = std::fs::read(path).ok().and_then(|bytes| parsed(&bytes));
    let mut members = saved.map(|(_, members)| members).unwrap_or_default();
    members.insert("theme".to_owned(), json!(preferences.theme));
    members.insert("language".to_owned(), json!(preferences.language));
    members.insert("zoom".to_owned(), json!(preferences.zoom));
    // Only its owner can read a temporary file; a rename keeps that.
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(&serde_json::to_vec_pretty(&members)?)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Returns the system's language when the app supports it, from the name of a locale.
#[must_use]
pub fn system_language(locale: Option<String>) -> Option<Language> {
    let locale = locale?.to_lowercase();
    match locale.split(['-', '_', '.']).next() {
        Some("de") => Some(Language::De),
        Some("en") => Some(Language::En),
        Some(_) | None => None,
    }
}

/// Returns the preferences and every member of the file; `None` when it is damaged.
fn parsed(bytes: &[u8]) -> Option<(Preferences, Map<String, Value>)> {
    // It must be an object: serde would accept an empty list for a structure whose members all have defaults.
    let members: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let preferences = serde_json::from_value(Value::Object(members.clone())).ok()?;
    Some((preferences, members))
}

/// Renames a file that cannot be read to `preferences.json.damaged-<time>`. `None` when it is absent or valid.
fn set_damaged_aside(file: &Path, now: DateTime<Utc>) -> Option<Problem> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(damaged(file).detail(error.kind().to_string())),
    };
    if parsed(&bytes).is_some() {
        return None;
    }
    let renamed = damaged_name(file, now);
    Some(match std::fs::rename(file, &renamed) {
        Ok(()) => damaged(&renamed),
        Err(error) => damaged(file).detail(error.kind().to_string()),
    })
}

fn damaged_name(file: &Path, now: DateTime<Utc>) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(now.format(".damaged-%Y%m%dT%H%M%SZ").to_string());
    name.into()
}

fn damaged(file: &Path) -> Problem {
    Problem::new(Code::PreferencesDamaged).arg("path", file.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use chrono::{DateTime, Utc};
    use model::code::Code;
    use model::preferences::{Language, Preferences, Theme};

    use super::{PreferencesFile, set_damaged_aside, system_language};

    const GERMAN: Preferences = Preferences { theme: Theme::Dark, language: Language::De, zoom: 100 };

    fn now() -> DateTime<Utc> {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    fn file_with(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("preferences.json");
        std::fs::write(&file, text).unwrap();
        (folder, file)
    }

    #[test]
    fn a_damaged_file_is_renamed_and_keeps_its_bytes() {
        for text in ["{\"theme\": \"da", "[]", "{\"theme\": \"purple\"}", ""] {
            let (folder, file) = file_with(text);
            let problem = set_damaged_aside(&file, now()).unwrap();
            let aside = folder.path().join("preferences.json.damaged-20260301T100000Z");
            assert_eq!(problem.code, Code::PreferencesDamaged);
            assert_eq!(problem.args["path"], aside.display().to_string());
            assert_eq!(std::fs::read_to_string(aside).unwrap(), text);
            assert!(!file.exists());
        }
    }

    #[test]
    fn a_valid_or_absent_file_is_left_as_it_is() {
        for text in ["{}", "{\"theme\": \"dark\"}", "{\"theme\": \"light\", \"language\": \"de\"}"] {
            let (_folder, file) = file_with(text);
            assert_eq!(set_damaged_aside(&file, now()), None);
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(set_damaged_aside(&folder.path().join("preferences.json"), now()), None);
    }

    #[test]
    fn the_system_language_is_used_only_when_the_app_supports_it() {
        let language = |locale: &str| system_language(Some(locale.to_owned()));
        assert_eq!(language("de-AT"), Some(Language::De));
        assert_eq!(language("en_US.UTF-8"), Some(Language::En));
        assert_eq!(language("fr-FR"), None);
        assert_eq!(language("deva"), None);
        assert_eq!(system_language(None), None);
    }

    #[test]
    fn a_reader_keeps_its_last_values_while_the_file_is_damaged_and_never_renames_it() {
        let (folder, path) = file_with("{\"theme\": \"dark\", \"language\": \"de\"}");
        let reader = PreferencesFile::reader(path.clone(), None);
        assert_eq!(reader.read(), GERMAN);
        for damaged in ["{\"theme\": \"da", "[]", ""] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(reader.read(), GERMAN, "{damaged:?}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was renamed");
        std::fs::write(&path, "{\"language\": \"en\"}").unwrap();
        assert_eq!(reader.read(), Preferences { language: Language::En, ..Preferences::default() });
        std::fs::remove_file(&path).unwrap();
        assert_eq!(reader.read(), Preferences::default());
    }

    #[test]
    fn a_file_that_is_damaged_at_the_start_is_set_aside_by_the_window_alone() {
        let (folder, path) = file_with("[]");
        let reader = PreferencesFile::reader(path.clone(), None);
        assert_eq!((reader.read(), reader.problem.as_ref()), (Preferences::default(), None));
        assert!(path.exists());
        let window = PreferencesFile::open(path.clone(), None, now());
        assert_eq!(window.problem.as_ref().unwrap().code, Code::PreferencesDamaged);
        window.write(GERMAN).unwrap();
        assert_eq!(reader.read(), GERMAN);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "the damaged file is kept");
    }

    #[test]
    fn what_is_chosen_in_practice_stays_in_practice() {
        let (folder, path) = file_with("{\"theme\": \"dark\", \"language\": \"de\"}");
        let practice = PreferencesFile::of_practice(path.clone(), None);
        assert_eq!(practice.read(), GERMAN);
        let chosen = Preferences { theme: Theme::Light, language: Language::En, zoom: 150 };
        practice.write(chosen).unwrap();
        assert_eq!(practice.read(), chosen);
        assert_eq!(PreferencesFile::reader(path, None).read(), GERMAN);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_reader_never_sees_a_part_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("preferences.json");
        let file = PreferencesFile::open(path.clone(), None, now());
        file.write(GERMAN).unwrap();
        let other = Preferences { theme: Theme::Light, language: Language::En, zoom: 125 };
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for round in 0..100 {
                    file.write(if round % 2 == 0 { other } else { GERMAN }).unwrap();
                }
            });
            let mut reads = 0;
            while reads < 100 || !writer.is_finished() {
                let read: Preferences = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                assert!([GERMAN, other].contains(&read), "{read:?}");
                reads += 1;
            }
        });
        assert_eq!(file.read(), GERMAN);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn unknown_members_are_kept() {
        let (_folder, path) = file_with("{\"theme\": \"dark\", \"density\": 3}");
        PreferencesFile::open(path.clone(), None, now()).write(GERMAN).unwrap();
        let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(saved, serde_json::json!({"theme": "dark", "density": 3, "language": "de", "zoom": 100}));
    }

    #[test]
    #[cfg(unix)]
    fn only_the_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, path) = file_with("{}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        PreferencesFile::open(path.clone(), None, now()).write(GERMAN).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_is_gone_is_reported() {
        let (folder, path) = file_with("{}");
        let file = PreferencesFile::open(path, None, now());
        drop(folder);
        assert_eq!(file.write(GERMAN).unwrap_err().code, Code::FileNotWritten);
    }

    #[test]
    fn messages_follow_the_choice_else_the_system() {
        let (_folder, path) = file_with("{}");
        let languages = |system| {
            let file = PreferencesFile::reader(path.clone(), system);
            file.messages().text(messages::keys::TRAY_QUIT, &[])
        };
        let text = |language| messages::Messages::load(language).text(messages::keys::TRAY_QUIT, &[]);
        assert_eq!(languages(Some(Language::De)), text(Language::De));
        assert_eq!(languages(None), text(Language::En));
        std::fs::write(&path, "{\"language\": \"en\"}").unwrap();
        assert_eq!(languages(Some(Language::De)), text(Language::En));
    }
}

//! The window's own preferences, theme and language, in a small file beside the database.
//!
//! A file that cannot be read is renamed, never deleted; the app then uses the defaults and reports the problem. The file
//! holds nothing of a connection.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use messages::Messages;
use model::code::Code;
use model::preferences::{Language, Preferences};
use model::problem::Problem;
use serde_json::{Map, Value, json};
use tauri::{AppHandle, Runtime};
use tauri_plugin_store::StoreExt as _;

/// The preferences file, its problem at start, and the language to use where none was chosen.
pub(crate) struct PreferencesFile {
    path: PathBuf,
    /// The problem that the file had when the app started.
    pub(crate) problem: Option<Problem>,
    /// The system's language, when the app supports it.
    pub(crate) system_language: Option<Language>,
}

impl PreferencesFile {
    /// Returns the file; renames it when it cannot be read.
    pub(crate) fn open(path: PathBuf, system_language: Option<Language>, now: DateTime<Utc>) -> Self {
        Self { problem: set_damaged_aside(&path, now), path, system_language }
    }

    /// Returns the preferences; the defaults where nothing was chosen.
    pub(crate) fn read<R: Runtime>(&self, app: &AppHandle<R>) -> Preferences {
        let Ok(store) = app.store(&self.path) else { return Preferences::default() };
        let saved: Map<String, Value> = store.entries().into_iter().collect();
        serde_json::from_value(Value::Object(saved)).unwrap_or_default()
    }

    /// Saves the preferences.
    ///
    /// # Errors
    /// [`Code::FileNotWritten`].
    pub(crate) fn write<R: Runtime>(&self, app: &AppHandle<R>, preferences: Preferences) -> Result<(), Problem> {
        let failed = |error: tauri_plugin_store::Error| {
            Problem::new(Code::FileNotWritten).arg("path", self.path.display().to_string()).detail(error.to_string())
        };
        let store = app.store(&self.path).map_err(failed)?;
        store.set("theme", json!(preferences.theme));
        store.set("language", json!(preferences.language));
        store.save().map_err(failed)
    }

    /// Returns the messages in the chosen language, or the system's.
    pub(crate) fn messages(&self, preferences: Preferences) -> Messages {
        Messages::load(match preferences.language {
            Language::System => self.system_language.unwrap_or(Language::En),
            Language::En | Language::De => preferences.language,
        })
    }
}

/// Returns the system's language when the app supports it.
pub(crate) fn system_language(locale: Option<String>) -> Option<Language> {
    let locale = locale?.to_lowercase();
    match locale.split(['-', '_', '.']).next() {
        Some("de") => Some(Language::De),
        Some("en") => Some(Language::En),
        Some(_) | None => None,
    }
}

/// Renames a file that cannot be read to `preferences.json.damaged-<time>`. `None` when it is absent or valid.
fn set_damaged_aside(file: &Path, now: DateTime<Utc>) -> Option<Problem> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(damaged(file).detail(error.kind().to_string())),
    };
    // It must be an object: serde would accept an empty list for a structure whose members all have defaults.
    let valid = serde_json::from_slice::<Map<String, Value>>(&bytes)
        .and_then(|saved| serde_json::from_value::<Preferences>(Value::Object(saved)));
    if valid.is_ok() {
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
    use model::preferences::Language;

    use super::{set_damaged_aside, system_language};

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
}

//! The window's own preferences: theme and language, in a small file beside the database.
//!
//! A file that cannot be read is renamed, never deleted, and the app goes on with the defaults and says so. Nothing of a
//! connection is kept here.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use model::code::Code;
use model::preferences::Preferences;
use model::problem::Problem;
use serde_json::{Map, Value, json};
use tauri::{AppHandle, Runtime};
use tauri_plugin_store::StoreExt as _;

/// Renames a file that cannot be read to `preferences.json.damaged-<time>`. `None` when it is absent or good.
pub(crate) fn set_damaged_aside(file: &Path, now: DateTime<Utc>) -> Option<Problem> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(damaged(file).detail(error.kind().to_string())),
    };
    // An object first: serde would take an empty list for a structure whose members all have defaults.
    let good = serde_json::from_slice::<Map<String, Value>>(&bytes)
        .and_then(|kept| serde_json::from_value::<Preferences>(Value::Object(kept)));
    if good.is_ok() {
        return None;
    }
    let aside = aside(file, now);
    Some(match std::fs::rename(file, &aside) {
        Ok(()) => damaged(&aside),
        Err(error) => damaged(file).detail(error.kind().to_string()),
    })
}

/// Returns the preferences; the defaults where nothing was chosen.
pub(crate) fn read<R: Runtime>(app: &AppHandle<R>, file: &Path) -> Preferences {
    let Ok(store) = app.store(file) else { return Preferences::default() };
    let kept: Map<String, Value> = store.entries().into_iter().collect();
    serde_json::from_value(Value::Object(kept)).unwrap_or_default()
}

/// Keeps the preferences.
///
/// # Errors
/// [`Code::FileNotWritten`].
pub(crate) fn write<R: Runtime>(
    app: &AppHandle<R>,
    file: &Path,
    preferences: Preferences,
) -> Result<Preferences, Problem> {
    let failed = |error: tauri_plugin_store::Error| not_written(file).detail(error.to_string());
    let store = app.store(file).map_err(failed)?;
    store.set("theme", json!(preferences.theme));
    store.set("language", json!(preferences.language));
    store.save().map_err(failed)?;
    Ok(preferences)
}

fn aside(file: &Path, now: DateTime<Utc>) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(now.format(".damaged-%Y%m%dT%H%M%SZ").to_string());
    name.into()
}

fn damaged(file: &Path) -> Problem {
    Problem::new(Code::PreferencesDamaged).arg("path", file.display().to_string())
}

fn not_written(file: &Path) -> Problem {
    Problem::new(Code::FileNotWritten).arg("path", file.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use chrono::{DateTime, Utc};
    use model::code::Code;

    use super::set_damaged_aside;

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
    fn a_good_file_and_an_absent_one_stay_as_they_are() {
        for text in ["{}", "{\"theme\": \"dark\"}", "{\"theme\": \"light\", \"language\": \"de\"}"] {
            let (_folder, file) = file_with(text);
            assert_eq!(set_damaged_aside(&file, now()), None);
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(set_damaged_aside(&folder.path().join("preferences.json"), now()), None);
    }
}

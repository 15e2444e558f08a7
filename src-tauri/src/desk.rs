//! What the app is, apart from its connections: answers the window's first question.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use connector::place;
use messages::Messages;
use model::diagnostics::RuntimeInfo;
use model::preferences::{AppInfo, Language, Preferences};
use model::problem::Problem;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::doors::Doors;
use crate::{preferences, tray, window};

/// What the app knows of itself.
pub(crate) struct Desk {
    /// The window's own preferences.
    pub(crate) preferences_file: PathBuf,
    /// What was wrong with that file at start.
    pub(crate) preferences_problem: Mutex<Option<Problem>>,
    /// The system's language, when it is one the app speaks.
    pub(crate) system_language: Option<Language>,
}

impl Desk {
    /// Returns what the window asks first.
    pub(crate) fn info<R: Runtime>(&self, app: &AppHandle<R>, doors: &Doors) -> AppInfo {
        AppInfo {
            version: version(app),
            practice: doors.practice_only(),
            operator: doors.operator().to_owned(),
            problem: doors.problem(),
            tray: tray::is_there(app),
            system_language: self.system_language,
            preferences_problem: self.preferences_problem(),
        }
    }

    /// Returns what was wrong with the preferences' file at start.
    pub(crate) fn preferences_problem(&self) -> Option<Problem> {
        self.preferences_problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// As [`Desk::info`], once the tray was drawn anew: it shows as well whether the database can be used.
    pub(crate) async fn info_anew<R: Runtime>(&self, app: &AppHandle<R>, doors: &Doors) -> AppInfo {
        tray::redraw(app).await;
        self.info(app, doors)
    }

    /// Keeps the window's preferences and applies them to window frame and tray.
    ///
    /// # Errors
    /// [`model::code::Code::FileNotWritten`].
    pub(crate) async fn choose<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        chosen: Preferences,
    ) -> Result<Preferences, Problem> {
        let kept = preferences::write(app, &self.preferences_file, chosen)?;
        window::dress(app, kept.theme, &self.messages(kept));
        tray::redraw(app).await;
        Ok(kept)
    }

    /// Returns the messages in the language chosen, or the system's.
    pub(crate) fn messages(&self, chosen: Preferences) -> Messages {
        Messages::of(match chosen.language {
            Language::System => self.system_language.unwrap_or(Language::En),
            Language::En | Language::De => chosen.language,
        })
    }

    /// Returns the messages in the language the window uses.
    pub(crate) fn words<R: Runtime>(&self, app: &AppHandle<R>) -> Messages {
        self.messages(preferences::read(app, &self.preferences_file))
    }
}

/// Returns the folder of the log.
pub(crate) fn log_dir<R: Runtime>(app: &AppHandle<R>) -> Option<PathBuf> {
    app.path().app_log_dir().ok()
}

/// Returns what a diagnostics bundle says of the app, with the newest part of its log.
pub(crate) fn running<R: Runtime>(app: &AppHandle<R>) -> RuntimeInfo {
    RuntimeInfo {
        version: version(app),
        os: format!("{} ({} {})", whoami::distro(), std::env::consts::OS, std::env::consts::ARCH),
        web_view: tauri::webview_version().ok(),
        log: log_dir(app).map(|folder| place::newest_log(&folder)).unwrap_or_default(),
    }
}

/// Returns the app's version.
pub(crate) fn version<R: Runtime>(app: &AppHandle<R>) -> String {
    app.package_info().version.to_string()
}

/// Returns the system's language when it is one the app speaks.
pub(crate) fn system_language(locale: Option<String>) -> Option<Language> {
    let locale = locale?.to_lowercase();
    match locale.split(['-', '_', '.']).next() {
        Some("de") => Some(Language::De),
        Some("en") => Some(Language::En),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use model::preferences::Language;

    use super::system_language;

    #[test]
    fn the_system_language_is_told_only_when_the_app_speaks_it() {
        let told = |locale: &str| system_language(Some(locale.to_owned()));
        assert_eq!(told("de-AT"), Some(Language::De));
        assert_eq!(told("en_US.UTF-8"), Some(Language::En));
        assert_eq!(told("fr-FR"), None);
        assert_eq!(told("deva"), None);
        assert_eq!(system_language(None), None);
    }
}

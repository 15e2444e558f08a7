//! The app's only window. Closing it frees the web view; what then becomes of the process is decided elsewhere.

use tauri::{AppHandle, Manager as _, Runtime, Theme as WindowTheme};

use messages::{Messages, keys};
use model::preferences::Theme;

use crate::app_state::AppState;

/// The window's label; the capability names it.
pub(crate) const LABEL: &str = "main";
const TITLE: &str = "Okta Connector for Radiant";

/// Closes the window and frees its web view, if there is one.
pub(crate) fn tear_down<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    app.state::<AppState>().set_window_closing(true);
    if let Err(error) = window.destroy() {
        tracing::warn!(%error, "the window was not closed");
    }
}

/// Tells whether there is a window.
pub(crate) fn is_there<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.get_webview_window(LABEL).is_some()
}

/// Tells whether the window has the focus.
pub(crate) fn is_in_front<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Returns the window's title, which names practice.
pub(crate) fn title(practice: bool, messages: &Messages) -> String {
    let practice_word = || messages.text(keys::PRACTICE_WORD, &[]);
    if practice { format!("{TITLE} \u{2014} {}", practice_word()) } else { TITLE.to_owned() }
}

/// Applies theme and language to the frame of the window, where there is one.
pub(crate) fn apply_preferences<R: Runtime>(app: &AppHandle<R>, theme: Theme, messages: &Messages) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let title = title(app.state::<AppState>().connectors.practice_only(), messages);
    if let Err(error) = window.set_theme(native(theme)).and_then(|()| window.set_title(&title)) {
        tracing::debug!(%error, "the window's frame was not changed");
    }
}

pub(crate) fn native(theme: Theme) -> Option<WindowTheme> {
    match theme {
        Theme::System => None,
        Theme::Light => Some(WindowTheme::Light),
        Theme::Dark => Some(WindowTheme::Dark),
    }
}

#[cfg(test)]
mod tests {
    use messages::Messages;
    use model::preferences::Language;

    use super::title;

    #[test]
    fn the_title_names_practice_in_the_language_in_use() {
        for (language, word) in [(Language::En, "PRACTICE"), (Language::De, "\u{dc}BUNG")] {
            let messages = Messages::load(language);
            assert_eq!(title(false, &messages), "Okta Connector for Radiant");
            assert_eq!(title(true, &messages), format!("Okta Connector for Radiant \u{2014} {word}"));
        }
    }
}

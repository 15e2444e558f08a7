//! The one window: made in code, torn down when closed, shut to every address but its own.
//!
//! It navigates nowhere else and opens no other window; links leave through Rust, by name (`commands::links`). Closing it
//! frees the web view. Where there is a tray the app stays; where there is none it ends, because there would be no way back.

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Runtime, Theme as WindowTheme, WebviewUrl, WebviewWindowBuilder};
use url::Url;

use messages::{Messages, keys};
use model::preferences::Theme;

use crate::desk::Desk;
use crate::doors::Doors;
use crate::preferences;

/// The window's label; the capability names it.
pub(crate) const LABEL: &str = "main";
const TITLE: &str = "Okta Connector for Radiant";

/// Shows the window, making it when there is none.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>) {
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()),
        None => make(app),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window could not be shown");
    }
}

/// Tells whether there is a window.
pub(crate) fn is_there<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.get_webview_window(LABEL).is_some()
}

/// Tells whether the window is being looked at.
pub(crate) fn is_in_front<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

fn make<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let practice = app.state::<Doors>().practice_only();
    let theme = preferences::read(app, &app.state::<Desk>().preferences_file).theme;
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(title(practice, &app.state::<Desk>().words(app)))
        .inner_size(1080.0, 720.0)
        .min_inner_size(880.0, 600.0)
        .theme(native(theme))
        .devtools(cfg!(debug_assertions))
        .on_navigation(own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()
        .map(drop)
}

/// Returns the window's title; practice says so.
fn title(practice: bool, messages: &Messages) -> String {
    let word = || messages.text(keys::PRACTICE_WORD, &[]);
    if practice { format!("{TITLE} \u{2014} {}", word()) } else { TITLE.to_owned() }
}

/// Gives the frame of the window, where there is one, the chosen colours and language.
pub(crate) fn dress<R: Runtime>(app: &AppHandle<R>, theme: Theme, messages: &Messages) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let title = title(app.state::<Doors>().practice_only(), messages);
    if let Err(error) = window.set_theme(native(theme)).and_then(|()| window.set_title(&title)) {
        tracing::debug!(%error, "the window's frame stays as it was");
    }
}

fn native(theme: Theme) -> Option<WindowTheme> {
    match theme {
        Theme::System => None,
        Theme::Light => Some(WindowTheme::Light),
        Theme::Dark => Some(WindowTheme::Dark),
    }
}

/// Tells whether an address is the app's own: `tauri://localhost`, on Windows `http(s)://tauri.localhost`.
fn own(url: &Url) -> bool {
    matches!(
        (url.scheme(), url.host_str(), url.port()),
        ("tauri", Some("localhost"), None) | ("http" | "https", Some("tauri.localhost"), None)
    )
}

#[cfg(test)]
mod tests {
    use messages::Messages;
    use model::preferences::Language;

    use super::{own, title};

    #[test]
    fn the_window_goes_nowhere_but_home() {
        for home in ["tauri://localhost", "tauri://localhost/index.html#step", "https://tauri.localhost/"] {
            assert!(own(&home.parse().unwrap()), "{home}");
        }
        for away in [
            "https://okta.com/",
            "http://localhost/",
            "https://tauri.localhost.example/",
            "https://tauri.localhost:8443/",
            "tauri://elsewhere/",
            "data:text/html,x",
            "file:///etc/passwd",
            "about:blank",
        ] {
            assert!(!own(&away.parse().unwrap()), "{away}");
        }
    }

    #[test]
    fn practice_stands_in_the_title_in_the_language_spoken() {
        for (language, word) in [(Language::En, "PRACTICE"), (Language::De, "\u{dc}BUNG")] {
            let messages = Messages::of(language);
            assert_eq!(title(false, &messages), "Okta Connector for Radiant");
            assert_eq!(title(true, &messages), format!("Okta Connector for Radiant \u{2014} {word}"));
        }
    }
}

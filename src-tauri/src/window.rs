//! The app's only window: created in code, destroyed when it is closed, restricted to the app's own pages.
//!
//! It navigates nowhere else and opens no other window; Rust opens links by name (`commands::links`). Closing it frees the
//! web view. The app keeps running where there is a tray; without one it ends, because nobody could open it again.

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Runtime, Theme as WindowTheme, WebviewUrl, WebviewWindowBuilder};
use url::Url;

use messages::{Messages, keys};
use model::preferences::Theme;

use crate::app_state::AppState;

/// The window's label; the capability names it.
pub(crate) const LABEL: &str = "main";
const TITLE: &str = "Okta Connector for Radiant";

/// Shows the window; creates it when there is none.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>) {
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()),
        None => create(app),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window could not be shown");
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

fn create<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let state = app.state::<AppState>();
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(title(state.connectors.practice_only(), &state.messages(app)))
        .inner_size(1080.0, 720.0)
        .min_inner_size(880.0, 600.0)
        .theme(native(state.preferences.read(app).theme))
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()
        .map(drop)
}

/// Returns the window's title, which names practice.
fn title(practice: bool, messages: &Messages) -> String {
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

fn native(theme: Theme) -> Option<WindowTheme> {
    match theme {
        Theme::System => None,
        Theme::Light => Some(WindowTheme::Light),
        Theme::Dark => Some(WindowTheme::Dark),
    }
}

/// Tells whether an address is one of the app's own pages: `tauri://localhost`, on Windows `http(s)://tauri.localhost`.
fn is_own_page(url: &Url) -> bool {
    matches!(
        (url.scheme(), url.host_str(), url.port()),
        ("tauri", Some("localhost"), None) | ("http" | "https", Some("tauri.localhost"), None)
    )
}

#[cfg(test)]
mod tests {
    use messages::Messages;
    use model::preferences::Language;

    use super::{is_own_page, title};

    #[test]
    fn the_window_opens_only_the_apps_own_pages() {
        for page in ["tauri://localhost", "tauri://localhost/index.html#step", "https://tauri.localhost/"] {
            assert!(is_own_page(&page.parse().unwrap()), "{page}");
        }
        for other in [
            "https://okta.com/",
            "http://localhost/",
            "https://tauri.localhost.example/",
            "https://tauri.localhost:8443/",
            "tauri://elsewhere/",
            "data:text/html,x",
            "file:///etc/passwd",
            "about:blank",
        ] {
            assert!(!is_own_page(&other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn the_title_names_practice_in_the_language_in_use() {
        for (language, word) in [(Language::En, "PRACTICE"), (Language::De, "\u{dc}BUNG")] {
            let messages = Messages::load(language);
            assert_eq!(title(false, &messages), "Okta Connector for Radiant");
            assert_eq!(title(true, &messages), format!("Okta Connector for Radiant \u{2014} {word}"));
        }
    }
}

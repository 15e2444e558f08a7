//! Opens the app's only window: created in code, restricted to the app's own pages.
//!
//! It navigates nowhere else and opens no other window; Rust opens links by name (`commands::links`).

use std::time::Duration;

use agent::host_context::ShowRequest;
use runtime::Clock;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tokio::sync::oneshot;
use url::Url;

use crate::app_state::AppState;
use crate::events::{self, NavigationRequested};
use crate::web_view_watch;
use crate::window::{LABEL, native, title};

/// How long the main thread may take to open the window.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a window may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// The interval at which it is looked whether it has closed.
const POLL: Duration = Duration::from_millis(50);

/// Shows the window from any thread, where wanted at a place. Returns whether it is shown: it is not while the window is
/// closing, or when the process is ending.
pub(crate) async fn show<R: Runtime>(app: &AppHandle<R>, request: ShowRequest) -> bool {
    let (done, shown) = oneshot::channel();
    let handle = app.clone();
    let scheduled = app.run_on_main_thread(move || {
        let state = handle.state::<AppState>();
        let is_shown = !state.is_ending() && open(&handle, request.activation_token.as_deref());
        if let Some(target) = request.target.filter(|_| is_shown) {
            state.navigation.set(target);
            events::send(&handle, &NavigationRequested);
        }
        // Nobody waits for it any more after the deadline.
        let _expired = done.send(is_shown);
    });
    scheduled.is_ok() && Clock::system().within(OPEN_TIMEOUT, shown).await == Some(Ok(true))
}

/// Shows the window from any thread, once it has closed if it is closing.
pub(crate) async fn show_at_last<R: Runtime>(app: &AppHandle<R>, request: ShowRequest) {
    let clock = Clock::system();
    let shown = async {
        while !show(app, request.clone()).await {
            clock.sleep(POLL).await;
        }
    };
    if clock.within(CLOSE_TIMEOUT, shown).await.is_none() {
        tracing::warn!("the window was not shown");
    }
}

/// Shows the window, on the main thread; creates it when there is none. The desktop's activation token lets it take the focus.
/// Returns whether it is shown.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, activation_token: Option<&str>) -> bool {
    // A window that is closing is still there, but cannot be shown any more.
    if app.state::<AppState>().is_window_closing() {
        return false;
    }
    let window = app.get_webview_window(LABEL).map_or_else(|| create(app), Ok);
    let shown = window.and_then(|window| bring_to_front(&window, activation_token));
    if let Err(error) = &shown {
        tracing::error!(%error, "the window could not be shown");
    }
    shown.is_ok()
}

fn bring_to_front<R: Runtime>(window: &WebviewWindow<R>, activation_token: Option<&str>) -> tauri::Result<()> {
    #[cfg(target_os = "linux")]
    if let Some(token) = activation_token {
        use gtk::prelude::GtkWindowExt as _;
        window.gtk_window()?.set_startup_id(token);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = activation_token;
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

fn create<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<WebviewWindow<R>> {
    let state = app.state::<AppState>();
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(title(state.connectors.practice_only(), &state.messages()))
        .inner_size(1080.0, 720.0)
        .min_inner_size(880.0, 600.0)
        .theme(native(state.preferences.read().theme))
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    web_view_watch::watch(app, &window)?;
    Ok(window)
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
    use super::is_own_page;

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
}

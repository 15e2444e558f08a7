//! Notices a dead web view: its process ended, or its page was not drawn in time.
//!
//! The page is loaded once more. If that does not help either, the window is closed, so that no dead window stays, and a
//! notification says what to do. Nothing that the process holds is lost by that.

use std::time::Duration;

use runtime::Clock;
use tauri::{AppHandle, Manager as _, Runtime, WebviewWindow};

use crate::app_state::AppState;
use crate::window;

/// How long a page may take until it is drawn.
const PAINT_TIMEOUT: Duration = Duration::from_secs(10);
/// The same on a loaded machine.
const PAINT_TIMEOUT_UNDER_LOAD: Duration = Duration::from_secs(30);

/// Watches the web view of a new window.
///
/// # Errors
/// When the web view has ended already.
pub(crate) fn watch<R: Runtime>(app: &AppHandle<R>, window: &WebviewWindow<R>) -> tauri::Result<()> {
    let number = app.state::<AppState>().page.begin();
    tauri::async_runtime::spawn(wait_for_first_paint(app.clone(), number));
    on_process_end(app, window)
}

/// Calls [`failed`] when the process of the web view ends by itself.
#[cfg(target_os = "linux")]
fn on_process_end<R: Runtime>(app: &AppHandle<R>, window: &WebviewWindow<R>) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt as _;
    let app = app.clone();
    window.with_webview(move |web_view| {
        web_view.inner().connect_web_process_terminated(move |_, reason| {
            failed(&app, &format!("its process ended: {reason:?}"));
        });
    })
}

/// Other systems show a page of their own.
#[cfg(not(target_os = "linux"))]
fn on_process_end<R: Runtime>(_app: &AppHandle<R>, _window: &WebviewWindow<R>) -> tauri::Result<()> {
    Ok(())
}

/// Reports a page that is not drawn in time, unless its window was closed meanwhile.
async fn wait_for_first_paint<R: Runtime>(app: AppHandle<R>, number: u64) {
    let page = &app.state::<AppState>().page;
    let timeout = if is_loaded() { PAINT_TIMEOUT_UNDER_LOAD } else { PAINT_TIMEOUT };
    let is_late = Clock::system().within(timeout, page.wait_for_paint()).await.is_none();
    if is_late && page.is_present(number) && window::is_there(&app) {
        failed(&app, "its page was not drawn in time");
    }
}

/// Loads the page once more, or closes the window.
fn failed<R: Runtime>(app: &AppHandle<R>, reason: &str) {
    let loads_again = app.state::<AppState>().page.may_load_again(Clock::system().now());
    tracing::error!(reason, loads_again, "the web view failed");
    let handle = app.clone();
    let scheduled = app.run_on_main_thread(move || {
        if loads_again && reload(&handle).is_ok() {
            let number = handle.state::<AppState>().page.begin();
            tauri::async_runtime::spawn(wait_for_first_paint(handle, number));
        } else {
            let state = handle.state::<AppState>();
            // Practice is monitored by this process alone.
            if !state.connectors.practice_only() {
                let messages = state.messages();
                // Before the window is closed, because the process may end as soon as it is.
                let show = state.page.notify(move || agent::notifications::show_window_failed(&messages));
                tauri::async_runtime::spawn(show);
            }
            window::tear_down(&handle);
        }
    });
    if let Err(error) = scheduled {
        tracing::debug!(%error, "the app is ending");
    }
}

fn reload<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    app.get_webview_window(window::LABEL).ok_or(tauri::Error::WebviewNotFound)?.reload()
}

/// Tells whether more tasks wait for a processor than there are processors.
fn is_loaded() -> bool {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    let load = load.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    load.is_some_and(|load| load > f64::from(u32::try_from(processors).unwrap_or(u32::MAX)))
}

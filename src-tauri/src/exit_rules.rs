//! When this process ends after its window was closed (Linux).
//!
//! The agent monitors, so the window's process ends with its window, unless it holds something that its end would lose. The
//! web view is gone in either case; a window that is opened meanwhile gets a new one in the same process.

use std::time::Duration;

use tauri::{AppHandle, Manager as _, Runtime};

use crate::app_state::AppState;
use crate::{quit, window};

/// How soon the end of what the process holds is noticed, just after the window was closed and later.
const POLL: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];
/// The number of fast polls.
const FAST_POLLS: u32 = 50;

/// Ends the process once its end loses nothing, unless a window is opened before.
pub(crate) fn on_window_closed<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let clock = app.state::<AppState>().connectors.config().clock.clone();
        for poll in 0_u32.. {
            if window::is_there(&app) {
                return;
            }
            match blocker(&app).await {
                None => return end_without_window(&app),
                Some(reason) => tracing::debug!(reason, "the process does not end yet"),
            }
            clock.sleep(POLL[usize::from(poll >= FAST_POLLS)]).await;
        }
    });
}

/// Returns what the end of the process would lose now, if anything.
async fn blocker<R: Runtime>(app: &AppHandle<R>) -> Option<&'static str> {
    let state = app.state::<AppState>();
    if state.connectors.practice_only() {
        // Without an icon nobody could open the window again.
        return state.hosts.tray_is_there().then_some("practice");
    }
    // Somebody can open its window again: from the tray, or by starting the app.
    let is_reachable = state.agent.is_used() || state.hosts.tray_is_there();
    let blockers = [
        ("no agent does this process's work", !state.agent.is_connected() && is_reachable),
        ("a secret for this run, practice, or a call in progress", state.connectors.is_busy()),
        ("a re-authentication prompt", state.reauthentication.is_open()),
        ("a notification about the window", state.page.is_notifying()),
        ("a problem of the preferences file", state.preferences.problem.is_some()),
        ("a text on the clipboard", state.clipboard.is_ours().await),
    ];
    blockers.into_iter().find(|(_, blocks)| *blocks).map(|(reason, _)| reason)
}

/// Ends the process, unless a window was opened. Windows are created on the main thread, so it is the last to look.
fn end_without_window<R: Runtime>(app: &AppHandle<R>) {
    let handle = app.clone();
    let scheduled = app.run_on_main_thread(move || {
        if !window::is_there(&handle) {
            quit::end_process(&handle);
        }
    });
    if let Err(error) = scheduled {
        tracing::debug!(%error, "the app is ending");
    }
}

//! Explains once, by a notification, that monitoring continues after the window was closed. A person who closes the window for the
//! first time cannot know that the app stays in the tray.

use agent::notifications;
use messages::keys;
use model::problem::Problem;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::app_state::AppState;

/// The key of the setting that the explanation was shown.
const KEY: &str = "first_close_explained";

/// Shows the explanation if it is due. The process does not end meanwhile.
pub(crate) fn explain_once<R: Runtime>(app: &AppHandle<R>) {
    let state = app.state::<AppState>();
    let handle = app.clone();
    tauri::async_runtime::spawn(state.page.notify(move || {
        let state = handle.state::<AppState>();
        match tauri::async_runtime::block_on(take_due(&state)) {
            Ok(true) => {
                let messages = state.messages();
                let text = |key| messages.text(key, &[]);
                notifications::show_text(&text(keys::NOTICE_FIRST_CLOSE), &text(keys::NOTICE_FIRST_CLOSE_BODY));
            }
            Ok(false) => {}
            Err(problem) => {
                tracing::debug!(code = %problem.code, "it is unknown whether the first close was explained")
            }
        }
    }));
}

/// Tells whether the explanation is due, and records that it is shown: a connection is monitored, monitoring continues without the
/// window, and notifications are wanted.
async fn take_due(state: &AppState) -> Result<bool, Problem> {
    let continues = state.agent.is_connected() || state.hosts.tray_is_there();
    if state.is_ending() || state.connectors.practice_only() || !continues {
        return Ok(false);
    }
    let real = state.connectors.real()?;
    if real.settings().value::<bool>(KEY).await?.unwrap_or(false) {
        return Ok(false);
    }
    let now = state.connectors.config().clock.now();
    let is_quiet = real.settings().monitor().await?.is_quiet(now);
    let views = real.connections().list().await?;
    let is_monitored = views.iter().any(|view| view.connection.is_monitored(view.setup.finished.is_some()));
    if !is_monitored || is_quiet {
        return Ok(false);
    }
    real.settings().put_value(KEY, true).await?;
    Ok(true)
}

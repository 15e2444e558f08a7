//! The end of the app on request, and of this process.

use std::time::Duration;

use runtime::Clock;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::app_state::AppState;

/// How long the agent may take to end this process when the app is quit.
const QUIT_TIMEOUT: Duration = Duration::from_secs(3);
/// The interval at which an agent that is being started is asked.
const POLL: Duration = Duration::from_millis(100);

/// Quits the whole app: the agent, asked as soon as it answers, asks this process to end as well. Without an agent, this process
/// is the app.
pub(crate) fn quit_app<R: Runtime>(app: &AppHandle<R>) {
    let (app, clock) = (app.clone(), Clock::system());
    tauri::async_runtime::spawn(async move {
        let quit = async {
            let agent = &app.state::<AppState>().agent;
            while !agent.ask_to_quit() {
                if !agent.is_starting() {
                    return;
                }
                clock.sleep(POLL).await;
            }
            std::future::pending::<()>().await;
        };
        // An agent that does not respond asks nothing.
        if clock.within(QUIT_TIMEOUT, quit).await.is_none() {
            tracing::debug!("the agent did not ask this process to end");
        }
        end_process(&app);
    });
}

/// Ends this process.
pub(crate) fn end_process<R: Runtime>(app: &AppHandle<R>) {
    app.state::<AppState>().set_ending();
    app.exit(0);
}

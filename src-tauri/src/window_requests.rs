//! What other processes of the same account ask of the window's process: to show the window, or to end (Linux).

use agent::channel::{Connection, Message};
use tauri::{AppHandle, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::task::TaskTracker;

use crate::{open_window, quit};

/// Answers requests for as long as the app runs.
pub(crate) async fn run<R: Runtime>(app: AppHandle<R>, mut connections: UnboundedReceiver<Connection>) {
    let requests = TaskTracker::new();
    while let Some(connection) = connections.recv().await {
        requests.spawn(answer(app.clone(), connection));
    }
}

async fn answer<R: Runtime>(app: AppHandle<R>, mut connection: Connection) {
    while let Ok(message) = connection.recv().await {
        let quits = message == Message::Quit;
        let done = match message {
            Message::Show { request } => open_window::show(&app, request).await,
            Message::Quit => true,
            Message::Hello(_)
            | Message::Changed { .. }
            | Message::Front { .. }
            | Message::Host { .. }
            | Message::Tray { .. }
            | Message::Replace
            | Message::TestNotification
            | Message::TestNotificationResult { .. }
            | Message::Ping
            | Message::Ack => false,
        };
        if !done || connection.send(&Message::Ack).await.is_err() {
            return;
        }
        if quits {
            quit::end_process(&app);
        }
    }
}

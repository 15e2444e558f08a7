//! Channels of the window that receive rows while a command runs.

use tauri::ipc::{Channel, IpcResponse};

/// Returns a function that sends rows to the window. If the window was closed meanwhile, the run continues without it.
pub(super) fn sink<T: IpcResponse + Send + Sync + 'static>(channel: Channel<T>) -> impl Fn(T) + Send + Sync + 'static {
    move |row| {
        if let Err(error) = channel.send(row) {
            tracing::debug!(%error, "the window was closed during a run");
        }
    }
}

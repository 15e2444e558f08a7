//! The window's commands, one file per room of the domain. Each is one expression; a rule never lives here.
//!
//! No command returns a secret: a token travels inward through `store_secret` and `token_shape` alone. What fails is a
//! `Problem`, whose sentences are in the message catalogue.

#![expect(clippy::let_underscore_must_use, reason = "Tauri's command macro writes one for every async command")]

pub(crate) mod app;
pub(crate) mod checks;
pub(crate) mod clipboard;
pub(crate) mod connections;
pub(crate) mod exchange;
pub(crate) mod guide;
pub(crate) mod kept;
pub(crate) mod links;
pub(crate) mod monitor;
pub(crate) mod policy;
pub(crate) mod practice;
pub(crate) mod presence;
pub(crate) mod radiant;
pub(crate) mod reminders;
pub(crate) mod reports;
pub(crate) mod rotation;
pub(crate) mod secrets;

use tauri::ipc::{Channel, IpcResponse};

/// Tells rows into the window's channel. A window that was closed meanwhile hears nothing; the run goes on.
fn into_window<T: IpcResponse + Send + Sync + 'static>(channel: Channel<T>) -> impl Fn(T) + Send + Sync + 'static {
    move |news| {
        if let Err(error) = channel.send(news) {
            tracing::debug!(%error, "the window was closed during a run");
        }
    }
}

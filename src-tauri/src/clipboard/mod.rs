//! The clipboard: one thread owns it. A copied secret is cleared after 30 seconds if it is still there.
//!
//! The thread keeps only the SHA-256 of a secret during its countdown. Before it clears the clipboard it reads and compares
//! it, so that nothing that was copied meanwhile is lost. After each copy it tries whether the system allows reading and
//! clearing, and reports the result; some Wayland desktops do not allow it. At the end of the run it clears a secret that is
//! still there.

mod copy_item;
mod countdown;
mod system_clipboard;
mod worker;

use std::sync::mpsc;
use std::time::Duration;

use model::code::Code;
use model::problem::Problem;
use tokio::sync::oneshot;

pub(crate) use copy_item::{Copied, CopyContent, CopyItem, digest};
pub(crate) use system_clipboard::Digest;
use worker::Request;

use crate::events::ClipboardCountdown;

/// Sends requests to the thread that owns the clipboard.
pub(crate) struct Clipboard(mpsc::Sender<Request>);

impl Clipboard {
    /// Starts the thread. The clipboard itself is opened when it is needed first.
    ///
    /// # Errors
    /// When the system cannot start a thread.
    pub(crate) fn start(on_countdown: impl Fn(ClipboardCountdown) + Send + 'static) -> std::io::Result<Self> {
        let (requests, inbox) = mpsc::channel();
        std::thread::Builder::new().name("clipboard".to_owned()).spawn(move || worker::run(&inbox, &on_countdown))?;
        Ok(Self(requests))
    }

    /// Copies a text.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`].
    pub(crate) async fn copy(&self, content: CopyContent) -> Result<Copied, Problem> {
        self.ask(|reply| Request::Copy(content, reply)).await?
    }

    /// Copies a text that is not secret, and returns it.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`].
    pub(crate) async fn copy_plain(&self, text: String) -> Result<String, Problem> {
        self.copy(CopyContent::Plain(text.clone())).await?;
        Ok(text)
    }

    /// Clears the clipboard whatever it holds, because the administrator asked for it.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`], [`Code::ClipboardNotClearable`].
    pub(crate) async fn clear(&self) -> Result<(), Problem> {
        self.ask(Request::Clear).await?
    }

    /// Tells whether the clipboard holds one of these secrets, perhaps with surrounding text that was copied with it.
    pub(crate) async fn holds(&self, secrets: Vec<Digest>) -> bool {
        self.ask(|reply| Request::Holds(secrets, reply)).await.unwrap_or(false)
    }

    /// Tells whether the clipboard still holds the text copied last, which may be lost when the process ends.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux ends the process with its window"))]
    pub(crate) async fn is_ours(&self) -> bool {
        self.ask(Request::Ours).await.unwrap_or(false)
    }

    /// Clears a secret that is still there and ends the thread. Waits one second at most.
    pub(crate) fn end(&self) {
        let (reply, done) = mpsc::channel();
        if self.0.send(Request::End(reply)).is_ok() {
            // A clipboard that does not answer within a second does not delay the end of the app.
            done.recv_timeout(Duration::from_secs(1)).ok();
        }
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, Problem> {
        let gone = || Problem::new(Code::ClipboardUnavailable);
        let (reply, answer) = oneshot::channel();
        self.0.send(request(reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

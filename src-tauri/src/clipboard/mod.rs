//! The clipboard: one thread owns it; what was copied as a secret is cleared after 30 seconds if it is still there.
//!
//! Of a secret only its SHA-256 is kept while it counts. Before clearing, the clipboard is read and compared, so that
//! nothing else an administrator copied meanwhile is lost. Whether the system lets us read and clear is tried at once after
//! copying, and told; on some Wayland desktops it does not. At the end of the run a secret that is still there is cleared.

mod board;
mod countdown;
mod worker;

use std::sync::mpsc;
use std::time::Duration;

use model::code::Code;
use model::problem::Problem;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use specta::Type;
use tokio::sync::oneshot;

pub(crate) use board::Digest;
use worker::Order;

use crate::events::ClipboardNews;

/// How long a secret stays on the clipboard.
pub(crate) const STAYS: Duration = Duration::from_secs(30);

/// What the copy buttons can put on the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CopyWhat {
    /// The Okta domain as Radiant asks for it.
    OktaDomain,
    /// The API token that Radiant is given. It goes from the keychain to the clipboard; the window never sees it.
    ApiToken,
    /// The API token that is to replace the one Radiant has, by the same way and with the same clearing.
    NewApiToken,
    /// The name for that token in Okta.
    NewTokenName,
    /// The name for the token in Okta.
    TokenName,
    /// The name for the credential in Radiant.
    CredentialName,
}

/// What came of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Copied {
    /// Seconds until it is cleared; absent for what is no secret, and where clearing does not work.
    pub(crate) clears_in_s: Option<u32>,
    /// Whether the desktop in use is known to keep it out of its clipboard history.
    pub(crate) history_excluded: bool,
    /// Whether the system lets the app see and clear it.
    pub(crate) can_clear: bool,
}

/// What is to be copied.
pub(crate) enum Clip {
    /// No secret.
    Plain(String),
    /// A secret.
    Secret(SecretString),
}

/// The door to the clipboard's thread.
pub(crate) struct Clipboard(mpsc::Sender<Order>);

impl Clipboard {
    /// Starts the thread. The clipboard itself is opened when it is first needed.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub(crate) fn start(tell: impl Fn(ClipboardNews) + Send + 'static) -> std::io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        std::thread::Builder::new().name("clipboard".to_owned()).spawn(move || worker::run(&inbox, &tell))?;
        Ok(Self(orders))
    }

    /// Copies.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`].
    pub(crate) async fn copy(&self, clip: Clip) -> Result<Copied, Problem> {
        self.ask(|reply| Order::Copy(clip, reply)).await?
    }

    /// Copies what is no secret, and returns it.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`].
    pub(crate) async fn copy_plain(&self, text: String) -> Result<String, Problem> {
        self.copy(Clip::Plain(text.clone())).await?;
        Ok(text)
    }

    /// Clears, whatever is there: the administrator asked for it.
    ///
    /// # Errors
    /// [`Code::ClipboardUnavailable`], [`Code::ClipboardNotClearable`].
    pub(crate) async fn clear(&self) -> Result<(), Problem> {
        self.ask(Order::Clear).await?
    }

    /// Tells whether the clipboard holds one of these secrets, perhaps with the wrapping people copy along.
    pub(crate) async fn holds(&self, secrets: Vec<Digest>) -> bool {
        self.ask(|reply| Order::Holds(secrets, reply)).await.unwrap_or(false)
    }

    /// Tells whether the clipboard still holds what was copied last, which may go with the process.
    pub(crate) async fn is_ours(&self) -> bool {
        self.ask(Order::Ours).await.unwrap_or(false)
    }

    /// Clears a secret that is still there and ends the thread. Waits at most one second.
    pub(crate) fn end(&self) {
        let (reply, done) = mpsc::channel();
        if self.0.send(Order::End(reply)).is_ok() {
            // A clipboard that does not answer within a second keeps nobody from leaving.
            done.recv_timeout(Duration::from_secs(1)).ok();
        }
    }

    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Result<T, Problem> {
        let gone = || Problem::new(Code::ClipboardUnavailable);
        let (reply, answer) = oneshot::channel();
        self.0.send(order(reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

/// Returns a secret's digest, to find it again on the clipboard.
#[expect(clippy::disallowed_methods, reason = "the clipboard is a named place: the secret is compared by its digest")]
pub(crate) fn digest(secret: &SecretString) -> Digest {
    Digest::of(secret.expose_secret())
}

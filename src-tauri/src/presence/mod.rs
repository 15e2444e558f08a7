//! Who sits there? Before a token is copied, the operating system asks.
//!
//! polkit on Linux, Touch ID or the account's password on macOS, Windows Hello on Windows: one file each, and nothing else
//! names their calls. Whether to ask is decided here, from a setting of the database and from what the system can do, never
//! by the page: the clipboard gets a secret only for a [`Leave`], and only this room makes one. Each question is for one
//! copy. It never blocks the window, can be cancelled, and is taken back after two minutes.

mod decision;
#[cfg(target_os = "macos")]
mod local_authentication;
#[cfg(target_os = "linux")]
mod polkit;
#[cfg(target_os = "windows")]
mod windows_hello;

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use messages::Messages;
use model::code::Code;
use model::problem::Problem;
use runtime::Clock;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Builder, Wry};
use tokio_util::sync::CancellationToken;

pub(crate) use decision::Answer;
#[cfg(all(test, target_os = "linux"))]
pub(crate) use polkit::Polkit;

use crate::clipboard::CopyWhat;
use crate::events::PresenceNews;

/// How long a question waits for its answer.
pub(crate) const WAITS: Duration = Duration::from_secs(120);

/// What the system is asked to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An API token is about to be copied.
    CopyToken,
    /// From now on tokens are to be copied without this question.
    StopAsking,
}

/// What comes later.
pub(crate) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The operating system's own question.
pub(crate) trait System: Send + Sync {
    /// Tells whether the system would ask for this; the error is the code that says why it would not. Asks nobody.
    fn would_ask(&self, purpose: Purpose) -> Later<'_, Result<(), Code>>;

    /// Asks, and answers soon after `stop` was cancelled: with [`Answer::Cancelled`], the question taken back if possible.
    fn ask<'a>(&'a self, purpose: Purpose, words: &'a Messages, stop: &'a CancellationToken) -> Later<'a, Answer>;
}

/// Returns the question of the system this was built for.
#[cfg_attr(not(target_os = "macos"), expect(unused_variables, reason = "only macOS asks through the app"))]
pub(crate) fn system(app: &AppHandle<Wry>) -> Box<dyn System> {
    #[cfg(target_os = "linux")]
    {
        Box::new(polkit::Polkit::of_the_system())
    }
    #[cfg(target_os = "macos")]
    {
        Box::new(local_authentication::LocalAuthentication::new(app.clone()))
    }
    #[cfg(target_os = "windows")]
    {
        Box::new(windows_hello::WindowsHello)
    }
}

/// Adds what the system's question needs of the app itself: on macOS a plugin, none of whose commands the page may call.
pub(crate) fn plugged(builder: Builder<Wry>) -> Builder<Wry> {
    #[cfg(target_os = "macos")]
    let builder = builder.plugin(tauri_plugin_biometric::init());
    builder
}

/// Leave to copy one value. Only [`Presence::leave`] makes one.
#[derive(Debug)]
pub(crate) struct Leave(CopyWhat);

impl Leave {
    /// What may be copied.
    pub(crate) fn what(&self) -> CopyWhat {
        self.0
    }
}

/// A choice that may be kept. Only [`Presence::choice`] makes one.
#[derive(Debug)]
pub(crate) struct Choice(bool);

impl Choice {
    /// Whether the system is to ask.
    pub(crate) fn asks(&self) -> bool {
        self.0
    }
}

/// Whether the system asks who sits there before a token is copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PresenceSetting {
    /// Whether it asks; never where it cannot.
    pub(crate) on: bool,
    /// Why it cannot ask.
    pub(crate) cannot: Option<Problem>,
}

/// Tells the window when a question is open and when it no longer is.
type Tell = Box<dyn Fn(PresenceNews) + Send + Sync>;

/// The door to the system's question: one at a time.
pub(crate) struct Presence {
    system: Box<dyn System>,
    clock: Clock,
    waits: Duration,
    tell: Tell,
    open: Mutex<CancellationToken>,
    questions: AtomicUsize,
}

impl Presence {
    /// Makes the door. Nothing is asked.
    pub(crate) fn new(system: Box<dyn System>, clock: Clock, waits: Duration, tell: Tell) -> Self {
        Self { system, clock, waits, tell, open: Mutex::default(), questions: AtomicUsize::new(0) }
    }

    /// Says how it stands, given whether asking is wanted.
    pub(crate) async fn setting(&self, wanted: bool) -> PresenceSetting {
        let would_ask = self.system.would_ask(Purpose::CopyToken).await;
        PresenceSetting { on: decision::asks(wanted, would_ask), cannot: would_ask.err().map(Problem::new) }
    }

    /// Gives leave to copy: at once for what is no secret, where asking is not wanted and where the system cannot ask; else
    /// once the person has confirmed.
    ///
    /// # Errors
    /// The code of an answer that is no confirmation.
    pub(crate) async fn leave(&self, what: CopyWhat, wanted: bool, words: &Messages) -> Result<Leave, Problem> {
        let secret = match what {
            CopyWhat::ApiToken | CopyWhat::NewApiToken => true,
            CopyWhat::OktaDomain | CopyWhat::TokenName | CopyWhat::NewTokenName | CopyWhat::CredentialName => false,
        };
        if secret && decision::asks(wanted, self.system.would_ask(Purpose::CopyToken).await) {
            self.confirmed(Purpose::CopyToken, words).await?;
        }
        Ok(Leave(what))
    }

    /// Lets a choice be kept. To stop asking is asked about itself, and is no choice where the system cannot ask.
    ///
    /// # Errors
    /// Why the system cannot ask; the code of an answer that is no confirmation.
    pub(crate) async fn choice(&self, asks: bool, words: &Messages) -> Result<Choice, Problem> {
        if !asks {
            self.system.would_ask(Purpose::StopAsking).await?;
            self.confirmed(Purpose::StopAsking, words).await?;
        }
        Ok(Choice(asks))
    }

    /// Tells whether a question is open.
    pub(crate) fn is_open(&self) -> bool {
        self.questions.load(Ordering::Relaxed) > 0
    }

    /// Takes an open question back.
    pub(crate) fn cancel(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    async fn confirmed(&self, purpose: Purpose, words: &Messages) -> Result<(), Problem> {
        let stop = self.newest();
        self.questions.fetch_add(1, Ordering::Relaxed);
        (self.tell)(PresenceNews { open: true });
        let answer = self.answer(purpose, words, &stop).await;
        self.questions.fetch_sub(1, Ordering::Relaxed);
        (self.tell)(PresenceNews { open: false });
        decision::confirmed(answer).map_err(|code| {
            tracing::info!(%code, "the person was not confirmed");
            Problem::new(code).arg("pid", std::process::id().to_string())
        })
    }

    async fn answer(&self, purpose: Purpose, words: &Messages, stop: &CancellationToken) -> Answer {
        let mut asked = self.system.ask(purpose, words, stop);
        match self.clock.within(self.waits, &mut asked).await {
            Some(answer) => answer,
            None => {
                stop.cancel();
                asked.await;
                Answer::TimedOut
            }
        }
    }

    /// Takes back the older question and begins a newer.
    fn newest(&self) -> CancellationToken {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.cancel();
        *open = CancellationToken::new();
        open.clone()
    }
}

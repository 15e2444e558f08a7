//! Re-authentication: before a token is copied, the operating system confirms who is at the computer.
//!
//! polkit on Linux, Touch ID or the account's password on macOS, Windows Hello on Windows: one file each, and only these
//! files call them. A setting of the database and the abilities of the system decide whether to ask, never the page: the
//! clipboard gets a secret only with a [`CopyPermit`], and only this module issues one, for one copy. A prompt never blocks the
//! window, can be canceled, and times out after two minutes.

#[cfg(target_os = "macos")]
mod local_authentication;
#[cfg(target_os = "linux")]
mod polkit;
mod prompt;
mod prompt_rules;
#[cfg(target_os = "windows")]
mod windows_hello;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use messages::Messages;
use model::problem::Problem;
use runtime::Clock;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Builder, Wry};
use tokio_util::sync::CancellationToken;

#[cfg(all(test, target_os = "linux"))]
pub(crate) use polkit::Polkit;
#[cfg(test)]
pub(crate) use prompt::BoxFuture;
pub(crate) use prompt::{Answer, Purpose, SystemPrompt};

use crate::clipboard::CopyItem;
use crate::events::ReauthenticationPrompt;

/// How long a prompt waits for its answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);

/// Returns the prompt of the operating system that this was built for.
#[cfg_attr(not(target_os = "macos"), expect(unused_variables, reason = "only macOS asks through the app"))]
pub(crate) fn system_prompt(app: &AppHandle<Wry>) -> Box<dyn SystemPrompt> {
    #[cfg(target_os = "linux")]
    {
        Box::new(polkit::Polkit::on_system_bus())
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

/// Adds the plugin that macOS needs for the prompt. The page may call none of its commands.
pub(crate) fn add_plugin(builder: Builder<Wry>) -> Builder<Wry> {
    #[cfg(target_os = "macos")]
    let builder = builder.plugin(tauri_plugin_biometric::init());
    builder
}

/// The permission to copy one item. Only [`Reauthentication::permit_copy`] issues one.
#[derive(Debug)]
pub(crate) struct CopyPermit(CopyItem);

impl CopyPermit {
    /// Returns the item that may be copied.
    pub(crate) fn item(&self) -> CopyItem {
        self.0
    }
}

/// A setting that the person may store. Only [`Reauthentication::confirm_choice`] issues one.
#[derive(Debug)]
pub(crate) struct ConfirmedChoice(bool);

impl ConfirmedChoice {
    /// Tells whether re-authentication is to be on.
    pub(crate) fn is_on(&self) -> bool {
        self.0
    }
}

/// Whether a person must re-authenticate before a token is copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ReauthenticationSetting {
    /// Whether it is on; never where the system cannot ask.
    pub(crate) on: bool,
    /// Why the system cannot ask.
    pub(crate) cannot: Option<Problem>,
}

/// Reports to the window that a prompt was opened or closed.
type OnPrompt = Box<dyn Fn(ReauthenticationPrompt) + Send + Sync>;

/// Shows the system's prompt, one at a time.
pub(crate) struct Reauthentication {
    system: Box<dyn SystemPrompt>,
    clock: Clock,
    timeout: Duration,
    on_prompt: OnPrompt,
    /// Cancels the latest prompt.
    latest: Mutex<CancellationToken>,
    open_prompts: AtomicUsize,
}

impl Reauthentication {
    /// Creates it without showing a prompt.
    pub(crate) fn new(system: Box<dyn SystemPrompt>, clock: Clock, timeout: Duration, on_prompt: OnPrompt) -> Self {
        Self { system, clock, timeout, on_prompt, latest: Mutex::default(), open_prompts: AtomicUsize::new(0) }
    }

    /// Returns the setting in effect, given whether re-authentication is wanted.
    pub(crate) async fn setting(&self, wanted: bool) -> ReauthenticationSetting {
        let availability = self.system.availability(Purpose::CopyToken).await;
        let on = prompt_rules::should_ask(wanted, availability);
        ReauthenticationSetting { on, cannot: availability.err().map(Problem::new) }
    }

    /// Permits a copy: at once for an item that is not secret, where re-authentication is not wanted, and where the system
    /// cannot ask; otherwise after the person has confirmed.
    ///
    /// # Errors
    /// The code of an answer other than a confirmation.
    pub(crate) async fn permit_copy(
        &self,
        item: CopyItem,
        wanted: bool,
        messages: &Messages,
    ) -> Result<CopyPermit, Problem> {
        let secret = match item {
            CopyItem::ApiToken | CopyItem::NewApiToken => true,
            CopyItem::OktaDomain | CopyItem::TokenName | CopyItem::NewTokenName | CopyItem::CredentialName => false,
        };
        if secret && prompt_rules::should_ask(wanted, self.system.availability(Purpose::CopyToken).await) {
            self.confirm(Purpose::CopyToken, messages, &CancellationToken::new()).await?;
        }
        Ok(CopyPermit(item))
    }

    /// Permits the run of a response action: at once where re-authentication is not wanted or the system cannot ask; otherwise
    /// after the person has confirmed. The prompt is closed when `stop` is canceled.
    ///
    /// # Errors
    /// The code of an answer other than a confirmation.
    pub(crate) async fn permit_action(
        &self,
        wanted: bool,
        messages: &Messages,
        stop: &CancellationToken,
    ) -> Result<(), Problem> {
        if prompt_rules::should_ask(wanted, self.system.availability(Purpose::RunAction).await) {
            self.confirm(Purpose::RunAction, messages, stop).await?;
        }
        Ok(())
    }

    /// Confirms a new setting. Switching re-authentication off requires the prompt itself, and is refused where the system
    /// cannot show it.
    ///
    /// # Errors
    /// Why the system cannot ask; the code of an answer other than a confirmation.
    pub(crate) async fn confirm_choice(&self, on: bool, messages: &Messages) -> Result<ConfirmedChoice, Problem> {
        if !on {
            self.system.availability(Purpose::StopAsking).await?;
            self.confirm(Purpose::StopAsking, messages, &CancellationToken::new()).await?;
        }
        Ok(ConfirmedChoice(on))
    }

    /// Tells whether a prompt is open.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux ends the process with its window"))]
    pub(crate) fn is_open(&self) -> bool {
        self.open_prompts.load(Ordering::Relaxed) > 0
    }

    /// Cancels an open prompt.
    pub(crate) fn cancel(&self) {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    async fn confirm(&self, purpose: Purpose, messages: &Messages, stop: &CancellationToken) -> Result<(), Problem> {
        let stop = self.replace_latest(stop);
        self.open_prompts.fetch_add(1, Ordering::Relaxed);
        (self.on_prompt)(ReauthenticationPrompt { open: true });
        let answer = self.ask(purpose, messages, &stop).await;
        self.open_prompts.fetch_sub(1, Ordering::Relaxed);
        (self.on_prompt)(ReauthenticationPrompt { open: false });
        prompt_rules::require_confirmed(answer).map_err(|code| {
            tracing::info!(%code, "the person was not confirmed");
            Problem::new(code).arg("pid", std::process::id().to_string())
        })
    }

    /// Asks; cancels the prompt when nobody answers in time.
    async fn ask(&self, purpose: Purpose, messages: &Messages, stop: &CancellationToken) -> Answer {
        let mut prompt = self.system.ask(purpose, messages, stop);
        match self.clock.within(self.timeout, &mut prompt).await {
            Some(answer) => answer,
            None => {
                stop.cancel();
                prompt.await;
                Answer::TimedOut
            }
        }
    }

    /// Cancels the older prompt and returns the cancellation token of the new one, which `stop` cancels too.
    fn replace_latest(&self, stop: &CancellationToken) -> CancellationToken {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.cancel();
        *latest = stop.child_token();
        latest.clone()
    }
}

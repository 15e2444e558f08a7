//! The operating system's prompt: what it is asked for, and how it answers.

use std::pin::Pin;

use messages::Messages;
use model::code::Code;
use tokio_util::sync::CancellationToken;

/// The reason for a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An API token is about to be copied.
    CopyToken,
    /// Tokens are to be copied without a prompt from now on.
    StopAsking,
    /// A response action is about to be run.
    RunAction,
}

/// The outcome of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The person is the owner of the session.
    Confirmed,
    /// The system did not accept the password, or a rule of the computer's administrator forbids it.
    Refused,
    /// The person closed the prompt.
    Dismissed,
    /// No program on this desktop can show the prompt.
    #[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code, reason = "only polkit reports it"))]
    NoAgent,
    /// Nobody answered in time.
    TimedOut,
    /// The app canceled the prompt.
    Cancelled,
    /// The system could not show the prompt.
    Unavailable,
}

/// A boxed future.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The operating system's own re-authentication prompt.
pub(crate) trait SystemPrompt: Send + Sync {
    /// Tells whether the system would show a prompt for this purpose; the error says why it would not. Shows nothing.
    fn availability(&self, purpose: Purpose) -> BoxFuture<'_, Result<(), Code>>;

    /// Shows the prompt. Soon after `stop` is canceled it closes the prompt, if possible, and returns [`Answer::Cancelled`].
    fn ask<'a>(
        &'a self,
        purpose: Purpose,
        messages: &'a Messages,
        stop: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer>;
}

//! The thread that owns the clipboard: handles requests one by one, and compares the content once a second during a countdown.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use model::code::Code;
use model::problem::Problem;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use super::copy_item::{Copied, CopyContent, SECRET_LIFETIME, digest};
use super::countdown::{Countdown, Step, after_clearing, over};
use super::system_clipboard::{ClipboardContent, Digest, SystemClipboard, history_excluded};
use crate::events::{ClipboardCountdown, ClipboardState};

/// Interval between two comparisons during a countdown.
const TICK: Duration = Duration::from_secs(1);
/// How long the thread sleeps without a countdown; a request wakes it at once.
const IDLE: Duration = Duration::from_secs(3600);

/// A request to the thread.
pub(super) enum Request {
    Copy(CopyContent, oneshot::Sender<Result<Copied, Problem>>),
    Clear(oneshot::Sender<Result<(), Problem>>),
    Holds(Vec<Digest>, oneshot::Sender<bool>),
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux ends the process with its window"))]
    Ours(oneshot::Sender<bool>),
    End(mpsc::Sender<()>),
}

/// Handles requests until one asks it to end, or until no sender is left.
pub(super) fn run(inbox: &mpsc::Receiver<Request>, on_countdown: &dyn Fn(ClipboardCountdown)) {
    let mut worker = Worker { clipboard: SystemClipboard::default(), last: None, countdown: None, on_countdown };
    loop {
        let wait = if worker.countdown.is_some() { TICK } else { IDLE };
        match inbox.recv_timeout(wait) {
            Ok(Request::Copy(content, reply)) => answer(reply, worker.copy(content)),
            Ok(Request::Clear(reply)) => answer(reply, worker.clear()),
            Ok(Request::Holds(secrets, reply)) => answer(reply, worker.clipboard.holds_any(&secrets)),
            Ok(Request::Ours(reply)) => answer(reply, worker.is_ours()),
            Ok(Request::End(reply)) => {
                worker.end();
                reply.send(()).ok();
                return;
            }
            Err(RecvTimeoutError::Timeout) => worker.tick(Instant::now()),
            Err(RecvTimeoutError::Disconnected) => return worker.end(),
        }
    }
}

/// Sends the answer; a window that was closed meanwhile does not receive it.
fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    drop(reply.send(value));
}

struct Worker<'a> {
    clipboard: SystemClipboard,
    /// Recognizes the text copied last.
    last: Option<Digest>,
    countdown: Option<Countdown>,
    on_countdown: &'a dyn Fn(ClipboardCountdown),
}

impl Worker<'_> {
    fn copy(&mut self, content: CopyContent) -> Result<Copied, Problem> {
        match content {
            CopyContent::Plain(text) => {
                self.clipboard.put(&text, false)?;
                self.last = Some(Digest::of(&text));
                self.end_countdown(ClipboardState::Changed);
                Ok(Copied { clears_in_s: None, history_excluded: false, can_clear: true })
            }
            CopyContent::Secret(secret) => self.copy_secret(&secret),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "copying to the clipboard is a named place")]
    fn copy_secret(&mut self, secret: &SecretString) -> Result<Copied, Problem> {
        self.clipboard.put(secret.expose_secret(), true)?;
        let digest = digest(secret);
        self.last = Some(digest);
        let history_excluded = history_excluded(std::env::var("XDG_CURRENT_DESKTOP").ok().as_deref());
        let can_clear = self.clipboard.compare(digest) == ClipboardContent::Ours;
        self.countdown = can_clear.then(|| Countdown::new(digest, Instant::now(), SECRET_LIFETIME));
        if can_clear {
            self.tick(Instant::now());
        } else {
            (self.on_countdown)(over(ClipboardState::NotClearable));
        }
        let seconds = u32::try_from(SECRET_LIFETIME.as_secs()).unwrap_or(u32::MAX);
        Ok(Copied { clears_in_s: can_clear.then_some(seconds), history_excluded, can_clear })
    }

    fn clear(&mut self) -> Result<(), Problem> {
        let countdown = self.countdown;
        self.clipboard.clear()?;
        if countdown.is_some_and(|one| self.clipboard.compare(one.secret) == ClipboardContent::Ours) {
            return Err(Problem::new(Code::ClipboardNotClearable));
        }
        self.end_countdown(ClipboardState::Cleared);
        Ok(())
    }

    /// Reads the clipboard only if something was copied.
    fn is_ours(&mut self) -> bool {
        let ours = self.last.is_some_and(|last| self.clipboard.compare(last) == ClipboardContent::Ours);
        self.last = self.last.filter(|_| ours);
        ours
    }

    fn tick(&mut self, now: Instant) {
        let Some(countdown) = self.countdown else { return };
        match countdown.step(now, self.clipboard.compare(countdown.secret)) {
            Step::Wait(report) => (self.on_countdown)(report),
            Step::Clear => self.clear_now(countdown.secret),
            Step::Over(report) => self.end_countdown(report.state),
        }
    }

    fn clear_now(&mut self, secret: Digest) {
        if let Err(problem) = self.clipboard.clear() {
            tracing::warn!(code = %problem.code, "the clipboard was not cleared");
        }
        let state = after_clearing(self.clipboard.compare(secret)).state;
        self.end_countdown(state);
    }

    /// Clears the secret at the end of the run if it is still there, before the text is handed to a clipboard manager.
    fn end(&mut self) {
        if let Some(countdown) =
            self.countdown.filter(|one| self.clipboard.compare(one.secret) == ClipboardContent::Ours)
        {
            self.clear_now(countdown.secret);
        }
    }

    fn end_countdown(&mut self, state: ClipboardState) {
        if self.countdown.take().is_some() {
            (self.on_countdown)(over(state));
        }
    }
}

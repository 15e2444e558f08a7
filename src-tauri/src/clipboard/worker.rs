//! The clipboard's thread: takes orders one by one, and looks once a second while a secret counts.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use model::code::Code;
use model::problem::Problem;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use super::board::{Board, Digest, Held, history_excluded};
use super::countdown::{Countdown, Step, after_clearing, news};
use super::{Clip, Copied, STAYS};
use crate::events::{ClipboardNews, ClipboardState};

/// How often the clipboard is looked at while a secret counts.
const TICK: Duration = Duration::from_secs(1);
/// How long the thread sleeps when nothing counts; it wakes for an order at once.
const IDLE: Duration = Duration::from_secs(3600);

/// What the thread is asked for.
pub(super) enum Order {
    Copy(Clip, oneshot::Sender<Result<Copied, Problem>>),
    Clear(oneshot::Sender<Result<(), Problem>>),
    Holds(Vec<Digest>, oneshot::Sender<bool>),
    Ours(oneshot::Sender<bool>),
    End(mpsc::Sender<()>),
}

/// Works until told to end, or until nobody can give orders any more.
pub(super) fn run(inbox: &mpsc::Receiver<Order>, tell: &dyn Fn(ClipboardNews)) {
    let mut worker = Worker { board: Board::default(), last: None, counting: None, tell };
    loop {
        let wait = if worker.counting.is_some() { TICK } else { IDLE };
        match inbox.recv_timeout(wait) {
            Ok(Order::Copy(clip, reply)) => answer(reply, worker.copy(clip)),
            Ok(Order::Clear(reply)) => answer(reply, worker.clear()),
            Ok(Order::Holds(secrets, reply)) => answer(reply, worker.board.holds_any(&secrets)),
            Ok(Order::Ours(reply)) => answer(reply, worker.is_ours()),
            Ok(Order::End(reply)) => {
                worker.end();
                reply.send(()).ok();
                return;
            }
            Err(RecvTimeoutError::Timeout) => worker.tick(Instant::now()),
            Err(RecvTimeoutError::Disconnected) => return worker.end(),
        }
    }
}

/// A window that was closed meanwhile hears nothing; that is no fault.
fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    drop(reply.send(value));
}

struct Worker<'a> {
    board: Board,
    /// Finds again what was copied last.
    last: Option<Digest>,
    counting: Option<Countdown>,
    tell: &'a dyn Fn(ClipboardNews),
}

impl Worker<'_> {
    fn copy(&mut self, clip: Clip) -> Result<Copied, Problem> {
        match clip {
            Clip::Plain(text) => {
                self.board.put(&text, false)?;
                self.last = Some(Digest::of(&text));
                self.over(ClipboardState::Changed);
                Ok(Copied { clears_in_s: None, history_excluded: false, can_clear: true })
            }
            Clip::Secret(secret) => self.copy_secret(&secret),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "copying to the clipboard is a named place")]
    fn copy_secret(&mut self, secret: &SecretString) -> Result<Copied, Problem> {
        self.board.put(secret.expose_secret(), true)?;
        let digest = super::digest(secret);
        self.last = Some(digest);
        let history_excluded = history_excluded(std::env::var("XDG_CURRENT_DESKTOP").ok().as_deref());
        let can_clear = self.board.held(digest) == Held::Ours;
        self.counting = can_clear.then(|| Countdown::new(digest, Instant::now(), STAYS));
        if can_clear {
            self.tick(Instant::now());
        } else {
            (self.tell)(news(ClipboardState::NotClearable));
        }
        let seconds = u32::try_from(STAYS.as_secs()).unwrap_or(u32::MAX);
        Ok(Copied { clears_in_s: can_clear.then_some(seconds), history_excluded, can_clear })
    }

    fn clear(&mut self) -> Result<(), Problem> {
        let counted = self.counting;
        self.board.clear()?;
        if counted.is_some_and(|one| self.board.held(one.secret) == Held::Ours) {
            return Err(Problem::new(Code::ClipboardNotClearable));
        }
        self.over(ClipboardState::Cleared);
        Ok(())
    }

    /// Looks at the clipboard only when something was copied.
    fn is_ours(&mut self) -> bool {
        let ours = self.last.is_some_and(|last| self.board.held(last) == Held::Ours);
        self.last = self.last.filter(|_| ours);
        ours
    }

    fn tick(&mut self, now: Instant) {
        let Some(counting) = self.counting else { return };
        match counting.step(now, self.board.held(counting.secret)) {
            Step::Wait(news) => (self.tell)(news),
            Step::Clear => self.clear_now(counting.secret),
            Step::Over(news) => self.over(news.state),
        }
    }

    fn clear_now(&mut self, secret: Digest) {
        if let Err(problem) = self.board.clear() {
            tracing::warn!(code = %problem.code, "the clipboard was not cleared");
        }
        let state = after_clearing(self.board.held(secret)).state;
        self.over(state);
    }

    /// At the end of the run: before the text is handed to a clipboard manager, clear it if it is still ours.
    fn end(&mut self) {
        if let Some(counting) = self.counting.filter(|one| self.board.held(one.secret) == Held::Ours) {
            self.clear_now(counting.secret);
        }
    }

    fn over(&mut self, state: ClipboardState) {
        if self.counting.take().is_some() {
            (self.tell)(news(state));
        }
    }
}

//! What this computer went through that looks should answer to: it woke from sleep, or its network came back.
//!
//! The system tells it at once where it can: on Linux logind and NetworkManager, over the system's bus. Everywhere it is also
//! noticed whenever the watch looks at the clock, without a timer of its own: a wait that took far longer than it was to, and
//! another way out to the network. Nothing here looks at anything; it notes a time and wakes the watch. That nobody tells is no fault.

#[cfg(target_os = "linux")]
mod bus;
mod noticed;
mod spell;
mod told;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

pub use spell::Spell;
pub use told::{Happened, Teller};

use noticed::Noticed;
use runtime::Clock;
use runtime::{Wake, supervise};

/// What happened last; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Computer(Arc<Mutex<Option<Spell>>>);

impl Computer {
    /// Returns the newest spell of happenings, if there was one in this run.
    #[must_use]
    pub fn spell(&self) -> Option<Spell> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that something happened.
    pub fn note(&self, what: Happened, at: DateTime<Utc>) {
        tracing::info!(?what, "this computer woke or its network came back");
        let mut spell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *spell = Some(spell.map_or(Spell::of(at), |spell| spell.and(at)));
    }
}

/// Runs `pass` until `end` as [`supervise`] does, and earlier when something happened to this computer.
pub async fn attend<F>(
    name: &'static str,
    clock: Clock,
    rest: Duration,
    wake: Wake,
    end: CancellationToken,
    (computer, teller): (Computer, Teller),
    pass: impl Fn() -> F,
) where
    F: Future<Output = Option<DateTime<Utc>>> + Send + 'static,
{
    let noticed = Arc::new(Mutex::new(Noticed::default()));
    let (noting, time, looking) = (computer.clone(), clock.clone(), Arc::clone(&noticed));
    let stirs = || {
        let what = looking.lock().unwrap_or_else(PoisonError::into_inner).looked(clock.now());
        what.inspect(|what| computer.note(*what, clock.now())).is_some()
    };
    let noticing = move || {
        let what = noticed.lock().unwrap_or_else(PoisonError::into_inner).begin(time.now());
        what.into_iter().for_each(|what| noting.note(what, time.now()));
        let (pass, noticed, time) = (pass(), Arc::clone(&noticed), time.clone());
        async move {
            let next = pass.await;
            noticed.lock().unwrap_or_else(PoisonError::into_inner).ended(time.now());
            next
        }
    };
    let (waker, until) = (wake.clone(), end.clone());
    let watch = supervise(name, clock.clone(), rest, wake, end, stirs, noticing);
    let tell = |what| {
        computer.note(what, clock.now());
        waker.now();
    };
    tokio::join!(watch, told(&teller, &clock, &until, &tell));
}

/// Hears what the system tells, until `end`.
#[cfg(target_os = "linux")]
async fn told(teller: &Teller, clock: &Clock, end: &CancellationToken, tell: &(dyn Fn(Happened) + Send + Sync)) {
    tokio::select! {
        () = end.cancelled() => {}
        () = bus::listen(teller, clock, tell) => {}
    }
}

/// Windows and macOS tell it to programs with a window's message loop or unsafe code alone: there it is only noticed.
#[cfg(not(target_os = "linux"))]
async fn told(_teller: &Teller, _clock: &Clock, end: &CancellationToken, _tell: &(dyn Fn(Happened) + Send + Sync)) {
    end.cancelled().await;
}

//! Power events that monitoring reacts to: the computer woke from sleep, or its network returned.
//!
//! On Linux logind and NetworkManager report them at once over the system bus. On every system they are also polled at each
//! tick of the first worker, without a timer of their own: from a wait that took far too long, and from another local
//! address. An event only records a time and wakes the workers. A system that reports nothing is no fault.

mod burst;
mod polling;
mod source;
#[cfg(target_os = "linux")]
mod system_bus;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use runtime::{Clock, Pass, Wake, Worker, supervise};
use tokio_util::sync::CancellationToken;

pub use burst::WakeBurst;
pub use source::{EventSource, PowerEvent};

use polling::Polling;

/// The newest power events of this run and where they are reported; clones share them.
#[derive(Debug, Clone, Default)]
pub struct PowerEvents {
    burst: Arc<Mutex<Option<WakeBurst>>>,
    /// Wakes whoever waits for an event.
    wake: Wake,
    source: EventSource,
}

impl PowerEvents {
    /// Returns events reported by `source`.
    #[must_use]
    pub fn from_source(source: EventSource) -> Self {
        Self { source, ..Self::default() }
    }

    /// Returns the newest burst of events, if there was one in this run.
    #[must_use]
    pub fn burst(&self) -> Option<WakeBurst> {
        *self.burst.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what is woken at each event.
    #[must_use]
    pub(crate) fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Records an event.
    pub fn record(&self, event: PowerEvent, at: DateTime<Utc>) {
        tracing::info!(?event, "the computer woke or its network returned");
        let mut burst = self.burst.lock().unwrap_or_else(PoisonError::into_inner);
        *burst = Some(burst.map_or(WakeBurst::new(at), |burst| burst.with_event(at)));
        drop(burst);
        self.wake.now();
    }

    /// Runs workers until `end` as [`supervise`] does, and wakes all of them at each power event. The first one polls.
    pub async fn supervise(self, workers: Vec<Worker>, clock: Clock, end: CancellationToken) {
        let wakes: Vec<Wake> = workers.iter().map(|worker| worker.wake.clone()).collect();
        let (events, time) = (self.clone(), clock.clone());
        let report: Report = Arc::new(move |event| {
            events.record(event, time.now());
            wakes.iter().for_each(Wake::now);
        });
        let mut workers = workers.into_iter();
        let polling = workers.next().map(|worker| polling_worker(worker, &clock, &report));
        let all = polling.into_iter().chain(workers).map(|worker| supervise(worker, clock.clone(), end.clone()));
        tokio::join!(join_all(all), listen(&self.source, &clock, &end, &*report));
    }
}

/// Takes an event that was detected.
type Report = Arc<dyn Fn(PowerEvent) + Send + Sync>;

/// Makes a worker poll for power events before each pass and at each tick of a wait.
fn polling_worker(worker: Worker, clock: &Clock, report: &Report) -> Worker {
    let polling = Arc::new(Mutex::new(Polling::default()));
    let (tick_report, time, at_tick) = (Arc::clone(report), clock.clone(), Arc::clone(&polling));
    // The report wakes this worker too, which ends its wait.
    let is_interrupted = move || {
        let event = at_tick.lock().unwrap_or_else(PoisonError::into_inner).tick(time.now());
        event.into_iter().for_each(|event| tick_report(event));
        (worker.is_interrupted)()
    };
    let (report, time) = (Arc::clone(report), clock.clone());
    let run_once = move || {
        let event = polling.lock().unwrap_or_else(PoisonError::into_inner).pass_begins(time.now());
        event.into_iter().for_each(|event| report(event));
        let (pass, polling, time) = ((worker.run_once)(), Arc::clone(&polling), time.clone());
        Box::pin(async move {
            let next = pass.await;
            polling.lock().unwrap_or_else(PoisonError::into_inner).pass_ended(time.now());
            next
        }) as Pass
    };
    Worker { is_interrupted: Box::new(is_interrupted), run_once: Box::new(run_once), ..worker }
}

/// Reports the system's events until `end`.
#[cfg(target_os = "linux")]
async fn listen(
    source: &EventSource,
    clock: &Clock,
    end: &CancellationToken,
    report: &(dyn Fn(PowerEvent) + Send + Sync),
) {
    tokio::select! {
        () = end.cancelled() => {}
        () = system_bus::listen(source, clock, report) => {}
    }
}

/// Windows and macOS report events only to programs with a window's message loop or unsafe code: there they are only polled.
#[cfg(not(target_os = "linux"))]
async fn listen(
    _source: &EventSource,
    _clock: &Clock,
    end: &CancellationToken,
    _report: &(dyn Fn(PowerEvent) + Send + Sync),
) {
    end.cancelled().await;
}

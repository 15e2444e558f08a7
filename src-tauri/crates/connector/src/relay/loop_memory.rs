//! What the two loops of a relay remember between their steps, and may forget.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use model::problem::Problem;
use model::relay_pacing::{Headers, Pacer};
use okta::{LoggedRequest, ServerTime};

/// What the poller remembers between two steps.
#[derive(Debug, Default)]
pub(crate) struct PollMemory {
    pub(super) pacer: Pacer,
    /// By how much this computer's clock is certainly ahead of Okta's.
    pub(super) ahead: TimeDelta,
    /// When the relay was switched on by this computer's clock, and by how much that clock was ahead as far as is known.
    pub(super) ahead_at_start: Option<(DateTime<Utc>, TimeDelta)>,
    pub(super) failures: u32,
    /// The place in the list of page sizes of the page size in use.
    pub(super) limit: usize,
    /// Whether Okta refused a cursor with a larger page size than its own, which is kept from then on.
    pub(super) keeps_limit: bool,
    /// The last refusal of a cursor.
    pub(super) refused: Option<RefusedCursor>,
    /// Whether a page was read and stored in this run.
    pub(super) has_read: bool,
}

impl PollMemory {
    /// Keeps by how much this computer's clock is ahead, if a response says it. The first one after the relay was switched on tells
    /// how the time of that is to be read: the clock may be corrected later.
    pub(super) fn learn_ahead(&mut self, started: Option<DateTime<Utc>>, time: Option<ServerTime>) {
        let Some(time) = time else { return };
        self.ahead = time.difference();
        if let Some(started) = started.filter(|at| self.ahead_at_start.is_none_or(|(known, _)| known != *at)) {
            self.ahead_at_start = Some((started, self.ahead));
        }
    }

    /// Returns by how much this computer's clock was ahead when the relay was switched on.
    pub(super) fn ahead_at(&self, started: DateTime<Utc>) -> TimeDelta {
        self.ahead_at_start.filter(|(known, _)| *known == started).map_or(self.ahead, |(_, ahead)| ahead)
    }
}

/// A refusal of a cursor.
#[derive(Debug)]
pub(super) struct RefusedCursor {
    /// Up to which time everything was stored then.
    pub(super) checkpoint: Option<DateTime<Utc>>,
    /// Why the log is read again no sooner than after a back-off: cursors are refused without any progress between them.
    pub(super) repeated: Option<Problem>,
}

/// What the deliverer remembers between two steps.
#[derive(Debug, Default)]
pub(crate) struct DeliveryMemory {
    /// Failures in a row, for the back-off.
    pub(super) failures: u32,
    /// Resets and time-outs in a row.
    pub(super) resets: u32,
    /// Rejections of one event in a row.
    pub(super) rejections: u32,
    /// Events set aside in a row.
    pub(super) set_aside: u32,
    /// The size before compression that the receiver certainly takes, once it refused a larger one.
    pub(super) taken_size: Option<u64>,
    /// The request of which a part is sent.
    pub(super) open: Option<OpenBatch>,
}

/// A waiting request in its parts.
#[derive(Debug)]
pub(super) struct OpenBatch {
    pub(super) number: i64,
    pub(super) text: Vec<u8>,
    pub(super) events: Vec<Range<usize>>,
}

/// Returns what the headers of a response said about the limit.
pub(super) fn headers(request: &LoggedRequest) -> Option<Headers> {
    let rate = request.rate?;
    let window_ends_in = rate.until.and_then(|until| u64::try_from((until - rate.at).num_milliseconds()).ok());
    Some(Headers { limit: rate.limit, remaining: rate.remaining, window_ends_in })
}

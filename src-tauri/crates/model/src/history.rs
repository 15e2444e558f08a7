//! What was seen of a connection over a span, summed up.
//!
//! The lag of the newest comparison is that comparison's own: where it found nothing, or was not answered, there is none,
//! whatever an older one measured.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::{CheckRow, Outcome};
use crate::code::Code;
use crate::status::StatusChange;

/// A connection's history over a span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct History {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
    /// The hours that had looks, oldest first.
    pub hours: Vec<HourPoint>,
    /// The newest changes of status, newest first.
    pub changes: Vec<StatusChange>,
    /// How many there were.
    pub changes_all: u32,
    /// Lag over the span: half of the looks found at most this many seconds.
    pub lag_p50: Option<u32>,
    /// 95 % of the looks found at most this many seconds.
    pub lag_p95: Option<u32>,
    /// When both sides were compared last, whether or not that measured anything.
    pub compared: Option<DateTime<Utc>>,
    /// The lag that this comparison found, in seconds; `None` where it measured none.
    pub lag_newest: Option<u32>,
}

impl History {
    /// Sums up a span.
    #[must_use]
    pub fn of(from: DateTime<Utc>, until: DateTime<Utc>, hours: Vec<HourPoint>, changes: Vec<StatusChange>) -> Self {
        let mut lags: Vec<u32> = hours.iter().flat_map(|point| point.hour.lags.iter().copied()).collect();
        lags.sort_unstable();
        // The nearest-rank percentile: the smallest lag that this share of the looks did not exceed.
        let share = |percent: usize| lags.get((lags.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        let (lag_p50, lag_p95) = (share(50), share(95));
        let changes_all = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        Self { from, until, hours, changes, changes_all, lag_p50, lag_p95, compared: None, lag_newest: None }
    }

    /// Adds what the newest comparison of both sides measured. `arrival` is its row: one that found nothing, or was not
    /// answered, measured no lag, whatever an older one did.
    #[must_use]
    pub fn with_comparison(self, arrival: Option<&CheckRow>) -> Self {
        let Some(row) = arrival.filter(|row| row.outcome != Outcome::Skipped) else { return self };
        let measured = row.outcome == Outcome::Passed || row.code == Some(Code::RadiantLagging);
        // A look is counted in the hour it ended in, which may be the one after its row's.
        let asked = |point: &&HourPoint| point.from + TimeDelta::hours(1) > row.at;
        let newest = self.hours.iter().filter(asked).flat_map(|point| point.hour.lags.iter().copied()).next_back();
        Self { compared: Some(row.at), lag_newest: newest.filter(|_| measured), ..self }
    }
}

/// One hour of looks, rolled up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct HourStats {
    /// Looks that found all well.
    pub ok: u32,
    /// Looks that wanted attention.
    pub attention: u32,
    /// Looks that found ingestion stopped.
    pub stopped: u32,
    /// Looks that found no network.
    pub offline: u32,
    /// Requests made of Okta.
    pub requests: u32,
    /// How far Radiant was behind Okta at each look, in seconds, in the order seen.
    pub lags: Vec<u32>,
    /// The longest time since Okta's newest event that a look found, in seconds.
    pub longest_gap_s: Option<u32>,
    /// Least share of the System Log's rate limit that was left, in percent.
    pub least_left: Option<u32>,
}

/// Lags kept for one hour; a look every half hour leaves two.
const LAGS_KEPT: usize = 240;

impl HourStats {
    /// Adds up two parts of one hour.
    #[must_use]
    pub fn merge(mut self, more: &Self) -> Self {
        self.ok += more.ok;
        self.attention += more.attention;
        self.stopped += more.stopped;
        self.offline += more.offline;
        self.requests += more.requests;
        self.lags.extend(&more.lags);
        self.lags.truncate(LAGS_KEPT);
        self.longest_gap_s = self.longest_gap_s.max(more.longest_gap_s);
        self.least_left = self.least_left.into_iter().chain(more.least_left).min();
        self
    }
}

/// One hour of a connection's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HourPoint {
    /// The hour's beginning.
    pub from: DateTime<Utc>,
    /// What was seen in it.
    pub hour: HourStats,
}

/// How much of the history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Span {
    /// Returns its length.
    #[must_use]
    pub fn length(self) -> TimeDelta {
        match self {
            Self::Day => TimeDelta::hours(24),
            Self::Week => TimeDelta::days(7),
            Self::Month => TimeDelta::days(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::check::CheckId;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn arrival(outcome: Outcome, code: Option<Code>, minute: i64) -> CheckRow {
        CheckRow {
            check: CheckId::Arrival,
            outcome,
            skipped: None,
            code,
            args: BTreeMap::new(),
            facts: Vec::new(),
            remembered: None,
            evidence: Vec::new(),
            link: None,
            blocked_by: None,
            at: at(minute),
            ms: 0,
        }
    }

    /// Two hours of looks that measured, the later one at 119 minutes at the latest.
    fn history() -> History {
        let hour = |from, lags: &[u32]| HourPoint {
            from: at(from),
            hour: HourStats { lags: lags.to_vec(), ..HourStats::default() },
        };
        History::summarize(at(0), at(1_440), vec![hour(0, &[5, 7]), hour(60, &[9, 2])], Vec::new())
    }

    #[test]
    fn the_newest_lag_is_that_of_the_newest_comparison() {
        for (outcome, code) in [(Outcome::Passed, None), (Outcome::Attention, Some(Code::RadiantLagging))] {
            let seen = history().with_comparison(Some(&arrival(outcome, code, 110)));
            assert_eq!((seen.compared, seen.lag_newest), (Some(at(110)), Some(2)), "{code:?}");
        }
    }

    #[test]
    fn a_comparison_that_measured_nothing_leaves_no_lag_of_an_older_one() {
        for (outcome, code) in [
            (Outcome::Failed, Code::RadiantNoMatch),
            (Outcome::Failed, Code::RadiantNoEvents),
            (Outcome::Unknown, Code::RadiantUnavailable),
        ] {
            let seen = history().with_comparison(Some(&arrival(outcome, Some(code), 119)));
            assert_eq!((seen.compared, seen.lag_newest), (Some(at(119)), None), "{code}");
            assert_eq!(seen.lag_p50, Some(5), "what was measured before is still summed up");
        }
        let later = history().with_comparison(Some(&arrival(Outcome::Passed, None, 180)));
        assert_eq!(later.lag_newest, None, "all that was measured is older than this comparison");
    }

    #[test]
    fn without_a_comparison_there_is_no_newest_lag() {
        for row in [None, Some(&arrival(Outcome::Skipped, None, 119))] {
            let seen = history().with_comparison(row);
            assert_eq!((seen.compared, seen.lag_newest), (None, None));
        }
    }
}

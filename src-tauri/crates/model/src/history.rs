//! The history of a connection over a time span.
//!
//! The newest delivery delay belongs to the newest comparison. If that comparison measured none, an older measurement does not
//! replace it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::{CheckRow, Outcome};
use crate::code::Code;
use crate::status::StatusChange;

/// A connection's history over a time span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct History {
    /// Start of the span.
    pub from: DateTime<Utc>,
    /// End of the span.
    pub until: DateTime<Utc>,
    /// The hours with probes, oldest first.
    pub hours: Vec<HourPoint>,
    /// The newest status changes, newest first.
    pub changes: Vec<StatusChange>,
    /// The number of all status changes in the span.
    pub changes_total: u32,
    /// The median delivery delay, in seconds.
    pub delay_p50: Option<u32>,
    /// The 95th percentile of the delivery delay, in seconds.
    pub delay_p95: Option<u32>,
    /// When both sides were compared last, whether or not a delay was measured.
    pub compared_at: Option<DateTime<Utc>>,
    /// The delivery delay of this comparison, in seconds; `None` if it measured none.
    pub delay_newest: Option<u32>,
}

impl History {
    /// Summarizes a time span.
    #[must_use]
    pub fn summarize(
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        hours: Vec<HourPoint>,
        changes: Vec<StatusChange>,
    ) -> Self {
        let mut lags: Vec<u32> = hours.iter().flat_map(|point| point.hour.delays.iter().copied()).collect();
        lags.sort_unstable();
        // The nearest-rank percentile: the smallest delay that this share of the probes did not exceed.
        let percentile = |percent: usize| lags.get((lags.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        let (lag_p50, lag_p95) = (percentile(50), percentile(95));
        let changes_all = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        Self {
            from,
            until,
            hours,
            changes,
            changes_total: changes_all,
            delay_p50: lag_p50,
            delay_p95: lag_p95,
            compared_at: None,
            delay_newest: None,
        }
    }

    /// Adds the delay that the newest comparison measured. `arrival` is the row of that comparison.
    #[must_use]
    pub fn with_comparison(self, arrival: Option<&CheckRow>) -> Self {
        let Some(row) = arrival.filter(|row| row.outcome != Outcome::Skipped) else { return self };
        let measured = row.outcome == Outcome::Passed || row.code == Some(Code::RadiantLagging);
        // A probe counts for the hour in which it ended, which may be the hour after its row's time.
        let is_recent = |point: &&HourPoint| point.from + TimeDelta::hours(1) > row.at;
        let newest =
            self.hours.iter().filter(is_recent).flat_map(|point| point.hour.delays.iter().copied()).next_back();
        Self { compared_at: Some(row.at), delay_newest: newest.filter(|_| measured), ..self }
    }
}

/// The probes of one hour, aggregated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
#[specta(skip_attr = "serde")] // the aliases are for stored data only
pub struct HourStats {
    /// Probes that found no problem.
    pub ok: u32,
    /// Probes that found something that needs attention.
    pub attention: u32,
    /// Probes that found ingestion stopped.
    pub stopped: u32,
    /// Probes without a network.
    pub offline: u32,
    /// Requests sent to Okta.
    pub requests: u32,
    /// The delivery delay at each probe, in seconds, in order of time.
    #[serde(alias = "lags")]
    pub delays: Vec<u32>,
    /// The longest age of Okta's newest event, in seconds.
    pub longest_gap_s: Option<u32>,
    /// The lowest remaining share of the System Log's rate limit, in percent.
    pub least_left: Option<u32>,
}

/// Maximum number of delays for one hour; a probe every half hour adds two.
const MAX_LAGS: usize = 240;

impl HourStats {
    /// Merges two parts of one hour.
    #[must_use]
    pub fn merge(mut self, more: &Self) -> Self {
        self.ok += more.ok;
        self.attention += more.attention;
        self.stopped += more.stopped;
        self.offline += more.offline;
        self.requests += more.requests;
        self.delays.extend(&more.delays);
        self.delays.truncate(MAX_LAGS);
        self.longest_gap_s = self.longest_gap_s.max(more.longest_gap_s);
        self.least_left = self.least_left.into_iter().chain(more.least_left).min();
        self
    }
}

/// One hour of a connection's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HourPoint {
    /// Start of the hour.
    pub from: DateTime<Utc>,
    /// The probes of the hour.
    pub hour: HourStats,
}

/// A time span of the history.
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

    /// Two hours with measured delays; the last probe ran before minute 120.
    fn history() -> History {
        let hour = |from, lags: &[u32]| HourPoint {
            from: at(from),
            hour: HourStats { delays: lags.to_vec(), ..HourStats::default() },
        };
        History::summarize(at(0), at(1_440), vec![hour(0, &[5, 7]), hour(60, &[9, 2])], Vec::new())
    }

    #[test]
    fn the_newest_delay_is_that_of_the_newest_comparison() {
        for (outcome, code) in [(Outcome::Passed, None), (Outcome::Attention, Some(Code::RadiantLagging))] {
            let summary = history().with_comparison(Some(&arrival(outcome, code, 110)));
            assert_eq!((summary.compared_at, summary.delay_newest), (Some(at(110)), Some(2)), "{code:?}");
        }
    }

    #[test]
    fn a_comparison_without_a_measurement_does_not_show_the_delay_of_an_older_one() {
        for (outcome, code) in [
            (Outcome::Failed, Code::RadiantNoMatch),
            (Outcome::Failed, Code::RadiantNoEvents),
            (Outcome::Unknown, Code::RadiantUnavailable),
        ] {
            let summary = history().with_comparison(Some(&arrival(outcome, Some(code), 119)));
            assert_eq!((summary.compared_at, summary.delay_newest), (Some(at(119)), None), "{code}");
            assert_eq!(summary.delay_p50, Some(5), "earlier measurements still count for the median");
        }
        let later = history().with_comparison(Some(&arrival(Outcome::Passed, None, 180)));
        assert_eq!(later.delay_newest, None, "every measurement is older than this comparison");
    }

    #[test]
    fn without_a_comparison_there_is_no_newest_delay() {
        for row in [None, Some(&arrival(Outcome::Skipped, None, 119))] {
            let summary = history().with_comparison(row);
            assert_eq!((summary.compared_at, summary.delay_newest), (None, None));
        }
    }
}

//! Finds out whether a pause without events from Okta is unusual for an organization.
//!
//! A quiet Sunday is not: a silence is unusual when it is longer than a day and than twice the longest pause of the last four
//! weeks, and when there is a week of history. These limits are our own choice.

use chrono::{DateTime, TimeDelta, Utc};

use model::history::HourPoint;

/// A shorter silence is never unusual.
const MIN_SILENCE: TimeDelta = TimeDelta::hours(24);
/// The history without which no silence is unusual.
const MIN_HISTORY: TimeDelta = TimeDelta::days(7);
/// The history that a silence is compared with.
pub(super) const HISTORY: TimeDelta = TimeDelta::days(28);

/// Returns the present silence and the longest pause before it if the silence is unusual.
pub(super) fn unusual(
    hours: &[HourPoint],
    newest: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<(TimeDelta, TimeDelta)> {
    let newest = newest?;
    let before = || hours.iter().filter(|point| point.from <= newest);
    let has_history = before().map(|point| point.from).min().is_some_and(|first| newest - first >= MIN_HISTORY);
    let longest = before().filter_map(|point| point.hour.longest_gap_s).max()?;
    let (silence, longest) = (now - newest, TimeDelta::seconds(i64::from(longest)));
    (has_history && silence > MIN_SILENCE && silence > longest * 2).then_some((silence, longest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::history::HourStats;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours)
    }

    /// Two weeks in which the longest pause was `longest` hours; the newest event came at hour 336.
    fn history(longest: u32) -> Vec<HourPoint> {
        let point = |hour| HourPoint {
            from: at(hour),
            hour: HourStats {
                longest_gap_s: Some(if hour == 100 { longest * 3600 } else { 600 }),
                ..HourStats::default()
            },
        };
        (0..=336).map(point).collect()
    }

    #[test]
    fn a_quiet_sunday_is_usual_and_a_silence_longer_than_any_before_is_not() {
        let newest = Some(at(336));
        assert_eq!(unusual(&history(2), newest, at(336 + 23)), None, "less than a day");
        assert_eq!(unusual(&history(40), newest, at(336 + 70)), None, "as long as before");
        let found = unusual(&history(20), newest, at(336 + 41)).unwrap();
        assert_eq!((found.0.num_hours(), found.1.num_hours()), (41, 20));
    }

    #[test]
    fn without_a_week_of_history_no_silence_is_unusual() {
        let short: Vec<HourPoint> = history(1).split_off(336 - 100);
        assert_eq!(unusual(&short, Some(at(336)), at(336 + 300)), None);
        assert_eq!(unusual(&[], None, at(0)), None);
    }

    #[test]
    fn the_present_silence_is_not_compared_with_itself() {
        let mut hours = history(2);
        let silent = |hour| HourPoint {
            from: at(hour),
            hour: HourStats { longest_gap_s: Some(3600 * 100), ..HourStats::default() },
        };
        hours.extend((337..400).map(silent));
        assert!(unusual(&hours, Some(at(336)), at(400)).is_some());
    }
}

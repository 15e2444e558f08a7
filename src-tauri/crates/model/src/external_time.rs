//! Times in responses. They are bounded, so that no later calculation with them can overflow.

use chrono::{DateTime, Datelike as _, Utc};

/// Parses a time of RFC 3339, which has years of four digits; `None` for any other text.
#[must_use]
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    text.parse().ok().and_then(bounded)
}

/// Returns a time whose year has at most four digits. The library represents years far outside and panics when something is
/// added to the last of them.
#[must_use]
pub fn bounded(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (0..=9999).contains(&at.year()).then_some(at)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_far_outside_are_unreadable_and_the_usual_forms_are_not() {
        for outside in [
            "-262143-01-01T00:00:00Z",
            "+262142-12-31T23:59:59Z",
            "+10000-01-01T00:00:00Z",
            "-0001-12-31T23:59:59Z",
            "9999-12-31T23:59:59-01:00",
            "",
            "yesterday",
        ] {
            assert_eq!(parse(outside), None, "{outside}");
        }
        let usual = ["2026-11-20T08:15:30.123Z", "2026-11-20T08:15:30Z", "2026-11-20T08:15:30.123456+02:00"];
        for time in usual.into_iter().chain(["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]) {
            assert!(parse(time).is_some(), "{time}");
        }
        assert_eq!((bounded(DateTime::<Utc>::MIN_UTC), bounded(DateTime::<Utc>::MAX_UTC)), (None, None));
    }

    proptest! {
        #[test]
        fn a_bounded_time_can_be_calculated_with_and_formatted(year in -262_143_i32..=262_142, rest in "-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-5][0-9])") {
            let sign = if year < 0 { "-" } else if year > 9999 { "+" } else { "" };
            if let Some(at) = parse(&format!("{sign}{:04}{rest}", year.abs())) {
                let (earlier, later) = (at - TimeDelta::days(3_650_000), at + TimeDelta::days(3_650_000));
                // A leap second may count as a second of its own.
                let difference = later - earlier - TimeDelta::days(7_300_000);
                prop_assert!(difference.abs() <= TimeDelta::seconds(1), "{}", difference);
                prop_assert_eq!(DateTime::parse_from_rfc3339(&at.to_rfc3339()).map(|again| again.to_utc()), Ok(at));
                prop_assert!(!at.to_rfc2822().is_empty());
            }
        }
    }
}

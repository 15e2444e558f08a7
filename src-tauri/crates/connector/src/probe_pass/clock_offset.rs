//! What the newest comparison of this computer's clock with Okta's says about the time. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use model::check::{CheckId, CheckReport, FactKey};

/// How long ago the two clocks may have been compared, as far as the end of a probe is concerned: after that, this computer's
/// clock may have been set.
const COMPARED_BEFORE: TimeDelta = TimeDelta::minutes(10);

/// By how much two clocks may differ without being wrong.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(1);

/// Returns Okta's time at the time `at` of this computer, if the two were compared just before.
pub(super) fn okta_time(report: &CheckReport, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let row = report.row(CheckId::Clock)?;
    let is_new = row.at <= at && at - row.at <= COMPARED_BEFORE;
    let offset = row.facts.iter().find(|fact| fact.key == FactKey::ClockOffset)?.value.parse().ok()?;
    at.checked_sub_signed(TimeDelta::try_seconds(offset)?).filter(|_| is_new)
}

/// Returns by how much this computer's clock is ahead of Okta's, by the newest comparison; zero if it is unknown.
pub(super) fn clock_offset(report: &CheckReport) -> TimeDelta {
    let facts = report.row(CheckId::Clock).map(|row| row.facts.as_slice()).unwrap_or_default();
    let offset = facts.iter().find(|fact| fact.key == FactKey::ClockOffset);
    offset.and_then(|fact| fact.value.parse().ok()).and_then(TimeDelta::try_seconds).unwrap_or_default()
}

/// Returns the time of the newest event: the one just found or a remembered one, unless that lies ahead of Okta's clock. Then it
/// was dated by a clock that has been corrected since.
pub(super) fn newest_known(
    found: Option<DateTime<Utc>>,
    remembered: Option<DateTime<Utc>>,
    okta_now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let is_possible = |at: &DateTime<Utc>| found.is_none() || *at <= okta_now + CLOCK_TOLERANCE;
    found.max(remembered.filter(is_possible))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::{CheckRow, Fact, Outcome};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn compared(seconds: i64, offset: Option<&str>) -> CheckReport {
        let fact = |offset: &str| Fact { key: FactKey::ClockOffset, value: offset.to_owned() };
        let row = CheckRow {
            check: CheckId::Clock,
            outcome: if offset.is_some() { Outcome::Passed } else { Outcome::Unknown },
            skipped: None,
            code: None,
            args: std::collections::BTreeMap::new(),
            facts: offset.map(fact).into_iter().collect(),
            remembered: None,
            evidence: Vec::new(),
            link: None,
            blocked_by: None,
            at: at(seconds),
            ms: 1,
        };
        CheckReport { started: at(seconds), finished: at(seconds), rows: vec![row], capabilities: Vec::new() }
    }

    #[test]
    fn a_remembered_event_ahead_of_oktas_clock_gives_way_to_the_one_just_found() {
        assert_eq!(newest_known(Some(at(-30)), Some(at(600)), at(0)), Some(at(-30)));
        assert_eq!(newest_known(Some(at(-90)), Some(at(-30)), at(0)), Some(at(-30)), "the log's page began later");
        assert_eq!(newest_known(Some(at(-30)), Some(at(20)), at(0)), Some(at(20)), "the clocks differ by seconds");
        assert_eq!(newest_known(None, Some(at(600)), at(0)), Some(at(600)), "nothing better is known");
    }

    #[test]
    fn oktas_time_is_known_only_right_after_the_clocks_were_compared() {
        assert_eq!(okta_time(&compared(0, Some("0")), at(5)), Some(at(5)));
        let year = 365 * 86_400;
        assert_eq!(okta_time(&compared(year, Some(&year.to_string())), at(year + 5)), Some(at(5)), "a year ahead");
        assert_eq!(okta_time(&compared(0, Some("-60")), at(5)), Some(at(65)), "a minute behind");
        assert_eq!(okta_time(&compared(0, Some("0")), at(year)), None, "this clock may have jumped since");
        assert_eq!(okta_time(&compared(0, Some("0")), at(-5)), None, "this clock was set back");
        assert_eq!(okta_time(&compared(0, None), at(5)), None);
    }
}

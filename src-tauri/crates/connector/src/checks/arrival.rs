//! Does Radiant accept the search token, and is an event of this very org found there?
//!
//! Proof is one event found again by its `uuid`. The share found is a trend, never an equality: what Radiant's feed leaves
//! out is not public. No hit is told apart: Okta had nothing, Radiant has nothing, Radiant has others, Radiant lags.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;
use super::logs;
use model::check::{Evidence, FactKey, Skip};
use model::code::Code;
use model::event::LogEvent;
use model::link::LinkTarget;
use model::radiant::RadiantSearch;
use okta::{LogQuery, Okta};
use radiant::Search;

/// Is the search token accepted? The second value is there when searching makes sense.
pub(super) async fn accepted(search: &Search, settings: &RadiantSearch) -> (Finding, Option<()>) {
    match search.accepted().await {
        Ok(answer) => {
            let unset = match (&settings.index, &settings.connector_type) {
                (None, _) => Some(Code::RadiantIndexUnset),
                (Some(_), None) => Some(Code::RadiantTypeUnset),
                (Some(_), Some(_)) => None,
            };
            let finding = unset.map_or_else(Finding::passed, Finding::attention);
            let finding = finding
                .fact_if(FactKey::RadiantIndex, settings.index.clone())
                .fact_if(FactKey::ConnectorType, settings.connector_type.clone())
                .fact_if(FactKey::TimestampField, settings.timestamp_field.clone())
                .evidence(&answer.evidence);
            (finding, unset.is_none().then_some(()))
        }
        Err(failure) => (Finding::of_radiant(&failure).link(LinkTarget::RadiantDataConnectors), None),
    }
}

/// How events are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looking<'a> {
    /// Event types that were found in Radiant before; empty when that is not known.
    pub(super) carried: &'a BTreeSet<String>,
    /// How late an event may be.
    pub(super) allowed: TimeDelta,
    /// Okta's time.
    pub(super) now: DateTime<Utc>,
}

/// What a look at both sides yielded beside its finding.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// How long the longest missing event newer than the newest match has been waiting; zero when none is missing.
    pub lag: Option<TimeDelta>,
    /// Event types found in Radiant.
    pub types: BTreeSet<String>,
}

/// Are Okta's events found in Radiant? `newest` is the newest page of the System Log.
pub(super) async fn arrival(
    okta: &Okta,
    search: &Search,
    newest: Vec<LogEvent>,
    looking: Looking<'_>,
) -> (Finding, Option<Compared>) {
    let (events, older) = expected(okta, newest, looking).await;
    let with_older = |finding: Finding| older.iter().fold(finding, |finding, one| finding.evidence(one));
    let Some(oldest) = events.iter().map(|event| event.published).min() else {
        return (Finding::skipped(Skip::Depends).code(Code::RadiantNothingToFind), None);
    };
    let since = oldest - TimeDelta::hours(1);
    let uuids: Vec<String> = events.iter().map(|event| event.uuid.clone()).collect();
    let (found, newest) = tokio::join!(search.find(&uuids, since), search.newest(since));
    let found = match found {
        Ok(found) => found,
        Err(failure) => return (with_older(Finding::of_radiant(&failure)), None),
    };
    let hits: Vec<&LogEvent> =
        events.iter().filter(|event| found.value.iter().any(|hit| hit.uuid == event.uuid)).collect();
    let share = format!("{} / {}", hits.len(), events.len());
    let (finding, compared) = match (judge(&events, &hits, looking), newest) {
        (Some((finding, compared)), _) => (finding, Some(compared)),
        (None, Ok(answer)) if answer.value.is_some() => (Finding::failed(Code::RadiantNoMatch), None),
        (None, Ok(_)) => (Finding::failed(Code::RadiantNoEvents), None),
        (None, Err(failure)) => (Finding::of_radiant(&failure), None),
    };
    let finding = finding.fact(FactKey::Share, share).evidence(&found.evidence).link(LinkTarget::RadiantDataConnectors);
    (with_older(finding), compared)
}

/// The events to look for. In a busy org the newest page is too young to be expected in Radiant; then it is an older one.
async fn expected(okta: &Okta, newest: Vec<LogEvent>, looking: Looking<'_>) -> (Vec<LogEvent>, Option<Evidence>) {
    let Looking { allowed, now, .. } = looking;
    if newest.is_empty() || newest.iter().any(|event| now - event.published > allowed) {
        return (newest, None);
    }
    let older = LogQuery { until: Some(now - allowed), ..logs::newest(now) };
    match okta.logs(&older).await {
        Ok(answer) if !answer.value.events.is_empty() => (answer.value.events, Some(answer.evidence)),
        Ok(answer) => (newest, Some(answer.evidence)),
        Err(failure) => (newest, Some(failure.evidence)),
    }
}

/// Judges what was found; `None` when nothing was found although something should have been.
///
/// Which event types Radiant's feed leaves out is not public: a missing event counts only when its type was found before
/// or beside it, and only once it is due.
fn judge(events: &[LogEvent], hits: &[&LogEvent], looking: Looking<'_>) -> Option<(Finding, Compared)> {
    let Looking { carried, allowed, now } = looking;
    let types: BTreeSet<String> = hits.iter().map(|event| event.event_type.clone()).collect();
    let is_due = |event: &&LogEvent| now - event.published > allowed;
    let carries = |event: &&LogEvent| types.contains(&event.event_type) || carried.contains(&event.event_type);
    let compared = |lag| Compared { lag, types: types.clone() };
    let Some(newest) = hits.iter().max_by_key(|event| event.published) else {
        let owed = events.iter().filter(is_due).any(|event| carried.is_empty() || carries(&event));
        let finding = Finding::unknown(Code::RadiantTooSoon).arg("minutes", allowed.num_minutes().to_string());
        return (!owed).then(|| (finding, compared(None)));
    };
    let missing = events.iter().filter(carries).filter(|event| event.published > newest.published);
    let waiting = missing.map(|event| now - event.published).max().unwrap_or_default();
    let finding = if waiting > allowed {
        Finding::attention(Code::RadiantLagging).arg("minutes", waiting.num_minutes().max(1).to_string())
    } else {
        Finding::passed()
    };
    let lag = now - newest.published;
    let finding =
        finding.fact(FactKey::EventUuid, newest.uuid.clone()).fact(FactKey::Lag, lag.num_seconds().max(0).to_string());
    Some((finding, compared(Some(waiting))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::Outcome;

    const LAG: TimeDelta = TimeDelta::minutes(10);

    fn event(uuid: &str, kind: &str, minutes_ago: i64) -> LogEvent {
        let published = (now() - TimeDelta::minutes(minutes_ago)).to_rfc3339();
        let raw = serde_json::json!({"uuid": uuid, "eventType": kind, "published": published}).to_string();
        LogEvent::parse(serde_json::value::RawValue::from_string(raw).unwrap()).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn code(events: &[LogEvent], found: &[&str], carried: &[&str]) -> Option<Option<Code>> {
        let hits: Vec<&LogEvent> = events.iter().filter(|event| found.contains(&event.uuid.as_str())).collect();
        let carried = carried.iter().map(|one| (*one).to_owned()).collect();
        let looking = Looking { carried: &carried, allowed: LAG, now: now() };
        judge(events, &hits, looking).map(|(finding, _)| finding.code)
    }

    #[test]
    fn a_due_event_of_a_carried_type_that_is_missing_is_lag() {
        let events = [event("new", "a", 20), event("old", "a", 60)];
        assert_eq!(code(&events, &["old"], &[]), Some(Some(Code::RadiantLagging)));
        assert_eq!(code(&events, &["new"], &[]), Some(None));
    }

    #[test]
    fn a_type_the_feed_may_leave_out_is_no_lag() {
        let events = [event("new", "left.out", 20), event("old", "a", 60)];
        assert_eq!(code(&events, &["old"], &[]), Some(None));
        assert_eq!(code(&events, &["old"], &["left.out"]), Some(Some(Code::RadiantLagging)));
    }

    #[test]
    fn events_too_young_to_be_expected_prove_nothing() {
        let events = [event("b", "a", 2), event("a", "a", 5)];
        assert_eq!(code(&events, &[], &[]), Some(Some(Code::RadiantTooSoon)));
        let looking = Looking { carried: &BTreeSet::new(), allowed: LAG, now: now() };
        assert_eq!(judge(&events, &[], looking).unwrap().0.outcome, Outcome::Unknown);
    }

    #[test]
    fn nothing_found_of_what_is_due_is_left_to_the_newest_of_radiant() {
        assert_eq!(code(&[event("a", "a", 30)], &[], &[]), None);
        assert_eq!(code(&[event("a", "left.out", 30)], &[], &["a"]), Some(Some(Code::RadiantTooSoon)));
    }
}

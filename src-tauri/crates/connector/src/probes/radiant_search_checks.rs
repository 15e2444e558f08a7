//! Checks Radiant: whether it accepts the search token and has the events of this org.
//!
//! One event found by its `uuid` is proof. The share of events found is a trend, because it is not public which events Radiant's
//! feed leaves out. Without a hit the reasons are distinguished: no events in Okta, none in Radiant, only others, or a delay.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;
use super::input::ProbeInput;
use super::system_log;
use model::check::{Evidence, FactKey, Outcome, Skip};
use model::code::Code;
use model::link_target::LinkTarget;
use model::log_event::LogEvent;
use model::radiant_search_settings::RadiantSearch;
use okta::{Failure, LogQuery, Okta, ServerTime};
use radiant::{PartialResults, Search, is_searchable};

/// Checks that Radiant accepts the search token. The second value is there if a search makes sense.
pub(super) async fn search_token(search: &Search, settings: &RadiantSearch) -> (Finding, Option<()>) {
    match search.verify_token().await {
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

/// The rules by which missing events are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct DeliveryRules<'a> {
    /// Event types that were found in Radiant before; empty if that is unknown.
    pub(super) delivered_types: &'a BTreeSet<String>,
    /// The longest delivery delay that is no problem.
    pub(super) max_delay: TimeDelta,
    /// The time of the comparison.
    pub(super) now: DateTime<Utc>,
}

impl<'a> DeliveryRules<'a> {
    pub(super) fn of(input: &'a ProbeInput) -> Self {
        let (delivered_types, max_delay) = (&input.history.delivered_types, input.target.max_delay);
        Self { delivered_types, max_delay, now: input.handles.clock.now() }
    }

    /// Converts the time of the comparison to Okta's clock, by which events are dated.
    pub(super) fn at(self, server_time: Option<ServerTime>) -> Self {
        Self { now: server_time.map_or(self.now, |time| time.to_okta(self.now)), ..self }
    }
}

/// The comparison of Okta's events with Radiant's, beside its finding.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeliveryResult {
    /// The longest wait of a missing event that is newer than the newest match; zero if none is missing.
    pub(crate) delay: Option<TimeDelta>,
    /// Event types found in Radiant.
    pub(crate) types: BTreeSet<String>,
}

/// Checks that Okta's events are found in Radiant. `newest` is the newest page of the System Log.
pub(super) async fn delivery(
    okta: &Okta,
    search: &Search,
    newest: Vec<LogEvent>,
    rules: DeliveryRules<'_>,
) -> (Finding, Option<DeliveryResult>) {
    let (events, older) = match expected_events(okta, newest, rules).await {
        Ok(expected) => expected,
        // Without the events that are due, nothing is known about them.
        Err(failure) => return (Finding::of_okta_path(&failure), None),
    };
    let with_older = |finding: Finding| older.iter().fold(finding, Finding::evidence);
    // An event that cannot be searched for would seem to be missing.
    let events: Vec<LogEvent> = events.into_iter().filter(|event| is_searchable(&event.uuid)).collect();
    let Some(oldest) = events.iter().map(|event| event.published).min() else {
        return (Finding::skipped(Skip::Depends).code(Code::RadiantNothingToFind), None);
    };
    let since = oldest - TimeDelta::hours(1);
    let uuids: Vec<String> = events.iter().map(|event| event.uuid.clone()).collect();
    let found = match search.find(&uuids, since).await {
        Ok(found) => found,
        Err(failure) => return (with_older(Finding::of_radiant(&failure)), None),
    };
    let hits: Vec<&LogEvent> = events.iter().filter(|event| found.value.contains(&event.uuid)).collect();
    let share = format!("{} / {}", hits.len(), events.len());
    let (finding, result) = match (judge(&events, &hits, rules), found.partial) {
        (Some((judged, result)), Some(missing)) if !hits.is_empty() => {
            let finding = match judged.outcome {
                Outcome::Passed => of_partial_hits(&hits, missing),
                // A missing event may be in the rest, so that neither a delay nor its end is proven.
                Outcome::Attention | Outcome::Failed | Outcome::Unknown | Outcome::Skipped => {
                    with_newest(Finding::of_radiant(&search.partial(missing, found.evidence.clone())), &hits)
                }
            };
            (finding, Some(DeliveryResult { delay: None, ..result }))
        }
        (Some((finding, result)), _) => (finding, Some(result)),
        (None, Some(missing)) => (Finding::of_radiant(&search.partial(missing, found.evidence.clone())), None),
        (None, None) => (without_hits(search, since).await, None),
    };
    let finding = finding.fact(FactKey::Share, share).evidence(&found.evidence).link(LinkTarget::RadiantDataConnectors);
    (with_older(finding), result)
}

/// Judges a search without any hit by whether Radiant has other events of Okta.
async fn without_hits(search: &Search, since: DateTime<Utc>) -> Finding {
    match search.newest(since).await {
        Ok(answer) if answer.value.is_some() => Finding::failed(Code::RadiantNoMatch).evidence(&answer.evidence),
        Ok(answer) => Finding::failed(Code::RadiantNoEvents).evidence(&answer.evidence),
        Err(failure) => Finding::of_radiant(&failure),
    }
}

/// Judges hits in a part of Radiant's data. They prove that events arrive; those that are missing may be in the rest.
fn of_partial_hits(hits: &[&LogEvent], missing: PartialResults) -> Finding {
    let parts = missing.parts().map(|(searched, total)| format!("{searched} / {total}"));
    let finding = Finding::passed().fact_if(FactKey::SearchedParts, parts);
    with_newest(finding, hits)
}

/// Adds the newest event that was found on both sides, if there is one.
fn with_newest(finding: Finding, hits: &[&LogEvent]) -> Finding {
    let newest = hits.iter().max_by_key(|event| event.published);
    finding.fact_if(FactKey::EventUuid, newest.map(|event| event.uuid.clone()))
}

/// Returns the events to search. In a busy org the newest page is too recent to be expected in Radiant, so an older one is read.
async fn expected_events(
    okta: &Okta,
    newest: Vec<LogEvent>,
    rules: DeliveryRules<'_>,
) -> Result<(Vec<LogEvent>, Option<Evidence>), Failure> {
    let DeliveryRules { max_delay, now, .. } = rules;
    if newest.is_empty() || newest.iter().any(|event| now - event.published > max_delay) {
        return Ok((newest, None));
    }
    let older = LogQuery { until: Some(now - max_delay), ..system_log::newest_events(now) };
    let answer = okta.logs(&older).await?;
    let events = if answer.value.entries.is_empty() { newest } else { answer.value.entries };
    Ok((events, Some(answer.evidence)))
}

/// Judges the hits; `None` if nothing was found although something should have been.
///
/// It is not public which event types Radiant's feed leaves out, so a missing event counts only if its type was found before or
/// now, and only once it is due.
fn judge(events: &[LogEvent], hits: &[&LogEvent], rules: DeliveryRules<'_>) -> Option<(Finding, DeliveryResult)> {
    let DeliveryRules { delivered_types, max_delay, now } = rules;
    let types: BTreeSet<String> = hits.iter().map(|event| event.event_type.clone()).collect();
    let is_due = |event: &&LogEvent| now - event.published > max_delay;
    let is_delivered_type =
        |event: &&LogEvent| types.contains(&event.event_type) || delivered_types.contains(&event.event_type);
    let result = |delay| DeliveryResult { delay, types: types.clone() };
    let Some(newest) = hits.iter().max_by_key(|event| event.published) else {
        let is_missing =
            events.iter().filter(is_due).any(|event| delivered_types.is_empty() || is_delivered_type(&event));
        let finding = Finding::unknown(Code::RadiantTooSoon).arg("minutes", max_delay.num_minutes().to_string());
        return (!is_missing).then(|| (finding, result(None)));
    };
    let missing = events.iter().filter(is_delivered_type).filter(|event| event.published > newest.published);
    let waiting = missing.map(|event| now - event.published).max().unwrap_or_default();
    let finding = if waiting > max_delay {
        Finding::attention(Code::RadiantLagging).arg("minutes", waiting.num_minutes().max(1).to_string())
    } else {
        Finding::passed()
    };
    let finding = with_newest(finding, hits).fact(FactKey::Lag, waiting.num_seconds().max(0).to_string());
    Some((finding, result(Some(waiting))))
}

#[cfg(test)]
mod tests {
    use model::check::CheckId;

    use super::*;

    const MAX_DELAY: TimeDelta = TimeDelta::minutes(10);

    fn event(uuid: &str, kind: &str, minutes_ago: i64) -> LogEvent {
        let published = (now() - TimeDelta::minutes(minutes_ago)).to_rfc3339();
        let raw = serde_json::json!({"uuid": uuid, "eventType": kind, "published": published}).to_string();
        LogEvent::parse(serde_json::value::RawValue::from_string(raw).unwrap()).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn code(events: &[LogEvent], found: &[&str], delivered_types: &[&str]) -> Option<Option<Code>> {
        let hits: Vec<&LogEvent> = events.iter().filter(|event| found.contains(&event.uuid.as_str())).collect();
        let delivered_types = delivered_types.iter().map(|kind| (*kind).to_owned()).collect();
        let rules = DeliveryRules { delivered_types: &delivered_types, max_delay: MAX_DELAY, now: now() };
        judge(events, &hits, rules).map(|(finding, _)| finding.code)
    }

    #[test]
    fn a_missing_due_event_of_a_delivered_type_is_a_delay() {
        let events = [event("new", "a", 20), event("old", "a", 60)];
        assert_eq!(code(&events, &["old"], &[]), Some(Some(Code::RadiantLagging)));
        assert_eq!(code(&events, &["new"], &[]), Some(None));
    }

    #[test]
    fn the_fact_of_the_row_is_the_delay_that_the_history_records() {
        let facts = |events: &[LogEvent], found: &[&str]| {
            let hits: Vec<&LogEvent> = events.iter().filter(|event| found.contains(&event.uuid.as_str())).collect();
            let rules = DeliveryRules { delivered_types: &BTreeSet::new(), max_delay: MAX_DELAY, now: now() };
            let (finding, result) = judge(events, &hits, rules).unwrap();
            let row = finding.row(CheckId::Arrival, now(), 0);
            let lag = row.facts.iter().find(|fact| fact.key == FactKey::Lag).map(|fact| fact.value.clone());
            (lag, result.delay.map(|delay| delay.num_seconds()))
        };
        let events = [event("new", "a", 2), event("old", "a", 60)];
        assert_eq!(facts(&events, &["old"]), (Some("120".to_owned()), Some(120)));
        assert_eq!(facts(&events, &["old", "new"]), (Some("0".to_owned()), Some(0)), "an old event is no delay");
    }

    #[test]
    fn a_type_that_the_feed_may_leave_out_is_no_delay() {
        let events = [event("new", "left.out", 20), event("old", "a", 60)];
        assert_eq!(code(&events, &["old"], &[]), Some(None));
        assert_eq!(code(&events, &["old"], &["left.out"]), Some(Some(Code::RadiantLagging)));
    }

    #[tokio::test]
    async fn a_failed_request_for_the_events_that_are_due_is_its_own_finding() {
        // Nobody listens on a port that was just released.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("http://127.0.0.1:{port}");
        let (http, clock) = (http_client::HttpSettings::default(), runtime::Clock::system());
        let accepted = http_client::AcceptedProxyIssuers::default();
        let origin = model::okta_origin::Origin::Practice(model::okta_origin::Loopback::new(&address).unwrap());
        let okta = Okta::new(&origin, Some("token".to_owned().into()), &accepted, &http, &clock).unwrap();
        let settings = RadiantSearch { url: format!("{address}/_msearch"), ..RadiantSearch::default() };
        let search = Search::new(&settings, true, "search".to_owned().into(), &accepted, &http, &clock).unwrap();
        let rules = DeliveryRules { delivered_types: &BTreeSet::new(), max_delay: MAX_DELAY, now: now() };
        let (finding, result) = delivery(&okta, &search, vec![event("b", "a", 2)], rules).await;
        assert_eq!((finding.outcome, finding.code), (Outcome::Unknown, Some(Code::ConnectionRefused)));
        assert!(result.is_none(), "nothing was compared");
    }

    #[test]
    fn events_that_are_too_recent_prove_nothing() {
        let events = [event("b", "a", 2), event("a", "a", 5)];
        assert_eq!(code(&events, &[], &[]), Some(Some(Code::RadiantTooSoon)));
        let rules = DeliveryRules { delivered_types: &BTreeSet::new(), max_delay: MAX_DELAY, now: now() };
        assert_eq!(judge(&events, &[], rules).unwrap().0.outcome, Outcome::Unknown);
    }

    #[test]
    fn without_any_hit_the_newest_event_of_radiant_decides() {
        assert_eq!(code(&[event("a", "a", 30)], &[], &[]), None);
        assert_eq!(code(&[event("a", "left.out", 30)], &[], &["a"]), Some(Some(Code::RadiantTooSoon)));
    }
}

//! Does Radiant accept the search token, and is an event of this very org found there?
//!
//! Proof is one event found again by its `uuid`. The share found is a trend, never an equality: what Radiant's feed leaves
//! out is not public. No hit is told apart: Okta had nothing, Radiant has nothing, Radiant has others, Radiant lags.

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;
use crate::model::{Code, FactKey, LinkTo, LogEvent, RadiantSearch, Skip};
use crate::radiant::Search;

/// A newest match older than this, while Okta has newer events, counts as lagging. Ours; Radiant publishes no figure.
const LAG: TimeDelta = TimeDelta::minutes(10);

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
        Err(failure) => (Finding::of_radiant(&failure).link(LinkTo::RadiantDataConnectors), None),
    }
}

/// Is an Okta event found in Radiant? `events` are Okta's newest.
pub(super) async fn arrival(search: &Search, events: &[LogEvent], now: DateTime<Utc>) -> (Finding, Option<()>) {
    let Some(oldest) = events.iter().map(|event| event.published).min() else {
        return (Finding::skipped(Skip::Depends).code(Code::RadiantNothingToFind), None);
    };
    let since = oldest - TimeDelta::hours(1);
    let uuids: Vec<String> = events.iter().map(|event| event.uuid.clone()).collect();
    let (found, newest) = tokio::join!(search.find(&uuids, since), search.newest(since));
    let found = match found {
        Ok(found) => found,
        Err(failure) => return (Finding::of_radiant(&failure), None),
    };
    let hit = |event: &&LogEvent| found.value.iter().any(|hit| hit.uuid == event.uuid);
    let newest_hit = events.iter().filter(hit).max_by_key(|event| event.published);
    let share = format!("{} / {}", events.iter().filter(hit).count(), events.len());
    let finding = match newest_hit {
        Some(event) => seen(event, events, now),
        None => match newest {
            Ok(answer) if answer.value.is_some() => Finding::failed(Code::RadiantNoMatch),
            Ok(_) => Finding::failed(Code::RadiantNoEvents),
            Err(failure) => Finding::of_radiant(&failure),
        },
    };
    let finding = finding.fact(FactKey::Share, share).evidence(&found.evidence).link(LinkTo::RadiantDataConnectors);
    (finding, newest_hit.map(|_| ()))
}

/// Judges the newest match: late when Okta has had newer events, old enough to have arrived, that are not there.
fn seen(event: &LogEvent, events: &[LogEvent], now: DateTime<Utc>) -> Finding {
    let due = events.iter().map(|event| event.published).filter(|at| now - *at > LAG).max();
    let late = due.filter(|due| *due > event.published).map(|_| (now - event.published).num_minutes());
    let finding = match late {
        Some(minutes) => Finding::attention(Code::RadiantLagging).arg("minutes", minutes.to_string()),
        None => Finding::passed(),
    };
    finding
        .fact(FactKey::EventUuid, event.uuid.clone())
        .fact(FactKey::Lag, (now - event.published).num_seconds().max(0).to_string())
}

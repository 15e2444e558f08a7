//! The System Log's two modes (DOCS reference/system-log-query).
//!
//! Polling (ascending, no `until`): persistence order, `published` may go backwards, `next` always present, also on an empty
//! page. Bounded (`until`, or descending): ordered by `published`, `next` only while there is more.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::world::Stored;

/// One page, or Okta's status, code and summary.
pub(crate) type Page = Result<(Vec<Value>, Option<String>), (u16, &'static str, String)>;

struct Asked {
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    after: Option<usize>,
    limit: usize,
    descending: bool,
    filter: Option<String>,
    q: Option<String>,
}

/// Answers one request. The second value is the query of the `next` link.
pub(crate) fn page(log: &[Stored], query: &BTreeMap<String, String>, now: DateTime<Utc>) -> Page {
    let asked = read(query, now)?;
    let wanted = |event: &&Stored| {
        event.persisted >= now - TimeDelta::days(90)
            && asked.filter.as_ref().is_none_or(|filter| matches(filter, &event.value))
            && asked.q.as_ref().is_none_or(|q| event.value.to_string().to_lowercase().contains(&q.to_lowercase()))
    };
    let polling = asked.until.is_none() && !asked.descending;
    if polling {
        let start = asked.after.unwrap_or_else(|| log.partition_point(|event| event.persisted < asked.since));
        let mut end = start.min(log.len());
        let mut found = Vec::new();
        while end < log.len() && found.len() < asked.limit {
            found.extend(log.get(end).filter(wanted).map(|event| event.value.clone()));
            end += 1;
        }
        // The cursor looks like Okta's (`<epoch ms>_<n>`, DOCS example) and is opaque to clients.
        return Ok((found, Some(next(query, &format!("{}_{end}", now.timestamp_millis())))));
    }
    let until = asked.until.unwrap_or(now);
    let mut all: Vec<&Stored> =
        log.iter().filter(|event| event.published >= asked.since && event.published <= until).filter(wanted).collect();
    all.sort_by_key(|event| event.published);
    if asked.descending {
        all.reverse();
    }
    let start = asked.after.unwrap_or(0).min(all.len());
    let end = (start + asked.limit).min(all.len());
    let more = (end < all.len()).then(|| next(query, &format!("{:08x}-0000-4000-8000-{end:012}", end)));
    Ok((all[start..end].iter().map(|event| event.value.clone()).collect(), more))
}

fn read(query: &BTreeMap<String, String>, now: DateTime<Utc>) -> Result<Asked, (u16, &'static str, String)> {
    let date = |key: &str| match query.get(key) {
        None => Ok(None),
        // REAL answer for a bad date; the page says E0000001.
        Some(text) => {
            text.parse::<DateTime<Utc>>().map(Some).map_err(|_| (400, "E0000030", format!("Invalid date for '{key}'")))
        }
    };
    let until = date("until")?;
    let since = date("since")?.unwrap_or(until.unwrap_or(now) - TimeDelta::days(7));
    if since < now - TimeDelta::days(180) {
        return Err((400, "E0000053", "'since' is too far in the past".to_owned()));
    }
    let limit = match query.get("limit").map(|text| text.parse::<usize>()) {
        None => 100,
        Some(Ok(limit)) if limit <= 1000 => limit,
        Some(_) => return Err((400, "E0000001", "Api validation failed: 'limit'".to_owned())),
    };
    let after = match query.get("after") {
        None => None,
        Some(text) => match text.rsplit(['_', '-']).next().and_then(|end| end.parse().ok()) {
            Some(at) => Some(at),
            // UNVERIFIED on this endpoint; other list endpoints answer so.
            None => return Err((400, "E0000031", "Invalid cursor".to_owned())),
        },
    };
    let filter = query.get("filter").cloned();
    if filter.as_ref().is_some_and(|filter| clauses(filter).is_none()) {
        return Err((400, "E0000053", "Invalid filter".to_owned()));
    }
    let descending = query.get("sortOrder").is_some_and(|order| order == "DESCENDING");
    Ok(Asked { since, until, after, limit, descending, filter, q: query.get("q").cloned() })
}

fn next(query: &BTreeMap<String, String>, after: &str) -> String {
    let kept = query.iter().filter(|(key, _)| !["after", "since"].contains(&key.as_str()));
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(kept);
    pairs.append_pair("after", after);
    pairs.finish()
}

/// Reads `a eq "b"` joined by `and`; anything else is beyond this practice organisation.
fn clauses(filter: &str) -> Option<Vec<(String, String)>> {
    filter
        .split(" and ")
        .map(|clause| {
            let (field, value) = clause.trim().split_once(" eq ")?;
            let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
            Some((format!("/{}", field.trim().replace('.', "/")), value.to_owned()))
        })
        .collect()
}

fn matches(filter: &str, event: &Value) -> bool {
    clauses(filter).is_some_and(|all| {
        all.iter().all(|(pointer, value)| event.pointer(pointer).and_then(Value::as_str) == Some(value.as_str()))
    })
}

//! The System Log's two modes (DOCS reference/system-log-query).
//!
//! Polling (ascending, no `until`): persistence order, `published` may go backwards, `next` always present, also on an empty
//! page. Bounded (`until`, or descending): ordered by `published`, `next` only while there is more, and its `next` link keeps
//! `since` beside `after` (DOCS example). Retention is 90 days.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::filter::Filter;
use crate::variants::Variants;
use crate::world::Stored;

/// One page, or Okta's status, code and summary.
pub(crate) type Page = Result<(Vec<Value>, Option<String>), Refusal>;

type Refusal = (u16, &'static str, String);

/// What an event may be asked for (SPEC LogEvent); `published` cannot be filtered (DOCS).
const FIELDS: [&str; 16] = [
    "actor",
    "authenticationContext",
    "client",
    "debugContext",
    "device",
    "displayMessage",
    "eventType",
    "legacyEventType",
    "outcome",
    "request",
    "securityContext",
    "severity",
    "target",
    "transaction",
    "uuid",
    "version",
];

/// Where a cursor points. It is opaque to clients.
enum Cursor {
    /// Polling: the next place in persistence order. Looks like Okta's (`<epoch ms>_<n>`, DOCS example).
    Polling(usize),
    /// Bounded: how many were delivered, of how many the log then held, up to when. Looks like a UUID.
    Bounded { sent: usize, held: usize, until: DateTime<Utc> },
}

struct Asked {
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    after: Option<Cursor>,
    limit: usize,
    descending: bool,
    filter: Option<Filter>,
    keywords: Vec<String>,
}

impl Asked {
    fn wants(&self, event: &Stored, now: DateTime<Utc>) -> bool {
        event.persisted >= now - TimeDelta::days(90)
            && self.filter.as_ref().is_none_or(|filter| filter.holds(&event.value))
            && (self.keywords.is_empty() || {
                let text = event.value.to_string().to_lowercase();
                self.keywords.iter().all(|word| text.contains(word))
            })
    }
}

/// Answers one request. The second value is the query of the `next` link.
pub(crate) fn page(log: &[Stored], query: &BTreeMap<String, String>, now: DateTime<Utc>, variants: &Variants) -> Page {
    let asked = read(query, now, variants)?;
    match (&asked.after, asked.until.is_none() && !asked.descending) {
        (None, true) => {
            let start = log.iter().position(|event| event.persisted >= asked.since).unwrap_or(log.len());
            Ok(polled(log, query, now, &asked, start))
        }
        (Some(Cursor::Polling(start)), true) => Ok(polled(log, query, now, &asked, *start)),
        (None, false) => Ok(bounded(log, query, now, &asked, (0, log.len(), asked.until.unwrap_or(now)))),
        (Some(Cursor::Bounded { sent, held, until }), false) => {
            Ok(bounded(log, query, now, &asked, (*sent, *held, *until)))
        }
        (Some(_), _) => Err(bad_cursor(variants)),
    }
}

fn polled(
    log: &[Stored],
    query: &BTreeMap<String, String>,
    now: DateTime<Utc>,
    asked: &Asked,
    start: usize,
) -> (Vec<Value>, Option<String>) {
    let mut end = start.min(log.len());
    let mut found = Vec::new();
    while end < log.len() && found.len() < asked.limit {
        found.extend(log.get(end).filter(|event| asked.wants(event, now)).map(|event| event.value.clone()));
        end += 1;
    }
    (found, Some(next(query, &["after", "since"], &format!("{}_{end}", now.timestamp_millis()))))
}

fn bounded(
    log: &[Stored],
    query: &BTreeMap<String, String>,
    now: DateTime<Utc>,
    asked: &Asked,
    (sent, held, until): (usize, usize, DateTime<Utc>),
) -> (Vec<Value>, Option<String>) {
    let inside = |event: &&Stored| event.published >= asked.since && event.published <= until;
    let mut all: Vec<&Stored> = log.iter().take(held).filter(inside).filter(|event| asked.wants(event, now)).collect();
    all.sort_by_key(|event| event.published);
    if asked.descending {
        all.reverse();
    }
    let start = sent.min(all.len());
    let end = (start + asked.limit).min(all.len());
    let stamp = format!("{:012x}", until.timestamp_millis());
    let cursor = format!("{}-{}-4000-8000-{held:06x}{end:06x}", &stamp[..8], &stamp[8..12]);
    let more = end < all.len();
    (all[start..end].iter().map(|event| event.value.clone()).collect(), more.then(|| next(query, &["after"], &cursor)))
}

fn next(query: &BTreeMap<String, String>, without: &[&str], after: &str) -> String {
    let kept = query.iter().filter(|(key, _)| !without.contains(&key.as_str()));
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(kept);
    pairs.append_pair("after", after);
    pairs.finish()
}

/// UNVERIFIED on this endpoint; other list endpoints answer with either.
fn bad_cursor(variants: &Variants) -> Refusal {
    if variants.bad_cursor_is_paging {
        (400, "E0000029", "Invalid paging request".to_owned())
    } else {
        (400, "E0000031", "Invalid search criteria: invalid cursor".to_owned())
    }
}

fn cursor(text: &str) -> Option<Cursor> {
    if let Some((stamp, at)) = text.split_once('_') {
        stamp.parse::<i64>().ok()?;
        return at.parse().ok().map(Cursor::Polling);
    }
    let parts: Vec<&str> = text.split('-').collect();
    let [high, low, "4000", "8000", rest] = parts.as_slice() else { return None };
    let until = i64::from_str_radix(&format!("{high}{low}"), 16).ok()?;
    let (held, sent) = rest.split_at_checked(6)?;
    Some(Cursor::Bounded {
        sent: usize::from_str_radix(sent, 16).ok()?,
        held: usize::from_str_radix(held, 16).ok()?,
        until: DateTime::from_timestamp_millis(until)?,
    })
}

fn date(query: &BTreeMap<String, String>, key: &str, variants: &Variants) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = query.get(key) else { return Ok(None) };
    text.parse::<DateTime<Utc>>().map(Some).map_err(|_| {
        // REAL answer for `since=foobar` is E0000030; the page says E0000001.
        if variants.bad_date_as_documented {
            (
                400,
                "E0000001",
                format!("Api validation failed: '{key}': The date format in your query is not recognized."),
            )
        } else {
            (400, "E0000030", format!("Bad request. Invalid date. '{key}'"))
        }
    })
}

fn read(query: &BTreeMap<String, String>, now: DateTime<Utc>, variants: &Variants) -> Result<Asked, Refusal> {
    let until = date(query, "until", variants)?;
    let since = date(query, "since", variants)?.unwrap_or(until.unwrap_or(now) - TimeDelta::days(7));
    if since < now - TimeDelta::days(180) {
        return Err((400, "E0000053", "Invalid filter: 'since' is more than 180 days in the past".to_owned()));
    }
    let limit = match query.get("limit").map(|text| text.parse::<usize>()) {
        None => 100,
        Some(Ok(limit)) if limit <= 1000 => limit,
        Some(_) => return Err((400, "E0000001", "Api validation failed: 'limit'".to_owned())),
    };
    let after = match query.get("after") {
        None => None,
        Some(text) => Some(cursor(text).ok_or_else(|| bad_cursor(variants))?),
    };
    let filter = query.get("filter").map(|text| filter(text)).transpose()?;
    let descending = match query.get("sortOrder").map(String::as_str) {
        None | Some("ASCENDING") => false,
        Some("DESCENDING") => true,
        Some(_) => return Err((400, "E0000001", "Api validation failed: 'sortOrder'".to_owned())),
    };
    Ok(Asked { since, until, after, limit, descending, filter, keywords: keywords(query)? })
}

fn filter(text: &str) -> Result<Filter, Refusal> {
    let invalid = |why: &str| (400, "E0000053", format!("Invalid SCIM filter: {why}"));
    let filter = Filter::read(text).ok_or_else(|| invalid("it cannot be read"))?;
    for (field, operator) in filter.asks() {
        if !FIELDS.contains(&field.split('.').next().unwrap_or_default()) {
            return Err(invalid(field));
        }
        let address = ["debugContext.debugData.url", "debugContext.debugData.requestUri"].contains(&field);
        if operator == "co" && address {
            return Err((400, "E0000031", "Invalid search criteria: this operator is not supported here".to_owned()));
        }
    }
    Ok(filter)
}

/// At most ten keywords of at most 40 characters; an event has to hold each (SPEC listLogEvents `q`).
fn keywords(query: &BTreeMap<String, String>) -> Result<Vec<String>, Refusal> {
    let words: Vec<String> =
        query.get("q").map(|q| q.to_lowercase()).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if words.len() > 10 || words.iter().any(|word| word.chars().count() > 40) {
        return Err((400, "E0000001", "Api validation failed: 'q'".to_owned()));
    }
    Ok(words)
}

//! Pages of the System Log in its two modes (DOCS reference/system-log-query).
//!
//! Polling (ascending, no `until`): in persistence order, so that `published` may go backwards; `next` is always present,
//! even on an empty page, where it equals `self` (REAL: `airbyte-source-okta` and `grove` end there). Bounded (`until`, or
//! descending): ordered by `published`; `next` is present only while there is more, and keeps `since` beside `after` (DOCS
//! example). Retention is 90 days.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::links::Next;
use crate::options::Variants;
use crate::request::next_query;
use crate::response_builders::OktaError;
use crate::scim_filter::{Operator, ScimFilter};
use crate::state::LogEntry;
use crate::volume_log::RunningVolumeLog;

/// The events of one page, and its `next` link.
type Page = (Vec<Value>, Next);

/// Retention of the log, in days.
const RETENTION: i64 = 90;

/// Fields that a filter may name (SPEC LogEvent); `published` is not among them (DOCS).
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

/// What a page depends on beside the log and the query.
#[derive(Clone, Copy)]
pub(crate) struct LogContext<'a> {
    /// Present time by Okta's clock.
    pub(crate) now: DateTime<Utc>,
    pub(crate) variants: &'a Variants,
    /// Polling cursors that were issued before this time are refused. How long a cursor lives is UNVERIFIED.
    pub(crate) oldest_cursor: DateTime<Utc>,
}

/// Position of a cursor. It is opaque to clients.
#[derive(Clone, Copy)]
enum Cursor {
    /// Polling: when it was issued, the next index in persistence order, and the limit that it is bound to. Looks like Okta's
    /// (`<epoch ms>_<n>`, DOCS example).
    Polling { issued_ms: i64, index: usize, limit: Option<usize> },
    /// Bounded: the number of delivered events, the length of the log at the first page, and the end of the range. Looks
    /// like a UUID.
    Bounded { sent: usize, log_length: usize, until: DateTime<Utc> },
}

struct LogRequest<'a> {
    query: &'a BTreeMap<String, String>,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    after: Option<Cursor>,
    limit: usize,
    is_descending: bool,
    filter: Option<ScimFilter>,
    keywords: Vec<String>,
    variants: &'a Variants,
}

/// Where a page begins.
enum Start {
    Polling(usize),
    Bounded { sent: usize, log_length: usize, until: DateTime<Utc> },
}

/// Returns one page.
///
/// The summaries of errors are those of DOCS system-log-query, "Errors".
pub(crate) fn page(
    log: &[LogEntry],
    query: &BTreeMap<String, String>,
    context: LogContext<'_>,
) -> Result<Page, OktaError> {
    let request = parse(query, context)?;
    let first = || log.iter().position(|entry| entry.persisted >= request.since).unwrap_or(log.len());
    match request.start(first, log.len(), context)? {
        Start::Polling(start) => Ok(request.polled_page(log, start)),
        Start::Bounded { sent, log_length, until } => Ok(request.bounded_page(log, sent, log_length, until)),
    }
}

/// Returns the body of one page of a log of any length, and its `next` link. No event of such a log matches a filter or a
/// keyword.
pub(crate) fn volume_page(
    log: &RunningVolumeLog,
    query: &BTreeMap<String, String>,
    context: LogContext<'_>,
) -> Result<(Vec<u8>, Next), OktaError> {
    let request = parse(query, context)?;
    let selects_none = request.filter.is_some() || !request.keywords.is_empty();
    let length = if selects_none { 0 } else { log.len(context.now) };
    let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let first = || index(log.first_since(request.since, context.now).min(length));
    match request.start(first, index(length), context)? {
        Start::Polling(start) => {
            let count = index(length).saturating_sub(start).min(request.limit);
            let first = u64::try_from(start).unwrap_or_default();
            Ok((log.page(first, count), request.polled_next(count == 0, start + count)))
        }
        Start::Bounded { sent, log_length, until } => {
            let length = u64::try_from(log_length).unwrap_or_default();
            let mut all = log.published_between(request.since, until, length);
            if request.is_descending {
                all.reverse();
            }
            let (start, end) = (sent.min(all.len()), (sent + request.limit).min(all.len()));
            Ok((log.page_of(&all[start..end]), request.bounded_next(end, all.len(), log_length, until)))
        }
    }
}

impl LogRequest<'_> {
    fn selects(&self, entry: &LogEntry) -> bool {
        entry.persisted >= self.now - TimeDelta::days(RETENTION)
            && self.filter.as_ref().is_none_or(|filter| filter.matches(&entry.event))
            && (self.keywords.is_empty() || {
                let text = entry.event.to_string().to_lowercase();
                self.keywords.iter().all(|word| text.contains(word))
            })
    }

    /// Returns where the page begins: at the cursor, or at the first event of the range.
    fn start(
        &self,
        first: impl FnOnce() -> usize,
        log_length: usize,
        context: LogContext<'_>,
    ) -> Result<Start, OktaError> {
        let is_polling = self.until.is_none() && !self.is_descending;
        match self.after {
            None if is_polling => Ok(Start::Polling(first())),
            None => Ok(Start::Bounded { sent: 0, log_length, until: self.until.unwrap_or(self.now) }),
            Some(Cursor::Polling { issued_ms, index, limit })
                if is_polling
                    && issued_ms >= context.oldest_cursor.timestamp_millis()
                    && limit.is_none_or(|limit| limit == self.limit) =>
            {
                Ok(Start::Polling(index))
            }
            Some(Cursor::Bounded { sent, log_length, until }) if !is_polling => {
                Ok(Start::Bounded { sent, log_length, until })
            }
            Some(Cursor::Polling { .. } | Cursor::Bounded { .. }) => Err(OktaError::invalid_cursor(self.variants)),
        }
    }

    fn polled_page(&self, log: &[LogEntry], start: usize) -> Page {
        let mut end = start.min(log.len());
        let mut found = Vec::new();
        while end < log.len() && found.len() < self.limit {
            found.extend(log.get(end).filter(|entry| self.selects(entry)).map(|entry| entry.event.clone()));
            end += 1;
        }
        let next = self.polled_next(found.is_empty(), end);
        (found, next)
    }

    fn polled_next(&self, is_empty: bool, end: usize) -> Next {
        let has_cursor = self.after.is_some() || !self.variants.empty_first_page_has_cursor;
        if is_empty && has_cursor {
            return Next::Itself;
        }
        let mut cursor = format!("{}_{end}", self.now.timestamp_millis());
        if self.variants.cursor_keeps_limit {
            cursor = format!("{cursor}_{}", self.limit);
        }
        Next::Query(next_query(self.query, &["after", "since"], &cursor))
    }

    fn bounded_page(&self, log: &[LogEntry], sent: usize, log_length: usize, until: DateTime<Utc>) -> Page {
        let is_inside = |entry: &&LogEntry| entry.published >= self.since && entry.published <= until;
        let inside = log.iter().take(log_length).filter(is_inside);
        let mut all: Vec<&LogEntry> = inside.filter(|entry| self.selects(entry)).collect();
        all.sort_by_key(|entry| entry.published);
        if self.is_descending {
            all.reverse();
        }
        let start = sent.min(all.len());
        let end = (start + self.limit).min(all.len());
        let next = self.bounded_next(end, all.len(), log_length, until);
        (all[start..end].iter().map(|entry| entry.event.clone()).collect(), next)
    }

    fn bounded_next(&self, end: usize, found: usize, log_length: usize, until: DateTime<Utc>) -> Next {
        let stamp = format!("{:012x}", until.timestamp_millis());
        let cursor = format!("{}-{}-4000-8000-{log_length:06x}{end:06x}", &stamp[..8], &stamp[8..12]);
        let has_more = end < found && self.limit > 0;
        match has_more || self.variants.bounded_never_ends {
            true => Next::Query(next_query(self.query, &["after"], &cursor)),
            false => Next::None,
        }
    }
}

fn parse_cursor(text: &str) -> Option<Cursor> {
    if let Some((stamp, at)) = text.split_once('_') {
        let (index, limit) = at.split_once('_').map_or((at, None), |(index, limit)| (index, Some(limit)));
        let limit = limit.map(str::parse).transpose().ok()?;
        return Some(Cursor::Polling { issued_ms: stamp.parse().ok()?, index: index.parse().ok()?, limit });
    }
    let parts: Vec<&str> = text.split('-').collect();
    let [high, low, "4000", "8000", rest] = parts.as_slice() else { return None };
    let until = i64::from_str_radix(&format!("{high}{low}"), 16).ok()?;
    let (log_length, sent) = rest.split_at_checked(6)?;
    Some(Cursor::Bounded {
        sent: usize::from_str_radix(sent, 16).ok()?,
        log_length: usize::from_str_radix(log_length, 16).ok()?,
        until: DateTime::from_timestamp_millis(until)?,
    })
}

fn parse_date(
    query: &BTreeMap<String, String>,
    key: &str,
    variants: &Variants,
) -> Result<Option<DateTime<Utc>>, OktaError> {
    // DOCS: a polling query has an empty or absent `until`; the error for a bad one says "a valid date-time or empty".
    let Some(text) = query.get(key).filter(|text| !text.is_empty()) else { return Ok(None) };
    parse_time(text, variants).map(Some).ok_or_else(|| {
        // REAL: `since=foobar` gets E0000030 (okta-blog-archive#2499); DOCS: E0000001.
        if variants.bad_date_as_documented {
            let why =
                "The date format in your query is not recognized. Please enter dates using ISO8601 string format.";
            OktaError::new(400, "E0000001", format!("Api validation failed: '{key}': {why}"))
                .because(format!("{key}: {why}"))
        } else {
            let form = "yyyy-MM-dd'T'HH:mm:ss.SSSZZ, e.g. 2013-01-01T12:00:00.000-07:00";
            OktaError::new(400, "E0000030", format!("Bad request. Invalid date. Dates must be of the form {form}."))
        }
    })
}

/// Parses a time. A date alone is its first instant in UTC (REAL: `since=2017-03-11` in Okta's Postman collection,
/// `since: "2020-07-28"` in okta-sdk-dotnet#337); a time without a zone is UTC (UNVERIFIED).
fn parse_time(text: &str, variants: &Variants) -> Option<DateTime<Utc>> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc());
    }
    let zoned = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z").map(|time| time.to_utc());
    let without_zone = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc());
    zoned.ok().or_else(|| without_zone().ok().filter(|_| !variants.time_needs_zone))
}

fn parse<'a>(query: &'a BTreeMap<String, String>, context: LogContext<'a>) -> Result<LogRequest<'a>, OktaError> {
    let LogContext { now, variants, .. } = context;
    let until = parse_date(query, "until", variants)?;
    let week_before = until.unwrap_or(now).checked_sub_signed(TimeDelta::days(7)).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let since = parse_date(query, "since", variants)?.unwrap_or(week_before);
    if since < now - TimeDelta::days(180) {
        let why = "The since parameter is over 180 days prior to the current day.";
        return Err(OktaError::new(400, "E0000053", format!("Invalid parameter: {why}")));
    }
    let limit = match query.get("limit").map(|text| text.parse::<usize>()) {
        None => 100,
        Some(Ok(limit)) if limit <= 1000 => limit,
        Some(_) => return Err(OktaError::new(400, "E0000001", "Api validation failed: 'limit'")),
    };
    let after = match query.get("after") {
        None => None,
        Some(text) => Some(parse_cursor(text).ok_or_else(|| OktaError::invalid_cursor(variants))?),
    };
    let filter = query.get("filter").map(|text| parse_filter(text)).transpose()?;
    let is_descending = match query.get("sortOrder").map(String::as_str) {
        None | Some("ASCENDING") => false,
        Some("DESCENDING") => true,
        Some(_) => return Err(OktaError::new(400, "E0000001", "Api validation failed: 'sortOrder'")),
    };
    let keywords = parse_keywords(query)?;
    Ok(LogRequest { query, now, since, until, after, limit, is_descending, filter, keywords, variants })
}

fn parse_filter(text: &str) -> Result<ScimFilter, OktaError> {
    let invalid = |why: String| OktaError::new(400, "E0000053", why);
    let filter = ScimFilter::parse(text).ok_or_else(|| invalid(format!("Invalid filter '{text}'")))?;
    for (field, operator) in filter.fields() {
        if !FIELDS.contains(&field.split('.').next().unwrap_or_default()) {
            return Err(invalid(format!("field is not valid: {field}")));
        }
        let is_address = ["debugContext.debugData.url", "debugContext.debugData.requestUri"].contains(&field);
        if operator == Operator::Co && is_address {
            let why = "The supplied combination of operator and field is not currently supported.";
            return Err(OktaError::new(400, "E0000031", format!("{why} Operator: co, Field: {field}")));
        }
    }
    Ok(filter)
}

/// Returns at most ten keywords of at most 40 characters; an event must contain each (SPEC listLogEvents `q`).
fn parse_keywords(query: &BTreeMap<String, String>) -> Result<Vec<String>, OktaError> {
    let words: Vec<String> =
        query.get("q").map(|q| q.to_lowercase()).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if words.len() > 10 || words.iter().any(|word| word.chars().count() > 40) {
        let why = "Freeform search cannot contain items longer than 40 characters.";
        return Err(OktaError::new(400, "E0000001", format!("Api validation failed: 'q': {why}")));
    }
    Ok(words)
}

//! A connection's history as CSV: one line an hour, times in UTC, fields as RFC 4180 writes them.

use chrono::SecondsFormat;

use crate::model::{History, HourPoint};

const HEAD: [&str; 9] = [
    "hour_utc",
    "looks_ok",
    "looks_attention",
    "looks_stopped",
    "looks_offline",
    "okta_requests",
    "lag_max_s",
    "okta_silence_max_s",
    "rate_left_min_percent",
];

pub(super) fn csv(history: &History) -> String {
    let mut out = line(HEAD.map(str::to_owned));
    for point in &history.hours {
        out.push_str(&line(fields(point)));
    }
    out
}

fn fields(point: &HourPoint) -> [String; 9] {
    let hour = &point.hour;
    let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        point.from.to_rfc3339_opts(SecondsFormat::Secs, true),
        hour.ok.to_string(),
        hour.attention.to_string(),
        hour.stopped.to_string(),
        hour.offline.to_string(),
        hour.requests.to_string(),
        number(hour.lags.iter().copied().max()),
        number(hour.longest_gap_s),
        number(hour.least_left),
    ]
}

fn line<const N: usize>(fields: [String; N]) -> String {
    let mut line = fields.map(|field| safe(&field)).join(",");
    line.push_str("\r\n");
    line
}

/// Writes one field. A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection).
pub(super) fn safe(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{field}") } else { field.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::model::{Hour, Span};

    #[test]
    fn a_field_cannot_become_a_formula_or_break_its_line() {
        assert_eq!(safe("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(safe("-1+1"), "'-1+1");
        assert_eq!(safe("@sum"), "'@sum");
        assert_eq!(safe("a\nb"), "\"a\nb\"");
        assert_eq!(safe("plain"), "plain");
    }

    #[test]
    fn every_hour_is_one_line_under_the_head() {
        let from = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let hour = Hour { ok: 5, stopped: 1, lags: vec![3, 90], least_left: Some(41), ..Hour::default() };
        let until = from + Span::Day.length();
        let history = History::of(from, until, vec![HourPoint { from, hour }], Vec::new());
        assert_eq!(until - from, TimeDelta::hours(24));
        let lines: Vec<String> = csv(&history).lines().map(str::to_owned).collect();
        assert_eq!(lines, [HEAD.join(","), "2027-01-15T08:00:00Z,5,0,1,0,0,90,,41".to_owned()]);
    }
}

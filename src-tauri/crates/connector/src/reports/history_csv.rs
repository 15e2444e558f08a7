//! The history of a connection as CSV (RFC 4180), safe to open in a spreadsheet: its hours, and its changes of status. Times
//! are in UTC.

use super::format::{time, value_name};
use crate::csv::line;
use messages::Messages;
use model::history::History;
use model::history::HourPoint;
use model::status::StatusChange;

const HOURS: [&str; 9] = [
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

const CHANGES: [&str; 7] = ["changed_utc", "connection", "state", "said", "row", "code", "why"];

/// Writes one line per hour.
pub(super) fn hours_csv(history: &History) -> String {
    let mut out = line(HOURS.map(str::to_owned));
    for point in &history.hours {
        out.push_str(&line(fields(point)));
    }
    out
}

/// Writes one line per change of status: the values of the model, and their texts from `messages`.
pub(super) fn changes_csv(name: &str, changes: &[StatusChange], messages: &Messages) -> String {
    let mut out = line(CHANGES.map(str::to_owned));
    for change in changes {
        let problem = change.problem.as_ref();
        out.push_str(&line([
            time(change.at),
            name.to_owned(),
            value_name(&change.state),
            messages.status_change(change),
            change.row.map(|row| value_name(&row)).unwrap_or_default(),
            problem.map(|problem| value_name(&problem.code)).unwrap_or_default(),
            problem.map(|problem| messages.code(problem.code, &problem.args).title).unwrap_or_default(),
        ]));
    }
    out
}

fn fields(point: &HourPoint) -> [String; 9] {
    let hour = &point.hour;
    let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        time(point.from),
        hour.ok.to_string(),
        hour.attention.to_string(),
        hour.stopped.to_string(),
        hour.offline.to_string(),
        hour.requests.to_string(),
        number(hour.delays.iter().copied().max()),
        number(hour.longest_gap_s),
        number(hour.least_left),
    ]
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use model::check::CheckId;
    use model::code::Code;
    use model::history::{HourStats, Span};
    use model::preferences::Language;
    use model::problem::Problem;
    use model::status::State;

    #[test]
    fn a_text_from_outside_among_the_changes_is_no_formula() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let person = Problem::new(Code::OwnerIsPerson).arg("owner", "=jo,\"x\"\n@example.com");
        let change = |state, problem, row| StatusChange { at, state, problem, row };
        let all = [change(State::Attention, Some(person), Some(CheckId::Owner)), change(State::Ok, None, None)];
        for (language, well) in [(Language::En, "No problems found"), (Language::De, "Keine Probleme gefunden")] {
            let text = changes_csv("=HYPERLINK(\"https://x.example\")", &all, &Messages::load(language));
            let name = "\"'=HYPERLINK(\"\"https://x.example\"\")\"";
            assert!(text.contains(&format!("\r\n2027-01-15T08:00:00Z,{name},attention,")), "{text}");
            assert!(text.ends_with(&format!("Z,{name},ok,{well},,,\r\n")), "{text}");
            assert!(
                text.contains(",owner,owner_is_person,\""),
                "a field with quotes and line breaks is quoted: {text}"
            );
            let cells = text.split("\r\n").flat_map(|line| line.split(','));
            assert!(cells.into_iter().all(|cell| !cell.trim_start_matches('"').starts_with('=')), "{text}");
        }
    }

    #[test]
    fn every_hour_is_one_line_below_the_header() {
        let from = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let hour = HourStats { ok: 5, stopped: 1, delays: vec![3, 90], least_left: Some(41), ..HourStats::default() };
        let until = from + Span::Day.length();
        let history = History::summarize(from, until, vec![HourPoint { from, hour }], Vec::new());
        assert_eq!(until - from, TimeDelta::hours(24));
        let lines: Vec<String> = hours_csv(&history).lines().map(str::to_owned).collect();
        assert_eq!(lines, [HOURS.join(","), "2027-01-15T08:00:00Z,5,0,1,0,0,90,,41".to_owned()]);
    }
}

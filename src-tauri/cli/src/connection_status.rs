//! The status of one connection as a monitoring plugin reports it: the stored status, its age, and the exit code.

use chrono::{DateTime, SecondsFormat, Utc};
use messages::{Messages, keys};
use model::connection_view::ConnectionView;
use model::history::History;
use model::monitor_settings::MonitorSettings;
use model::reminder::Reminder;
use serde_json::{Value, json};

/// Exit codes from the worst to the best, in the order of monitoring-plugins' `max_state_alt`: a known problem ranks before an
/// unknown state.
const WORST_FIRST: [u8; 4] = [2, 1, 3, 0];

/// The status of one connection.
pub(crate) struct StatusLine {
    pub(crate) view: ConnectionView,
    /// Seconds since the newest fact was observed.
    pub(crate) age_s: Option<i64>,
    /// The delivery delay at the latest delivery probe, in seconds.
    pub(crate) delay_s: Option<u32>,
    /// The longest acceptable delivery delay, in seconds.
    pub(crate) allowed_delay_s: u32,
    /// The remaining share of the System Log's rate limit in the latest hour that recorded it, in percent.
    pub(crate) remaining_percent: Option<u32>,
}

impl StatusLine {
    /// Returns the status from the stored data of a connection.
    pub(crate) fn of(view: ConnectionView, settings: &MonitorSettings, history: &History, now: DateTime<Utc>) -> Self {
        Self {
            age_s: view.status.as_of.map(|at| (now - at).num_seconds().max(0)),
            delay_s: history.delay_newest,
            allowed_delay_s: settings.allowed_lag_s,
            remaining_percent: history.hours.iter().rev().find_map(|point| point.hour.least_left),
            view,
        }
    }

    /// Returns the plugin's exit code.
    pub(crate) fn exit(&self) -> u8 {
        self.view.status.state.exit_code()
    }

    /// Returns the sort order, the worst first.
    pub(crate) fn rank(&self) -> usize {
        rank(self.exit())
    }

    /// Returns the status in one sentence, without a period.
    pub(crate) fn sentence(&self, messages: &Messages) -> String {
        let status = &self.view.status;
        let text = match &status.problem {
            Some(problem) => messages.code(problem.code, &problem.args).title,
            None => messages.status(status),
        };
        text.trim_end_matches('.').to_owned()
    }

    /// Returns the age of the status as text.
    pub(crate) fn age(&self, messages: &Messages) -> String {
        match (self.view.status.as_of, self.age_s) {
            (Some(at), Some(age)) => {
                messages.text(keys::CLI_AS_OF, &[("time", &format_time(at)), ("age", &age.to_string())])
            }
            (_, _) => messages.text(keys::CLI_NEVER, &[]),
        }
    }

    /// Returns the performance data (monitoring-plugins guidelines, 2.6): `label=value[unit];warn;crit;min;max`.
    pub(crate) fn performance(&self, alone: bool) -> Vec<String> {
        let of = (!alone).then(|| label(&display_name(&self.view)));
        let label = |what: &str| of.as_ref().map_or_else(|| what.to_owned(), |of| format!("'{of} {what}'"));
        let delay = self.delay_s.map(|delay| format!("{}={}", label("lag"), delay_value(delay, self.allowed_delay_s)));
        let left = self.remaining_percent.map(|left| format!("{}={left}%;;;0;100", label("left")));
        let age = self.age_s.map(|age| format!("{}={age}s;;;0", label("age")));
        [delay, left, age].into_iter().flatten().collect()
    }

    /// Returns the status as JSON.
    pub(crate) fn json(&self, messages: &Messages) -> Value {
        let (view, status) = (&self.view, &self.view.status);
        let problem = status.problem.as_ref().map(|problem| {
            let text = messages.code(problem.code, &problem.args);
            json!({"code": problem.code, "title": text.title, "meaning": text.meaning, "remedy": text.remedy})
        });
        let reminders: Vec<Value> = view.reminders.iter().map(|one| reminder(one, messages)).collect();
        json!({
            "id": view.connection.id, "name": view.connection.name, "okta_url": view.okta_url,
            "practice": view.practice, "exit": self.exit(), "word": state_name(self.exit()), "state": status.state,
            "stale": status.is_stale(), "text": self.sentence(messages), "problem": problem, "row": status.row,
            "since": status.since, "as_of": status.as_of, "age_s": self.age_s,
            "arrival_verified": status.arrival_verified, "lag_s": self.delay_s, "left_percent": self.remaining_percent,
            "standing": view.monitor.conditions, "reminders": reminders,
        })
    }
}

fn reminder(one: &Reminder, messages: &Messages) -> Value {
    let text = messages.reminder(one);
    json!({
        "kind": one.kind, "title": text.title, "meaning": text.meaning, "remedy": text.remedy, "since": one.since,
        "seen": one.observed_at,
    })
}

/// Returns the sort order of an exit code, the worst first.
pub(crate) fn rank(exit: u8) -> usize {
    WORST_FIRST.iter().position(|known| *known == exit).unwrap_or_default()
}

/// Returns the plugin's name of an exit code.
pub(crate) fn state_name(exit: u8) -> &'static str {
    match exit {
        0 => "OK",
        1 => "WARNING",
        2 => "CRITICAL",
        _ => "UNKNOWN",
    }
}

/// Returns a connection's name for the plugin's text: in one line, and without the bar that would end the text.
pub(crate) fn display_name(view: &ConnectionView) -> String {
    let name = if view.connection.name.is_empty() { &view.connection.id.0 } else { &view.connection.name };
    single_line(name)
}

/// Returns a text in one line and without bars, because a bar starts the performance data.
pub(crate) fn single_line(text: &str) -> String {
    text.chars().map(|c| if c == '|' { '/' } else { c }).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns a label of performance data, which may contain neither a quote nor an equals sign.
fn label(name: &str) -> String {
    name.replace(['\'', '='], "_")
}

/// Returns a delivery delay with its warning threshold.
fn delay_value(delay_s: u32, allowed_s: u32) -> String {
    format!("{delay_s}s;{allowed_s};;0")
}

/// Formats a time: UTC, whole seconds.
pub(crate) fn format_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_problem_ranks_before_an_unknown_state() {
        let mut codes = [0, 1, 2, 3];
        codes.sort_by_key(|code| rank(*code));
        assert_eq!(codes.map(state_name), ["CRITICAL", "WARNING", "UNKNOWN", "OK"]);
    }

    #[test]
    fn a_name_cannot_end_the_line_or_the_text() {
        assert_eq!(single_line("a|b\nc"), "a/b c");
        assert_eq!(label("jo's = org"), "jo_s _ org");
        assert_eq!(delay_value(12, 900), "12s;900;;0");
    }
}

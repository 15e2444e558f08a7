//! What is told of one connection: what was kept, how old it is, and the monitoring plugin's verdict on it.

use chrono::{DateTime, SecondsFormat, Utc};
use messages::{Messages, keys};
use model::connection_view::ConnectionView;
use model::history::History;
use model::monitor_settings::MonitorSettings;
use model::reminder::Reminder;
use serde_json::{Value, json};

/// Exit codes from the worst to the best, as monitoring-plugins' `max_state_alt` weighs them: what was seen to be wrong
/// weighs more than what is not known.
const WORST_FIRST: [u8; 4] = [2, 1, 3, 0];

/// One connection as it stands.
pub(crate) struct Told {
    pub(crate) view: ConnectionView,
    /// Whether the newest look is too old to be believed.
    pub(crate) stale: bool,
    /// Seconds since the newest look.
    pub(crate) age_s: Option<i64>,
    /// How far Radiant was behind at the newest look at both sides, in seconds.
    pub(crate) lag_s: Option<u32>,
    /// How late an event may be, in seconds.
    pub(crate) allowed_lag_s: u32,
    /// What was left of the System Log's rate limit in the newest hour that told, in percent.
    pub(crate) left: Option<u32>,
}

impl Told {
    /// Puts together what was kept of a connection.
    pub(crate) fn of(view: ConnectionView, settings: &MonitorSettings, history: &History, now: DateTime<Utc>) -> Self {
        Self {
            stale: view.status.is_stale(settings.heartbeat(), now),
            age_s: view.status.as_of.map(|at| (now - at).num_seconds().max(0)),
            lag_s: history.lag_newest,
            allowed_lag_s: settings.allowed_lag_s,
            left: history.hours.iter().rev().find_map(|point| point.hour.least_left),
            view,
        }
    }

    /// Returns the plugin's exit code: the state's, and 3 when nobody has looked for too long.
    pub(crate) fn exit(&self) -> u8 {
        if self.stale { 3 } else { self.view.status.state.exit_code() }
    }

    /// Returns its place among others, the worst first.
    pub(crate) fn rank(&self) -> usize {
        rank(self.exit())
    }

    /// Returns what there is to say, in one sentence without a full stop.
    pub(crate) fn sentence(&self, messages: &Messages) -> String {
        if self.stale {
            return match self.age_s {
                Some(age) => messages.text(keys::CLI_STALE, &[("age", &age.to_string())]),
                None => messages.text(keys::CLI_NEVER, &[]),
            };
        }
        let status = &self.view.status;
        let said = match &status.problem {
            Some(problem) => messages.code(problem.code, &problem.args).title,
            None => messages.state(status),
        };
        said.trim_end_matches('.').to_owned()
    }

    /// Returns how old that is.
    pub(crate) fn age(&self, messages: &Messages) -> String {
        match (self.view.status.as_of, self.age_s) {
            (Some(at), Some(age)) => messages.text(keys::CLI_AS_OF, &[("time", &time(at)), ("age", &age.to_string())]),
            (_, _) => messages.text(keys::CLI_NEVER, &[]),
        }
    }

    /// Returns the performance data (monitoring-plugins guidelines, 2.6): `label=value[unit];warn;crit;min;max`.
    pub(crate) fn performance(&self, alone: bool) -> Vec<String> {
        let of = (!alone).then(|| label(&name(&self.view)));
        let label = |what: &str| of.as_ref().map_or_else(|| what.to_owned(), |of| format!("'{of} {what}'"));
        let lag = self.lag_s.map(|lag| format!("{}={}", label("lag"), lag_value(lag, self.allowed_lag_s)));
        let left = self.left.map(|left| format!("{}={left}%;;;0;100", label("left")));
        let age = self.age_s.map(|age| format!("{}={age}s;;;0", label("age")));
        [lag, left, age].into_iter().flatten().collect()
    }

    /// Returns it for programs.
    pub(crate) fn json(&self, messages: &Messages) -> Value {
        let (view, status) = (&self.view, &self.view.status);
        let problem = status.problem.as_ref().map(|problem| {
            let said = messages.code(problem.code, &problem.args);
            json!({"code": problem.code, "title": said.title, "meaning": said.meaning, "remedy": said.remedy})
        });
        let reminders: Vec<Value> = view.reminders.iter().map(|one| reminder(one, messages)).collect();
        json!({
            "id": view.connection.id, "name": view.connection.name, "okta_url": view.okta_url,
            "practice": view.practice, "exit": self.exit(), "word": word(self.exit()), "state": status.state,
            "stale": self.stale, "text": self.sentence(messages), "problem": problem, "row": status.row,
            "since": status.since, "as_of": status.as_of, "age_s": self.age_s,
            "arrival_verified": status.arrival_verified, "lag_s": self.lag_s, "left_percent": self.left,
            "standing": view.watch.standing, "reminders": reminders,
        })
    }
}

fn reminder(one: &Reminder, messages: &Messages) -> Value {
    let said = messages.reminder(one);
    json!({
        "kind": one.kind, "title": said.title, "meaning": said.meaning, "remedy": said.remedy, "since": one.since,
        "seen": one.seen,
    })
}

/// Returns an exit code's place, the worst first.
pub(crate) fn rank(exit: u8) -> usize {
    WORST_FIRST.iter().position(|known| *known == exit).unwrap_or_default()
}

/// Returns the plugin's word for an exit code.
pub(crate) fn word(exit: u8) -> &'static str {
    match exit {
        0 => "OK",
        1 => "WARNING",
        2 => "CRITICAL",
        _ => "UNKNOWN",
    }
}

/// Returns a connection's name as it may stand in a plugin's text: in one line, without the bar that ends it.
pub(crate) fn name(view: &ConnectionView) -> String {
    let name = if view.connection.name.is_empty() { &view.connection.id.0 } else { &view.connection.name };
    plain(name)
}

/// Makes a text stand in one line before the bar that begins the performance data.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c == '|' { '/' } else { c }).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A label may hold neither a quote nor an equals sign.
fn label(name: &str) -> String {
    name.replace(['\'', '='], "_")
}

/// A lag warns from where an event counts as late.
fn lag_value(lag_s: u32, allowed_s: u32) -> String {
    format!("{lag_s}s;{allowed_s};;0")
}

/// Writes a time: UTC, whole seconds.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_weighs_more_than_what_is_not_known() {
        let mut codes = [0, 1, 2, 3];
        codes.sort_by_key(|code| rank(*code));
        assert_eq!(codes.map(word), ["CRITICAL", "WARNING", "UNKNOWN", "OK"]);
    }

    #[test]
    fn a_name_cannot_end_the_line_or_the_text() {
        assert_eq!(plain("a|b\nc"), "a/b c");
        assert_eq!(label("jo's = org"), "jo_s _ org");
        assert_eq!(lag_value(12, 900), "12s;900;;0");
    }
}

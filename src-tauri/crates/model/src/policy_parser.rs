//! Reads the text of a policy: what it fixes, and everything that is to be said of it, with the line it stands in.
//!
//! Promises: a text is understood as a whole or not at all, and in either case all of it is looked at; a key this version does
//! not know, one that stands twice and a figure out of bounds are told, never passed over. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::code::Code;
use crate::monitor_settings::{MIN_INTERVAL_S, MonitorSettings};
use crate::policy::{Policy, PolicyFinding, PolicyFindingKind, UntrustedReason};
use crate::problem::Problem;
use crate::sanitized_text::single_line;

/// The format read. A key is added, never changed, within a format.
const FORMAT: u64 = 1;
/// Longest sentence shown to the user, in characters.
const LONGEST_CONTACT: usize = 200;
/// Longest list of keys or written value that is told again, in characters.
const LONGEST_TOLD: usize = 200;
/// So many unknown keys are told one by one; the others together.
const TOLD_APART: usize = 20;

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`Code::PolicyGarbled`] with a remark for each fault, [`Code::PolicyNewer`].
    pub fn parse(text: &str) -> Result<(Self, Vec<PolicyFinding>), UntrustedReason> {
        // Windows' editors begin a file with this mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let members: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| Problem::new(Code::PolicyGarbled).detail(error.to_string()))?;
        let format = members.get("format").and_then(Value::as_u64);
        if format.is_some_and(|newer| newer > FORMAT) {
            return Err(Problem::new(Code::PolicyNewer).into());
        }
        let mut reading = Reading::of(text);
        if format != Some(FORMAT) {
            reading.say("format", PolicyFinding::new(PolicyFindingKind::WantsFormat));
        }
        let mut policy = Self::default();
        let mut unknown = Vec::new();
        for (key, value) in &members {
            match key.as_str() {
                "format" => {}
                "heartbeat_s" => policy.heartbeat_s = reading.number(key, value),
                "freshness_s" => policy.freshness_s = reading.number(key, value),
                "full_s" => policy.full_s = reading.number(key, value),
                "allowed_lag_s" => policy.allowed_lag_s = reading.number(key, value),
                "rate_share" => policy.rate_share = reading.number(key, value),
                "notices" => policy.notices = reading.flag(key, value),
                "ask_before_copying" => policy.ask_before_copying = reading.flag(key, value),
                "launch_at_login" => policy.launch_at_login = reading.flag(key, value),
                "response_actions" => policy.response_actions = reading.forbids(key, value),
                "relay" => policy.relay = reading.forbids(key, value),
                "contact" => policy.contact = reading.contact(key, value),
                other => unknown.push(other),
            }
        }
        reading.unknown(&unknown);
        policy.bring_into_bounds(&members, &mut reading);
        let remarks = reading.told();
        if remarks.iter().any(|remark| remark.what.is_fault()) {
            return Err(UntrustedReason { remarks, ..Problem::new(Code::PolicyGarbled).into() });
        }
        Ok((policy, remarks))
    }

    fn bring_into_bounds(&mut self, written: &Map<String, Value>, reading: &mut Reading) {
        let near = self.apply_to(MonitorSettings::default()).bounded(MIN_INTERVAL_S);
        let figures = [
            ("heartbeat_s", &mut self.heartbeat_s, near.heartbeat_s),
            ("freshness_s", &mut self.freshness_s, near.freshness_s),
            ("full_s", &mut self.full_s, near.full_s),
            ("allowed_lag_s", &mut self.allowed_lag_s, near.allowed_lag_s),
            ("rate_share", &mut self.rate_share, near.rate_share),
        ];
        for (key, figure, near) in figures {
            if figure.is_some_and(|given| given != near) {
                *figure = Some(near);
                let written = written.get(key).map(shown).unwrap_or_default();
                let remark = PolicyFinding::new(PolicyFindingKind::OutOfBounds).arg("written", written);
                reading.say(key, remark.arg("taken", near.to_string()));
            }
        }
    }
}

/// What was said of a text so far, and where its keys stand.
struct Reading {
    lines: BTreeMap<String, u32>,
    remarks: Vec<PolicyFinding>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let mut reading = Self { lines: BTreeMap::new(), remarks: Vec::new() };
        for (key, line) in keys(text) {
            if reading.lines.insert(key.clone(), line).is_some() {
                reading.say(&key, PolicyFinding::new(PolicyFindingKind::WrittenTwice));
            }
        }
        reading
    }

    fn say(&mut self, key: &str, remark: PolicyFinding) {
        let line = self.lines.get(key).copied();
        self.remarks.push(remark.arg("key", single_line(key, LONGEST_TOLD)).at(line));
    }

    /// All of it, as the text goes; what is about no line comes last.
    fn told(mut self) -> Vec<PolicyFinding> {
        self.remarks.sort_by_key(|remark| remark.line.unwrap_or(u32::MAX));
        self.remarks
    }

    fn fault<T>(&mut self, what: PolicyFindingKind, key: &str, value: &Value) -> Option<T> {
        self.say(key, PolicyFinding::new(what).arg("written", shown(value)));
        None
    }

    /// A whole number. Beyond what can be counted it is the most or the least, and out of bounds in any case.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it saturates, which is what is wanted"
    )]
    fn number(&mut self, key: &str, value: &Value) -> Option<u32> {
        match value.as_f64().filter(|number| number.fract() == 0.0) {
            Some(number) => Some(number as u32),
            None => self.fault(PolicyFindingKind::WantsNumber, key, value),
        }
    }

    fn flag(&mut self, key: &str, value: &Value) -> Option<bool> {
        value.as_bool().or_else(|| self.fault(PolicyFindingKind::WantsFlag, key, value))
    }

    /// What a policy can only forbid.
    fn forbids(&mut self, key: &str, value: &Value) -> Option<bool> {
        let allowed = self.flag(key, value)?;
        if allowed {
            self.say(key, PolicyFinding::new(PolicyFindingKind::FixesNothing));
        }
        (!allowed).then_some(false)
    }

    fn contact(&mut self, key: &str, value: &Value) -> Option<String> {
        let Some(written) = value.as_str() else { return self.fault(PolicyFindingKind::WantsText, key, value) };
        let shown = single_line(written, LONGEST_CONTACT);
        if shown != written.trim() {
            self.say(
                key,
                PolicyFinding::new(PolicyFindingKind::ContactChanged).arg("most", LONGEST_CONTACT.to_string()),
            );
        }
        Some(shown).filter(|shown| !shown.is_empty())
    }

    fn unknown(&mut self, unknown: &[&str]) {
        let (apart, together) = unknown.split_at(unknown.len().min(TOLD_APART));
        for keys in apart.iter().map(std::slice::from_ref).chain((!together.is_empty()).then_some(together)) {
            let told = single_line(&keys.join(", "), LONGEST_TOLD);
            self.say(keys[0], PolicyFinding::new(PolicyFindingKind::UnknownKeys).arg("keys", told));
        }
    }
}

/// A value as it is written, short.
fn shown(value: &Value) -> String {
    single_line(&value.to_string(), LONGEST_TOLD)
}

/// Returns the keys of the outermost object of a JSON text, and the lines they stand in.
fn keys(text: &str) -> Vec<(String, u32)> {
    let (mut depth, mut line, mut at, mut found) = (0_u32, 1, 0, Vec::new());
    while let Some(sign) = text[at..].chars().next() {
        let mut end = at + sign.len_utf8();
        match sign {
            '\n' => line += 1,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '"' => {
                end = at + string(&text[at..]);
                let is_key = depth == 1 && text[end..].trim_start().starts_with(':');
                found.extend(serde_json::from_str(&text[at..end]).ok().filter(|_| is_key).map(|key| (key, line)));
            }
            _ => {}
        }
        at = end;
    }
    found
}

/// Returns how long the string is, in bytes, that a JSON text begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            '"' if !escaped => return at + 1,
            _ => escaped = sign == '\\' && !escaped,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn the_keys_of_the_outermost_object_are_found_in_their_lines() {
        let text = "{\n\"a\": {\"b\": 1},\n\n \"\\\"c\" : [\"d\", {\"e\":\n2}], \"\\u00e4\": \"f: {\"\n}";
        let found: Vec<(String, u32)> = keys(text);
        let expected = [("a", 2), ("\"c", 4), ("\u{e4}", 5)].map(|(key, line)| (key.to_owned(), line));
        assert_eq!(found, expected);
        assert_eq!(keys("[{\"a\": 1}] \"unended"), Vec::new());
    }
}

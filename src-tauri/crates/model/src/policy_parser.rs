//! Parses the text of a policy and returns the fixed values and the findings with their lines.
//!
//! Guarantees: a text is accepted as a whole or not at all, and all errors are reported at once. Unknown keys, duplicate keys and
//! numbers out of bounds are reported, never ignored. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::code::Code;
use crate::monitor_settings::{MIN_INTERVAL_S, MonitorSettings};
use crate::policy::{Policy, PolicyFinding, PolicyFindingKind, UntrustedReason};
use crate::problem::Problem;
use crate::sanitized_text::single_line;

/// The supported format. Within a format, keys are added and never changed.
const FORMAT: u64 = 1;
/// Maximum length of the contact, in characters.
const MAX_CONTACT_CHARS: usize = 200;
/// Maximum length of a value or a list of keys in a finding, in characters.
const MAX_VALUE_CHARS: usize = 200;
/// Number of unknown keys with a finding of their own; the others share one.
const MAX_SINGLE_UNKNOWN_KEYS: usize = 20;

impl Policy {
    /// Parses a policy.
    ///
    /// # Errors
    /// [`Code::PolicyGarbled`] with a finding for each error, [`Code::PolicyNewer`].
    pub fn parse(text: &str) -> Result<(Self, Vec<PolicyFinding>), UntrustedReason> {
        // Editors on Windows start a file with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let members: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| Problem::new(Code::PolicyGarbled).detail(error.to_string()))?;
        let format = members.get("format").and_then(Value::as_u64);
        if format.is_some_and(|newer| newer > FORMAT) {
            return Err(Problem::new(Code::PolicyNewer).into());
        }
        let mut parser = Parser::new(text);
        if format != Some(FORMAT) {
            parser.report("format", PolicyFinding::new(PolicyFindingKind::WantsFormat));
        }
        let mut policy = Self::default();
        let mut unknown = Vec::new();
        for (key, value) in &members {
            match key.as_str() {
                "format" => {}
                "heartbeat_s" => policy.heartbeat_s = parser.number(key, value),
                "freshness_s" => policy.freshness_s = parser.number(key, value),
                "full_s" => policy.full_s = parser.number(key, value),
                "allowed_lag_s" => policy.allowed_lag_s = parser.number(key, value),
                "rate_share" => policy.rate_share = parser.number(key, value),
                "notices" => policy.notices = parser.flag(key, value),
                "ask_before_copying" => policy.ask_before_copying = parser.flag(key, value),
                "launch_at_login" => policy.launch_at_login = parser.flag(key, value),
                "response_actions" => policy.response_actions = parser.prohibition(key, value),
                "relay" => policy.relay = parser.prohibition(key, value),
                "alerts" => policy.alerts = parser.prohibition(key, value),
                "alert_names" => policy.alert_names = parser.prohibition(key, value),
                "alert_host" => policy.alert_host = parser.text(key, value),
                "update_url" => policy.update_url = parser.text(key, value),
                "update_key" => policy.update_key = parser.text(key, value),
                "contact" => policy.contact = parser.contact(key, value),
                other => unknown.push(other),
            }
        }
        parser.unknown(&unknown);
        policy.clamp(&members, &mut parser);
        let remarks = parser.into_findings();
        if remarks.iter().any(|remark| remark.what.is_fault()) {
            return Err(UntrustedReason { remarks, ..Problem::new(Code::PolicyGarbled).into() });
        }
        Ok((policy, remarks))
    }

    fn clamp(&mut self, written: &Map<String, Value>, parser: &mut Parser) {
        let clamped = self.apply_to(MonitorSettings::default()).bounded(MIN_INTERVAL_S);
        let numbers = [
            ("heartbeat_s", &mut self.heartbeat_s, clamped.heartbeat_s),
            ("freshness_s", &mut self.freshness_s, clamped.freshness_s),
            ("full_s", &mut self.full_s, clamped.full_s),
            ("allowed_lag_s", &mut self.allowed_lag_s, clamped.allowed_lag_s),
            ("rate_share", &mut self.rate_share, clamped.rate_share),
        ];
        for (key, number, clamped) in numbers {
            if number.is_some_and(|given| given != clamped) {
                *number = Some(clamped);
                let written = written.get(key).map(formatted).unwrap_or_default();
                let finding = PolicyFinding::new(PolicyFindingKind::OutOfBounds).arg("written", written);
                parser.report(key, finding.arg("taken", clamped.to_string()));
            }
        }
    }
}

/// Collects the findings and knows the lines of the keys.
struct Parser {
    lines: BTreeMap<String, u32>,
    findings: Vec<PolicyFinding>,
}

impl Parser {
    fn new(text: &str) -> Self {
        let mut parser = Self { lines: BTreeMap::new(), findings: Vec::new() };
        for (key, line) in keys(text) {
            if parser.lines.insert(key.clone(), line).is_some() {
                parser.report(&key, PolicyFinding::new(PolicyFindingKind::WrittenTwice));
            }
        }
        parser
    }

    fn report(&mut self, key: &str, finding: PolicyFinding) {
        let line = self.lines.get(key).copied();
        self.findings.push(finding.arg("key", single_line(key, MAX_VALUE_CHARS)).at(line));
    }

    /// Returns the findings by line; those without a line come last.
    fn into_findings(mut self) -> Vec<PolicyFinding> {
        self.findings.sort_by_key(|finding| finding.line.unwrap_or(u32::MAX));
        self.findings
    }

    fn error<T>(&mut self, what: PolicyFindingKind, key: &str, value: &Value) -> Option<T> {
        self.report(key, PolicyFinding::new(what).arg("written", formatted(value)));
        None
    }

    /// Parses an integer. A number outside the range of `u32` saturates, and is out of bounds in any case.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the conversion saturates, as intended"
    )]
    fn number(&mut self, key: &str, value: &Value) -> Option<u32> {
        match value.as_f64().filter(|number| number.fract() == 0.0) {
            Some(number) => Some(number as u32),
            None => self.error(PolicyFindingKind::WantsNumber, key, value),
        }
    }

    fn flag(&mut self, key: &str, value: &Value) -> Option<bool> {
        value.as_bool().or_else(|| self.error(PolicyFindingKind::WantsFlag, key, value))
    }

    /// Parses a value that a policy can only forbid.
    fn prohibition(&mut self, key: &str, value: &Value) -> Option<bool> {
        let allowed = self.flag(key, value)?;
        if allowed {
            self.report(key, PolicyFinding::new(PolicyFindingKind::FixesNothing));
        }
        (!allowed).then_some(false)
    }

    /// Parses a text that the app uses as it is, without blanks around it.
    fn text(&mut self, key: &str, value: &Value) -> Option<String> {
        let Some(written) = value.as_str() else { return self.error(PolicyFindingKind::WantsText, key, value) };
        Some(written.trim().to_owned())
    }

    fn contact(&mut self, key: &str, value: &Value) -> Option<String> {
        let Some(written) = value.as_str() else { return self.error(PolicyFindingKind::WantsText, key, value) };
        let shown = single_line(written, MAX_CONTACT_CHARS);
        if shown != written.trim() {
            self.report(
                key,
                PolicyFinding::new(PolicyFindingKind::ContactChanged).arg("most", MAX_CONTACT_CHARS.to_string()),
            );
        }
        Some(shown).filter(|shown| !shown.is_empty())
    }

    fn unknown(&mut self, unknown: &[&str]) {
        let (single, shared) = unknown.split_at(unknown.len().min(MAX_SINGLE_UNKNOWN_KEYS));
        for keys in single.iter().map(std::slice::from_ref).chain((!shared.is_empty()).then_some(shared)) {
            let listed = single_line(&keys.join(", "), MAX_VALUE_CHARS);
            self.report(keys[0], PolicyFinding::new(PolicyFindingKind::UnknownKeys).arg("keys", listed));
        }
    }
}

/// Formats a value for a finding.
fn formatted(value: &Value) -> String {
    single_line(&value.to_string(), MAX_VALUE_CHARS)
}

/// Returns the keys of the outermost object of a JSON text with their lines.
fn keys(text: &str) -> Vec<(String, u32)> {
    let (mut depth, mut line, mut at, mut found) = (0_u32, 1, 0, Vec::new());
    while let Some(sign) = text[at..].chars().next() {
        let mut end = at + sign.len_utf8();
        match sign {
            '\n' => line += 1,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '"' => {
                end = at + string_length(&text[at..]);
                let is_key = depth == 1 && text[end..].trim_start().starts_with(':');
                found.extend(serde_json::from_str(&text[at..end]).ok().filter(|_| is_key).map(|key| (key, line)));
            }
            _ => {}
        }
        at = end;
    }
    found
}

/// Returns the length of the JSON string at the start of `text`, in bytes.
fn string_length(text: &str) -> usize {
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
    fn the_keys_of_the_outermost_object_are_found_with_their_lines() {
        let text = "{\n\"a\": {\"b\": 1},\n\n \"\\\"c\" : [\"d\", {\"e\":\n2}], \"\\u00e4\": \"f: {\"\n}";
        let found: Vec<(String, u32)> = keys(text);
        let expected = [("a", 2), ("\"c", 4), ("\u{e4}", 5)].map(|(key, line)| (key.to_owned(), line));
        assert_eq!(found, expected);
        assert_eq!(keys("[{\"a\": 1}] \"unended"), Vec::new());
    }
}

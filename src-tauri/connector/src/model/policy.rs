//! What an organisation fixes for all its computers: a JSON file that an administrator puts in its place.
//!
//! Promises: a text is understood as a whole or not at all; a key this version does not know and a figure out of bounds are
//! told, never passed over. A policy that is not believed changes one thing only: what a policy can forbid is forbidden.
//! Never: a policy that gives more than the app has by itself. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;

use super::{Code, FLOOR_S, MonitorSettings, Problem, one_line};

/// The format read. A key is added, never changed, within a format.
const FORMAT: u64 = 1;
/// Longest sentence shown to the user, in characters.
const LONGEST_CONTACT: usize = 200;
/// Longest list of keys or written value that is told again, in characters.
const LONGEST_TOLD: usize = 200;

/// What is fixed; what is `None` is the user's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct Policy {
    /// Seconds between heartbeats.
    pub heartbeat_s: Option<u32>,
    /// Seconds between looks at the newest events on both sides.
    pub freshness_s: Option<u32>,
    /// Seconds between full runs of all checks.
    pub full_s: Option<u32>,
    /// How late an event may be in Radiant, in seconds.
    pub allowed_lag_s: Option<u32>,
    /// Whether notices are shown. Pauses and planned work stay the user's.
    pub notices: Option<bool>,
    /// Whether the system asks who sits there before a token is copied, where it can.
    pub ask_before_copying: Option<bool>,
    /// Whether the app starts with the computer.
    pub launch_at_login: Option<bool>,
    /// `false`: the app carries out no response action. A policy can only forbid them.
    pub response_actions: Option<bool>,
    /// `false`: the app relays no System Log. A policy can only forbid it.
    pub relay: Option<bool>,
    /// Whom to ask, in the organisation's words.
    pub contact: Option<String>,
}

/// How it stands with the policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStanding {
    /// There is none.
    #[default]
    Absent,
    /// It holds.
    Believed,
    /// It is there, and not believed.
    NotBelieved,
}

/// What a policy says that does not hold as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// This version knows no such keys.
    UnknownKeys,
    /// A figure was brought into bounds.
    OutOfBounds,
    /// `true` where a policy can only say `false`.
    FixesNothing,
    /// The contact was too long or held signs that are not shown.
    ContactChanged,
    /// Who may change the file was not looked at.
    WriterNotChecked,
}

/// A remark about a policy; its sentence is `policy.remark.<what>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PolicyRemark {
    /// What it is.
    pub what: RemarkKind,
    /// Values for the placeholders of its sentence.
    pub args: BTreeMap<String, String>,
}

/// The policy as window and command line show it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct PolicyView {
    /// Where it is looked for; `None` where none is, as in practice.
    pub place: Option<String>,
    /// How it stands.
    pub standing: PolicyStanding,
    /// What holds.
    pub fixed: Policy,
    /// What does not hold as it is written.
    pub remarks: Vec<PolicyRemark>,
    /// Why it is not believed.
    pub problem: Option<Problem>,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`Code::PolicyGarbled`], [`Code::PolicyNewer`].
    pub fn read(text: &str) -> Result<(Self, Vec<PolicyRemark>), Problem> {
        // Windows' editors begin a file with this mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|error| garbled(error.to_string()))?;
        match members.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(Problem::new(Code::PolicyNewer)),
            Some(_) | None => return Err(wrong("format", "1")),
        }
        let (mut policy, mut remarks, mut unknown) = (Self::default(), Vec::new(), Vec::new());
        for (key, value) in &members {
            match key.as_str() {
                "format" => {}
                "heartbeat_s" => policy.heartbeat_s = Some(seconds(key, value)?),
                "freshness_s" => policy.freshness_s = Some(seconds(key, value)?),
                "full_s" => policy.full_s = Some(seconds(key, value)?),
                "allowed_lag_s" => policy.allowed_lag_s = Some(seconds(key, value)?),
                "notices" => policy.notices = Some(flag(key, value)?),
                "ask_before_copying" => policy.ask_before_copying = Some(flag(key, value)?),
                "launch_at_login" => policy.launch_at_login = Some(flag(key, value)?),
                "response_actions" => policy.response_actions = forbids(key, value, &mut remarks)?,
                "relay" => policy.relay = forbids(key, value, &mut remarks)?,
                "contact" => policy.contact = contact(key, value, &mut remarks)?,
                other => unknown.push(other),
            }
        }
        if !unknown.is_empty() {
            let keys = one_line(&unknown.join(", "), LONGEST_TOLD);
            remarks.push(PolicyRemark::new(RemarkKind::UnknownKeys).arg("keys", keys));
        }
        policy.bring_into_bounds(&members, &mut remarks);
        Ok((policy, remarks))
    }

    /// What holds when a file is there and not believed.
    #[must_use]
    pub fn safe_side() -> Self {
        Self { response_actions: Some(false), relay: Some(false), ..Self::default() }
    }

    /// Leaves out what would switch a protection off: it is not taken from a file that anybody may have written.
    #[must_use]
    pub fn tightening(self) -> Self {
        Self {
            ask_before_copying: self.ask_before_copying.filter(|asks| *asks),
            notices: self.notices.filter(|shown| *shown),
            ..self
        }
    }

    /// Lays what is fixed over settings.
    #[must_use]
    pub fn over(&self, settings: MonitorSettings) -> MonitorSettings {
        MonitorSettings {
            heartbeat_s: self.heartbeat_s.unwrap_or(settings.heartbeat_s),
            freshness_s: self.freshness_s.unwrap_or(settings.freshness_s),
            full_s: self.full_s.unwrap_or(settings.full_s),
            allowed_lag_s: self.allowed_lag_s.unwrap_or(settings.allowed_lag_s),
            notices: self.notices.unwrap_or(settings.notices),
            ..settings
        }
    }

    /// Returns what to keep of settings that are wanted: what is fixed stays as it was, for the day the policy goes.
    #[must_use]
    pub fn beneath(&self, wanted: MonitorSettings, own: &MonitorSettings) -> MonitorSettings {
        MonitorSettings {
            heartbeat_s: self.heartbeat_s.map_or(wanted.heartbeat_s, |_| own.heartbeat_s),
            freshness_s: self.freshness_s.map_or(wanted.freshness_s, |_| own.freshness_s),
            full_s: self.full_s.map_or(wanted.full_s, |_| own.full_s),
            allowed_lag_s: self.allowed_lag_s.map_or(wanted.allowed_lag_s, |_| own.allowed_lag_s),
            notices: self.notices.map_or(wanted.notices, |_| own.notices),
            ..wanted
        }
    }

    fn bring_into_bounds(&mut self, written: &Map<String, Value>, remarks: &mut Vec<PolicyRemark>) {
        let near = self.over(MonitorSettings::default()).bounded(FLOOR_S);
        let figures = [
            ("heartbeat_s", &mut self.heartbeat_s, near.heartbeat_s),
            ("freshness_s", &mut self.freshness_s, near.freshness_s),
            ("full_s", &mut self.full_s, near.full_s),
            ("allowed_lag_s", &mut self.allowed_lag_s, near.allowed_lag_s),
        ];
        for (key, figure, near) in figures {
            if figure.is_some_and(|given| given != near) {
                *figure = Some(near);
                let written =
                    written.get(key).map(|value| one_line(&value.to_string(), LONGEST_TOLD)).unwrap_or_default();
                let remark = PolicyRemark::new(RemarkKind::OutOfBounds).arg("key", key).arg("written", written);
                remarks.push(remark.arg("taken", near.to_string()));
            }
        }
    }
}

impl PolicyRemark {
    /// A remark with nothing but its kind.
    #[must_use]
    pub fn new(what: RemarkKind) -> Self {
        Self { what, args: BTreeMap::new() }
    }

    fn arg(mut self, key: &str, value: impl Into<String>) -> Self {
        self.args.insert(key.to_owned(), value.into());
        self
    }
}

impl PolicyView {
    /// A place without a file.
    #[must_use]
    pub fn absent(place: String) -> Self {
        Self { place: Some(place), ..Self::default() }
    }

    /// What a text at a place says.
    #[must_use]
    pub fn of(place: String, read: Result<(Policy, Vec<PolicyRemark>), Problem>) -> Self {
        let place = Some(place);
        match read {
            Ok((fixed, remarks)) => Self { place, standing: PolicyStanding::Believed, fixed, remarks, problem: None },
            Err(problem) => Self {
                place,
                standing: PolicyStanding::NotBelieved,
                fixed: Policy::safe_side(),
                remarks: Vec::new(),
                problem: Some(problem),
            },
        }
    }
}

fn garbled(detail: impl Into<String>) -> Problem {
    Problem::new(Code::PolicyGarbled).detail(detail)
}

fn wrong(key: &str, wanted: &str) -> Problem {
    garbled(format!("{key}: {wanted} was expected"))
}

/// A whole number of seconds. Beyond what can be counted it is the most or the least, and out of bounds in any case.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, which is what is wanted")]
fn seconds(key: &str, value: &Value) -> Result<u32, Problem> {
    let whole = value.as_f64().filter(|number| number.fract() == 0.0);
    whole.map(|number| number as u32).ok_or_else(|| wrong(key, "a whole number"))
}

fn flag(key: &str, value: &Value) -> Result<bool, Problem> {
    value.as_bool().ok_or_else(|| wrong(key, "true or false"))
}

/// What a policy can only forbid.
fn forbids(key: &str, value: &Value, remarks: &mut Vec<PolicyRemark>) -> Result<Option<bool>, Problem> {
    let allowed = flag(key, value)?;
    if allowed {
        remarks.push(PolicyRemark::new(RemarkKind::FixesNothing).arg("key", key));
    }
    Ok((!allowed).then_some(false))
}

fn contact(key: &str, value: &Value, remarks: &mut Vec<PolicyRemark>) -> Result<Option<String>, Problem> {
    let written = value.as_str().ok_or_else(|| wrong(key, "a text"))?;
    let shown = one_line(written, LONGEST_CONTACT);
    if shown != written.trim() {
        remarks.push(PolicyRemark::new(RemarkKind::ContactChanged).arg("most", LONGEST_CONTACT.to_string()));
    }
    Ok(Some(shown).filter(|shown| !shown.is_empty()))
}

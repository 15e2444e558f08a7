//! The message catalog for Rust: the same `ui/messages/*.json` that the window uses.
//!
//! Keys are constants generated at build time, so that a missing key does not build. `{name}` in a message is replaced by the
//! argument of that name; a placeholder without an argument stays visible.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use model::code::Code;
use model::preferences::Language;
use model::problem::Problem;
use model::reminder::Reminder;
use model::status::StatusChange;
use model::status::{State, Status};

const EN: &str = include_str!("../../../../ui/messages/en.json");
const DE: &str = include_str!("../../../../ui/messages/de.json");

/// Prefix of the messages that replace others on the command line.
const CLI_PREFIX: &str = "cli.instead.";

/// The key of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(&'static str);

/// The keys of all messages except `code.*` and `ui.*`.
pub mod keys {
    use super::Key;
    include!(concat!(env!("OUT_DIR"), "/keys.rs"));
}

/// The three texts of a code or a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentences {
    /// What happened.
    pub title: String,
    /// What it means for ingestion and response.
    pub meaning: String,
    /// What to do.
    pub remedy: String,
}

/// One language's messages.
#[derive(Debug, Clone)]
pub struct Messages(Map<String, Value>);

impl Messages {
    /// Loads a language; `System` is English, because only the shell knows the system's language.
    #[must_use]
    pub fn load(language: Language) -> Self {
        let text = match language {
            Language::De => DE,
            Language::En | Language::System => EN,
        };
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// Loads a language for the command line: texts about buttons and fields of the window are replaced by texts about commands.
    #[must_use]
    pub fn load_for_command_line(language: Language) -> Self {
        let Self(mut all) = Self::load(language);
        let replacements: Vec<(String, Value)> = all
            .iter()
            .filter_map(|(name, text)| Some((name.strip_prefix(CLI_PREFIX)?.to_owned(), text.clone())))
            .collect();
        all.extend(replacements);
        Self(all)
    }

    /// Returns a message with its placeholders filled.
    #[must_use]
    pub fn text(&self, key: Key, args: &[(&str, &str)]) -> String {
        let args = args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.by_name(key.0, &args)
    }

    /// Returns the texts of a code.
    #[must_use]
    pub fn code(&self, code: Code, args: &BTreeMap<String, String>) -> Sentences {
        let part = |part: &str| self.by_name(&format!("code.{code}.{part}"), args);
        Sentences { title: part("title"), meaning: part("meaning"), remedy: part("remedy") }
    }

    /// Returns the text of a status, which window, tray, command line and files share. "Receiving" needs an event that was found
    /// in Radiant.
    #[must_use]
    pub fn status(&self, status: &Status) -> String {
        let key = match (status.state == State::Ok, status.arrival_verified) {
            (true, true) => keys::STATE_RECEIVING,
            (true, false) => keys::STATE_OKTA_READY,
            (false, _) => state_key(status.state, status.problem.as_ref()),
        };
        self.text(key, &[])
    }

    /// Returns a connection's name for tray and notifications, with a prefix for practice.
    #[must_use]
    pub fn connection_name(&self, name: &str, practice: bool) -> String {
        if practice { format!("{} \u{b7} {name}", self.text(keys::PRACTICE_WORD, &[])) } else { name.to_owned() }
    }

    /// Returns the text of a status change, which contains nothing about arrival.
    #[must_use]
    pub fn status_change(&self, change: &StatusChange) -> String {
        self.text(state_key(change.state, change.problem.as_ref()), &[])
    }

    /// Returns the texts of a reminder.
    #[must_use]
    pub fn reminder(&self, one: &Reminder) -> Sentences {
        let kind = serde_json::to_value(one.kind).unwrap_or_default();
        let stem = format!("reminder.{}", kind.as_str().unwrap_or_default());
        let part = |part: &str| self.by_name(&format!("{stem}.{part}"), &one.args);
        Sentences { title: part("title"), meaning: part("meaning"), remedy: part("remedy") }
    }

    /// Returns a message by a composed name such as `check.token.title`; the name itself if there is no such message.
    #[must_use]
    pub fn by_name(&self, name: &str, args: &BTreeMap<String, String>) -> String {
        let text = self.0.get(name).and_then(Value::as_str).unwrap_or(name);
        filled(text, args)
    }
}

/// Fills the placeholders of a text. A value is never searched for placeholders, so that it cannot contain another one.
fn filled(text: &str, args: &BTreeMap<String, String>) -> String {
    let mut parts = text.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let value = part.split_once('}').and_then(|(name, rest)| Some((args.get(name)?, rest)));
        match value {
            Some((value, rest)) => out.extend([value.as_str(), rest]),
            None => out.extend(["{", part]),
        }
    }
    out
}

/// Returns the key of a state. `Working` with a problem means that the checks cannot run.
fn state_key(state: State, problem: Option<&Problem>) -> Key {
    match state {
        State::Ok => keys::STATE_OK,
        State::Working if problem.is_some() => keys::STATE_OFFLINE,
        State::Working => keys::STATE_WORKING,
        State::Attention => keys::STATE_ATTENTION,
        State::NeedsSetup => keys::STATE_NEEDS_SETUP,
        State::Paused => keys::STATE_PAUSED,
        State::Unwatched => keys::STATE_UNWATCHED,
        State::Stopped => keys::STATE_STOPPED,
        State::Unknown => keys::STATE_UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;
    use model::reminder::ReminderKind;

    #[test]
    fn a_command_line_text_only_replaces_an_existing_message() {
        for language in [Language::En, Language::De] {
            let (window, Messages(line)) = (Messages::load(language), Messages::load_for_command_line(language));
            let replaced: Vec<&str> = window.0.keys().filter_map(|name| name.strip_prefix(CLI_PREFIX)).collect();
            assert!(!replaced.is_empty());
            for name in replaced {
                let before = window.0.get(name).unwrap_or_else(|| panic!("there is no {name}"));
                assert_ne!(line[name], *before, "{name}");
                let unknown = placeholders(&line[name]).into_iter().find(|one| !placeholders(before).contains(one));
                assert_eq!(unknown, None, "{name} has a placeholder without a value");
            }
        }
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_stays_as_it_is() {
        let args = [("a", "{b}{b}"), ("b", "{a}")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(filled("{a}, {b}, {c}, {{a}}, {", &args), "{b}{b}, {a}, {c}, {{b}{b}}, {");
        assert_eq!(filled("", &args), "");
    }

    fn placeholders(text: &Value) -> Vec<&str> {
        let text = text.as_str().unwrap_or_default();
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    #[test]
    fn receiving_is_shown_only_with_a_verified_arrival() {
        let status = |state, arrival_verified, problem: Option<Code>| Status {
            state,
            problem: problem.map(Problem::new),
            row: None,
            since: None,
            arrival_verified,
            as_of: None,
            valid_until: None,
        };
        let text = |status: &Status| Messages::load(Language::En).status(status);
        assert_eq!(text(&status(State::Ok, true, None)), "Radiant is receiving");
        assert_eq!(text(&status(State::Ok, false, None)), "Okta side ready, arrival not verified");
        assert_eq!(text(&status(State::Working, true, Some(Code::CaptivePortal))), "Okta unreachable");
        assert_eq!(text(&status(State::Unknown, true, None)), "Status unknown");
        let change = StatusChange { at: chrono::DateTime::UNIX_EPOCH, state: State::Ok, problem: None, row: None };
        assert_eq!(Messages::load(Language::En).status_change(&change), "No problems found");
    }

    #[test]
    fn every_reminder_has_its_three_texts_in_both_languages() {
        let of = chrono::DateTime::UNIX_EPOCH;
        for (kind, language) in
            ReminderKind::VARIANTS.iter().flat_map(|kind| [(kind, Language::En), (kind, Language::De)])
        {
            let one = Reminder {
                kind: *kind,
                of,
                since: of,
                observed_at: None,
                args: BTreeMap::new(),
                act: None,
                link: None,
            };
            let texts = Messages::load(language).reminder(&one);
            for part in [texts.title, texts.meaning, texts.remedy] {
                assert!(!part.starts_with("reminder."), "{part} is missing in {language:?}");
            }
        }
    }
}

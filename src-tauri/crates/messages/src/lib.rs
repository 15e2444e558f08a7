//! The message catalogue as the Rust side reads it: the same `ui/messages/*.json` the window reads.
//!
//! Keys are constants made at build time, so a missing key does not build. `{name}` in a message is replaced by the
//! argument of that name; a placeholder without an argument stays as it is, so that its lack is seen.

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

/// How the names of messages begin that the command line says in the place of others.
const INSTEAD: &str = "cli.instead.";

/// The name of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(&'static str);

/// Every message outside `code.` and `ui.`, by name.
pub mod keys {
    use super::Key;
    include!(concat!(env!("OUT_DIR"), "/keys.rs"));
}

/// The three parts of what is said about a code or a reminder.
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
    /// Loads a language; `System` is English here, since only the shell knows the system's language.
    #[must_use]
    pub fn of(language: Language) -> Self {
        let text = match language {
            Language::De => DE,
            Language::En | Language::System => EN,
        };
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// Loads a language as the command line speaks it: what the window says of its own buttons and fields is said there of the
    /// line to type, or of where in the window it is done.
    #[must_use]
    pub fn of_command_line(language: Language) -> Self {
        let Self(mut all) = Self::of(language);
        let instead: Vec<(String, Value)> = all
            .iter()
            .filter_map(|(name, text)| Some((name.strip_prefix(INSTEAD)?.to_owned(), text.clone())))
            .collect();
        all.extend(instead);
        Self(all)
    }

    /// Returns a message with its placeholders filled.
    #[must_use]
    pub fn text(&self, key: Key, args: &[(&str, &str)]) -> String {
        let args = args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.named(key.0, &args)
    }

    /// Returns what is said about a code.
    #[must_use]
    pub fn code(&self, code: Code, args: &BTreeMap<String, String>) -> Sentences {
        let part = |part: &str| self.named(&format!("code.{code}.{part}"), args);
        Sentences { title: part("title"), meaning: part("meaning"), remedy: part("remedy") }
    }

    /// Returns what is said of a status: one set of words for window, tray, command line and files. That Radiant is receiving
    /// is said only where an event was found there.
    #[must_use]
    pub fn state(&self, status: &Status) -> String {
        let said = match (status.state == State::Ok, status.arrival_verified) {
            (true, true) => keys::STATE_RECEIVING,
            (true, false) => keys::STATE_OKTA_READY,
            (false, _) => key(status.state, status.problem.as_ref()),
        };
        self.text(said, &[])
    }

    /// Returns a connection's name as tray and notices write it: practice is never mistaken for the real thing.
    #[must_use]
    pub fn named_as(&self, name: &str, practice: bool) -> String {
        if practice { format!("{} \u{b7} {name}", self.text(keys::PRACTICE_WORD, &[])) } else { name.to_owned() }
    }

    /// Returns what is said of a change of status, which knows nothing of arrival.
    #[must_use]
    pub fn changed(&self, change: &StatusChange) -> String {
        self.text(key(change.state, change.problem.as_ref()), &[])
    }

    /// Returns what is said about a reminder: what, why it is a risk, what to do.
    #[must_use]
    pub fn reminder(&self, one: &Reminder) -> Sentences {
        let kind = serde_json::to_value(one.kind).unwrap_or_default();
        let stem = format!("reminder.{}", kind.as_str().unwrap_or_default());
        let part = |part: &str| self.named(&format!("{stem}.{part}"), &one.args);
        Sentences { title: part("title"), meaning: part("meaning"), remedy: part("remedy") }
    }

    /// Returns a message by a composed name such as `check.token.title`; the name itself where there is none.
    #[must_use]
    pub fn named(&self, name: &str, args: &BTreeMap<String, String>) -> String {
        let text = self.0.get(name).and_then(Value::as_str).unwrap_or(name);
        args.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{{key}}}"), value))
    }
}

/// The word of a state by itself. Where something keeps the checks from running, nothing can be asked.
fn key(state: State, problem: Option<&Problem>) -> Key {
    match state {
        State::Ok => keys::STATE_OK,
        State::Working if problem.is_some() => keys::STATE_OFFLINE,
        State::Working => keys::STATE_WORKING,
        State::Attention => keys::STATE_ATTENTION,
        State::NeedsSetup => keys::STATE_NEEDS_SETUP,
        State::Paused => keys::STATE_PAUSED,
        State::Unwatched => keys::STATE_UNWATCHED,
        State::Stopped => keys::STATE_STOPPED,
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;
    use model::reminder::ReminderKind;

    #[test]
    fn the_command_line_says_something_of_its_own_only_in_the_place_of_what_there_is() {
        for language in [Language::En, Language::De] {
            let (window, Messages(line)) = (Messages::load(language), Messages::load_for_command_line(language));
            let instead: Vec<&str> = window.0.keys().filter_map(|name| name.strip_prefix(INSTEAD)).collect();
            assert!(!instead.is_empty());
            for name in instead {
                let before = window.0.get(name).unwrap_or_else(|| panic!("there is no {name}"));
                assert_ne!(line[name], *before, "{name}");
                let unknown = placeholders(&line[name]).into_iter().find(|one| !placeholders(before).contains(one));
                assert_eq!(unknown, None, "{name} wants a value it is not given");
            }
        }
    }

    fn placeholders(text: &Value) -> Vec<&str> {
        let text = text.as_str().unwrap_or_default();
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    #[test]
    fn that_all_is_well_is_never_said_where_arrival_was_not_seen() {
        let status = |state, arrival_verified, problem: Option<Code>| Status {
            state,
            problem: problem.map(Problem::new),
            row: None,
            since: None,
            arrival_verified,
            as_of: None,
        };
        let said = |status: &Status| Messages::load(Language::En).state(status);
        assert_eq!(said(&status(State::Ok, true, None)), "Radiant is receiving");
        assert_eq!(said(&status(State::Ok, false, None)), "Okta side ready, arrival not verified");
        assert_eq!(said(&status(State::Working, true, Some(Code::CaptivePortal))), "No way to Okta");
        let change = StatusChange { at: chrono::DateTime::UNIX_EPOCH, state: State::Ok, problem: None, row: None };
        assert_eq!(Messages::load(Language::En).changed(&change), "Nothing wrong found");
    }

    #[test]
    fn every_reminder_has_its_three_sentences_in_both_languages() {
        let of = chrono::DateTime::UNIX_EPOCH;
        for (kind, language) in
            ReminderKind::VARIANTS.iter().flat_map(|kind| [(kind, Language::En), (kind, Language::De)])
        {
            let one = Reminder { kind: *kind, of, since: of, seen: None, args: BTreeMap::new(), act: None, link: None };
            let said = Messages::load(language).reminder(&one);
            for part in [said.title, said.meaning, said.remedy] {
                assert!(!part.starts_with("reminder."), "{part} is missing in {language:?}");
            }
        }
    }
}

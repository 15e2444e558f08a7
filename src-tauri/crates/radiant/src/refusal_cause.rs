//! The cause of a refused search, by the field that its reason names.
//!
//! No reason is part of a contract, and many contain the word "field" or the text of the query. A field is named by a reason if
//! its name stands in quotation marks or directly after such a word, or if it is no word of the language at all.

use serde_json::value::RawValue;

use model::json_part_reader::at;

/// Longest reason that is read, in bytes.
const MAX_REASON: usize = 16 * 1024;
/// Where Elasticsearch and Quickwit put reasons into an error.
const REASONS: [&str; 6] = [
    "/reason",
    "/root_cause/0/reason",
    "/caused_by/reason",
    "/caused_by/caused_by/reason",
    "/failed_shards/0/reason/reason",
    "/failed_shards/0/reason/caused_by/reason",
];

/// Why an entry was refused, as far as its reason says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RefusalCause {
    /// The reason names no field.
    #[default]
    Other,
    /// A field is missing or cannot be used so.
    Fields(Vec<String>),
    /// A field cannot be searched for a phrase.
    NoPositions(Vec<String>),
}

impl RefusalCause {
    /// Returns the one field of those that were used which the reason names; `None` if it names none or several.
    #[must_use]
    pub fn field<'a>(&self, used: &[&'a str]) -> Option<&'a str> {
        let (Self::Fields(named) | Self::NoPositions(named)) = self else { return None };
        let mut found = used.iter().filter(|field| named.iter().any(|name| name == *field));
        found.next().copied().filter(|_| found.next().is_none())
    }
}

/// Returns the reasons of an error, which is an object or a text.
pub(super) fn reasons(error: &RawValue) -> String {
    let text = |value: &RawValue| {
        let json = value.get();
        (json.len() <= MAX_REASON).then(|| serde_json::from_str::<String>(json).ok()).flatten()
    };
    let nested = REASONS.into_iter().filter_map(|pointer| text(at(error.get().as_bytes(), pointer)?));
    text(error).into_iter().chain(nested).collect::<Vec<_>>().join("\n")
}

/// Returns the cause with every name that a reason may mean by a field.
pub(super) fn cause(reasons: &str) -> RefusalCause {
    let names = names(reasons);
    if reasons.to_lowercase().contains("position") {
        RefusalCause::NoPositions(names)
    } else if names.is_empty() {
        RefusalCause::Other
    } else {
        RefusalCause::Fields(names)
    }
}

fn names(reasons: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || "_.@-".contains(c);
    let (mut names, mut rest, mut before) = (Vec::new(), reasons, String::new());
    while let Some(start) = rest.find(is_part) {
        let (gap, tail) = rest.split_at(start);
        let end = tail.find(|c| !is_part(c)).unwrap_or(tail.len());
        let (word, tail) = tail.split_at(end);
        let name = word.trim_matches(['.', '-']);
        let is_quoted = gap.ends_with(['\'', '"', '`', '[']) && tail.starts_with(['\'', '"', '`', ']']);
        let is_after_field = ["field", "fields", "column", "exist"].contains(&before.as_str()) && !gap.contains('\n');
        let is_no_word = name.contains(['_', '@', '.']) || name.chars().skip(1).any(char::is_uppercase);
        if (is_quoted || is_after_field || is_no_word) && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        (before, rest) = (name.to_lowercase(), tail);
    }
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USED: [&str; 3] = ["timestamp", "uuid", "rs_connectorType"];

    fn field(reason: &str) -> Option<&'static str> {
        cause(reason).field(&USED)
    }

    #[test]
    fn a_cause_comes_from_the_field_that_is_named() {
        for (reason, named) in [
            ("sort by field `timestamp`: field does not exist", Some("timestamp")),
            ("No mapping found for [timestamp] in order to sort on", Some("timestamp")),
            ("Field does not exist: 'timestamp'", Some("timestamp")),
            ("invalid query: unknown field timestamp", Some("timestamp")),
            ("Field does not exist: timestamp", Some("timestamp")),
            ("rs_connectorType is not a fast field", Some("rs_connectorType")),
            ("the field 'uuid' does not have positions indexed", Some("uuid")),
            ("too many fields in the sort: field limit exceeded", None),
            ("the request field size must be below 1000", None),
            ("could not parse the timestamp of the request", None),
            ("failed to parse the query uuid:(\"5f3c0d1e\") in field order", None),
            ("the fields 'uuid' and 'timestamp' cannot be combined", None),
            ("field 'other' is unknown", None),
            ("", None),
        ] {
            assert_eq!(field(reason), named, "{reason}");
        }
    }

    #[test]
    fn missing_positions_are_their_own_cause() {
        let reason = "the field 'uuid' does not have positions indexed";
        assert_eq!(cause(reason), RefusalCause::NoPositions(vec!["uuid".to_owned()]));
        assert_eq!(cause("field does not have positions"), RefusalCause::NoPositions(vec!["does".to_owned()]));
    }

    #[test]
    fn reasons_are_found_wherever_they_are() {
        let of = |json: &str| reasons(&RawValue::from_string(json.to_owned()).unwrap());
        assert_eq!(of(r#""unknown field `x`""#), "unknown field `x`");
        assert_eq!(
            of(r#"{"reason":"all shards failed","root_cause":[{"reason":"no [x]"}]}"#),
            "all shards failed\nno [x]"
        );
        for none in ["7", "null", "[]", r#"{"reason":{"a":1}}"#] {
            assert_eq!(of(none), "", "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_reason_is_read_without_a_panic(reason in ".{0,200}") {
            let found = field(&reason);
            prop_assert!(found.is_none_or(|found| reason.contains(found)));
        }
    }
}

//! SCIM filters as the System Log and the user list read them (DOCS "Filter", "Operators"): eq ne gt ge lt le sw ew co pr,
//! `and`, `or`, `not (...)` and brackets. Operators other than `[ ]` are supported (SPEC listLogEvents).
//!
//! It reads and decides; which fields may be asked is the caller's rule.

use serde_json::Value;

/// A filter that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter(Part);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    All(Vec<Part>),
    Any(Vec<Part>),
    Not(Box<Part>),
    Ask { field: String, operator: String, value: Value },
}

const OPERATORS: [&str; 9] = ["eq", "ne", "gt", "ge", "lt", "le", "sw", "ew", "co"];

impl Filter {
    /// Reads a filter; `None` when it is no filter.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let words = words(text)?;
        let mut reader = Reader { words: &words, at: 0 };
        let part = reader.any()?;
        (reader.at == words.len()).then_some(Self(part))
    }

    /// Tells whether a document matches.
    pub(crate) fn holds(&self, document: &Value) -> bool {
        holds(&self.0, document)
    }

    /// Returns each field with the operator it is asked by.
    pub(crate) fn asks(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        gather(&self.0, &mut found);
        found
    }
}

fn gather<'a>(part: &'a Part, found: &mut Vec<(&'a str, &'a str)>) {
    match part {
        Part::All(parts) | Part::Any(parts) => parts.iter().for_each(|part| gather(part, found)),
        Part::Not(part) => gather(part, found),
        Part::Ask { field, operator, .. } => found.push((field, operator)),
    }
}

fn holds(part: &Part, document: &Value) -> bool {
    match part {
        Part::All(parts) => parts.iter().all(|part| holds(part, document)),
        Part::Any(parts) => parts.iter().any(|part| holds(part, document)),
        Part::Not(part) => !holds(part, document),
        Part::Ask { field, operator, value } => {
            let found = at(document, field);
            match operator.as_str() {
                "pr" => found.iter().any(|found| !found.is_null()),
                "ne" => !found.iter().any(|found| compare(found, "eq", value)),
                _ => found.iter().any(|found| compare(found, operator, value)),
            }
        }
    }
}

/// The values at a dotted path; a list stands for each of its members.
fn at<'a>(document: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![document];
    for key in path.split('.') {
        found = found
            .into_iter()
            .flat_map(|value| value.as_array().map_or_else(|| vec![value], |list| list.iter().collect()))
            .filter_map(|value| value.get(key))
            .collect();
    }
    found
}

fn compare(found: &Value, operator: &str, value: &Value) -> bool {
    match (found.as_str(), value.as_str(), found.as_f64(), value.as_f64()) {
        (Some(found), Some(value), ..) => match operator {
            "eq" => found.eq_ignore_ascii_case(value),
            "gt" => found > value,
            "ge" => found >= value,
            "lt" => found < value,
            "le" => found <= value,
            "sw" => found.starts_with(value),
            "ew" => found.ends_with(value),
            "co" => found.contains(value),
            _ => false,
        },
        (_, _, Some(found), Some(value)) => match operator {
            "eq" => (found - value).abs() < f64::EPSILON,
            "gt" => found > value,
            "ge" => found >= value,
            "lt" => found < value,
            "le" => found <= value,
            _ => false,
        },
        _ => operator == "eq" && found == value,
    }
}

#[derive(Debug, PartialEq)]
enum Word {
    Open,
    Close,
    Bare(String),
    Quoted(String),
}

fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '(' | ')' => {
                words.push(if first == '(' { Word::Open } else { Word::Close });
                &rest[1..]
            }
            '[' | ']' => return None,
            '"' => {
                let (text, tail) = rest[1..].split_once('"')?;
                words.push(Word::Quoted(text.to_owned()));
                tail
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(rest.len());
                words.push(Word::Bare(rest[..end].to_owned()));
                &rest[end..]
            }
        }
        .trim_start();
    }
    Some(words)
}

struct Reader<'a> {
    words: &'a [Word],
    at: usize,
}

impl Reader<'_> {
    fn is(&mut self, word: &str) -> bool {
        let is = matches!(self.words.get(self.at), Some(Word::Bare(text)) if text.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    fn bare(&mut self) -> Option<String> {
        let Some(Word::Bare(text)) = self.words.get(self.at) else { return None };
        self.at += 1;
        Some(text.clone())
    }

    fn any(&mut self) -> Option<Part> {
        let mut parts = vec![self.all()?];
        while self.is("or") {
            parts.push(self.all()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Part::Any(parts) })
    }

    fn all(&mut self) -> Option<Part> {
        let mut parts = vec![self.one()?];
        while self.is("and") {
            parts.push(self.one()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Part::All(parts) })
    }

    fn one(&mut self) -> Option<Part> {
        if self.is("not") {
            return self.bracket().map(|part| Part::Not(Box::new(part)));
        }
        if self.words.get(self.at) == Some(&Word::Open) {
            return self.bracket();
        }
        let field = self.bare()?;
        let operator = self.bare()?.to_lowercase();
        if operator == "pr" {
            return Some(Part::Ask { field, operator, value: Value::Null });
        }
        let value = self.value()?;
        OPERATORS.contains(&operator.as_str()).then_some(Part::Ask { field, operator, value })
    }

    fn bracket(&mut self) -> Option<Part> {
        let opened = self.words.get(self.at) == Some(&Word::Open);
        self.at += 1;
        let part = if opened { self.any() } else { None }?;
        let closed = self.words.get(self.at) == Some(&Word::Close);
        self.at += 1;
        closed.then_some(part)
    }

    /// A quoted text, or `true`, `false`, `null` or a number.
    fn value(&mut self) -> Option<Value> {
        let value = match self.words.get(self.at)? {
            Word::Quoted(text) => Value::String(text.clone()),
            Word::Bare(text) => serde_json::from_str(text).ok()?,
            Word::Open | Word::Close => return None,
        };
        self.at += 1;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operator_decides_and_what_is_no_filter_is_refused() {
        let event = json!({"eventType": "user.session.start", "outcome": {"result": "FAILURE"}, "n": 3, "none": null,
            "target": [{"id": "a"}, {"id": "b"}]});
        for (text, expected) in [
            ("eventType eq \"user.session.start\"", Some(true)),
            ("eventType ne \"user.session.start\"", Some(false)),
            ("eventType sw \"user.\" and outcome.result ew \"URE\"", Some(true)),
            ("eventType co \"session\" AND n ge 3", Some(true)),
            ("n gt 3 or n le 2", Some(false)),
            ("target.id eq \"b\"", Some(true)),
            ("none pr", Some(false)),
            ("not (eventType co \"mfa\")", Some(true)),
            ("(n lt 3 or n eq 3) and target pr", Some(true)),
            ("eventType", None),
            ("eventType is \"x\"", None),
            ("eventType eq x", None),
            ("(n eq 3", None),
            ("emails[type eq \"x\"]", None),
            ("", None),
        ] {
            assert_eq!(Filter::read(text).map(|filter| filter.holds(&event)), expected, "{text}");
        }
    }
}

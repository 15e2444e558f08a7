//! A small reader of the query language `field:value`, AND, OR, NOT, quotes and brackets (Radiant, "Alert filters").

use std::borrow::Cow;

use serde_json::Value;

/// An event as the tenant holds it: what Radiant adds to it stands beside it, and is copied only for an answer.
pub(crate) struct Document<'a> {
    pub(crate) event: Cow<'a, Value>,
    pub(crate) added: Vec<(&'a str, Value)>,
}

impl Document<'_> {
    /// Returns the value at a path of names with dots between.
    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        let added = self.added.iter().find(|(name, _)| *name == path).map(|(_, value)| value);
        added.or_else(|| path.split('.').try_fold(&*self.event, |inside, name| inside.get(name)))
    }

    /// Returns it in one piece.
    pub(crate) fn whole(&self) -> Value {
        let mut whole = self.event.clone().into_owned();
        for (name, value) in &self.added {
            whole[*name] = value.clone();
        }
        whole
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Word {
    Open,
    Close,
    Text(String),
    Quoted(String),
}

/// A query that was split into words once, to be held against many documents.
pub(crate) struct Query(Vec<Word>);

impl Query {
    /// Reads a query; `None` when it cannot be read.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let query = Self(words(text)?);
        query.matches(&Document { event: Cow::Owned(Value::Null), added: Vec::new() }).map(|_| query)
    }

    /// Tells whether a document matches.
    pub(crate) fn matches(&self, document: &Document<'_>) -> Option<bool> {
        let mut reader = Reader { words: &self.0, at: 0, document };
        let found = reader.any(None)?;
        (reader.at == self.0.len()).then_some(found)
    }
}

fn words(query: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '(' | ')' => {
                words.push(if first == '(' { Word::Open } else { Word::Close });
                &rest[1..]
            }
            '"' => {
                let (text, tail) = rest[1..].split_once('"')?;
                words.push(Word::Quoted(text.to_owned()));
                tail
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()\"".contains(c)).unwrap_or(rest.len());
                words.push(Word::Text(rest[..end].to_owned()));
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
    document: &'a Document<'a>,
}

impl Reader<'_> {
    fn next_is(&mut self, word: &str) -> bool {
        let is = matches!(self.words.get(self.at), Some(Word::Text(text)) if text == word);
        self.at += usize::from(is);
        is
    }

    fn any(&mut self, field: Option<&str>) -> Option<bool> {
        let mut found = self.all(field)?;
        while self.next_is("OR") {
            found |= self.all(field)?;
        }
        Some(found)
    }

    fn all(&mut self, field: Option<&str>) -> Option<bool> {
        let mut found = self.one(field)?;
        while self.next_is("AND") {
            found &= self.one(field)?;
        }
        Some(found)
    }

    fn one(&mut self, field: Option<&str>) -> Option<bool> {
        if self.next_is("NOT") {
            return self.one(field).map(|found| !found);
        }
        let word = self.words.get(self.at)?;
        self.at += 1;
        match word {
            Word::Open => {
                let found = self.any(field)?;
                self.at += 1;
                matches!(self.words.get(self.at - 1), Some(Word::Close)).then_some(found)
            }
            Word::Close => None,
            Word::Quoted(text) => Some(self.holds(field, text)),
            Word::Text(text) if field.is_none() => match text.split_once(':') {
                Some((field, "")) => self.one(Some(field)),
                Some((field, value)) => Some(self.holds(Some(field), value)),
                None => Some(self.holds(None, text)),
            },
            Word::Text(text) => Some(self.holds(field, text)),
        }
    }

    fn holds(&self, field: Option<&str>, value: &str) -> bool {
        match field {
            Some(field) => self.document.get(field).and_then(Value::as_str) == Some(value),
            None => value == "*" || self.document.whole().to_string().contains(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_groups_and_negation_are_read() {
        let event = Cow::Owned(json!({"uuid": "b", "actor": {"id": "1"}}));
        let document = Document { event, added: vec![("rs_connectorType", json!("okta"))] };
        for (query, expected) in [
            ("rs_connectorType:okta", Some(true)),
            ("rs_connectorType:\"okta\" AND uuid:\"b\"", Some(true)),
            ("uuid:(\"a\" OR \"b\")", Some(true)),
            ("uuid:(\"a\" OR \"c\")", Some(false)),
            ("rs_connectorType:okta AND (NOT actor.id:2)", Some(true)),
            ("uuid:(\"a\"", None),
        ] {
            let found = Query::read(query).and_then(|query| query.matches(&document));
            assert_eq!(found, expected, "{query}");
        }
    }
}

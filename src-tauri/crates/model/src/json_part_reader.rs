//! Reads parts of JSON text without building a tree of the rest.
//!
//! A tree of a response can need more than a hundred times the memory of its text, and one member that cannot be read makes the
//! whole tree fail. Here a list is read entry by entry, an object member by member, and everything else is skipped.

use std::fmt;

use serde::de::{Deserializer as _, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

/// Most entries of one list that are read. Okta's largest page has 1,000.
const MAX_ENTRIES: usize = 10_000;
/// Longest name that is kept, in characters. Okta's own limit for the name of a zone is 128.
pub const MAX_NAME: usize = 200;
/// Longest text that is read, in bytes. Names and identifiers of both vendors are much shorter.
const MAX_TEXT: usize = 1_024;

/// The entries of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries<T> {
    /// Those that could be read, in their order.
    pub read: Vec<T>,
    /// The number of the others.
    pub unreadable: u32,
}

/// Reads a JSON list, each entry with `read`; `None` if the text is no list. Of a list that is longer than any of either vendor,
/// the rest counts as unreadable.
pub fn entries<'a, T>(list: &'a [u8], read: impl Fn(&'a RawValue) -> Option<T>) -> Option<Entries<T>> {
    let mut found = Entries { read: Vec::new(), unreadable: 0 };
    let mut rest = MAX_ENTRIES;
    each_entry(list, |entry| {
        let one = if rest > 0 { read(entry) } else { None };
        rest = rest.saturating_sub(1);
        match one {
            Some(one) => found.read.push(one),
            None => found.unreadable = found.unreadable.saturating_add(1),
        }
    })?;
    Some(found)
}

/// Returns the members of a JSON object with these names; `None` if the text is no object. Of two members with the same name
/// the last one counts.
#[must_use]
pub fn members<'a, const N: usize>(object: &'a [u8], names: [&str; N]) -> Option<[Option<&'a RawValue>; N]> {
    let mut found = [None; N];
    let mut reader = Deserializer::from_slice(object);
    let each = |name: &str, value| {
        if let Some(place) = names.iter().position(|one| *one == name) {
            found[place] = Some(value);
        }
    };
    reader.deserialize_map(Members(each)).ok()?;
    reader.end().ok()?;
    Some(found)
}

/// Returns all members of a JSON object in their order; `None` if the text is no object.
#[must_use]
pub fn all_members(object: &[u8]) -> Option<Vec<(String, &RawValue)>> {
    let mut found = Vec::new();
    let mut reader = Deserializer::from_slice(object);
    reader.deserialize_map(Members(|name: &str, value| found.push((name.to_owned(), value)))).ok()?;
    reader.end().ok()?;
    Some(found)
}

/// Returns the value at `pointer` (RFC 6901).
#[must_use]
pub fn at<'a>(text: &'a [u8], pointer: &str) -> Option<&'a RawValue> {
    let mut parts = pointer.strip_prefix('/')?.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
    let first = child(text, &parts.next()?)?;
    parts.try_fold(first, |value, part| child(value.get().as_bytes(), &part))
}

/// Returns the text at `pointer`, unless it is empty or longer than any name or identifier.
#[must_use]
pub fn text_at(text: &[u8], pointer: &str) -> Option<String> {
    text_of(at(text, pointer)?)
}

/// Returns a JSON text, unless it is empty or longer than any name or identifier.
#[must_use]
pub fn text_of(value: &RawValue) -> Option<String> {
    let json = value.get();
    let is_text = json.starts_with('"') && json.len() <= MAX_TEXT;
    is_text.then(|| serde_json::from_str::<String>(json).ok()).flatten().filter(|text| !text.is_empty())
}

/// Returns whether a value is JSON's `null`.
#[must_use]
pub fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

fn child<'a>(text: &'a [u8], name: &str) -> Option<&'a RawValue> {
    if text.trim_ascii_start().first() == Some(&b'{') {
        return members(text, [name])?[0];
    }
    let index: usize = name.parse().ok()?;
    let (mut at, mut found) = (0, None);
    each_entry(text, |entry| {
        found = found.or((at == index).then_some(entry));
        at += 1;
    })?;
    found
}

fn each_entry<'a>(list: &'a [u8], each: impl FnMut(&'a RawValue)) -> Option<()> {
    let mut reader = Deserializer::from_slice(list);
    reader.deserialize_seq(List(each)).ok()?;
    reader.end().ok()
}

struct List<F>(F);

impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for List<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element()? {
            (self.0)(entry);
        }
        Ok(())
    }
}

struct Members<F>(F);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(name) = object.next_key::<&'de RawValue>()? {
            let name: String = serde_json::from_str(name.get()).map_err(A::Error::custom)?;
            (self.0)(&name, object.next_value()?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn entries_that_cannot_be_read_are_counted_and_leave_the_others() {
        let id = |entry: &RawValue| text_at(entry.get().as_bytes(), "/id");
        let list = br#" [{"id":"a"}, null, 7, {"id":null}, {"id":"b","x":{"y":[1]}}, {"id":""}] "#;
        assert_eq!(entries(list, id), Some(Entries { read: vec!["a".to_owned(), "b".to_owned()], unreadable: 4 }));
        assert_eq!(entries(b"[]", id), Some(Entries::default()));
        for broken in [&b"{}"[..], b"null", b"", b"[1", b"[1] 2", b"[1,]"] {
            assert_eq!(entries(broken, id), None, "{broken:?}");
        }
    }

    #[test]
    fn a_list_is_read_to_a_limit_and_the_rest_is_counted() {
        let list = format!("[{}1]", "1,".repeat(MAX_ENTRIES + 4));
        let found = entries(list.as_bytes(), |entry| Some(entry.get().len())).unwrap();
        assert_eq!((found.read.len(), found.unreadable), (MAX_ENTRIES, 5));
    }

    #[test]
    fn a_value_is_found_by_its_pointer() {
        let text = br#"{"a~b":{"c/d":["x",{"e":"y"}]},"n":null,"n":"last","long":"..."}"#;
        assert_eq!(text_at(text, "/a~0b/c~1d/1/e").as_deref(), Some("y"));
        assert_eq!(text_at(text, "/a~0b/c~1d/0").as_deref(), Some("x"));
        assert_eq!(text_at(text, "/n").as_deref(), Some("last"));
        for missing in ["", "n", "/a~0b/c~1d/2", "/a~0b/c~1d/x", "/n/0", "/z"] {
            assert_eq!(text_at(text, missing), None, "{missing}");
        }
        let long = format!("{{\"id\":\"{}\"}}", "a".repeat(MAX_TEXT));
        assert_eq!(text_at(long.as_bytes(), "/id"), None, "no identifier is that long");
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_whole_tree(tree in any_json(), pointer in "(/[a-c0-2]){1,3}") {
            let text = tree.to_string();
            let found = at(text.as_bytes(), &pointer).and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
            prop_assert_eq!(found.as_ref(), tree.pointer(&pointer));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let read = entries(&text, text_of);
            prop_assert!(read.is_none_or(|read| read.read.iter().all(|one| !one.is_empty())));
            prop_assert!(members(&text, ["a"]).is_none_or(|[found]| found.is_none_or(|raw| !raw.get().is_empty())));
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), "[a-c]{0,2}".prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let list = proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
            let object = proptest::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect()));
            prop_oneof![list, object]
        })
    }
}

//! A page of the System Log with the text of each event, byte for byte, also of entries that this app cannot read.
//!
//! Each entry is found without a tree, and of an event two members are read: whoever passes events on needs no more.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::next_page::NextPage;

/// Longest `uuid` or time that is read, in bytes.
const MAX_TEXT: usize = 128;

/// One page.
#[derive(Debug, Clone)]
pub struct RawPage {
    body: Vec<u8>,
    entries: Vec<Range<usize>>,
    /// The next page, if Okta named one.
    pub next: Option<NextPage>,
}

/// One entry of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent<'p> {
    /// Its text as Okta sent it.
    pub text: &'p [u8],
    /// Whether the text is JSON.
    pub is_json: bool,
    /// Its `uuid`; `None` for an entry that cannot be read.
    pub uuid: Option<Cow<'p, str>>,
    /// Its time as Okta wrote it.
    pub published: Option<Cow<'p, str>>,
}

/// The members of an event that are read.
#[derive(Deserialize)]
struct Head<'t> {
    #[serde(borrow, default)]
    uuid: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    published: Option<Cow<'t, str>>,
}

impl RawPage {
    /// Finds the entries of a list; `None` if the body is no whole list. A list with an entry that is not JSON is one as long as
    /// its brackets are balanced.
    #[must_use]
    pub fn read(body: Vec<u8>, next: Option<NextPage>) -> Option<Self> {
        let entries = valid_entries(&body).or_else(|| balanced_entries(&body))?;
        Some(Self { body, entries, next })
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the entries in Okta's order.
    pub fn events(&self) -> impl Iterator<Item = RawEvent<'_>> {
        self.entries.iter().map(|range| RawEvent::read(&self.body[range.clone()]))
    }
}

impl<'p> RawEvent<'p> {
    /// Reads the text of an entry.
    #[must_use]
    pub fn read(text: &'p [u8]) -> Self {
        let is_usable = |text: &Cow<'p, str>| !text.is_empty() && text.len() <= MAX_TEXT;
        match serde_json::from_slice::<Head<'p>>(text) {
            Ok(Head { uuid, published }) => {
                Self { text, is_json: true, uuid: uuid.filter(is_usable), published: published.filter(is_usable) }
            }
            Err(_) => {
                let is_json = serde_json::from_slice::<IgnoredAny>(text).is_ok() && std::str::from_utf8(text).is_ok();
                Self { text, is_json, uuid: None, published: None }
            }
        }
    }

    /// Reads the entries of a JSON array.
    #[must_use]
    pub fn read_all(list: &'p [u8]) -> Option<Vec<Self>> {
        let entries = valid_entries(list).or_else(|| balanced_entries(list))?;
        Some(entries.into_iter().map(|range| Self::read(&list[range])).collect())
    }
}

/// Returns the entries of a list that is JSON.
fn valid_entries(list: &[u8]) -> Option<Vec<Range<usize>>> {
    let entries: Vec<&RawValue> = serde_json::from_slice(list).ok()?;
    let start = list.as_ptr() as usize;
    let range = |entry: &RawValue| {
        let at = entry.get().as_ptr() as usize - start;
        at..at + entry.get().len()
    };
    Some(entries.into_iter().map(range).collect())
}

/// Returns the entries of a list whose brackets are balanced, whatever stands between them.
fn balanced_entries(list: &[u8]) -> Option<Vec<Range<usize>>> {
    let first = list.iter().position(|byte| !byte.is_ascii_whitespace()).filter(|at| list[*at] == b'[')?;
    let (mut entries, mut start) = (Vec::new(), first + 1);
    let (mut depth, mut is_quoted, mut is_escaped) = (0_u32, false, false);
    for (at, byte) in list.iter().enumerate().skip(first) {
        if is_quoted {
            is_quoted = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => is_quoted = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.checked_sub(1)?,
            b',' if depth == 1 => {
                entries.push(trimmed(list, start..at)?);
                start = at + 1;
            }
            _ => {}
        }
        if depth == 0 {
            let is_end = *byte == b']' && list[at + 1..].iter().all(u8::is_ascii_whitespace);
            entries.push(trimmed(list, start..at)?);
            return is_end.then_some(entries);
        }
    }
    None
}

/// Returns a range without the blanks at its ends; `None` if nothing is left.
fn trimmed(list: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let text = &list[range.clone()];
    let start = range.start + (text.len() - text.trim_ascii_start().len());
    let end = start + text.trim_ascii().len();
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(body: &str) -> Option<Vec<String>> {
        let page = RawPage::read(body.as_bytes().to_vec(), None)?;
        Some(page.events().map(|event| String::from_utf8_lossy(event.text).into_owned()).collect())
    }

    #[test]
    fn the_text_of_each_event_is_kept_byte_for_byte() {
        let body = " [ {\"uuid\": \"a\",\n \"x\":{\"uuid\":\"b\"}, \"published\":\"2026-01-01T00:00:00Z\"} ,7,null , {\"uuid\":\"\\u0063\"}]\n";
        let page = RawPage::read(body.as_bytes().to_vec(), None).unwrap();
        let uuids: Vec<_> = page.events().map(|event| event.uuid.map(Cow::into_owned)).collect();
        assert_eq!(uuids, [Some("a".to_owned()), None, None, Some("c".to_owned())]);
        assert_eq!(page.events().next().unwrap().published.as_deref(), Some("2026-01-01T00:00:00Z"));
        let expected = [
            "{\"uuid\": \"a\",\n \"x\":{\"uuid\":\"b\"}, \"published\":\"2026-01-01T00:00:00Z\"}",
            "7",
            "null",
            "{\"uuid\":\"\\u0063\"}",
        ];
        assert_eq!(texts(body).unwrap(), expected);
        assert!(page.events().all(|event| event.is_json));
        assert!(RawPage::read(b"[]".to_vec(), None).unwrap().is_empty());
    }

    #[test]
    fn an_entry_that_is_not_json_leaves_the_others() {
        let page = RawPage::read(br#"[{"uuid":"a"},{"uuid":bad,"x":"],["},{"uuid":"b"}]"#.to_vec(), None).unwrap();
        let found: Vec<_> = page.events().map(|event| (event.is_json, event.uuid.is_some())).collect();
        assert_eq!(found, [(true, true), (false, false), (true, true)]);
        let mut latin = br#"[{"uuid":"a"},{"uuid":"x"}]"#.to_vec();
        latin[23] = 0xe9;
        let page = RawPage::read(latin, None).unwrap();
        assert_eq!(page.events().map(|event| event.is_json).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_body_that_is_cut_off_is_no_page() {
        let whole = r#"[{"uuid":"a","x":"\"]"},{"uuid":bad}]"#;
        for end in 0..whole.len() {
            assert_eq!(texts(&whole[..end]), None, "{}", &whole[..end]);
        }
        for other in ["{}", "null", "", "[1,]", "[,1]", "[1] 2", "<html>", "[}", "[1}"] {
            assert_eq!(texts(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_find_the_same_entries(values in proptest::collection::vec(any_value(), 0..8), gap in "[ \n]{0,2}") {
            let body = format!("{gap}[{gap}{}{gap}]{gap}", values.join(&format!("{gap},{gap}")));
            if !values.is_empty() {
                prop_assert_eq!(valid_entries(body.as_bytes()), balanced_entries(body.as_bytes()));
            }
            prop_assert_eq!(texts(&body).unwrap(), values);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let page = RawPage::read(body.clone(), None);
            prop_assert!(page.is_none_or(|page| page.events().all(|event| event.text.len() <= body.len())));
        }
    }

    fn any_value() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("7".to_owned()),
            Just("null".to_owned()),
            "[a-z\\]\\[{},]{0,8}".prop_map(|text| format!("{{\"uuid\":\"{text}\",\"x\":[1,{{}}]}}")),
            Just(r#"{"uuid":"\\\"]","published":[]}"#.to_owned()),
        ]
    }
}

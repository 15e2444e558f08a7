//! A page of the System Log with the text of each event, byte for byte, also of entries that this app cannot read.
//!
//! Each entry is found without a tree, and of an event two members are read: whoever passes events on needs no more. A page that
//! is as Okta documents it is read in one pass.

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
    entries: Vec<Entry>,
    /// The next page, if Okta named one.
    pub next: Option<NextPage>,
}

/// What was read of an entry, by its place in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    text: Range<usize>,
    is_json: bool,
    uuid: Option<Text>,
    published: Option<Text>,
}

/// A text of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    /// It stands in the body.
    At(Range<usize>),
    /// It stands there with escapes.
    Escaped(String),
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
        let entries = entries(&body)?;
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
        self.entries.iter().map(|entry| entry.event(&self.body))
    }
}

impl<'p> RawEvent<'p> {
    /// Reads the text of an entry.
    #[must_use]
    pub fn read(text: &'p [u8]) -> Self {
        match serde_json::from_slice::<Head<'p>>(text) {
            Ok(head) => head.event(text),
            Err(_) => {
                let is_json = serde_json::from_slice::<IgnoredAny>(text).is_ok() && std::str::from_utf8(text).is_ok();
                Self { text, is_json, uuid: None, published: None }
            }
        }
    }

    /// Reads the entries of a JSON array.
    #[must_use]
    pub fn read_all(list: &'p [u8]) -> Option<Vec<Self>> {
        Some(entries(list)?.iter().map(|entry| entry.event(list)).collect())
    }
}

impl<'p> Head<'p> {
    fn event(self, text: &'p [u8]) -> RawEvent<'p> {
        let is_usable = |text: &Cow<'p, str>| !text.is_empty() && text.len() <= MAX_TEXT;
        let (uuid, published) = (self.uuid.filter(is_usable), self.published.filter(is_usable));
        RawEvent { text, is_json: true, uuid, published }
    }
}

impl Entry {
    /// Returns the places of what was read of an entry of this body.
    fn of(event: RawEvent<'_>, body: &[u8]) -> Self {
        let place = |part: &[u8]| {
            let at = part.as_ptr() as usize - body.as_ptr() as usize;
            at..at + part.len()
        };
        let text = |text: Cow<'_, str>| match text {
            Cow::Borrowed(text) => Text::At(place(text.as_bytes())),
            Cow::Owned(text) => Text::Escaped(text),
        };
        let RawEvent { text: whole, is_json, uuid, published } = event;
        Self { text: place(whole), is_json, uuid: uuid.map(text), published: published.map(text) }
    }

    fn event<'p>(&self, body: &'p [u8]) -> RawEvent<'p> {
        let text = |text: &Text| match text {
            Text::At(range) => std::str::from_utf8(&body[range.clone()]).ok().map(Cow::Borrowed),
            Text::Escaped(text) => Some(Cow::Owned(text.clone())),
        };
        let (uuid, published) = (self.uuid.as_ref().and_then(text), self.published.as_ref().and_then(text));
        RawEvent { text: &body[self.text.clone()], is_json: self.is_json, uuid, published }
    }
}

/// Returns the entries of a list; `None` if it is no whole list.
fn entries(list: &[u8]) -> Option<Vec<Entry>> {
    let read = |range: Range<usize>| Entry::of(RawEvent::read(&list[range]), list);
    let found = || valid_entries(list).or_else(|| balanced_entries(list));
    usual_entries(list).or_else(|| Some(found()?.into_iter().map(read).collect()))
}

/// Returns the entries of a list of objects as Okta documents them, in one pass; `None` if anything is unusual.
fn usual_entries(list: &[u8]) -> Option<Vec<Entry>> {
    let next = |at: usize| Some(at + list.get(at..)?.iter().position(|byte| !byte.is_ascii_whitespace())?);
    let mut start = next(0).filter(|at| list[*at] == b'[')? + 1;
    let mut entries = Vec::new();
    loop {
        start = next(start)?;
        let mut stream = serde_json::Deserializer::from_slice(&list[start..]).into_iter::<Head<'_>>();
        let head = stream.next()?.ok()?;
        let end = start + stream.byte_offset();
        entries.push(Entry::of(head.event(&list[start..end]), list));
        let after = next(end)?;
        match list[after] {
            b',' => start = after + 1,
            b']' => return next(after + 1).is_none().then_some(entries),
            _ => return None,
        }
    }
}

/// Returns the places of the entries of a list that is JSON.
fn valid_entries(list: &[u8]) -> Option<Vec<Range<usize>>> {
    let entries: Vec<&RawValue> = serde_json::from_slice(list).ok()?;
    let start = list.as_ptr() as usize;
    let range = |entry: &RawValue| {
        let at = entry.get().as_ptr() as usize - start;
        at..at + entry.get().len()
    };
    Some(entries.into_iter().map(range).collect())
}

/// Returns the places of the entries of a list whose brackets are balanced, whatever stands between them.
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
    fn a_page_of_objects_is_read_in_one_pass_with_the_same_result() {
        let body = " [{\"uuid\":\"a\",\"x\":[{}]} , {\"published\":\"t\",\"uuid\":\"\\u0063\"},{}\n] ";
        let events: Vec<_> =
            usual_entries(body.as_bytes()).unwrap().iter().map(|entry| entry.event(body.as_bytes())).collect();
        let one_by_one: Vec<_> =
            texts(body).unwrap().iter().map(|text| RawEvent::read(text.as_bytes()).uuid.map(Cow::into_owned)).collect();
        assert_eq!(one_by_one, [Some("a".to_owned()), Some("c".to_owned()), None]);
        assert_eq!(events.iter().map(|event| event.uuid.clone().map(Cow::into_owned)).collect::<Vec<_>>(), one_by_one);
        assert_eq!(events[1].published.as_deref(), Some("t"));
        for unusual in ["[]", "[7]", "[{},7]", "[{}] 7", "[{},]", r#"[{"uuid":7}]"#, r#"[{"x":bad}]"#] {
            assert_eq!(usual_entries(unusual.as_bytes()), None, "{unusual}");
        }
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
                let one_by_one: Vec<_> = values.iter().map(|value| RawEvent::read(value.as_bytes())).collect();
                prop_assert_eq!(RawEvent::read_all(body.as_bytes()).unwrap(), one_by_one);
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

//! The key by which a forwarded event is remembered, and what identifies a number of events.

use okta::RawEvent;
use sha2::{Digest, Sha256};

/// The key by which an event is remembered.
///
/// A `uuid` in its usual form is kept as its 16 bytes with those of the time first, so that the keys of one page are neighbors
/// in the index: Okta's are of version 1. Any other text is kept as its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EventKey {
    /// The bytes of a `uuid`, reordered.
    Uuid([u8; 16]),
    /// The digest of another `uuid`, or of the whole text of an entry without one.
    Digest([u8; 32]),
}

impl EventKey {
    /// Returns the key of an event.
    pub(crate) fn of(event: &RawEvent<'_>) -> Self {
        let digest = |kind: &[u8], text: &[u8]| {
            Self::Digest(Sha256::new().chain_update(kind).chain_update(text).finalize().into())
        };
        match event.uuid.as_deref() {
            Some(uuid) => usual_uuid(uuid).map_or_else(|| digest(b"uuid:", uuid.as_bytes()), Self::Uuid),
            None => digest(b"text:", event.text),
        }
    }

    /// Returns its bytes. Keys of the two kinds differ in length.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Uuid(bytes) => bytes,
            Self::Digest(bytes) => bytes,
        }
    }
}

/// Returns the reordered bytes of a `uuid` in its usual form: 36 characters in lower case, of which only one `uuid` has each.
fn usual_uuid(text: &str) -> Option<[u8; 16]> {
    let is_usual = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let [a, b, c, d, e, f, g, h, rest @ ..] =
        is_usual.then(|| uuid::Uuid::try_parse(text).ok()).flatten()?.into_bytes();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&[g, h, e, f, a, b, c, d]);
    bytes[8..].copy_from_slice(&rest);
    Some(bytes)
}

/// Returns what identifies a number of events, whenever they are sent.
pub(crate) fn idempotency_key<'k>(keys: impl IntoIterator<Item = &'k EventKey>) -> String {
    let mut digest = Sha256::new();
    for key in keys {
        digest.update(key.as_bytes());
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn key_of(text: &str) -> EventKey {
        EventKey::of(&RawEvent::read(text.as_bytes()))
    }

    #[test]
    fn the_keys_of_okta_s_uuids_are_in_the_order_of_their_time() {
        let key = |uuid: &str| usual_uuid(uuid);
        // Of version 1: the low part of the time comes first in the text.
        let (earlier, later) = ("ffffffff-0000-11ee-be56-0242ac120002", "00000000-0001-11ee-be56-0242ac120002");
        assert!(key(earlier) < key(later) && earlier > later);
        for other in ["5F3C0D1E-0000-11ee-be56-0242ac120002", "5f3c0d1e000011eebe560242ac120002", "x", ""] {
            assert_eq!(key(other), None, "{other}");
        }
    }

    #[test]
    fn events_with_the_same_uuid_have_the_same_key_and_others_have_another() {
        let texts = [
            r#"{"uuid":"ffffffff-0000-11ee-be56-0242ac120002"}"#,
            r#"{"uuid":"FFFFFFFF-0000-11ee-be56-0242ac120002"}"#,
            r#"{"uuid":"u"}"#,
            r#""u""#,
            "7",
        ];
        let keys: BTreeSet<EventKey> = texts.iter().map(|text| key_of(text)).collect();
        assert_eq!(keys.len(), texts.len());
        assert_eq!(key_of(texts[0]), key_of(r#"{"x":1,"uuid":"ffffffff-0000-11ee-be56-0242ac120002"}"#));
    }
}

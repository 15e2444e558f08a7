//! The serialized form of an enum value, by which the message catalog names it.

use serde::Serialize;

/// Returns the serialized form of an enum value, which the message catalog uses in its keys: `outcome.<form>`.
pub(crate) fn as_str<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

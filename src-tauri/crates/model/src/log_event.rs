//! A System Log event: the raw JSON, and a tolerant view of its members.

use chrono::{DateTime, Utc};
use serde_json::{Value, value::RawValue};

/// A System Log event. `raw` is Okta's JSON, byte for byte; the rest is parsed tolerantly, because any object may be null,
/// `version` may be a number and enumerations grow (okta-facts D6).
#[derive(Debug, Clone)]
pub struct LogEvent {
    /// Okta's `uuid`.
    pub uuid: String,
    /// Okta's `published`.
    pub published: DateTime<Utc>,
    /// Okta's `eventType`.
    pub event_type: String,
    /// Okta's JSON as it was received.
    pub raw: Box<RawValue>,
}

/// Why an event could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not a JSON object.
    #[error("an event is not a JSON object")]
    NotAnObject,
    /// A required member is missing or has another type.
    #[error("an event has no usable {0}")]
    Missing(&'static str),
}

impl LogEvent {
    /// Parses an event.
    ///
    /// # Errors
    /// [`EventError`] if it is not an object, or has no usable `uuid`, `published` or `eventType`.
    pub fn parse(raw: Box<RawValue>) -> Result<Self, EventError> {
        let value: Value = serde_json::from_str(raw.get()).map_err(|_| EventError::NotAnObject)?;
        let object = value.as_object().ok_or(EventError::NotAnObject)?;
        let text = |key: &'static str| {
            object.get(key).and_then(Value::as_str).filter(|s| !s.is_empty()).ok_or(EventError::Missing(key))
        };
        let published = text("published")?.parse::<DateTime<Utc>>().map_err(|_| EventError::Missing("published"))?;
        Ok(Self { uuid: text("uuid")?.to_owned(), published, event_type: text("eventType")?.to_owned(), raw })
    }

    /// Returns the member at `pointer` (RFC 6901) as text; absent, null and the string `"null"`, which Okta sends, are `None`.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<String> {
        let value: Value = serde_json::from_str(self.raw.get()).ok()?;
        value.pointer(pointer).and_then(Value::as_str).filter(|s| !s.is_empty() && *s != "null").map(str::to_owned)
    }
}

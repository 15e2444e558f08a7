//! A System Log event: the raw JSON, and a tolerant view of its members.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Value, value::RawValue};

/// A System Log event. `raw` is Okta's JSON, byte for byte; the rest is parsed tolerantly, because any object may be null,
/// `version` may be a number and enumerations grow (okta-facts D6). Its debug form leaves out `raw`, which may hold a password
/// that was typed as the user name.
#[derive(Clone)]
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
    ///
    /// The names in an event of an unknown actor that did not succeed are withheld: people type their password as the user name.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<String> {
        let value: Value = serde_json::from_str(self.raw.get()).ok()?;
        if NAMES.iter().any(|name| pointer.ends_with(name)) && may_hold_password(&value) {
            return None;
        }
        value.pointer(pointer).and_then(Value::as_str).filter(|s| !s.is_empty() && *s != "null").map(str::to_owned)
    }
}

/// The members that hold what was typed as a user name.
const NAMES: [&str; 2] = ["/alternateId", "/displayName"];

/// Returns whether the names in an event may be a password: the actor is unknown, and it is not a success.
fn may_hold_password(event: &Value) -> bool {
    let text = |pointer| event.pointer(pointer).and_then(Value::as_str);
    let is_unknown = text("/actor/id").is_none_or(|id| id.eq_ignore_ascii_case("unknown"));
    is_unknown && text("/outcome/result") != Some("SUCCESS")
}

impl fmt::Debug for LogEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uuid, published, event_type, raw: _ } = self;
        f.debug_struct("LogEvent")
            .field("uuid", uuid)
            .field("published", published)
            .field("event_type", event_type)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PASSWORD: &str = "Made-up-Pass-phrase!2026";

    fn event(actor: &str, result: &str) -> LogEvent {
        let event = json!({
            "uuid": "u", "published": "2026-11-20T08:15:30.123Z", "eventType": "user.session.start",
            "actor": {"id": actor, "type": "User", "alternateId": PASSWORD, "displayName": PASSWORD},
            "outcome": {"result": result}, "target": [{"type": "User", "alternateId": PASSWORD}],
        });
        LogEvent::parse(RawValue::from_string(event.to_string()).unwrap()).unwrap()
    }

    #[test]
    fn a_password_typed_as_the_user_name_is_withheld() {
        for result in ["FAILURE", "DENY", "UNANSWERED"] {
            let event = event("unknown", result);
            for pointer in ["/actor/alternateId", "/actor/displayName", "/target/0/alternateId"] {
                assert_eq!(event.text(pointer), None, "{pointer} {result}");
            }
            assert_eq!(event.text("/actor/type").as_deref(), Some("User"));
            assert!(!format!("{event:?}").contains(PASSWORD));
            assert!(event.raw.get().contains(PASSWORD), "it is passed on unchanged, because it is evidence");
        }
        assert_eq!(event("00u1", "FAILURE").text("/actor/alternateId").as_deref(), Some(PASSWORD));
        assert_eq!(event("unknown", "SUCCESS").text("/actor/alternateId").as_deref(), Some(PASSWORD));
    }
}

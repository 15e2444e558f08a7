//! A System Log event: the raw JSON, and a tolerant view of its members.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use crate::{external_time, json_part_reader};

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
        let names = ["uuid", "published", "eventType"];
        let members = json_part_reader::members(raw.get().as_bytes(), names).ok_or(EventError::NotAnObject)?;
        let text = |at: usize| members[at].and_then(json_part_reader::text_of).ok_or(EventError::Missing(names[at]));
        let published = external_time::parse(&text(1)?).ok_or(EventError::Missing("published"))?;
        let (uuid, event_type) = (text(0)?, text(2)?);
        Ok(Self { uuid, published, event_type, raw })
    }

    /// Returns the member at `pointer` (RFC 6901) as text; absent, null and the string `"null"`, which Okta sends, are `None`.
    ///
    /// The names in an event of an unknown actor that did not succeed are withheld: people type their password as the user name.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<String> {
        let raw = self.raw.get().as_bytes();
        if NAMES.iter().any(|name| pointer.ends_with(name)) && may_hold_password(raw) {
            return None;
        }
        json_part_reader::text_at(raw, pointer).filter(|text| text != "null")
    }
}

/// The members that hold what was typed as a user name.
const NAMES: [&str; 2] = ["/alternateId", "/displayName"];

/// Returns whether the names in an event may be a password: the actor is unknown, and it is not a success.
fn may_hold_password(event: &[u8]) -> bool {
    let text = |pointer| json_part_reader::text_at(event, pointer);
    let is_unknown = text("/actor/id").is_none_or(|id| id.eq_ignore_ascii_case("unknown"));
    is_unknown && text("/outcome/result").as_deref() != Some("SUCCESS")
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

    fn parsed(json: &str) -> Result<LogEvent, EventError> {
        LogEvent::parse(RawValue::from_string(json.to_owned()).map_err(|_| EventError::NotAnObject)?)
    }

    fn published(at: &str) -> Result<DateTime<Utc>, EventError> {
        parsed(&format!(r#"{{"uuid":"u","published":"{at}","eventType":"a"}}"#)).map(|event| event.published)
    }

    #[test]
    fn members_that_grew_or_changed_their_type_do_not_affect_an_event() {
        for more in [
            // Reported for the published models of three projects.
            r#""securityContext":{"userBehaviors":[{"id":"b1","name":"New Device","result":"POSITIVE"}]}"#,
            r#""securityContext":{"userBehaviors":["New Device"]}"#,
            r#""outcome":{"result":"DENY"},"target":null"#,
            r#""outcome":{"result":"ABANDONED"},"actor":{"type":"IP address"},"client":null"#,
            r#""version":0,"debugContext":{"debugData":{"risk":"{reasons=a, b, level=HIGH}"}}"#,
            r#""displayMessage":"\ud800","x":1e999"#,
        ] {
            let json = format!(r#"{{"uuid":"u","published":"2026-11-20T08:15:30.123Z","eventType":"a",{more}}}"#);
            let event = parsed(&json).unwrap_or_else(|error| panic!("{more}: {error}"));
            assert_eq!(event.raw.get(), json, "kept byte for byte");
        }
    }

    #[test]
    fn an_event_without_a_usable_time_is_unreadable_and_one_far_outside_as_well() {
        assert!(published("2026-11-20T08:15:30Z").is_ok() && published("2026-11-20T08:15:30.123456+01:00").is_ok());
        for at in ["", "yesterday", "-262143-01-01T00:00:00Z", "+262142-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"] {
            assert_eq!(published(at), Err(EventError::Missing("published")), "{at}");
        }
        assert_eq!(parsed(r#"{"uuid":"u","eventType":"a"}"#).unwrap_err(), EventError::Missing("published"));
        assert_eq!(parsed("[]").unwrap_err(), EventError::NotAnObject);
    }
}

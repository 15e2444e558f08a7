//! System Log events: the raw bytes are kept unchanged, and every value that is read is in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::log_event::LogEvent;
use serde_json::Value;
use serde_json::value::RawValue;

fuzz_target!(|page: &[u8]| {
    let Ok(events) = serde_json::from_slice::<Vec<Box<RawValue>>>(page) else { return };
    for raw in events {
        let received = raw.get().to_owned();
        let Ok(event) = LogEvent::parse(raw) else { continue };
        assert_eq!(event.raw.get(), received);
        // A member that nobody reads may be text that no tree can hold.
        let Ok(value) = serde_json::from_str::<Value>(&received) else { continue };
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        assert_eq!(text("uuid"), Some(event.uuid.as_str()));
        assert_eq!(text("eventType"), Some(event.event_type.as_str()));
        assert!(!event.uuid.is_empty() && !event.event_type.is_empty());
        assert_eq!(text("published").and_then(|at| at.parse().ok()), Some(event.published));
        for pointer in ["/actor/id", "/target/0/id", "/uuid", "", "/", "~"] {
            assert!(event.text(pointer).is_none_or(|text| !text.is_empty() && text != "null"));
        }
    }
});

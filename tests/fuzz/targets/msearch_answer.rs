//! Responses of Radiant's search: the searched uuids on the first line, then the body. Nothing else is found.
#![no_main]

use libfuzzer_sys::fuzz_target;
use radiant::{RadiantError, fuzzing};
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let Ok(first) = std::str::from_utf8(&input[..end]) else { return };
    let is_usual = |uuid: &&str| !uuid.is_empty() && uuid.len() <= 64;
    let searched: Vec<String> = first.split(',').filter(is_usual).map(str::to_owned).collect();
    let body = input.get(end + 1..).unwrap_or_default();
    // A member that nobody reads may be text that no tree can hold.
    let Ok(parsed) = serde_json::from_slice::<Value>(body) else { return };
    match fuzzing::found(body, &searched) {
        Ok(found) => {
            let entry = parsed.pointer("/responses/0").expect("an entry");
            let hits = entry.pointer("/hits/hits").and_then(Value::as_array).expect("hits");
            let uuid = |hit: &Value| hit.pointer("/_source/uuid").and_then(Value::as_str).map(str::to_owned);
            assert!(
                found.iter().all(|id| searched.contains(id) && hits.iter().any(|hit| uuid(hit).as_ref() == Some(id)))
            );
            let missed = hits.iter().filter_map(uuid).find(|id| searched.contains(id) && !found.contains(id));
            assert_eq!(missed, None);
            assert!(entry.get("status").is_none_or(|status| status.as_u64().is_none_or(|status| status == 200)));
        }
        Err(RadiantError::Unreadable) => {}
        Err(RadiantError::Entry { .. }) => {
            assert!(parsed.pointer("/responses/0").is_some_and(Value::is_object));
        }
        Err(error) => panic!("{error:?} has nothing to do with a body"),
    }
});

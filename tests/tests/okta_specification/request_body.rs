//! Compares the body of a request with the schema of its operation: types, enumerations, required members, lengths, members that
//! nobody specified and members that Okta alone writes.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Map, Value};

/// Members that the specification calls read-only and that Okta accepts in a replacement nevertheless: its own example
/// `ReplaceNetworkZone` sends them.
const ACCEPTED_READ_ONLY: [&str; 2] = ["id", "system"];

/// Returns what the specification does not know about the body of a request.
pub(crate) fn mismatch(spec: &Value, operation: &Value, body: Option<&str>) -> Option<String> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    match body {
        None => (operation["requestBody"]["required"] == true).then(|| "a body is required".to_owned()),
        Some(_) if schema.is_null() => Some("no body is specified".to_owned()),
        Some(body) => match serde_json::from_str(body) {
            Ok(body) => of_value(spec, schema, &body, "body"),
            Err(_) => Some("the body is no JSON".to_owned()),
        },
    }
}

fn resolved<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => resolved(spec, spec.pointer(&name[1..]).unwrap()),
        None => schema,
    }
}

/// Returns the schema of a value: that of its discriminator, where the schema has one.
fn chosen<'a>(spec: &'a Value, schema: &'a Value, value: &Value) -> Result<&'a Value, String> {
    let schema = resolved(spec, schema);
    let discriminator = &schema["discriminator"];
    let Some(name) = discriminator["propertyName"].as_str() else { return Ok(schema) };
    let kind = value[name].as_str().unwrap_or_default();
    let place = discriminator["mapping"][kind].as_str();
    place.map(|place| spec.pointer(&place[1..]).unwrap()).ok_or_else(|| format!("{name} is {kind:?}"))
}

fn of_value(spec: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let schema = match chosen(spec, schema, value) {
        Ok(schema) => schema,
        Err(wrong) => return Some(format!("{at}: {wrong}")),
    };
    if value.is_null() {
        return (schema["nullable"] != true).then(|| format!("{at} is null"));
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        return Some(format!("{at} is {value}"));
    }
    if !schema["allOf"].is_null() || !schema["properties"].is_null() {
        return of_object(spec, schema, value, at);
    }
    let is_of_type = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("object") => value.is_object(),
        other => panic!("{at}: the test does not know the type {other:?}"),
    };
    if !is_of_type {
        return Some(format!("{at} is {value}"));
    }
    let length = value.as_str().map_or(0, |text| text.chars().count());
    if schema["maxLength"].as_u64().is_some_and(|most| usize::try_from(most).unwrap() < length) {
        return Some(format!("{at} is too long"));
    }
    let items = value.as_array().into_iter().flatten();
    items.enumerate().find_map(|(i, item)| of_value(spec, &schema["items"], item, &format!("{at}[{i}]")))
}

fn of_object(spec: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let Some(members) = value.as_object() else { return Some(format!("{at} is {value}")) };
    let (mut known, mut required) = (Map::new(), Vec::new());
    collect(spec, schema, &mut known, &mut required);
    if let Some(missing) = required.iter().find(|name| !members.contains_key(name.as_str())) {
        return Some(format!("{at} has no {missing}"));
    }
    members.iter().find_map(|(name, value)| {
        let at = format!("{at}.{name}");
        let Some(schema) = known.get(name) else { return Some(format!("{at} is not specified")) };
        if schema["readOnly"] == true && !ACCEPTED_READ_ONLY.contains(&name.as_str()) {
            return Some(format!("{at} is read-only"));
        }
        of_value(spec, schema, value, &at)
    })
}

/// Collects the members of a schema and of those that it consists of.
fn collect(spec: &Value, schema: &Value, known: &mut Map<String, Value>, required: &mut Vec<String>) {
    let schema = resolved(spec, schema);
    known.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, one)| (name.clone(), one.clone())));
    let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    required.extend(names.map(str::to_owned));
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(spec, part, known, required);
    }
}
